--- connections.*: the life of a connection, except its confirmation.
local connection = require "vault.sandbox.connection"
local errors = require "vault.sandbox.errors"
local form = require "vault.sandbox.form"
local json = require "vault.sandbox.json"
local merge = require "vault.sandbox.merge"
local time = require "vault.sandbox.time"

local operations = {}

local function record_of(context)
  return context.account.records[context.connector.id]
end

local function shown(context, connector)
  return { status = 200, data = context.row(connector or context.connector) }
end

operations["vault.connections.list"] = function(context)
  local query = context.query
  local rows = json.array()
  for _, connector in ipairs(context.store.connectors.list) do
    local is_configured = connector.integration_state == "configured"
    if
      (query.api == nil or query.api == connector.unified_api)
      and (query.configured == nil or query.configured == is_configured)
    then
      rows[#rows + 1] = context.row(connector)
    end
  end
  return { status = 200, data = rows }
end

operations["vault.connections.get"] = function(context)
  return shown(context)
end

local function store_settings(connector, record, body)
  record.settings = merge(record.settings, body.settings)
  record.metadata = merge(record.metadata, body.metadata) or {}
  if connector.company_id_setting then
    -- Read-only: responses have a copy of the setting instead.
    record.metadata.company_id = nil
  end
end

local function store_mappings(connector, record, given)
  for _, mapping in ipairs(given) do
    for _, known in ipairs(connector.custom_mappings) do
      if mapping.id == known.id or (mapping.id == nil and mapping.key == known.key) then
        record.mappings[known.id] = mapping.value
      end
    end
  end
end

local function store_consent(context, record, body)
  if body.latest_consent then
    local given = body.latest_consent
    connection.add_consent(record, {
      id = "con_" .. context.store.token():sub(1, 10),
      created_at = time.format_seconds(context.now()),
      granted = given.granted == nil or given.granted,
      resources = given.resources or "*",
    })
  end
  record.consent_state = body.consent_state or record.consent_state
end

local writable = {
  "enabled",
  "settings",
  "metadata",
  "configuration",
  "custom_mappings",
  "consent_state",
  "latest_consent",
  "application_data_scopes",
}

-- Whether a PATCH changes anything. Read-only fields are ignored, and a connection that was not added
-- is disabled already.
local function changes_anything(body, record)
  for _, name in ipairs(writable) do
    local keeps_disabled = name == "enabled" and body.enabled == false and not record
    if body[name] ~= nil and not keeps_disabled then
      return true
    end
  end
  return false
end

operations["vault.connections.update"] = function(context)
  local body, connector = context.body, context.connector
  local record = record_of(context)
  if not changes_anything(body, record) then
    return shown(context)
  end
  record = context.store:ensure(context.account, connector)
  if body.enabled ~= nil then
    record.enabled = body.enabled
  end
  store_settings(connector, record, body)
  store_mappings(connector, record, body.custom_mappings or {})
  store_consent(context, record, body)
  for _, name in ipairs { "configuration", "application_data_scopes" } do
    record[name] = body[name] or record[name]
  end
  context.store:touch(context.account, record)
  return shown(context)
end

operations["vault.connections.delete"] = function(context)
  if not record_of(context) then
    return nil, errors.connection_not_found(context.connector.id)
  end
  context.store:remove(context.account, context.connector)
  return { status = 204 }
end

local function is_text(value)
  return value ~= nil and value ~= json.null and value ~= ""
end

operations["vault.connections.imports"] = function(context)
  local body, connector = context.body, context.connector
  local record = context.store:ensure(context.account, connector)
  store_settings(connector, record, body)
  local given = body.credentials
  if given and (is_text(given.access_token) or is_text(given.refresh_token)) then
    connection.authorize(connector, record, given)
    -- "If omitted the token will be queued for refresh."
    record.refresh_queued = not (is_text(given.issued_at) and is_text(given.expires_in)) or nil
  end
  context.store:touch(context.account, record)
  return shown(context)
end

local exchangeable = { client_credentials = true, password = true }

-- Why the stored settings cannot be exchanged for a token, or nil.
local function token_problem(connector, record)
  local grant = connector.oauth_grant_type
  if not exchangeable[grant or ""] then
    return errors.invalid_state(
      "Only client_credentials and password can be exchanged for a token, not "
        .. (grant or connector.auth_type)
    )
  elseif not record then
    return errors.invalid_state("The connection is not added yet")
  end
  local required = connector.settings_required_for_authorization
  local missing = form.missing(connector, record.settings, required)
  if #missing > 0 then
    return errors.invalid_state({
      error = "Unprocessable",
      message = "Settings are missing: " .. table.concat(missing, ", "),
    })
  end
end

operations["vault.connections.token"] = function(context)
  local connector, record = context.connector, record_of(context)
  local problem = token_problem(connector, record)
  if problem then
    return nil, problem
  elseif #form.invalid(connector, record.settings) > 0 then
    return nil,
      errors.problem(401, {
        detail = {
          type = "access_token_connector_error",
          message = "The connector refused the credentials",
          debug = { response = { statusCode = 401, data = { error = "invalid_client" } } },
        },
      })
  end
  connection.authorize(connector, record, { access_token = "sandbox-" .. context.store.token() })
  context.store:touch(context.account, record)
  return shown(context)
end

local function is_migration_target(connector, service_id)
  for _, target in ipairs(connector.migration_targets) do
    if target == service_id then
      return true
    end
  end
  return false
end

operations["vault.connections.migrate"] = function(context)
  local source, account = context.connector, context.account
  local service_id = context.body.target_service_id
  local target = context.store.connectors.by_id[source.unified_api .. "+" .. service_id]
  if not target or not is_migration_target(source, service_id) then
    return nil,
      errors.invalid_state(service_id .. " is not a migration target of " .. source.service_id)
  end
  local record, existing = account.records[source.id], account.records[target.id]
  if not record and existing and existing.migrated_from == source.id then
    return shown(context, target)
  elseif not record then
    return nil, errors.connection_not_found(source.id)
  elseif existing then
    return nil,
      errors.problem(409, { detail = "A connection already exists for the target connector" })
  end
  context.store:remove(account, source)
  account.records[target.id] = record
  record.migrated_from = source.id
  record.created_at = context.now()
  context.store:touch(context.account, record)
  return shown(context, target)
end

return operations
