-- Requests that are refused before anything is sent, and the messages.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local function with(fields)
  local request = { service_id = "pipedrive", unified_api = "crm" }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  return request
end

local function connection(value)
  return with { connection = value }
end

local function import(value)
  return with { connection_import_data = value }
end

local function nested(depth)
  local value = {}
  for _ = 1, depth do
    value = { value }
  end
  return value
end

local cycle = {}
cycle.self = { back = cycle }
local NAN = 0 / 0
local FORMATTED = { "expected a string, got a number" }

-- operation, request, what the message says
local ROWS = {
  { "a required field missing", "get", { unified_api = "crm" }, { "service_id" } },
  { "a required field missing", "get", { service_id = "x" }, { "unified_api" } },
  { "no request at all", "get", nil, { "service_id" } },
  { "a request that is no table", "get", "pipedrive", {} },
  { "a body missing", "update", with(), { "connection" } },
  { "a body missing", "imports", with(), { "connection_import_data" } },
  { "a body missing", "migrate", with(), { "connection_migrate_data" } },
  {
    "a required body field missing",
    "migrate",
    with { connection_migrate_data = {} },
    { "connection_migrate_data.target_service_id" },
  },
  { "a number for an id", "get", with { service_id = 5 }, { "service_id", FORMATTED[1] } },
  { "null for an id", "get", with { service_id = vault.null }, { "service_id" } },
  { "a table for an id", "get", with { unified_api = {} }, { "unified_api" } },
  { "a string for a boolean", "list", { configured = "true" }, { "configured", "boolean" } },
  { "a boolean for a string", "list", { api = true }, { "api", "string" } },
  { "a number as consumer_id", "list", { consumer_id = 5 }, { "consumer_id" } },
  { "a string as body", "update", connection "x", { "connection", "string" } },
  { "null as body", "update", connection(vault.null), { "connection" } },
  { "an array as body", "update", connection { "x" }, { "connection" } },
  { "a nested wrong type", "update", connection { enabled = "yes" }, { "connection.enabled" } },
  {
    "null where the schema has no nullable",
    "update",
    connection { enabled = vault.null },
    { "connection.enabled", "null" },
  },
  { "a string for an object", "update", connection { metadata = "x" }, { "connection.metadata" } },
  {
    "a wrong type inside an array",
    "update",
    connection { configuration = { { resource = "a" }, { resource = 1 } } },
    { "connection.configuration[2].resource: " .. FORMATTED[1] },
  },
  {
    "an object for an array",
    "update",
    connection { configuration = { resource = "leads" } },
    { "connection.configuration" },
  },
  {
    "an object for a scalar",
    "update",
    connection { configuration = { { defaults = { { value = { a = 1 } } } } } },
    { "connection.configuration[1].defaults[1].value" },
  },
  {
    "a wrong type in credentials",
    "imports",
    import { credentials = { access_token = 5 } },
    { "connection_import_data.credentials.access_token: " .. FORMATTED[1] },
  },
  {
    "a fraction for an integer",
    "imports",
    import { credentials = { expires_in = 1.5 } },
    { "connection_import_data.credentials.expires_in" },
  },
  {
    "milliseconds as issued_at",
    "imports",
    import { credentials = { issued_at = 1577836800000 } },
    { "connection_import_data.credentials.issued_at" },
  },
  {
    "the first number that is milliseconds as issued_at",
    "imports",
    import { credentials = { issued_at = 1e11 } },
    { "connection_import_data.credentials.issued_at" },
  },
  {
    "a boolean as issued_at",
    "imports",
    import { credentials = { issued_at = true } },
    { "connection_import_data.credentials.issued_at" },
  },

  {
    "camelCase",
    "get",
    { serviceId = "x", unified_api = "crm" },
    { "unknown field 'serviceId'; did you mean 'service_id'?" },
  },
  {
    "camelCase beside the right one",
    "get",
    with { unifiedApi = "crm" },
    { "unknown field 'unifiedApi'; did you mean 'unified_api'?" },
  },
  {
    "a misspelling",
    "list",
    { configurd = true },
    { "unknown field 'configurd'; did you mean 'configured'?" },
  },
  { "camelCase of an id header", "list", { consumerId = "c" }, { "did you mean 'consumer_id'?" } },
  {
    "an unknown field",
    "list",
    { zzzzzzzz = 1 },
    { "unknown field 'zzzzzzzz'; connections.list takes api, configured," },
  },
  { "a field of another operation", "get", connection {}, { "unknown field 'connection'" } },
  { "a number as field name", "get", with { "x" }, {} },
  {
    "camelCase of a body",
    "imports",
    with { connectionImportData = {} },
    { "did you mean 'connection_import_data'?" },
  },
  {
    "camelCase in a body",
    "update",
    connection { customMappings = {} },
    { "connection.customMappings", "did you mean", "custom_mappings" },
  },
  {
    "camelCase of a read-only body field",
    "update",
    connection { formFields = {} },
    { "connection.formFields", "form_fields" },
  },
  {
    "camelCase in credentials",
    "imports",
    import { credentials = { accessToken = "a" } },
    { "connection_import_data.credentials.accessToken", "access_token" },
  },
  {
    "camelCase in migrate data",
    "migrate",
    with { connection_migrate_data = { targetServiceId = "x" } },
    { "connection_migrate_data.targetServiceId", "target_service_id" },
  },

  { "an empty service_id", "delete", with { service_id = "" }, { "service_id" } },
  { "service_id .", "delete", with { service_id = "." }, { "service_id" } },
  { "service_id ..", "delete", with { service_id = ".." }, { "service_id" } },
  { "an empty unified_api", "delete", with { unified_api = "" }, { "unified_api" } },
  { "unified_api .", "get", with { unified_api = "." }, { "unified_api" } },
  { "unified_api ..", "get", with { unified_api = ".." }, { "unified_api" } },

  { "an id that is not UTF-8", "get", with { service_id = "a\255" }, { "service_id", "UTF-8" } },
  { "a query that is not UTF-8", "list", { api = "\192\128" }, { "api", "UTF-8" } },
  {
    "text that is not UTF-8",
    "update",
    connection { settings = { a = { "ok", "\237\160\128" } } },
    { "connection.settings.a[2]", "UTF-8" },
  },
  {
    "a key that is not UTF-8",
    "update",
    connection { settings = { ["\255"] = 1 } },
    { "connection.settings", "UTF-8" },
  },
  { "NaN", "update", connection { settings = { n = NAN } }, { "connection.settings.n" } },
  {
    "infinity",
    "update",
    connection { metadata = { n = math.huge } },
    { "connection.metadata.n" },
  },
  {
    "minus infinity",
    "update",
    connection { metadata = { a = { b = -math.huge } } },
    { "connection.metadata.a.b" },
  },
  {
    "a table that is neither array nor object",
    "update",
    connection { settings = { t = { 1, 2, a = 3 } } },
    { "connection.settings.t" },
  },
  {
    "an array with a hole",
    "update",
    connection { settings = { t = { 1, nil, 3 } } },
    { "connection.settings.t" },
  },
  {
    "a boolean as key",
    "update",
    connection { settings = { t = { [true] = 1 } } },
    { "connection.settings.t" },
  },
  {
    "a fraction as key",
    "update",
    connection { settings = { t = { [1.5] = 1 } } },
    { "connection.settings.t" },
  },
  {
    "a table nested too deep",
    "update",
    connection { settings = { t = nested(5000) } },
    { "connection.settings.t" },
  },
  {
    "a table that contains itself",
    "update",
    connection { settings = { t = cycle } },
    { "connection.settings.t" },
  },
  { "a function", "update", connection { settings = { f = print } }, { "connection.settings.f" } },
  {
    "a userdata",
    "update",
    connection { settings = { f = io.stdout } },
    { "connection.settings.f" },
  },
  {
    "a coroutine",
    "update",
    connection { metadata = { f = coroutine.create(function() end) } },
    { "connection.metadata.f" },
  },
  {
    "a function in an unknown body field",
    "update",
    connection { brand_new = { f = print } },
    { "connection.brand_new.f" },
  },
}

local CONTROL = { "a\r\nx-evil: 1", "a\rb", "a\nb", "a\0b", "a\tb", "a\27b", "a\127b" }

for _, host in ipairs(hosts.all()) do
  describe("refused before sending, over " .. host.name .. ":", function()
    local peer
    before_each(function()
      peer = host:script { { echo = true } }
    end)
    after_each(function()
      assert.equal(0, #peer:requests())
    end)
    teardown(function()
      host:stop()
    end)

    for number, row in ipairs(ROWS) do
      it(("%s (%s, %d)"):format(row[1], row[2], number), function()
        local client = host:client(peer)
        local err = expect.invalid(row[4], client.connections[row[2]], row[3])
        assert.equal("vault.connections." .. row[2], err.operation)
        assert.is_nil(err.status_code)
      end)
    end

    it("a valid call over the same client is not refused", function()
      local other = host:script { { echo = true } }
      local client = host:client(other)
      expect.invalid({}, client.connections.get, {})
      client.connections.get(with())
      assert.equal(1, #other:requests())
    end)

    it("header values with control characters or text that is not UTF-8", function()
      for i = 0, #CONTROL do
        local value = CONTROL[i] or "a\255b"
        for _, config in ipairs {
          { api_key = value },
          { app_id = value },
          { consumer_id = value },
          { user_agent = value },
          { headers = { ["x-extra"] = value } },
        } do
          expect.invalid({}, function()
            host:client(peer, config).connections.list()
          end)
        end
        local client = host:client(peer)
        expect.invalid("consumer_id", client.connections.list, { consumer_id = value })
        expect.invalid("app_id", client.connections.list, { app_id = value })
        local options = { headers = { ["x-extra"] = value } }
        expect.invalid("x-extra", client.connections.list, {}, options)
      end
    end)

    it("keys with control characters from a key function", function()
      for _, value in ipairs(CONTROL) do
        local client = host:client(peer, {
          api_key = function()
            return value
          end,
        })
        expect.invalid("api_key", client.connections.list)
      end
    end)

    it("names of headers that are not tokens", function()
      for _, name in ipairs { "", "a b", "a:b", "a\r\nb", "a\0b", "\195\169", "(x)" } do
        expect.invalid({}, host:client(peer).connections.list, {}, { headers = { [name] = "v" } })
      end
    end)

    it("unknown and invalid options of the call", function()
      local list = host:client(peer).connections.list
      expect.invalid({ "timeoutMs", "did you mean 'timeout_ms'?" }, list, {}, { timeoutMs = 5 })
      expect.invalid({ "retrys", "did you mean 'retries'?" }, list, {}, { retrys = false })
      expect.invalid("zzzzzzzz", list, {}, { zzzzzzzz = 1 })
      expect.invalid("api_key", list, {}, { api_key = "k" })
      expect.invalid("timeout_ms", list, {}, { timeout_ms = "5" })
      expect.invalid("server_url", list, {}, { server_url = 5 })
      expect.invalid("server_url", list, {}, { server_url = "nonsense" })
      expect.invalid("headers", list, {}, { headers = "x: y" })
      expect.invalid("retry_codes", list, {}, { retry_codes = "503" })
      expect.invalid({}, list, {}, "options")
    end)

    it("the method call client.connections:list {}", function()
      local client = host:client(peer)
      expect.invalid({}, client.connections.list, client.connections, {})
    end)

    it("invalid requests in vault.safe, which returns nil, err", function()
      local safe = require "vault.safe"
      local client = assert(safe.new { server_url = peer.url, api_key = "k" })
      local result, err = client.connections.get { serviceId = "x" }
      assert.is_nil(result)
      assert.is_true(vault.is_error(err, "InvalidRequestError"))
      expect.says(err.message, "did you mean 'service_id'?")
    end)
  end)
end
