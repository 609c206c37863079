-- Writes what the benchmark serves into the directory named: one connection (1.6 KB), a list of 20
-- (36 KB), one of 200 (357 KB), and lists of about 1 KB to 4 MB; and what it sends: the body of an
-- update (4 KB) and of an import. Shaped like Vault's, and the same on every run.

-- The template with each $name replaced, and without its line breaks and indentation.
local function fill(template, values)
  return (template:gsub("\n%s*", ""):gsub("%$([%w_]+)", values))
end

local connection_template = [[
  {"id":"$api+$service","service_id":"$service","name":"$name","tag_line":"$tag_line",
  "unified_api":"$api","state":"$state","integration_state":"configured",
  "auth_type":"$auth_type","status":"live","enabled":$enabled,
  "website":"https://www.$service.example.com","icon":"https://cdn.example.com/icons/$service",
  "logo":"https://cdn.example.com/catalog/$service/logo.png",$special
  "configurable_resources":["leads","contacts"],"resource_schema_support":[],
  "resource_settings_support":[],"validation_support":true,"schema_support":false,
  "settings_required_for_authorization":[],"subscriptions":[],"has_guide":true,
  "custom_mappings":[],"consent_state":"implicit","health":"ok","credentials_expire_at":0,
  "last_refresh_failed_at":0,"last_downstream_error_at":0,"created_at":$created,
  "updated_at":$updated}]]

local function form_field(id, label, kind, sensitive)
  return fill(
    [[
    {"id":"$id","label":"$label","value":"","placeholder":"","mask":false,"type":"$kind",
    "required":true,"description":"Find it in your account on the *Settings* page, under the
     \"Developer\" tab.","disabled":false,"custom_field":false,"hidden":false,
    "sensitive":$sensitive}]],
    { id = id, label = label, kind = kind, sensitive = sensitive }
  )
end

-- What differs between services: settings to fill in, an OAuth flow, defaults, consents.
local special_parts = {
  {
    auth_type = "apiKey",
    template = [["authorize_url":null,"revoke_url":null,"form_fields":[$base_url,$api_key],]],
    values = {
      base_url = form_field("base_url", "API URL", "url", "false"),
      api_key = form_field("api_key", "API Key", "password", "true"),
    },
  },
  {
    auth_type = "oauth2",
    template = [[
      "oauth_grant_type":"authorization_code",
      "authorize_url":"https://unify.example.com/vault/authorize/$token?state=$number",
      "revoke_url":"https://unify.example.com/vault/revoke/$token",
      "settings":{"instance_url":"https://eu28.example.com","page_size":50},
      "metadata":{"plan":"enterprise"},"form_fields":[$instance_url],]],
    values = {
      token = ("c3RhdGU"):rep(59),
      instance_url = form_field("instance_url", "Instance URL", "url", "false"),
    },
  },
  {
    auth_type = "none",
    template = [[
      "authorize_url":null,"revoke_url":null,"settings":null,"metadata":{"account":{
      "name":"Acme \"Widgets\" Inc.","id":"0350299d-17a5-4543-ac33-57993769684c"},"plan":"free"},
      "form_fields":[],"configuration":[{"resource":"invoices","defaults":[
      {"target":"custom_fields","id":"interest","options":[
      {"label":"General Channel","value":"general","option_type":"simple"}],
      "value":"GC5000 series"},
      {"target":"resource","id":"owner_id","value":$number},
      {"target":"resource","id":"probability","value":10.5},
      {"target":"resource","id":"tags","value":["GC6000 series",10,10.5]},
      {"target":"resource","id":"active","value":true}]}],]],
    values = {},
  },
  {
    auth_type = "custom",
    template = [[
      "authorize_url":null,"revoke_url":null,"form_fields":[],
      "consents":[$consent],"latest_consent":$consent,]],
    values = {
      consent = fill(
        [[
        {"id":"con_7367b45a2c","created_at":"2025-04-15T14:30:00Z","granted":true,"resources":{
        "hris.employees":{"first_name":{"read":true,"write":true},
        "email":{"read":true,"write":true},"addresses[].street":{"read":true,"write":false}},
        "hris.departments":{"name":{"read":true,"write":true}}}}]],
        {}
      ),
    },
  },
}

local apis = { "crm", "accounting", "hris", "ats", "file-storage", "ecommerce", "issue-tracking" }
local states = { "callable", "available", "added", "authorized" }

local function connection(number, special)
  special = special or special_parts[number % #special_parts + 1]
  local state = states[number % #states + 1]
  special.values.number = tostring(number)
  return fill(connection_template, {
    api = apis[number % #apis + 1],
    service = ("service-%03d"):format(number),
    name = ("Service Nr. %d & Söhne"):format(number),
    tag_line = "Online software for small and mid-sized businesses: invoicing, contacts, documents, "
      .. "reports. Free 30 day trial, no credit card needed.",
    state = state,
    enabled = tostring(state ~= "available"),
    auth_type = special.auth_type,
    special = fill(special.template, special.values),
    created = ("%d"):format(1615563533390 + number * 86413),
    updated = ("%d"):format(1745563569390 + number * 7919),
  })
end

local function response(data)
  return '{"status_code":200,"status":"OK","data":' .. data .. "}"
end

local function list(count)
  local rows = {}
  for number = 1, count do
    rows[number] = connection(number)
  end
  return response("[" .. table.concat(rows, ",") .. "]")
end

local ROW_BYTES = #list(200) / 200 -- on average

-- No empty array: cjson would send it as an object, but all must send the same.
local function update_body()
  local defaults = {}
  for number = 1, 20 do
    defaults[number] = fill(
      [[{"id":"field_$number","value":["GC$number series","Sales & \"Service\"",$number,10.5]}]],
      { number = tostring(number) }
    )
  end
  return fill(
    [[
    {"enabled":true,"settings":{"instance_url":"https://eu28.example.com","api_key":"$key",
    "page_size":50},"metadata":{"plan":"enterprise","account":{"name":"Acme \"Widgets\" Inc.",
    "note":"$note"}},"configuration":[{"resource":"invoices","defaults":[$defaults]}]}]],
    {
      key = ("0123456789abcdef"):rep(4),
      note = ("Söhne & Töchter, since 1921. "):rep(67),
      defaults = table.concat(defaults, ","),
    }
  )
end

local function import_body()
  return fill(
    [[
    {"credentials":{"access_token":"$token","refresh_token":"$token","expires_in":3600,
    "issued_at":"2024-05-01T12:00:00Z"},"settings":{"instance_url":"https://eu28.example.com"},
    "metadata":{"plan":"enterprise"}}]],
    { token = ("c3RhdGU"):rep(40) }
  )
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local directory = assert(arg[1], "usage: lua bench/payload.lua DIRECTORY")
write(directory .. "/get.json", response(connection(2)))
write(directory .. "/list_20.json", list(20))
write(directory .. "/list_200.json", list(200))
local least = connection(1, { auth_type = "none", template = "", values = {} })
write(directory .. "/size_1.json", response("[" .. least .. "]"))
for _, kilobytes in ipairs { 4, 16, 64, 256, 1024, 4096 } do
  local rows = math.floor(kilobytes * 1024 / ROW_BYTES + 0.5)
  write(("%s/size_%d.json"):format(directory, kilobytes), list(rows))
end
write(directory .. "/update.json", update_body())
write(directory .. "/import.json", import_body())
