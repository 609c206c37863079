-- Every operation over every host: its request as it arrives, and what is refused.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local schema = require "vault.schema"
local vault = require "vault"

local PIPEDRIVE = "/vault/connections/crm/pipedrive"
local MAPPINGS = "/vault/custom-mappings/crm/pipedrive"

local function one(fields)
  local request = { service_id = "pipedrive", unified_api = "crm" }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  return request
end

-- operation, request, method, path and query, body; `consumer = false`: no consumer header is sent.
local ROWS = {
  { "connections.list", { api = "crm" }, "GET", "/vault/connections?api=crm" },
  { "connections.get", one(), "GET", PIPEDRIVE },
  {
    "connections.update",
    one { connection = { enabled = true } },
    "PATCH",
    PIPEDRIVE,
    '{"enabled":true}',
  },
  { "connections.delete", one(), "DELETE", PIPEDRIVE },
  {
    "connections.imports",
    one { connection_import_data = { settings = { a = 1 } } },
    "POST",
    PIPEDRIVE .. "/import",
    '{"settings":{"a":1}}',
  },
  { "connections.token", one(), "POST", PIPEDRIVE .. "/token", "{}" },
  {
    "connections.migrate",
    one { connection_migrate_data = { target_service_id = "hubspot" } },
    "POST",
    PIPEDRIVE .. "/migrate",
    '{"target_service_id":"hubspot"}',
  },
  {
    "connections.confirm",
    one { confirm_connection = { confirm_token = "t" } },
    "POST",
    PIPEDRIVE .. "/confirm",
    '{"confirm_token":"t"}',
  },
  { "validate_connection.state", one(), "POST", PIPEDRIVE .. "/validate", "{}" },
  {
    "create_callback.state",
    one { create_callback_state = { redirect_uri = "https://a.example/" } },
    "POST",
    PIPEDRIVE .. "/callback-state",
    '{"redirect_uri":"https://a.example/"}',
  },
  { "connection_consents.list", one(), "GET", PIPEDRIVE .. "/consent" },
  {
    "connection_consent.update",
    one { update_consent_request = { granted = true, resources = "*" } },
    "PATCH",
    PIPEDRIVE .. "/consent",
    { '{"granted":true,"resources":"*"}', '{"resources":"*","granted":true}' },
  },
  {
    "connection_settings.list",
    one { resource = "leads" },
    "GET",
    PIPEDRIVE .. "/leads/config",
  },
  {
    "connection_settings.update",
    one { resource = "leads", connection = {} },
    "PATCH",
    PIPEDRIVE .. "/leads/config",
    "{}",
  },
  {
    "custom_fields.list",
    one { resource = "leads", resource_id = "1 2" },
    "GET",
    PIPEDRIVE .. "/leads/custom-fields?resource_id=1%202",
  },
  {
    "connection_custom_mappings.list",
    one { resource = "leads" },
    "GET",
    PIPEDRIVE .. "/leads/custom-mappings",
  },
  { "custom_mappings.list", one(), "GET", MAPPINGS },
  { "custom_mappings.get", one { target_field_id = "f 1" }, "GET", MAPPINGS .. "/f%201" },
  {
    "custom_mappings.create",
    one { target_field_id = "f", create_custom_mapping_request = { value = "$.a" } },
    "POST",
    MAPPINGS .. "/f",
    '{"value":"$.a"}',
  },
  {
    "custom_mappings.update",
    one { target_field_id = "f", update_custom_mapping_request = { value = "$.a" } },
    "PATCH",
    MAPPINGS .. "/f",
    '{"value":"$.a"}',
  },
  { "custom_mappings.delete", one { target_field_id = "f" }, "DELETE", MAPPINGS .. "/f" },
  {
    "consumers.list",
    { filter = { search = "\195\169&", consumer_id = "a b" }, cursor = "cu==", limit = 20 },
    "GET",
    "/vault/consumers?filter%5Bconsumer_id%5D=a%20b&filter%5Bsearch%5D=%C3%A9%26"
      .. "&cursor=cu%3D%3D&limit=20",
    consumer = false,
  },
  {
    "consumers.get",
    { consumer_id = "x/y" },
    "GET",
    "/vault/consumers/x%2Fy",
    consumer = false,
  },
  {
    "consumers.create",
    { create_consumer_request = { consumer_id = "c" } },
    "POST",
    "/vault/consumers",
    '{"consumer_id":"c"}',
    consumer = false,
  },
  {
    "consumers.update",
    { consumer_id = "c", update_consumer_request = { metadata = { email = "a@b.example" } } },
    "PATCH",
    "/vault/consumers/c",
    '{"metadata":{"email":"a@b.example"}}',
    consumer = false,
  },
  { "consumers.delete", { consumer_id = "c" }, "DELETE", "/vault/consumers/c", consumer = false },
  {
    "consumer_request_counts.list",
    { consumer_id = "c", start_datetime = 1704067200, end_datetime = "2024-02-01T00:00:00.000Z" },
    "GET",
    "/vault/consumers/c/stats?start_datetime=2024-01-01T00%3A00%3A00Z"
      .. "&end_datetime=2024-02-01T00%3A00%3A00.000Z",
    consumer = false,
  },
  { "sessions.create", nil, "POST", "/vault/sessions", "{}" },
  {
    "sessions.create",
    { session = { settings = { unified_apis = {} } } },
    "POST",
    "/vault/sessions",
    '{"settings":{"unified_apis":[]}}',
  },
  {
    "logs.list",
    { filter = { http_methods = { "GET", "POST" }, start_date = "2024-01-01T00:00:00.000Z" } },
    "GET",
    "/vault/logs?filter%5Bhttp_methods%5D=GET&filter%5Bhttp_methods%5D=POST"
      .. "&filter%5Bstart_date%5D=2024-01-01T00%3A00%3A00.000Z",
  },
  {
    "logs.list",
    { filter = { status_codes = { 404, 500.0 }, end_date = 1704067200.25 }, limit = 2.0 },
    "GET",
    "/vault/logs?filter%5Bend_date%5D=2024-01-01T00%3A00%3A00.250Z"
      .. "&filter%5Bstatus_codes%5D=404&filter%5Bstatus_codes%5D=500&limit=2",
  },
  { "logs.list", { filter = {}, cursor = vault.null }, "GET", "/vault/logs" },
  { "logs.list", { filter = { path = vault.null, http_methods = {} } }, "GET", "/vault/logs" },
}

local function group_and_name(operation)
  return operation:match "^(.+)%.(.+)$"
end

local function contains(list, value)
  for _, known in ipairs(list) do
    if known == value then
      return true
    end
  end
  return false
end

it("this file has a row for every operation", function()
  local tried = {}
  for _, row in ipairs(ROWS) do
    tried["vault." .. row[1]] = true
  end
  for _, operation in ipairs(schema.operations) do
    assert.is_true(tried[operation.id], operation.id)
    tried[operation.id] = nil
  end
  assert.is_nil(next(tried))
  assert.equal(29, #schema.operations)
end)

for _, host in ipairs(hosts.all()) do
  describe("over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    for number, row in ipairs(ROWS) do
      it(("%s sends %s %s (%d)"):format(row[1], row[3], row[4], number), function()
        local peer = host:script { { echo = true } }
        local group, name = group_and_name(row[1])
        local result = host:client(peer)[group][name](row[2])
        local request = peer:requests()[1]
        assert.equal(row[3], request.method)
        assert.equal(row[4], request.path)
        local bodies = type(row[5]) == "table" and row[5] or { row[5] }
        assert.is_true(request.body == bodies[1] or contains(bodies, request.body), request.body)
        assert.equal("sandbox-app", request:header "x-apideck-app-id")
        local consumer = row.consumer ~= false and "sandbox-consumer" or nil
        assert.equal(consumer, request:header "x-apideck-consumer-id")
        assert.equal("Bearer sandbox-key", request:header "authorization")
        assert.equal("application/json", request:header "accept")
        assert.equal(row[5] and "application/json" or nil, request:header "content-type")
        assert.equal(row[3], result.data.method)
      end)
    end

    it("a header that the client sets is sent by an operation without a consumer", function()
      local peer = host:script { { echo = true } }
      local headers = { ["x-apideck-consumer-id"] = "by-header", ["x-extra"] = "1" }
      local client = host:client(peer, { headers = headers, user_agent = "mine/1.0" })
      client.consumers.list { app_id = "another" }
      local request = peer:requests()[1]
      assert.equal("by-header", request:header "x-apideck-consumer-id")
      assert.equal("another", request:header "x-apideck-app-id")
      assert.equal("1", request:header "x-extra")
      assert.equal("mine/1.0", request:header "user-agent")
    end)

    it("the query follows that of server_url", function()
      local peer = host:script { { echo = true } }
      local client = host:client(peer, { server_url = peer.url .. "/p/?tenant=7" })
      client.logs.list { filter = { path = "/a" }, limit = 1 }
      assert.equal("/p/vault/logs?tenant=7&filter%5Bpath%5D=%2Fa&limit=1", peer:requests()[1].path)
    end)

    it("consumers.delete succeeds with a response without content", function()
      local peer = host:script { { status = 200 } }
      local result = host:client(peer).consumers.delete { consumer_id = "c" }
      assert.same({ status_code = 200, status = "OK" }, result)
    end)

    it("validate_connection.state is retried when the server fails", function()
      local peer = host:script { { status = 502 }, { echo = true } }
      host:client(peer).validate_connection.state(one())
      assert.equal(2, #peer:requests())
    end)
  end)
end

-- operation, request, what the message says
local REFUSED = {
  { "logs.list", { filter = "x" }, { "filter: expected an object, got a string" } },
  { "logs.list", { filter = { pathh = "x" } }, { "'filter.pathh'", "mean 'filter.path'?" } },
  {
    "consumers.list",
    { filter = { consumerId = "x" } },
    { "unknown field 'filter.consumerId'; did you mean 'filter.consumer_id'?" },
  },
  {
    "consumers.list",
    { filter = { zzzzzzzz = "x" } },
    { "unknown field 'filter.zzzzzzzz'; filter takes consumer_id, search" },
  },
  { "consumers.list", { filter = { "x" } }, { "filter: has a number as a key" } },
  { "consumers.list", { filter = { search = 5 } }, { "filter.search: expected a string" } },
  { "consumers.list", { filter = { search = "\255" } }, { "filter.search: is not valid UTF-8" } },
  { "consumers.list", { limit = "20" }, { "limit: expected an integer, got a string" } },
  { "consumers.list", { limit = 1.5 }, { "limit: expected an integer, got a number with a fra" } },
  { "consumers.list", { limit = 0 / 0 }, { "limit: must not be NaN or infinity" } },
  { "consumers.list", { limit = math.huge }, { "limit: must not be NaN or infinity" } },
  { "consumers.list", { limit = vault.null }, { "limit: expected an integer, got null" } },
  { "consumers.list", { cursor = 5 }, { "cursor: expected a string, got a number" } },
  { "consumers.list", { cursor = {} }, { "cursor: expected a string, got a table" } },
  {
    "logs.list",
    { filter = { http_methods = "GET" } },
    { "filter.http_methods: expected an arr" },
  },
  {
    "logs.list",
    { filter = { http_methods = { a = "GET" } } },
    { "filter.http_methods: expected" },
  },
  {
    "logs.list",
    { filter = { http_methods = { "GET", 5 } } },
    { "filter.http_methods[2]: expected a string, got a number" },
  },
  {
    "logs.list",
    { filter = { http_methods = { "a", nil, "c" } } },
    { "filter.http_methods: has holes" },
  },
  {
    "logs.list",
    { filter = { status_codes = { 404.5 } } },
    { "filter.status_codes[1]: expected" },
  },
  { "logs.list", { filter = { start_date = 1e11 } }, { "filter.start_date", "milliseconds" } },
  {
    "logs.list",
    { filter = { start_date = true } },
    { "filter.start_date: expected an RFC 3339" },
  },
  {
    "consumer_request_counts.list",
    { consumer_id = "c", start_datetime = 1577836800000, end_datetime = 0 },
    { "start_datetime: looks like milliseconds" },
  },
  {
    "consumer_request_counts.list",
    { consumer_id = "c", start_datetime = 0 },
    { "end_datetime: required field is missing" },
  },

  { "consumers.delete", nil, { "consumer_id: required field is missing" } },
  { "consumers.delete", {}, { "consumer_id: required field is missing" } },
  { "consumers.get", { consumer_id = "" }, { "consumer_id" } },
  { "consumers.get", { consumer_id = "." }, { "consumer_id" } },
  { "consumers.get", { consumer_id = ".." }, { "consumer_id" } },
  { "custom_mappings.delete", one { target_field_id = "" }, { "target_field_id" } },
  { "custom_mappings.delete", one { target_field_id = ".." }, { "target_field_id" } },
  { "custom_fields.list", one { resource = "." }, { "resource" } },
  {
    "consumers.list",
    { consumer_id = "c" },
    { "unknown field 'consumer_id'; consumers.list takes filter, cursor, limit, app_id" },
  },
  { "consumers.create", { consumer_id = "c" }, { "unknown field 'consumer_id'" } },

  { "consumers.create", {}, { "create_consumer_request: required field is missing" } },
  {
    "consumers.create",
    { create_consumer_request = {} },
    { "create_consumer_request.consumer_id: required field is missing" },
  },
  {
    "consumers.update",
    { consumer_id = "c", update_consumer_request = { metadata = { userName = "x" } } },
    { "update_consumer_request.metadata.userName", "user_name" },
  },
  { "connections.confirm", one(), { "confirm_connection: required field is missing" } },
  {
    "connection_consent.update",
    one { update_consent_request = { granted = true } },
    { "resourc" },
  },
  { "sessions.create", { session = { redirectUri = "x" } }, { "session.redirectUri" } },
  {
    "sessions.create",
    { session = { settings = { hideGuides = true } } },
    { "session.settings.hideGuides", "hide_guides" },
  },
  { "sessions.create", { session = { settings = { show_logs = 1 } } }, { "show_logs" } },
  { "validate_connection.state", one { request_body = { a = 1 } }, { "request_body.a" } },
}

describe("refused before sending:", function()
  for number, row in ipairs(REFUSED) do
    it(("%s, because of %s (%d)"):format(row[1], row[3][1], number), function()
      local sent = 0
      local client = vault.new {
        api_key = "k",
        consumer_id = "the-client's-own",
        transport = function()
          sent = sent + 1
          return { status = 200, body = "{}" }
        end,
      }
      local group, name = group_and_name(row[1])
      local err = expect.invalid(row[3], client[group][name], row[2])
      assert.equal("vault." .. row[1], err.operation)
      assert.equal(0, sent)
    end)
  end
end)

describe("a group of operations", function()
  local function groups()
    local found = {}
    for _, operation in ipairs(schema.operations) do
      found[operation.group] = found[operation.group] or {}
      found[operation.group][operation.name] = true
    end
    return found
  end

  local function names_of(functions)
    local found = {}
    for name, value in pairs(functions) do
      assert.equal("function", type(value), name)
      found[name] = true
    end
    return found
  end

  it("is in the module, in vault.safe, in clients and in client.async", function()
    local client = vault.new { api_key = "k" }
    local safe = assert(require("vault.safe").new { api_key = "k" })
    for group, names in pairs(groups()) do
      assert.same(names, names_of(client.async[group]))
      assert.equal(client.async[group], client.async[group])
      for _, operation in ipairs(schema.operations) do
        if operation.group == group and operation.pages then
          names.each = true
        end
      end
      for _, owner in ipairs { vault, require "vault.safe", client, safe } do
        assert.same(names, names_of(owner[group]))
        assert.equal(owner[group], owner[group])
      end
    end
    client:close()
    safe:close()
  end)

  it("of the module uses a client configured by the environment", function()
    local output = child.run(
      [[
        local vault = require "vault"
        for _, group in ipairs { "consumers", "logs", "connections" } do
          local returned, err = pcall(vault[group].list, {}, { retries = false })
          print(returned, err.name, err.operation)
        end
      ]],
      { APIDECK_API_KEY = "k", APIDECK_SERVER_URL = "http://127.0.0.1:1" }
    )
    for _, group in ipairs { "consumers", "logs", "connections" } do
      expect.says(output, ("false\tConnectionError\tvault.%s.list"):format(group))
    end
  end)

  it("allocates memory of a client at its first use", function()
    local function memory_of(use)
      local clients = {}
      collectgarbage()
      collectgarbage()
      local before = collectgarbage "count"
      for index = 1, 50 do
        clients[index] = vault.new { api_key = "k" }
        use(clients[index])
      end
      collectgarbage()
      collectgarbage()
      local after = collectgarbage "count"
      for _, client in ipairs(clients) do
        client:close()
      end
      return after - before
    end
    local unused = memory_of(function() end)
    local used = memory_of(function(client)
      for group in pairs(groups()) do
        assert.is_table(client[group])
        assert.is_table(client.async[group])
      end
    end)
    assert.is_true(used > 2 * unused, ("%.0f and %.0f KB"):format(used, unused))
  end)

  it("that does not exist is nil", function()
    local client = vault.new { api_key = "k" }
    assert.is_nil(client.nonsense)
    assert.is_nil(client.async.nonsense)
    assert.is_nil(client.async[1])
    client:close()
  end)

  it("of vault.safe returns nil and the error", function()
    local client = assert(require("vault.safe").new { api_key = "k" })
    local result, err = client.consumers.get {}
    assert.is_nil(result)
    assert.is_true(vault.is_error(err, "InvalidRequestError"))
    client:close()
  end)
end)
