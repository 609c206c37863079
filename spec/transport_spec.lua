-- A Lua function in place of libcurl.
local expect = require "spec.support.expect"
local vault = require "vault"

local unpack = table.unpack or unpack

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }

local function client_of(transport, config)
  config = config or {}
  config.transport = transport
  config.api_key = "k"
  config.server_url = config.server_url or "http://127.0.0.1:9/base"
  config.retries = config.retries or { backoff = { initial_interval = 1, max_interval = 2 } }
  return vault.new(config)
end

local function answering(...)
  local count, values = select("#", ...), { ... }
  return function()
    return unpack(values, 1, count)
  end
end

describe("a transport", function()
  it("receives method, url, headers, body and timeout_ms", function()
    local seen, count
    local client = client_of(function(...)
      count = select("#", ...)
      seen = ...
      return { status = 200, headers = {}, body = "{}" }
    end, { timeout_ms = 1234 })
    client.connections.update {
      service_id = "s",
      unified_api = "crm",
      connection = { enabled = true },
    }
    assert.equal(1, count)
    assert.equal("PATCH", seen.method)
    assert.equal("http://127.0.0.1:9/base/vault/connections/crm/s", seen.url)
    assert.equal("Bearer k", seen.headers.authorization)
    assert.equal("application/json", seen.headers["content-type"])
    assert.equal('{"enabled":true}', seen.body)
    assert.equal("1234", tostring(seen.timeout_ms))
    for name in pairs(seen) do
      local known = { method = 1, url = 1, headers = 1, body = 1, timeout_ms = 1 }
      assert.truthy(known[name], name)
    end
  end)

  it("receives no body for GET, and the default or the call's timeout", function()
    local seen = {}
    local client = client_of(function(request)
      seen[#seen + 1] = request
      return { status = 200, headers = {}, body = "{}" }
    end)
    client.connections.list()
    client.connections.list({}, { timeout_ms = 55 })
    assert.is_nil(seen[1].body)
    assert.equal(30000, seen[1].timeout_ms)
    assert.equal(55, seen[2].timeout_ms)
  end)

  it("returns status, headers in any case, and body", function()
    local headers = { ["Content-Type"] = "application/json", ["X-Apideck-Request-Id"] = "req_7" }
    local scripted = { status = 201, headers = headers, body = '{"data":{"a":1}}' }
    local client = client_of(answering(scripted))
    local result, response = client.connections.token(PIPEDRIVE)
    assert.same({ data = { a = 1 } }, result)
    assert.equal("201", tostring(response.status))
    assert.equal("req_7", response.request_id)
    assert.equal("application/json", response.headers["content-type"])
    assert.equal(1, response.attempts)
  end)

  it("cannot return what no server could send", function()
    for _, response in ipairs {
      { status = 199, body = "{}" },
      { status = 600, body = "{}" },
      { status = 200.5, body = "{}" },
      { status = 0 / 0, body = "{}" },
      { status = "200", body = "{}" },
      { status = 200, headers = { ["x-a"] = "1\r\nx-b: 2" }, body = "{}" },
      { status = 200, headers = { ["x-a"] = "1\0" }, body = "{}" },
      { status = 200, headers = { ["x a"] = "1" }, body = "{}" },
    } do
      expect.error("UnexpectedClientError", client_of(answering(response)).connections.list)
    end
  end)

  it("can leave out headers, and the body of a 204", function()
    local client = client_of(answering { status = 204 })
    local result, response = client.connections.delete(PIPEDRIVE)
    assert.same({ status_code = 204, status = "No Content" }, result)
    assert.equal("table", type(response.headers))
  end)

  it("that returns nil, err is a ConnectionError: retried for GET, not for PATCH", function()
    local calls = 0
    local client = client_of(function()
      calls = calls + 1
      return nil, "the cable is out"
    end)
    local err = expect.error("ConnectionError", client.connections.list)
    expect.says(err.message, "the cable is out")
    assert.equal(4, err.attempts)
    assert.equal(4, calls)
    calls = 0
    local update = { service_id = "s", unified_api = "crm", connection = {} }
    expect.error("ConnectionError", client.connections.update, update)
    assert.equal(1, calls)
  end)

  it("that raises is an UnexpectedClientError, not retried", function()
    for _, cause in ipairs { {}, "text", 5 } do
      local calls = 0
      local client = client_of(function()
        calls = calls + 1
        error(cause, 0)
      end)
      local err = expect.error("UnexpectedClientError", client.connections.list)
      assert.is_true(rawequal(cause, err.cause))
      assert.equal("vault.connections.list", err.operation)
      assert.equal(1, calls)
    end
  end)

  it("that returns anything else ends the call with an error object", function()
    for number, transport in ipairs {
      answering(),
      answering(nil),
      answering(nil, {}),
      answering(5),
      answering "text",
      answering(true),
      answering {},
      answering { status = "200", body = "{}" },
      answering { status = 200, body = {} },
      answering { status = 200, headers = "x: y", body = "{}" },
      answering { status = 200.5, body = "{}" },
      answering { status = 0 / 0, body = "{}" },
      answering { status = 200, headers = { 1, 2 }, body = "{}" },
      answering { status = 99, body = "{}" },
      answering { status = 2 ^ 40, body = "{}" },
    } do
      local returned, err = pcall(client_of(transport, { retries = false }).connections.list)
      assert.is_false(returned, "response " .. number)
      assert.is_true(vault.is_error(err), tostring(err))
      assert.is_truthy(err.name == "ConnectionError" or err.name == "UnexpectedClientError", number)
    end
  end)

  it("cannot return more than max_response_bytes, or a body that is not JSON", function()
    local body = '{"data":"' .. ("x"):rep(100) .. '"}'
    local client = client_of(answering { status = 200, body = body }, { max_response_bytes = 50 })
    expect.error("ResponseValidationError", client.connections.list)
    client = client_of(answering { status = 200, body = "{} {}" })
    expect.error("ResponseValidationError", client.connections.list)
  end)

  it("can call another client of this module", function()
    local inner = client_of(answering { status = 200, body = '{"data":{"inner":true}}' })
    local outer = client_of(function()
      local result = inner.connections.list()
      assert.is_true(result.data.inner)
      return { status = 200, body = '{"data":{"outer":true}}' }
    end)
    assert.is_true(outer.connections.list().data.outer)
  end)

  it("works with vault.safe, too", function()
    local client = require("vault.safe").new { transport = answering(nil, "gone"), retries = false }
    local result, err = client.connections.list()
    assert.is_nil(result)
    assert.equal("ConnectionError", err.name)
  end)
end)
