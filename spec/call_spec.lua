-- One call over every host: its request and its result.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local ROOT = "/vault/connections"
local ONE = ROOT .. "/crm/pipedrive"

local function with(fields)
  local request = { service_id = "pipedrive", unified_api = "crm" }
  for name, value in pairs(fields) do
    request[name] = value
  end
  return request
end

-- operation, request, what arrives: method, path and query, body
local ROWS = {
  { "list", nil, "GET", ROOT },
  { "list", {}, "GET", ROOT },
  { "list", { api = "crm" }, "GET", ROOT .. "?api=crm" },
  { "list", { configured = true }, "GET", ROOT .. "?configured=true" },
  { "list", { configured = false }, "GET", ROOT .. "?configured=false" },
  { "list", { api = "crm", configured = true }, "GET", ROOT .. "?api=crm&configured=true" },
  { "list", { api = "not-in-the-enum" }, "GET", ROOT .. "?api=not-in-the-enum" },
  { "get", PIPEDRIVE, "GET", ONE },
  { "update", with { connection = { enabled = true } }, "PATCH", ONE, '{"enabled":true}' },
  { "update", with { connection = {} }, "PATCH", ONE, "{}" },
  { "delete", PIPEDRIVE, "DELETE", ONE },
  {
    "imports",
    with { connection_import_data = { credentials = { access_token = "a" } } },
    "POST",
    ONE .. "/import",
    '{"credentials":{"access_token":"a"}}',
  },
  { "imports", with { connection_import_data = {} }, "POST", ONE .. "/import", "{}" },
  { "token", PIPEDRIVE, "POST", ONE .. "/token", "{}" },
  { "token", with { request_body = {} }, "POST", ONE .. "/token", "{}" },
  {
    "migrate",
    with { connection_migrate_data = { target_service_id = "hubspot" } },
    "POST",
    ONE .. "/migrate",
    '{"target_service_id":"hubspot"}',
  },
}

for _, host in ipairs(hosts.all()) do
  describe("a call over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    local function sent(operation, request, options, config)
      local peer = host:script { { echo = true } }
      local client = host:client(peer, config)
      local result, response = client.connections[operation](request, options)
      local seen = peer:requests()
      assert.equal(1, #seen)
      return seen[1], result, response
    end

    local function answered(response, operation, request)
      local peer = host:script { response }
      return host:client(peer).connections[operation or "get"](request or PIPEDRIVE)
    end

    local function json_response(body, status, headers)
      headers = headers or {}
      headers[#headers + 1] = { "content-type", "application/json" }
      return { status = status, headers = headers, body = body }
    end

    for number, row in ipairs(ROWS) do
      it(("%s sends %s %s (%d)"):format(row[1], row[3], row[4], number), function()
        local request, result = sent(row[1], row[2])
        assert.equal(row[3], request.method)
        assert.equal(row[4], request.path)
        assert.equal(row[5], request.body)
        assert.equal(row[5] and "application/json" or nil, request:header "content-type")
        assert.equal("application/json", request:header "accept")
        assert.equal("Bearer sandbox-key", request:header "authorization")
        assert.equal("sandbox-app", request:header "x-apideck-app-id")
        assert.equal("sandbox-consumer", request:header "x-apideck-consumer-id")
        assert.is_nil(request:header "cookie")
        assert.is_nil(request:header "expect")
        assert.equal(row[3], result.data.method)
      end)
    end

    describe("headers", function()
      it("leave out what is unset", function()
        local nothing = { api_key = "", app_id = false, consumer_id = false }
        local request = sent("list", {}, nil, nothing)
        assert.is_nil(request:header "authorization")
        assert.is_nil(request:header "x-apideck-app-id")
        assert.is_nil(request:header "x-apideck-consumer-id")
      end)

      it("contain Bearer once where the key already starts with it", function()
        for _, key in ipairs { "Bearer k-1", "bearer k-1", "BEARER k-1" } do
          local request = sent("list", {}, nil, { api_key = key })
          assert.equal(key, request:header "authorization")
        end
        local request = sent("list", {}, nil, { api_key = "bearer-of-news" })
        assert.equal("Bearer bearer-of-news", request:header "authorization")
      end)

      it("trim outer spaces of values", function()
        local request = sent("list", {}, { headers = { ["x-extra"] = "  a b  " } }, {
          api_key = "  k-1 ",
          app_id = " app ",
        })
        assert.equal("a b", request:header "x-extra")
        assert.equal("Bearer k-1", request:header "authorization")
        assert.equal("app", request:header "x-apideck-app-id")
      end)

      it("take the operation's consumer_id and app_id over the client's", function()
        local request = sent("get", with { consumer_id = "other", app_id = "another" })
        assert.equal("other", request:header "x-apideck-consumer-id")
        assert.equal("another", request:header "x-apideck-app-id")
        assert.equal(ONE, request.path)
      end)

      it("keep the client's ids where the operation has none", function()
        local request = sent("list", { consumer_id = nil })
        assert.equal("sandbox-consumer", request:header "x-apideck-consumer-id")
        assert.equal(ROOT, request.path)
      end)

      it("are extended and overridden by the client, and by the call over the client", function()
        local request = sent("list", {}, { headers = { ["X-Both"] = "call", accept = "text/x" } }, {
          headers = { ["x-both"] = "client", ["x-client"] = "yes" },
        })
        assert.equal("call", request:header "x-both")
        assert.equal("yes", request:header "x-client")
        assert.equal("text/x", request:header "accept")
        local both = 0
        for _, pair in ipairs(request.headers) do
          both = both + (pair[1]:lower() == "x-both" and 1 or 0)
        end
        assert.equal(1, both)
      end)

      it("carry UTF-8", function()
        local request = sent("list", { consumer_id = "J\195\188rgen" })
        assert.equal("J\195\188rgen", request:header "x-apideck-consumer-id")
      end)

      it("name the module, Lua and libcurl as user agent", function()
        local agent = sent("list"):header "user-agent"
        local pattern = "^apideck%-vault%-lua/(%S+) %((.+); libcurl/%d+%.%d+%.%d+%)$"
        local version, lua = agent:match(pattern)
        assert.equal(vault._VERSION, version)
        assert.truthy(lua:find "Lua")
      end)

      it("use user_agent instead where it is set", function()
        local request = sent("list", {}, nil, { user_agent = "mine/1.0" })
        assert.equal("mine/1.0", request:header "user-agent")
      end)
    end)

    it("calls a key function before every attempt", function()
      local peer = host:script { { status = 503 }, { echo = true } }
      local calls = 0
      local client = host:client(peer, {
        api_key = function()
          calls = calls + 1
          return "key-" .. calls
        end,
      })
      client.connections.list()
      local seen = peer:requests()
      assert.equal("Bearer key-1", seen[1]:header "authorization")
      assert.equal("Bearer key-2", seen[2]:header "authorization")
      assert.equal(2, calls)
    end)

    it("accepts server_url as an option of the call", function()
      local peer = host:script { { echo = true } }
      local client = host:client(peer, { server_url = "http://127.0.0.1:1/never" })
      local _, response = client.connections.list({}, { server_url = peer.url .. "/deeper" })
      assert.equal(peer.url .. "/deeper/vault/connections", response.url)
      assert.equal("/deeper/vault/connections", peer:requests()[1].path)
    end)

    describe("the result", function()
      it("is the decoded body, unknown members included", function()
        local body = '{"status_code":200,"status":"OK",'
          .. '"data":{"id":"crm+pipedrive","new":{"a":[1]}},"_raw":{"x":1},'
          .. '"meta":{"cursors":{"next":"n"}},"links":"l"}'
        local result = answered(json_response(body))
        assert.same({
          status_code = 200,
          status = "OK",
          data = { id = "crm+pipedrive", new = { a = { 1 } } },
          _raw = { x = 1 },
          meta = { cursors = { next = "n" } },
          links = "l",
        }, result)
      end)

      it("is followed by the response as second value", function()
        local scripted = json_response('{"data":[]}', 200, { { "X-Custom", "Mixed Case" } })
        local peer = host:script { scripted }
        local result, response, third = host:client(peer).connections.list { api = "crm" }
        assert.same({ data = {} }, result)
        assert.is_nil(third)
        assert.equal(200, response.status)
        assert.equal("application/json", response.headers["content-type"])
        assert.equal("Mixed Case", response.headers["x-custom"])
        assert.is_nil(response.headers["X-Custom"])
        assert.equal(1, response.attempts)
        assert.equal("number", type(response.elapsed_ms))
        assert.is_true(response.elapsed_ms >= 0 and response.elapsed_ms < 5000)
        assert.equal("GET", response.method)
        assert.equal(peer.url .. "/vault/connections?api=crm", response.url)
        assert.is_nil(response.request_id)
      end)

      it("has the request id of x-apideck-request-id, else of request-id", function()
        local ids = { { { "request-id", "old" } }, { { "x-apideck-request-id", "new" } } }
        ids[3] = { ids[1][1], ids[2][1] }
        for i, expected in ipairs { "old", "new", "new" } do
          local _, response = answered(json_response("{}", 200, ids[i]))
          assert.equal(expected, response.request_id)
        end
      end)

      it("counts attempts", function()
        local peer = host:script { { status = 503 }, { status = 502 }, json_response "{}" }
        local _, response = host:client(peer).connections.list()
        assert.equal(3, response.attempts)
        assert.equal(3, #peer:requests())
      end)

      it("is the body of any 2xx: a 201 or 202 keeps its data", function()
        for _, status in ipairs { 200, 201, 202, 203, 206, 226, 299 } do
          local result, response =
            answered(json_response('{"data":{"id":"kept"}}', status), "token")
          assert.same({ data = { id = "kept" } }, result)
          assert.equal(status, response.status)
        end
      end)

      it("of a delete without a body is its status", function()
        local result, response = answered({ status = 204 }, "delete")
        assert.same({ status_code = 204, status = "No Content" }, result)
        assert.equal(204, response.status)
      end)

      it("of an empty 2xx is success for delete and for 204 and 205", function()
        assert.same({ status_code = 200, status = "OK" }, (answered({ status = 200 }, "delete")))
        assert.same({ status_code = 204, status = "No Content" }, (answered { status = 204 }))
        assert.same({ status_code = 205, status = "Reset Content" }, (answered { status = 205 }))
      end)

      it("of any other empty 2xx is an error", function()
        for _, status in ipairs { 200, 201, 202 } do
          local peer = host:script { { status = status } }
          local client = host:client(peer, { retries = false })
          local err = expect.error("ResponseValidationError", client.connections.token, PIPEDRIVE)
          assert.equal(status, err.status_code)
        end
      end)

      it("is JSON under any content type", function()
        for _, kind in ipairs { "text/plain", "text/html", "application/vnd.api+json" } do
          local headers = { { "content-type", kind } }
          local result = answered { headers = headers, body = '{"data":{"id":"x"}}' }
          assert.equal("x", result.data.id)
        end
        assert.equal("x", (answered { body = '{"data":{"id":"x"}}' }).data.id)
      end)

      it("of a list keeps malformed rows", function()
        local body = '{"data":[{"id":"a"},null,7,"text",{"id":5,"state":"brand-new"},[]]}'
        local rows = answered(json_response(body), "list", {}).data
        assert.equal(6, #rows)
        assert.equal("a", rows[1].id)
        assert.equal(vault.null, rows[2])
        assert.equal(7, rows[3])
        assert.equal("text", rows[4])
        assert.same({ id = 5, state = "brand-new" }, rows[5])
        assert.same({}, rows[6])
      end)
    end)

    it("sends a large body without waiting for 100 Continue", function()
      local blob = ("0123456789abcdef"):rep(80000) -- libcurl sends Expect from 1 MiB on
      local request = sent("update", with { connection = { metadata = { blob = blob } } })
      assert.equal(('{"metadata":{"blob":"%s"}}'):format(blob), request.body)
      assert.is_nil(request:header "expect")
      assert.is_nil(request:header "transfer-encoding")
    end)

    it("works inside a coroutine", function()
      local peer = host:script { { echo = true } }
      local client = host:client(peer)
      local run = coroutine.wrap(function()
        return client.connections.get(PIPEDRIVE).data.method
      end)
      assert.equal("GET", run())
    end)
  end)
end
