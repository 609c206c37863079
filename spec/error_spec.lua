-- Error objects: their names, fields and text, over every host.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local JSON = { { "content-type", "application/json" } }
local HTML = { { "content-type", "text/html" } }
local PAGE = "<html><body><h1>Sorry</h1></body></html>"

local NAMES = {
  [400] = "BadRequestResponse",
  [401] = "UnauthorizedResponse",
  [402] = "PaymentRequiredResponse",
  [404] = "NotFoundResponse",
  [409] = "ConflictResponse",
  [422] = "UnprocessableResponse",
}
for _, status in ipairs { 300, 301, 302, 303, 304, 307, 308, 399, 403, 405, 406, 408, 410, 418 } do
  NAMES[status] = "APIError"
end
for _, status in ipairs { 429, 451, 499, 500, 501, 502, 503, 504, 520, 599 } do
  NAMES[status] = "APIError"
end

local NOT_FOUND = [[{
  "status_code": 404, "error": "Not Found", "type_name": "EntityNotFoundError",
  "message": "Connection not found",
  "detail": { "not_found": { "entity": "Connection", "id": "x" } },
  "ref": "https://developers.apideck.com/errors#entitynotfounderror", "brand_new": [1, null]
}]]

for _, host in ipairs(hosts.all()) do
  describe("an error over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    local function failure(response, operation, config)
      local peer = host:script { response }
      local client = host:client(peer, config or { retries = false })
      local returned, err = pcall(client.connections[operation or "get"], PIPEDRIVE)
      assert.is_false(returned)
      assert.is_true(vault.is_error(err), tostring(err))
      return err, peer
    end

    it("gets its name from the status, whatever the body is", function()
      local bodies = {
        { JSON, '{"message":"m","type_name":"T"}' },
        { HTML, PAGE },
        { {}, nil },
        { JSON, "[1]" },
        { JSON, '"text"' },
        { JSON, "{ broken" },
      }
      for status, name in pairs(NAMES) do
        for i, body in ipairs(bodies) do
          if status ~= 304 or not body[2] then
            local err = failure { status = status, headers = body[1], body = body[2] }
            assert.equal(name, err.name, status .. " with body " .. i)
            assert.equal(status, err.status_code)
            assert.is_true(vault.is_error(err, name))
            assert.equal(body[2] or "", err.body or "")
          end
        end
      end
    end)

    it("has the server's message, type and reference", function()
      local headers =
        { { "content-type", "application/json" }, { "x-apideck-request-id", "req_123" } }
      local err, peer = failure { status = 404, headers = headers, body = NOT_FOUND }
      assert.equal("NotFoundResponse", err.name)
      assert.equal("Connection not found", err.message)
      assert.equal(404, err.status_code)
      assert.equal("Not Found", err.error)
      assert.equal("EntityNotFoundError", err.type_name)
      assert.same({ not_found = { entity = "Connection", id = "x" } }, err.detail)
      assert.equal("https://developers.apideck.com/errors#entitynotfounderror", err.ref)
      assert.is_nil(err.downstream_errors)
      assert.same({ 1, vault.null }, err.data.brand_new)
      assert.equal("Connection not found", err.data.message)
      assert.equal(NOT_FOUND, err.body)
      assert.equal("req_123", err.headers["x-apideck-request-id"])
      assert.equal("req_123", err.request_id)
      assert.is_nil(err.retry_after_ms)
      assert.equal("vault.connections.get", err.operation)
      assert.equal("GET", err.method)
      assert.equal(peer.url .. "/vault/connections/crm/pipedrive", err.url)
      assert.equal(1, err.attempts)
      assert.equal("number", type(err.elapsed_ms))
      assert.equal(
        "NotFoundResponse (404) in vault.connections.get: Connection not found "
          .. "[EntityNotFoundError, request req_123, 1 attempt]",
        tostring(err)
      )
    end)

    it("gets its message from any place where the body has one", function()
      for body, message in pairs {
        ['{"message":"a","error":{"message":"b"},"detail":"c"}'] = "a",
        ['{"message":"","error":{"message":"b"},"detail":"c"}'] = "b",
        ['{"error":{"code":5},"detail":"c"}'] = "c",
        ['{"message":7,"detail":{},"error":"d"}'] = "d",
      } do
        assert.equal(message, failure({ status = 400, headers = JSON, body = body }).message)
      end
    end)

    it("keeps detail as sent: string, object or array", function()
      local function detail(text)
        local body = ('{"message":"m","detail":%s}'):format(text)
        return failure({ status = 400, headers = JSON, body = body }).detail
      end
      assert.equal("plain", detail '"plain"')
      assert.same({ a = { 1 } }, detail '{"a":[1]}')
      assert.same({ { path = "x" } }, detail '[{"path":"x"}]')
    end)

    it("keeps the downstream errors", function()
      local body = [[{"status_code":400,"type_name":"ConnectorExecutionError","message":"m",
        "downstream_errors":[{"message":"no","detail":"d","code":"E1"}]}]]
      local err = failure { status = 400, headers = JSON, body = body }
      assert.same({ { message = "no", detail = "d", code = "E1" } }, err.downstream_errors)
      assert.equal("ConnectorExecutionError", err.type_name)
    end)

    it("describes the HTTP response where the body is no JSON error", function()
      local page = ("x"):rep(1234)
      local err = failure { status = 502, headers = HTML, body = page }
      assert.equal("HTTP 502 Bad Gateway (text/html, 1234 bytes)", err.message)
      assert.equal(
        "APIError (502) in vault.connections.get: HTTP 502 Bad Gateway (text/html, 1234 bytes) "
          .. "[1 attempt]",
        tostring(err)
      )
      assert.is_nil(err.data)
      assert.equal(page, err.body)
      expect.says(failure({ status = 503 }).message, "HTTP 503 Service Unavailable")
    end)

    it("shows the number of attempts in its text", function()
      local err = failure({ status = 503, headers = JSON, body = '{"message":"busy"}' }, "get", {})
      assert.equal(4, err.attempts)
      assert.equal("APIError (503) in vault.connections.get: busy [4 attempts]", tostring(err))
    end)

    it("is one line, whatever the message", function()
      local body = '{"message":"one\\ntwo\\r\\nthree\\u0000\\u001b[31m","type_name":"A\\nB"}'
      local err = failure { status = 400, headers = JSON, body = body }
      assert.is_nil(tostring(err):find "%c")
      expect.says(tostring(err), "one", "two", "three", "[31m [A B, ")
    end)

    it("is one line in Unicode too: no C1 controls, no line or paragraph separators", function()
      local err = failure {
        status = 400,
        headers = JSON,
        body = '{"message":"a\194\133b\226\128\168c\226\128\169d\194\155e","detail":"\195\169\226\128\166\194\160"}',
      }
      expect.says(tostring(err), ": a b c d e: \195\169\226\128\166\194\160 [1 attempt]")
    end)

    it("keeps at most 64 KiB of the body's text", function()
      local exact = ("y"):rep(65536)
      assert.equal(65536, #failure({ status = 500, headers = HTML, body = exact }).body)
      local err = failure { status = 500, headers = HTML, body = exact .. "more" }
      assert.equal(exact, err.body)
      assert.equal("HTTP 500 Internal Server Error (text/html, 65540 bytes)", err.message)
      local json = ('{"message":"long","pad":"%s"}'):format(("z"):rep(70000))
      local long = failure { status = 500, headers = JSON, body = json }
      assert.equal(65536, #long.body)
      assert.equal(70000, #long.data.pad)
      assert.equal("long", long.message)
    end)

    it("names the target of a redirect, which is not followed", function()
      local target = host:script { { echo = true } }
      for _, status in ipairs { 301, 302, 303, 307, 308 } do
        local err, peer = failure {
          status = status,
          headers = { { "location", target.url .. "/moved" } },
        }
        assert.equal("APIError", err.name)
        assert.equal(status, err.status_code)
        expect.says(err.message, target.url .. "/moved")
        assert.equal(target.url .. "/moved", err.headers.location)
        assert.equal(1, #peer:requests())
      end
      assert.equal(0, #target:requests())
    end)

    it("does not read detail.debug.retry_after_ms of a 401 as a delay", function()
      local body = '{"message":"m","detail":{"debug":{"retry_after_ms":1700000000000}}}'
      assert.is_nil(failure({ status = 401, headers = JSON, body = body }).retry_after_ms)
    end)

    it("shows a detail that adds to the message", function()
      local function shown(message, detail)
        local body = ('{"message":"%s","detail":%s}'):format(message, detail)
        local err = failure { status = 401, headers = JSON, body = body }
        return tostring(err):match "^UnauthorizedResponse %(401%) in vault.connections.get: (.*) %[1 attempt%]$"
      end
      assert.equal(
        "Unauthorized Request: Unknown API key",
        shown("Unauthorized Request", '"Unknown API key"')
      )
      assert.equal("No key: sk is unknown", shown("No key", '"No key: sk is unknown"'))
      for _, detail in ipairs { '"m"', '""', '"m no"', "null", "5", '{"a":"b"}', '["a"]' } do
        assert.equal("m no", shown("m no", detail))
      end
    end)

    it("shows at most 200 characters of a detail, none of them cut", function()
      local function shown(detail)
        local body = ('{"message":"m","detail":"%s"}'):format(detail)
        return tostring(failure { status = 400, headers = JSON, body = body })
      end
      expect.says(shown(("a"):rep(200)), ": m: " .. ("a"):rep(200) .. " [1 attempt]")
      expect.says(shown(("a"):rep(201)), ": m: " .. ("a"):rep(200) .. "... [1 attempt]")
      expect.says(
        shown(("\226\130\172"):rep(300)),
        ": m: " .. ("\226\130\172"):rep(200) .. "... [1 attempt]"
      )
    end)

    it("cuts a long body between characters", function()
      for padding = 0, 3 do
        local body = ("x"):rep(padding) .. ("\240\159\152\128"):rep(20000)
        local err = failure { status = 500, headers = HTML, body = body }
        assert.equal(padding == 0 and 65536 or 65536 - 4 + padding, #err.body)
        assert.equal(body:sub(1, #err.body), err.body)
        assert.equal(0, (#err.body - padding) % 4)
      end
      local err = failure { status = 500, headers = HTML, body = ("\128"):rep(70000) }
      assert.is_true(#err.body > 65530 and #err.body <= 65536)
    end)

    it("has the delay requested by the server", function()
      local err = failure { status = 429, headers = { { "retry-after", "7" } } }
      assert.equal("7000", tostring(err.retry_after_ms))
      assert.equal("429", tostring(err.status_code))
      assert.equal("1", tostring(err.attempts))
      err = failure { status = 429, headers = { { "retry-after-ms", "1500" } } }
      assert.equal(1500, err.retry_after_ms)
    end)

    it("of the name ResponseValidationError has the unusable response", function()
      local responses = {
        { HTML, PAGE },
        { JSON, '{"data":[1,2' },
        { JSON, "[]" },
        { {}, nil },
      }
      for _, response in ipairs(responses) do
        local headers = { { "x-apideck-request-id", "req_9" }, response[1][1] }
        local err = failure { status = 200, headers = headers, body = response[2] }
        assert.equal("ResponseValidationError", err.name)
        assert.equal(200, err.status_code)
        assert.equal(response[2] or "", err.body or "")
        assert.equal("req_9", err.request_id)
        assert.equal("req_9", err.headers["x-apideck-request-id"])
        assert.equal("vault.connections.get", err.operation)
        assert.equal("GET", err.method)
        assert.equal("string", type(err.message))
        expect.says(tostring(err), "ResponseValidationError (200) in vault.connections.get: ")
        expect.says(tostring(err), "request req_9, 1 attempt]")
        assert.is_nil(tostring(err):find "%c")
      end
    end)

    it("is a ResponseValidationError where the body is larger than max_response_bytes", function()
      local body = ('{"data":"%s"}'):format(("a"):rep(1000))
      local peer = host:script { { headers = JSON, body = body } }
      local client = host:client(peer, { max_response_bytes = #body, retries = false })
      assert.equal(1000, #client.connections.get(PIPEDRIVE).data)
      client = host:client(peer, { max_response_bytes = #body - 1, retries = false })
      local err = expect.error("ResponseValidationError", client.connections.get, PIPEDRIVE)
      assert.equal(200, err.status_code)
      assert.is_true(#err.message > 0)
    end)

    it("is a ConnectionError where the connection is lost", function()
      local err = failure { fault = "connection reset by peer" }
      assert.equal("ConnectionError", err.name)
      assert.is_nil(err.status_code)
      assert.equal("vault.connections.get", err.operation)
      assert.equal("GET", err.method)
      assert.equal(1, err.attempts)
      assert.is_true(#err.message > 0)
      expect.says(tostring(err), "ConnectionError in vault.connections.get: ")
    end)

    it("is a table with a metatable, which pcall, xpcall and error pass on unchanged", function()
      local err = failure { status = 404 }
      assert.equal("table", type(err))
      assert.is_truthy(debug.getmetatable(err).__tostring)
      local _, again = pcall(error, err)
      assert.is_true(rawequal(err, again))
      local _, handled = xpcall(function()
        error(err)
      end, function(raised)
        return raised
      end)
      assert.is_true(rawequal(err, handled))
      local thread = coroutine.create(function()
        error(err)
      end)
      local _, resumed = coroutine.resume(thread)
      assert.is_true(rawequal(err, resumed))
    end)
  end)
end

describe("vault.is_error", function()
  local _, err = pcall(vault.new { server_url = "http://127.0.0.1:1" }.connections.get, {})

  it("is true for an error of this module", function()
    assert.is_true(vault.is_error(err))
    assert.is_true(vault.is_error(err, "InvalidRequestError"))
  end)

  it("distinguishes names", function()
    assert.is_false(vault.is_error(err, "APIError"))
  end)

  it("raises for a name that no error has, and suggests one", function()
    for given, meant in pairs {
      InvalidRequest = "InvalidRequestError",
      invalidrequesterror = "InvalidRequestError",
      NotFound = "NotFoundResponse",
      TimeoutError = "RequestTimeoutError",
      ConectionError = "ConnectionError",
    } do
      for _, value in ipairs { err, "no error" } do
        local message = ("'%s'; did you mean '%s'?"):format(given, meant)
        expect.invalid(message, vault.is_error, value, given)
      end
    end
    expect.invalid("no error has the name ''", vault.is_error, err, "")
    expect.invalid("no error has the name 'zzz'", vault.is_error, nil, "zzz")
    expect.invalid("the name of an error, got a number", vault.is_error, err, 404)
    expect.invalid("expected a value", vault.is_error)
  end)

  it("accepts every name that an error can have", function()
    for _, name in ipairs {
      "BadRequestResponse",
      "UnauthorizedResponse",
      "PaymentRequiredResponse",
      "NotFoundResponse",
      "ConflictResponse",
      "UnprocessableResponse",
      "APIError",
      "ResponseValidationError",
      "ConnectionError",
      "RequestTimeoutError",
      "RequestAbortedError",
      "UnexpectedClientError",
    } do
      assert.is_false(vault.is_error(err, name))
    end
  end)

  it("is false for anything else", function()
    for _, value in ipairs { "text", 5, true, {}, { name = "APIError" }, print, vault.null } do
      assert.is_false(vault.is_error(value))
    end
    assert.is_false(vault.is_error(nil))
    assert.is_false(vault.is_error(setmetatable({ name = "APIError" }, {})))
  end)
end)

it("an error without name and message has a one-line text", function()
  local _, err = pcall(vault.new, { apiKey = "k" })
  err.name, err.message = nil, nil
  assert.equal("error", tostring(err))
end)

describe("concatenating an error", function()
  local _, err = pcall(vault.new, { apiKey = "k" })

  it("gives text, on either side of the operator", function()
    local text = tostring(err)
    assert.equal("failed: " .. text, "failed: " .. err)
    assert.equal(text .. "\n", err .. "\n")
    assert.equal(text .. "5", err .. 5)
    assert.equal(text .. text, err .. err)
    assert.equal("<" .. text .. ">", "<" .. err .. ">")
    local other = setmetatable({}, {
      __tostring = function()
        return "other"
      end,
    })
    assert.equal(text .. "other", err .. other)
  end)

  it("with a value that has no text raises, naming its type", function()
    for name, value in pairs { ["a boolean"] = true, ["a table"] = {}, ["a function"] = print } do
      local passed, message = pcall(function()
        return err .. value
      end)
      assert.is_false(passed)
      expect.says(message, "attempt to concatenate", name)
    end
    expect.says(
      select(
        2,
        pcall(function()
          return err .. nil
        end)
      ),
      "nil"
    )
  end)
end)
