--- A tour of the sandbox: calls of every operation, with success and with what may go wrong.
local browser = require "spec.support.sandbox_browser"
local sandboxes = require "vault.sandbox"
local validation = require "vault.sandbox.validation"
local vault = require "vault"

local tour = {}

local ACTIVECAMPAIGN = { unified_api = "crm", service_id = "activecampaign" }
local PIPEDRIVE = { unified_api = "crm", service_id = "pipedrive" }
local BAMBOOHR = { unified_api = "hris", service_id = "bamboohr" }
local PERSONIO = { unified_api = "hris", service_id = "personio" }

local function of(connection, fields)
  local request = {}
  for _, part in ipairs { connection, fields or {} } do
    for name, value in pairs(part) do
      request[name] = value
    end
  end
  return request
end

local settings = { api_key = "k", base_url = "https://a.api-us1.com" }
local range = { start_datetime = "2020-01-01T00:00:00Z", end_datetime = "2030-01-01T00:00:00Z" }
local badge = { target_field_id = "hris+employees+badge_number" }
local personio_settings = { client_id = "i", client_secret = "s" }
local configuration = { { resource = "leads", defaults = { { id = "a", value = 1 } } } }

-- operation, request; in an order in which each call has what it needs. `gives` is
-- the status of success where it is not 200, `fails` that of an error.
tour.steps = {
  { "connections.list" },
  { "connections.list", { api = "sms" } },
  { "connections.get", of(PIPEDRIVE) },
  { "connections.update", of(ACTIVECAMPAIGN, { connection = { settings = settings } }) },
  { "connections.update", of(BAMBOOHR, { connection = { enabled = true } }) },
  { "connections.update", of(PERSONIO, { connection = { settings = personio_settings } }) },
  { "connections.token", of(PERSONIO) },
  {
    "connections.imports",
    of(PIPEDRIVE, { connection_import_data = { credentials = { access_token = "t" } } }),
  },
  { "validate_connection.state", of(PIPEDRIVE) },
  {
    "create_callback.state",
    of(PIPEDRIVE, { create_callback_state = { redirect_uri = "https://a.example/" } }),
  },
  {
    "connection_consent.update",
    of(PERSONIO, { update_consent_request = { granted = true, resources = "*" } }),
  },
  { "connection_consents.list", of(PERSONIO) },
  {
    "connection_settings.update",
    of(PIPEDRIVE, { resource = "leads", connection = { configuration = configuration } }),
  },
  { "connection_settings.list", of(PIPEDRIVE, { resource = "leads" }) },
  { "custom_fields.list", of(PIPEDRIVE, { resource = "leads" }) },
  { "connection_custom_mappings.list", of(BAMBOOHR, { resource = "employees" }) },
  {
    "custom_mappings.create",
    of(BAMBOOHR, of(badge, { create_custom_mapping_request = { value = "$.a" } })),
  },
  {
    "custom_mappings.create",
    of(BAMBOOHR, of(badge, { create_custom_mapping_request = { value = "$.a" } })),
    fails = 409,
  },
  {
    "custom_mappings.update",
    of(BAMBOOHR, of(badge, { update_custom_mapping_request = { value = "$.b" } })),
  },
  { "custom_mappings.get", of(BAMBOOHR, badge) },
  { "custom_mappings.list", of(BAMBOOHR) },
  { "custom_mappings.delete", of(BAMBOOHR, badge), gives = 204 },
  { "custom_mappings.delete", of(BAMBOOHR, badge), fails = 404 },
  { "consumers.create", { create_consumer_request = { consumer_id = "c" } } },
  { "consumers.create", { create_consumer_request = { consumer_id = "c" } }, fails = 409 },
  {
    "consumers.update",
    { consumer_id = "c", update_consumer_request = { metadata = { email = "a@b.example" } } },
  },
  { "consumers.list", { limit = 1 } },
  { "consumers.list", { filter = { search = "a@b" } } },
  { "consumers.get", { consumer_id = "sandbox-consumer" } },
  { "consumer_request_counts.list", of({ consumer_id = "c" }, range) },
  { "consumers.delete", { consumer_id = "c" } },
  { "consumers.delete", { consumer_id = "c" }, fails = 404 },
  { "sessions.create", { session = { redirect_uri = "https://a.example/" } } },
  {
    "sessions.create",
    { session = { settings = { session_length = "1y" } } },
    fails = 400,
  },
  { "connections.get", of(PIPEDRIVE, { service_id = "nope" }), fails = 404 },
  { "connections.token", of(PIPEDRIVE), fails = 422 },
  {
    "connections.update",
    of(PERSONIO, { connection = { settings = { client_secret = "invalid" } } }),
  },
  { "connections.token", of(PERSONIO), fails = 401 },
  { "custom_fields.list", of(BAMBOOHR, { resource = "leads" }), fails = 422 },
  {
    "connections.confirm",
    of(PIPEDRIVE, { confirm_connection = { confirm_token = "x" } }),
    fails = 422,
  },
  {
    "connections.migrate",
    of(PIPEDRIVE, { connection_migrate_data = { target_service_id = "hubspot" } }),
    fails = 422,
  },
  { "connections.delete", of(ACTIVECAMPAIGN), gives = 204 },
  { "connections.delete", of(ACTIVECAMPAIGN), fails = 404 },
  { "logs.list", { limit = 2 } },
  { "logs.list", { filter = { status_codes = { 404 } } } },
}

--- Calls the operation of a step, such as "consumers.list".
function tour.call(client, step)
  local group, name = step[1]:match "^(.+)%.(.+)$"
  return client[group][name](step[2])
end

-- Where the record of a response belongs in the document.
local function operation_of(routes, request)
  local path = request.url:gsub("^https?://[^/]*", ""):gsub("%?.*$", "")
  return (validation.route(routes, request.method, path))
end

local recorder = {}
recorder.__index = recorder

function recorder:add(request, response)
  local operation = operation_of(self.routes, request)
  self.records[#self.records + 1] = {
    operation = operation.id,
    method = operation.method,
    path = operation.path,
    status = response.status,
    body = response.body,
  }
end

-- A request that was answered with success, with other headers or another body.
function recorder:replay(request, changes)
  local headers = {}
  for name, value in pairs(request.headers) do
    headers[name] = value
  end
  for name, value in pairs(changes.headers or {}) do
    headers[name] = value or nil
  end
  local changed = {
    method = request.method,
    url = request.url,
    headers = headers,
    body = changes.body or request.body,
  }
  self:add(changed, (changes.sandbox or self.sandbox):handle(changed))
end

-- A client of the sandbox that keeps its last request and response in `self.last`.
local function recorded_client(self)
  local send = self.sandbox:transport()
  return vault.new {
    api_key = "sandbox-key",
    app_id = "sandbox-app",
    consumer_id = "sandbox-consumer",
    retries = false,
    transport = function(request)
      local response = send(request)
      self.last = { request = request, response = response }
      return response
    end,
  }
end

-- Takes the steps, and raises where one does not end as it says.
function recorder:walk(steps)
  for index, step in ipairs(steps) do
    self.last = {}
    local ok, err = pcall(tour.call, self.client, step)
    local status = self.last.response and self.last.response.status
    if ok ~= (step.fails == nil) or (step.fails and status ~= step.fails) then
      error(("step %d, %s: %s"):format(index, step[1], tostring(ok and status or err)), 0)
    end
    self:add(self.last.request, self.last.response)
    if ok then
      self.succeeded[#self.succeeded + 1] = self.last.request
    end
  end
end

-- What a user's browser gets for an authorization with a nonce.
local function confirm_token(self)
  local page_url = vault.authorize_url(
    self.client.connections.get(PIPEDRIVE).data,
    { redirect_uri = "https://a.example/", nonce = "n" }
  )
  local page = browser.open(self.sandbox, page_url)
  local response = browser.press(self.sandbox, page_url, page, { decision = "allow" })
  return response.headers.location:match "confirm_token=(%x+)"
end

local MIGRATING = {
  { service_id = "old", unified_api = "crm", auth_type = "none", migration_targets = { "new" } },
  { service_id = "new", unified_api = "crm", auth_type = "none" },
}
local OLD = { service_id = "old", unified_api = "crm" }

-- The operations that need a page or connectors of their own.
local function walk_further(self)
  local token = confirm_token(self)
  self:walk {
    { "connections.confirm", of(PIPEDRIVE, { confirm_connection = { confirm_token = token } }) },
    { "connections.update", of(OLD, { connection = { enabled = true } }) },
    {
      "connections.migrate",
      of(OLD, { connection_migrate_data = { target_service_id = "new" } }),
    },
  }
end

-- The events that no operation makes.
local function simulate(self)
  for _, event in ipairs {
    "token_expired",
    "refresh_failed",
    "refreshed",
    "downstream_error",
    "downstream_recovered",
    "revoked",
  } do
    self.sandbox:simulate(of(PIPEDRIVE, { event = event }))
  end
  self:walk { { "connections.update", of(PIPEDRIVE, { connection = { enabled = false } }) } }
end

-- Sends every request that succeeded again, with what makes any operation fail.
local function fail_all(self)
  local exhausted = sandboxes.new { quota = 0 }
  for _, request in ipairs(self.succeeded) do
    self:replay(request, { headers = { authorization = "Bearer wrong" } })
    self:replay(request, { headers = { ["x-apideck-app-id"] = false } })
    self:replay(request, { sandbox = exhausted })
    if request.body then
      self:replay(request, { body = "{" })
      self:replay(request, { body = "[1]" })
    end
  end
end

--- Walks a new sandbox; returns its records: { operation, method, path, status, body } of every
-- response, and { event, body } of every webhook event.
function tour.records()
  local self = setmetatable({
    records = {},
    succeeded = {},
    routes = validation.routes(require("vault.schema").operations),
    sandbox = sandboxes.new { seed = 1, connectors = MIGRATING },
  }, recorder)
  self.client = recorded_client(self)
  self.sandbox:on_event(function(request)
    local event = request.headers["x-apideck-event-type"]
    self.records[#self.records + 1] = { event = event, body = request.body }
  end)
  self:walk(tour.steps)
  walk_further(self)
  simulate(self)
  fail_all(self)
  return self.records
end

return tour
