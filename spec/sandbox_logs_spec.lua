-- lua/vault/sandbox/operations/logs.lua and request_log.lua, by the client.
local expect = require "spec.support.expect"
local new_client = require "spec.support.sandbox_client"
local request_log = require "vault.sandbox.request_log"
local vault = require "vault"

describe("logs of the sandbox", function()
  local setup, client

  before_each(function()
    setup = new_client()
    client = setup.client
  end)

  local function one(service_id, fields)
    local request = { service_id = service_id, unified_api = "crm" }
    for name, value in pairs(fields or {}) do
      request[name] = value
    end
    return request
  end

  local function summaries(filter)
    local lines = {}
    for index, row in ipairs(client.logs.list({ filter = filter, limit = 200 }).data) do
      lines[index] = row.http_method .. " " .. row.operation.name .. " " .. row.status_code
    end
    return lines
  end

  it("have the consumer's requests, the newest first", function()
    client.connections.list()
    setup.now = setup.now + 1000
    pcall(client.connections.get, one "nope")
    client.connections.update(one("pipedrive", { connection = { enabled = true } }))
    client.consumers.list()
    client.connections.list { consumer_id = "other" }
    assert.same({
      "PATCH connections.update 200",
      "GET connections.get 404",
      "GET connections.list 200",
    }, summaries())
    local row = client.logs.list({ limit = 1 }).data[1]
    assert.equal("GET", row.http_method)
    assert.equal("/vault/logs", row.path)
    local rows = client.logs.list({ filter = { status_code = 404 } }).data
    assert.equal(1, #rows)
    assert.equal("vault.connections.get", rows[1].operation.id)
    assert.equal("/vault/connections/crm/nope", rows[1].path)
    assert.equal("Connection not found", rows[1].error_message)
    assert.is_false(rows[1].success)
    assert.equal("2023-11-14T22:13:21.000Z", rows[1].timestamp)
    assert.equal("sandbox-consumer", rows[1].consumer_id)
    local _, response = client.connections.list()
    assert.equal(response.request_id, client.logs.list({ limit = 1 }).data[1].id)
  end)

  it("are filtered by method, status, path, connector and time", function()
    client.connections.list()
    setup.now = setup.now + 1000
    client.connections.get(one "pipedrive")
    setup.now = setup.now + 1000
    client.connections.update(one("hubspot", { connection = { enabled = true } }))
    setup.now = setup.now + 1000
    pcall(client.connections.delete, one "salesforce")

    assert.same({ "PATCH connections.update 200" }, summaries { http_method = "PATCH" })
    local both = { "DELETE connections.delete 404", "PATCH connections.update 200" }
    assert.same(both, summaries { http_methods = { "PATCH", "DELETE" } })
    assert.same({ both[1] }, summaries { status_codes = { 404, 500 } })
    assert.same({ both[2] }, summaries { connector_id = "hubspot" })
    assert.same({ both[2] }, summaries { path = "hubs", http_method = "PATCH" })
    local list = { "GET connections.list 200" }
    assert.same(list, summaries { path = "/vault/connections", path_match_mode = "EXACT" })
    assert.same(list, summaries { path = "connections", path_match_mode = "ENDS_WITH" })
    assert.same({}, summaries { path = "connections", path_match_mode = "STARTS_WITH" })
    assert.same(
      { both[2], "GET connections.get 200" },
      summaries { start_date = "2023-11-14T22:13:21Z", end_date = "2023-11-14T22:13:22Z" }
    )
    assert.same({}, summaries { exclude_unified_apis = "crm, vault" })
    assert.equal(4, #summaries { exclude_unified_apis = "crm", path = "/vault/connections" })
  end)

  it("refuse filters that are none", function()
    for _, query in ipairs {
      "filter%5Bstatus_code%5D=x",
      "filter%5Bstart_date%5D=2024",
      "filter%5Bpath_match_mode%5D=LIKE",
      "filter%5Bnope%5D=1",
    } do
      local response = setup.sandbox:handle {
        method = "GET",
        url = "/vault/logs?" .. query,
        headers = {
          authorization = "Bearer sandbox-key",
          ["x-apideck-app-id"] = "sandbox-app",
          ["x-apideck-consumer-id"] = "sandbox-consumer",
        },
      }
      assert.equal(400, response.status, query)
      assert.matches('"invalid"', response.body)
    end
  end)

  it("page without repeating a row, although listing them adds to them", function()
    for _ = 1, 25 do
      client.connections.list()
    end
    local filter = { path = "/vault/connections" }
    local seen, count = {}, 0
    for row in client.logs.each { filter = filter, limit = 10 } do
      assert.is_nil(seen[row.id])
      seen[row.id], count = true, count + 1
    end
    assert.equal(25, count)
    local page = client.logs.list { limit = 10 }
    assert.equal(10, page.meta.items_on_page)
    assert.equal("string", type(page.meta.cursors.next))
  end)

  it("have what faults do, and no requests that were refused by their headers", function()
    setup.sandbox:fault { status = 503, times = 1 }
    expect.error("APIError", client.connections.list)
    local stranger = vault.new {
      api_key = "wrong",
      app_id = "sandbox-app",
      consumer_id = "sandbox-consumer",
      transport = setup.sandbox:transport(),
    }
    expect.error("UnauthorizedResponse", stranger.connections.list)
    assert.same({ "GET connections.list 503" }, summaries())
  end)

  it("are empty after a reset, and keep the newest ones only", function()
    client.connections.list()
    setup.sandbox:reset()
    assert.same({}, summaries())

    local log = request_log.new()
    for index = 1, 10005 do
      log:add { index = index }
    end
    local function any()
      return true
    end
    local count, entry, sequence = 0, log:before(nil, any)
    while entry do
      assert.equal(10005 - count, entry.index)
      count = count + 1
      entry, sequence = log:before(sequence, any)
    end
    assert.equal(10000, count)
  end)
end)
