--- One connection: its state and health, computed from its record, and the row of a response.
--
-- A connection that was added has a record:
--   { enabled, settings, metadata, configuration, application_data_scopes, mappings, credentials,
--     revoked, refresh_queued, confirmation_pending, confirm_token, confirm_by, consent_state,
--     consents, migrated_from, credentials_expire_at, last_refresh_failed_at,
--     last_downstream_error_at, created_at, updated_at, revision }
-- An `available` one has none.
local form = require "vault.sandbox.form"
local json = require "vault.sandbox.json"

local connection = {}

local function first_consent_state(connector)
  return connector.consent_required and "pending" or "implicit"
end

function connection.new_record(connector, now)
  return {
    enabled = true,
    settings = nil,
    metadata = {},
    mappings = {},
    consent_state = first_consent_state(connector),
    consents = json.array(),
    credentials_expire_at = 0,
    last_refresh_failed_at = 0,
    last_downstream_error_at = 0,
    created_at = now,
    updated_at = now,
  }
end

local function lacks_settings(connector, record)
  return #form.missing(connector, record.settings) > 0
end

--- available → added → authorized → callable, or invalid.
function connection.state(connector, record)
  if not record then
    return "available"
  elseif #form.invalid(connector, record.settings) > 0 then
    return "invalid"
  elseif connector.auth_type == "oauth2" and not record.credentials then
    return "added"
  elseif lacks_settings(connector, record) then
    return record.credentials and "authorized" or "added"
  elseif record.confirmation_pending then
    return "authorized"
  end
  return "callable"
end

local unconsented = { pending = true, denied = true, revoked = true, requires_reconsent = true }

--- The first health that applies, in Vault's order of priority.
function connection.health(connector, record)
  if record.revoked then
    return "revoked"
  elseif lacks_settings(connector, record) or #form.invalid(connector, record.settings) > 0 then
    return "missing_settings"
  elseif unconsented[record.consent_state] then
    return "needs_consent"
  elseif record.confirmation_pending then
    return "pending_confirmation"
  elseif connector.auth_type == "oauth2" and not record.credentials then
    return "needs_auth"
  elseif record.refresh_queued then
    return "pending_refresh"
  elseif record.last_downstream_error_at ~= 0 then
    return "degraded"
  end
  return "ok"
end

--- Stores new credentials, and resets the failures of the old ones.
function connection.authorize(connector, record, credentials)
  if not record.credentials then
    record.confirmation_pending = connector.confirmation_required or nil
  end
  record.credentials = credentials
  record.confirm_token = nil
  record.revoked = nil
  record.refresh_queued = nil
  record.credentials_expire_at = 0
  record.last_refresh_failed_at = 0
  for id, value in pairs(connector.authorized_settings or {}) do
    record.settings = record.settings or {}
    if record.settings[id] == nil then
      record.settings[id] = value
    end
  end
end

function connection.revoke(record)
  record.credentials = nil
  record.refresh_queued = nil
  record.revoked = true
end

--- Adds a decision on data scopes; the newest is `latest_consent`.
function connection.add_consent(record, consent)
  table.insert(record.consents, 1, consent)
  record.consent_state = consent.granted and "granted" or "denied"
end

--- The custom mappings of a connector, with the values of the consumer.
function connection.custom_mappings(connector, record, consumer_id)
  local mappings = json.array()
  for _, mapping in ipairs(connector.custom_mappings) do
    local shown = json.copy(mapping)
    local value = record and record.mappings[mapping.id]
    shown.value = value or mapping.value
    shown.description = mapping.description or json.null
    shown.required = mapping.required == true
    shown.custom_field = mapping.custom_field == true
    shown.consumer_id = value and consumer_id or json.null
    mappings[#mappings + 1] = shown
  end
  return mappings
end

--- The metadata of a record, with the company's id where the connector has one in its settings.
function connection.metadata(connector, record)
  local shown = record.metadata
  local company = record.settings and record.settings[connector.company_id_setting or ""]
  if type(company) == "string" and company ~= "" then
    shown = json.copy(shown)
    shown.company_id = company
  end
  return shown
end

local function add_stored(row, connector, record)
  row.settings = record.settings or json.null
  row.metadata = connection.metadata(connector, record)
  row.configuration = record.configuration
  row.application_data_scopes = record.application_data_scopes or row.application_data_scopes
  row.health = connection.health(connector, record)
  for _, name in ipairs {
    "credentials_expire_at",
    "last_refresh_failed_at",
    "last_downstream_error_at",
    "created_at",
    "updated_at",
  } do
    row[name] = record[name]
  end
  if #record.consents > 0 then
    row.consents = record.consents
    row.latest_consent = record.consents[1]
  end
end

local copied = {
  "id",
  "service_id",
  "name",
  "tag_line",
  "unified_api",
  "integration_state",
  "auth_type",
  "oauth_grant_type",
  "status",
  "website",
  "icon",
  "logo",
  "configurable_resources",
  "resource_schema_support",
  "resource_settings_support",
  "validation_support",
  "schema_support",
  "settings_required_for_authorization",
  "has_guide",
  "application_data_scopes",
}

--- Whether users authorize this connector in a browser.
function connection.has_pages(connector)
  return connector.auth_type == "oauth2" and connector.oauth_grant_type == "authorization_code"
end

--- The Connection of a response. `urls` holds the addresses of the connection's two pages.
function connection.row(connector, record, consumer_id, urls)
  local row = {}
  for _, name in ipairs(copied) do
    row[name] = connector[name]
  end
  row.state = connection.state(connector, record)
  row.enabled = record ~= nil and record.enabled
  row.form_fields = form.fields(connector, record and record.settings)
  row.custom_mappings = connection.custom_mappings(connector, record, consumer_id)
  row.subscriptions = row.state == "callable" and connector.subscriptions or json.array()
  row.consent_state = record and record.consent_state or first_consent_state(connector)
  local pages = connection.has_pages(connector)
  local revocable = pages and (row.state == "authorized" or row.state == "callable")
  row.authorize_url = pages and urls.authorize or json.null
  row.revoke_url = revocable and urls.revoke or json.null
  if record then
    add_stored(row, connector, record)
  end
  return row
end

return connection
