--- What the sandbox can connect to: its catalogue and the connectors that a user adds.
--
-- A connector is a table of
--   service_id*, unified_api*, auth_type*, oauth_grant_type (of oauth2; default authorization_code),
--   name, tag_line, website, icon, logo, status, integration_state, validation_support,
--   schema_support, has_guide, configurable_resources, resource_schema_support,
--   resource_settings_support, subscriptions, custom_mappings, application_data_scopes: as in a
--     Connection;
--   form_fields: as in a Connection, with `default_value`, and `rejected` = the values that make a connection
--     invalid (default for a sensitive field: `{ "invalid" }`);
--   settings_required_for_authorization: ids of form fields;
--   custom_fields: by resource, the rows that custom_fields.list shows: { id, name, description,
--     value, finder };
--   migration_targets: service ids of the same unified_api that `migrate` accepts;
--   company_id_setting: id of the setting that is copied to metadata.company_id;
--   authorized_settings: settings that an authorization adds;
--   consent_required, confirmation_required: whether a new connection needs it;
--   initial: the connection that every consumer starts with (default: none):
--     { enabled, settings, metadata, credentials, configuration, last_downstream_error_at }.
local json = require "vault.sandbox.json"

local connectors = {}

local auth_types = { oauth2 = true, apiKey = true, basic = true, custom = true, none = true }
local grant_types = { authorization_code = true, client_credentials = true, password = true }
local integration_states = { disabled = true, needs_configuration = true, configured = true }

local list_fields = {
  "configurable_resources",
  "resource_schema_support",
  "resource_settings_support",
  "settings_required_for_authorization",
  "subscriptions",
  "custom_mappings",
  "form_fields",
  "migration_targets",
}

local function check(condition, row, what)
  if not condition then
    error("sandbox connector '" .. tostring(row.service_id) .. "': " .. what, 0)
  end
end

local function is_id(value)
  return type(value) == "string" and value:find("^[%w._-]+$") ~= nil
end

local function check_row(row)
  check(is_id(row.service_id), row, "service_id must be a string of letters, digits, '-', '_', '.'")
  check(is_id(row.unified_api), row, "unified_api must be a string of letters, digits, '-'")
  check(auth_types[row.auth_type], row, "auth_type must be oauth2, apiKey, basic, custom or none")
  local grant = row.oauth_grant_type
  check(grant == nil or row.auth_type == "oauth2", row, "oauth_grant_type is for oauth2 only")
  check(grant == nil or grant_types[grant], row, "unknown oauth_grant_type")
  local state = row.integration_state
  check(type(row.custom_fields or {}) == "table", row, "custom_fields must be a table")
  check(state == nil or integration_states[state], row, "unknown integration_state")
  for _, name in ipairs(list_fields) do
    check(row[name] == nil or type(row[name]) == "table", row, name .. " must be a list")
  end
end

local function check_fields(row)
  local seen = {}
  for _, field in ipairs(row.form_fields) do
    check(type(field) == "table" and type(field.id) == "string", row, "a form field has no id")
    check(not seen[field.id], row, "form field '" .. field.id .. "' is listed twice")
    seen[field.id] = true
  end
  for _, id in ipairs(row.settings_required_for_authorization) do
    check(seen[id], row, "settings_required_for_authorization has no such form field: " .. id)
  end
end

local function complete_field(field)
  field.label = field.label or field.id
  field.type = field.type or "text"
  field.placeholder = field.placeholder or ""
  field.description = field.description or ""
  for _, name in ipairs { "mask", "required", "disabled", "custom_field", "hidden", "sensitive" } do
    field[name] = field[name] == true
  end
  if field.options then
    field.options = json.array(field.options)
    field.allow_custom_values = field.allow_custom_values == true
  end
  if field.sensitive and not field.rejected then
    field.rejected = { "invalid" }
  end
end

local function complete(row)
  row.name = row.name or row.service_id
  row.id = row.unified_api .. "+" .. row.service_id
  row.tag_line = row.tag_line or ""
  row.status = row.status or "live"
  row.integration_state = row.integration_state or "configured"
  row.website = row.website or "https://" .. row.service_id .. ".example.com"
  row.icon = row.icon or "https://res.cloudinary.com/apideck/icons/" .. row.service_id
  row.logo = row.logo or row.icon .. "/logo.png"
  row.validation_support = row.validation_support == true
  row.schema_support = row.schema_support == true
  row.has_guide = row.has_guide == true
  row.custom_fields = row.custom_fields or {}
  if row.auth_type == "oauth2" then
    row.oauth_grant_type = row.oauth_grant_type or "authorization_code"
  end
  for _, name in ipairs(list_fields) do
    row[name] = json.array(row[name])
  end
  for _, field in ipairs(row.form_fields) do
    complete_field(field)
  end
end

local function add(set, given)
  if type(given) ~= "table" then
    error("a sandbox connector must be a table", 0)
  end
  check_row(given)
  local row = json.copy(given)
  complete(row)
  check_fields(row)
  if not set.by_id[row.id] then
    set.list[#set.list + 1] = row
  else
    for index, other in ipairs(set.list) do
      if other.id == row.id then
        set.list[index] = row
      end
    end
  end
  set.by_id[row.id] = row
  set.apis[row.unified_api] = true
end

--- The catalogue with `extra` added; an extra one of the same id replaces the catalogue's.
function connectors.new(extra)
  local set = { list = {}, by_id = {}, apis = {} }
  for _, row in ipairs(require "vault.sandbox.catalogue") do
    add(set, row)
  end
  for _, row in ipairs(extra or {}) do
    add(set, row)
  end
  return set
end

return connectors
