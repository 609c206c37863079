-- client.request: src/call/any_request.c.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local vault = require "vault"

local OK = { body = '{"data":{"ok":true}}' }

local host = hosts.wire()

describe("client.request", function()
  teardown(function()
    host:stop()
  end)

  local function sent(request, config, options)
    local peer = host:script { OK }
    local client = host:client(peer, config)
    local result, response = client.request(request, options)
    client:close()
    assert.is_true(result.data.ok)
    assert.equal(200, response.status)
    return peer:requests()[1], response
  end

  local rows = {
    { { method = "GET", path = "/crm/leads" }, "GET", "/crm/leads" },
    { { method = "GET", path = "/" }, "GET", "/" },
    { { method = "GET", path = "/a/" }, "GET", "/a/" },
    { { method = "GET", path = "/a%20b/%2F/...;x=1" }, "GET", "/a%20b/%2F/...;x=1" },
    { { method = "GET", path = "/a/.../b" }, "GET", "/a/.../b" },
    {
      setmetatable({ path = "/a" }, { __index = { method = "GET", query = { b = 1 } } }),
      "GET",
      "/a?b=1",
    },
    { { method = "DELETE", path = "/crm/leads/1" }, "DELETE", "/crm/leads/1" },
    {
      { method = "GET", path = "/a", query = { b = "x y&", a = 1, c = true, d = 1.5 } },
      "GET",
      "/a?a=1&b=x%20y%26&c=true&d=1.5",
    },
    {
      {
        method = "GET",
        path = "/a",
        query = { filter = { name = "é", ["x y"] = false }, ids = { 1, "2" }, ["a&b"] = "" },
      },
      "GET",
      "/a?a%26b=&filter%5Bname%5D=%C3%A9&filter%5Bx%20y%5D=false&ids=1&ids=2",
    },
    { { method = "GET", path = "/a", query = {} }, "GET", "/a" },
    { { method = "GET", path = "/a", query = { list = vault.array() } }, "GET", "/a" },
    { { method = "GET", path = "/a", query = { b = { c = vault.array() } } }, "GET", "/a" },
    { { method = "POST", path = "/a", body = { x = vault.null } }, "POST", "/a", '{"x":null}' },
    { { method = "PUT", path = "/a", body = { 1, 2 } }, "PUT", "/a", "[1,2]" },
    { { method = "PATCH", path = "/a", body = {} }, "PATCH", "/a", "{}" },
    { { method = "POST", path = "/a", body = vault.array() }, "POST", "/a", "[]" },
    { { method = "POST", path = "/a" }, "POST", "/a" },
    {
      { method = "DELETE", path = "/a", body = { camelCase = 1 } },
      "DELETE",
      "/a",
      '{"camelCase":1}',
    },
  }
  for number, row in ipairs(rows) do
    it(("sends %s %s (%d)"):format(row[2], row[3], number), function()
      local seen = sent(row[1])
      assert.equal(row[2], seen.method)
      assert.equal(row[3], seen.path)
      assert.equal(row[4] or "", seen.body or "")
      assert.equal(row[4] and "application/json" or nil, seen:header "content-type")
    end)
  end

  it("sends key, consumer and application as every operation does", function()
    local config = { api_key = "k1", consumer_id = "c1", app_id = "a1" }
    local seen = sent({ method = "GET", path = "/a" }, config)
    assert.equal("Bearer k1", seen:header "authorization")
    assert.equal("c1", seen:header "x-apideck-consumer-id")
    assert.equal("a1", seen:header "x-apideck-app-id")
    seen = sent({ method = "GET", path = "/a", consumer_id = "c2", app_id = "a2" }, config)
    assert.equal("c2", seen:header "x-apideck-consumer-id")
    assert.equal("a2", seen:header "x-apideck-app-id")
  end)

  it("keeps the path and query of server_url", function()
    local peer = host:script { OK }
    local client = host:client(peer, { server_url = peer.url .. "/proxy/?tenant=7" })
    client.request { method = "GET", path = "/a", query = { b = 1 } }
    assert.equal("/proxy/a?tenant=7&b=1", peer:requests()[1].path)
  end)

  it("takes the options of a call", function()
    local seen = sent({ method = "GET", path = "/a" }, nil, { headers = { ["x-trace"] = "t" } })
    assert.equal("t", seen:header "x-trace")
  end)

  describe("refuses", function()
    local wrong = {
      { "x", "request: expected a table, got a string" },
      { {}, "method: required field is missing" },
      { { method = "GET" }, "path: required field is missing" },
      { { method = "get", path = "/a" }, "method: expected GET, POST, PUT, PATCH or DELETE" },
      { { method = "TRACE", path = "/a" }, "method: expected" },
      { { method = 1, path = "/a" }, "method: expected a string, got a number" },
      { { method = "GET", path = "a" }, "path: must begin with '/'" },
      { { method = "GET", path = "" }, "path: must begin with '/'" },
      { { method = "GET", path = "https://evil.example/" }, "path: must begin with '/'" },
      { { method = "GET", path = "/a?b=1" }, "path: must have no query or fragment" },
      { { method = "GET", path = "/a#b" }, "path: must have no query or fragment" },
      { { method = "GET", path = "/a b" }, "must be percent-encoded, at byte 3" },
      { { method = "GET", path = "/a\nb" }, "must be percent-encoded, at byte 3" },
      { { method = "GET", path = "/a\0b" }, "must be percent-encoded, at byte 3" },
      { { method = "GET", path = "/a\\b" }, "must be percent-encoded, at byte 3" },
      { { method = "GET", path = "/\195\169" }, "must be percent-encoded, at byte 2" },
      { { method = "GET", path = "/%zz" }, "must be percent-encoded, at byte 2" },
      { { method = "GET", path = "/a%2" }, "must be percent-encoded, at byte 3" },
      { { method = "GET", path = "/a", body = {} }, "body: a GET has none" },
      { { method = "POST", path = "/a", body = "x" }, "body: expected a table, got a string" },
      { { method = "POST", path = "/a", body = { f = print } }, "body.f: expected a JSON value" },
      { { method = "GET", path = "/a", query = "b=1" }, "query: expected a table, got a string" },
      {
        { method = "GET", path = "/a", query = { "x" } },
        "query: its members must be named by strings",
      },
      {
        { method = "GET", path = "/a", query = { ["b\0c"] = 1 } },
        "query: its members must be named by strings without NUL",
      },
      { { method = "GET", path = "/a", "x" }, "the request has a number as a key" },
      {
        { method = "GET", path = "/a", query = { b = print } },
        "query.b: expected a string, number",
      },
      { { method = "GET", path = "/a", query = { b = 0 / 0 } }, "query.b: must not be NaN" },
      { { method = "GET", path = "/a", query = { b = "\255" } }, "query.b: is not valid UTF-8" },
      {
        { method = "GET", path = "/a", query = { b = { c = {} } } },
        "query.b.c: expected a string",
      },
      { { method = "GET", path = "/a", query = { b = { {} } } }, "query.b[1]: expected a string" },
      { { method = "GET", path = "/a", idempotent = 1 }, "idempotent: expected a boolean" },
      { { method = "GET", path = "/a", consumer_id = "" }, "consumer_id: must not be empty" },
      {
        { method = "GET", path = "/a", querry = {} },
        "unknown field 'querry'; did you mean 'query'?",
      },
      { { method = "GET", path = "/a", nonsense = {} }, "unknown field 'nonsense'; request takes" },
    }
    for _, segment in ipairs { ".", "..", "%2e", "%2E.", ".%2e", "%2e%2E" } do
      for _, path in ipairs { "/" .. segment, "/a/" .. segment, "/" .. segment .. "/b" } do
        wrong[#wrong + 1] =
          { { method = "GET", path = path }, "path: must have no segment '.' or '..'" }
      end
    end
    for number, case in ipairs(wrong) do
      it(("%s (%d)"):format(case[2], number), function()
        local client = vault.new { api_key = "k", server_url = "http://127.0.0.1:1" }
        local err = expect.error("InvalidRequestError", client.request, case[1])
        expect.says(err.message, case[2])
        assert.equal("request", err.operation)
      end)
    end

    it("a call with a colon", function()
      local client = vault.new { api_key = "k", server_url = "http://127.0.0.1:1" }
      local err = expect.error("InvalidRequestError", function()
        client:request { method = "GET", path = "/a" }
      end)
      expect.says(err.message, "client.request { ... }")
    end)
  end)

  local function attempts(request)
    local peer = host:script { { status = 500, body = "{}" } }
    local client =
      host:client(peer, { retries = { max_attempts = 2, backoff = { initial_interval = 1 } } })
    local err = expect.error("APIError", client.request, request)
    client:close()
    assert.equal("request", err.operation)
    assert.equal(request.method, err.method)
    return #peer:requests()
  end

  it("is repeated by its method, or as idempotent says", function()
    for method, count in pairs { GET = 2, PUT = 2, DELETE = 2, POST = 1, PATCH = 1 } do
      assert.equal(count, attempts { method = method, path = "/a" }, method)
      assert.equal(2, attempts { method = method, path = "/a", idempotent = true }, method)
      assert.equal(1, attempts { method = method, path = "/a", idempotent = false }, method)
    end
  end)

  it("hides secrets of the query in errors", function()
    local peer = host:script { { status = 404, body = "{}" } }
    local client = host:client(peer)
    local err = expect.error("NotFoundResponse", client.request, {
      method = "GET",
      path = "/a",
      query = { access_token = "tok-5f2c9a3e", page = "two" },
    })
    expect.silent_about(tostring(err) .. err.url, "tok-5f2c9a3e")
    expect.says(err.url, "page=two")
    expect.says(peer:requests()[1].path, "tok-5f2c9a3e")
  end)

  it("is there under client.async", function()
    local peer = host:script { OK }
    local client = host:client(peer)
    local job = client.async.request { method = "POST", path = "/a", body = { b = 1 } }
    assert.is_true(job:wait().data.ok)
    assert.equal('{"b":1}', peer:requests()[1].body)
    expect.error("InvalidRequestError", client.async.request, {})
    client:close()
  end)

  it("returns nil and the error in vault.safe", function()
    local client = require("vault.safe").new { api_key = "k", server_url = "http://127.0.0.1:1" }
    local result, err = client.request {}
    assert.is_nil(result)
    assert.equal("InvalidRequestError", err.name)
    assert.equal("request", err.operation)
  end)

  for _, loop in ipairs(loops.installed()) do
    it("suspends a coroutine of " .. loop.name, function()
      local peer = host:script { OK, { status = 404, body = "{}" } }
      local client = host:client(peer, { loop = loop.name })
      local request = { method = "GET", path = "/a" }
      assert.is_true(loop.run(client.request, request).data.ok)
      local passed, err = pcall(loop.run, client.request, request)
      assert.is_false(passed)
      assert.equal("request", err.operation)
      client:close()
    end)
  end
end)
