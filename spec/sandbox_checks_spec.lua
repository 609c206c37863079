local calls = require "spec.support.sandbox_calls"
local json = require "vault.sandbox.json"
local sandboxes = require "vault.sandbox"

local LIST = "/vault/connections"
local PIPEDRIVE = LIST .. "/crm/pipedrive"

describe("vault.sandbox's checks", function()
  local sandbox

  before_each(function()
    sandbox = sandboxes.new { seed = 1 }
  end)

  local function expect(response, status, type_name)
    assert.equal(status, response.status)
    assert.equal(status, response.json.status_code)
    assert.equal(type_name, response.json.type_name)
    assert.is_string(response.json.error)
    assert.is_string(response.json.message)
    assert.equal("https://developers.apideck.com/errors#" .. type_name:lower(), response.json.ref)
    return response.json.detail
  end

  it("give every response a request id of its own, the same for the same seed", function()
    local function ids()
      local seen = {}
      sandbox = sandboxes.new { seed = 7 }
      for index, url in ipairs { LIST, PIPEDRIVE, "/nowhere" } do
        seen[index] = calls.send(sandbox, "GET", url).headers["x-apideck-request-id"]
        assert.matches("^req_%x+$", seen[index])
      end
      assert.not_equal(seen[1], seen[2])
      return seen
    end
    local first = ids()
    assert.same(first, ids())
    local other = calls.send(sandboxes.new(), "GET", LIST).headers["x-apideck-request-id"]
    assert.not_equal(first[1], other)
  end)

  describe("of headers", function()
    local function list(headers)
      return calls.send(sandbox, "GET", LIST, nil, headers)
    end

    it("demand a known bearer key", function()
      local detail = expect(list { authorization = false }, 401, "UnauthorizedError")
      assert.equal("Missing authentication", detail)
      expect(list { authorization = "Basic sandbox-key" }, 401, "UnauthorizedError")
      expect(list { authorization = "Bearer other" }, 401, "UnauthorizedError")
      assert.equal(200, list({ authorization = "bearer sandbox-key" }).status)
    end)

    it("demand both ids", function()
      local type_name = "RequestHeadersValidationError"
      local detail = expect(list { ["x-apideck-app-id"] = false }, 400, type_name)
      assert.equal("Missing Header: x-apideck-app-id", detail)
      detail = expect(list { ["x-apideck-consumer-id"] = "" }, 400, type_name)
      assert.equal("Missing Header: x-apideck-consumer-id", detail)
      local none = { ["x-apideck-consumer-id"] = false, ["x-apideck-app-id"] = false }
      detail = expect(list(none), 400, type_name)
      assert.same({ ["x-apideck-app-id"] = "required" }, detail.missing[1])
      expect(list { ["x-apideck-app-id"] = "other" }, 401, "UnauthorizedError")
    end)

    it("accept the keys and ids of the options", function()
      sandbox = sandboxes.new {
        api_key = { "one", "two" },
        app_id = false,
        consumer_id = "only",
      }
      local headers = {
        authorization = "Bearer two",
        ["x-apideck-app-id"] = "any",
        ["x-apideck-consumer-id"] = "only",
      }
      assert.equal(200, list(headers).status)
      headers["x-apideck-consumer-id"] = "other"
      expect(list(headers), 400, "RequestHeadersValidationError")
      headers.authorization = "Bearer sandbox-key"
      expect(list(headers), 401, "UnauthorizedError")
    end)

    it("demand a JSON content type", function()
      local headers = { ["content-type"] = "text/plain" }
      local response = calls.send(sandbox, "PATCH", PIPEDRIVE, "{}", headers)
      expect(response, 400, "RequestHeadersValidationError")
      headers["content-type"] = "application/json; charset=utf-8"
      assert.equal(200, calls.send(sandbox, "PATCH", PIPEDRIVE, "{}", headers).status)
    end)
  end)

  it("separate consumers and applications", function()
    sandbox = sandboxes.new { app_id = false }
    local function state(app_id, consumer_id, method)
      local headers = { ["x-apideck-app-id"] = app_id, ["x-apideck-consumer-id"] = consumer_id }
      local body = method and { enabled = true }
      return calls.send(sandbox, method or "GET", PIPEDRIVE, body, headers).json.data.state
    end
    assert.equal("added", state("a", "one", "PATCH"))
    assert.equal("added", state("a", "one"))
    assert.equal("available", state("a", "two"))
    assert.equal("available", state("b", "one"))
  end)

  it("return 402 when the quota is used up, until a reset", function()
    sandbox = sandboxes.new { quota = 2 }
    for _ = 1, 2 do
      assert.equal(200, calls.send(sandbox, "GET", PIPEDRIVE).status)
    end
    local detail = expect(calls.send(sandbox, "GET", PIPEDRIVE), 402, "RequestLimitError")
    assert.equal("You have reached your limit of 2", detail)
    sandbox:reset()
    assert.equal(200, calls.send(sandbox, "GET", PIPEDRIVE).status)
  end)

  it("return 501 for an operation that the sandbox does not implement", function()
    local operations = require "vault.sandbox.operations"
    local token = operations["vault.connections.token"]
    operations["vault.connections.token"] = nil
    local sent, response = pcall(calls.send, sandbox, "POST", PIPEDRIVE .. "/token", {})
    operations["vault.connections.token"] = token
    assert.is_true(sent, tostring(response))
    assert.matches("operations%.lua", expect(response, 501, "SandboxError"))
    assert.matches("vault%.connections%.token", response.json.message)
  end)

  it("require the consumer header of every operation that has one", function()
    local operations = require "vault.sandbox.operations"
    for _, operation in ipairs(require("vault.schema").operations) do
      assert.is_function(operations[operation.id], operation.id)
      local path = operation.path
        :gsub("{unified_api}", "crm")
        :gsub("{service_id}", "pipedrive")
        :gsub("{[%w_]+}", "x")
      local headers = { ["x-apideck-consumer-id"] = false }
      local response = calls.send(sandbox, operation.method, path, nil, headers)
      if operation.consumer then
        expect(response, 400, "RequestHeadersValidationError")
      else
        assert.not_equal("RequestHeadersValidationError", (response.json or {}).type_name)
      end
    end
  end)

  describe("of paths", function()
    it("accept those of operations only", function()
      for _, suffix in ipairs { "/", "/crm", "/crm/pipedrive/x", "//x", "/crm/" } do
        local path = LIST .. suffix
        expect(calls.send(sandbox, "GET", path), 404, "EntityNotFoundError")
      end
      local response = calls.send(sandbox, "PUT", PIPEDRIVE)
      expect(response, 405, "MethodNotAllowedError")
      assert.equal("GET, PATCH, DELETE", response.headers.allow)
    end)

    it("are decoded, and may be whole URLs", function()
      assert.equal(200, calls.send(sandbox, "GET", LIST .. "/crm/pipe%64rive").status)
      assert.equal(200, calls.send(sandbox, "GET", "https://unify.apideck.com" .. PIPEDRIVE).status)
      local response = calls.send(sandbox, "GET", LIST .. "/crm/a%2Fb%00")
      assert.same({ entity = "connector", id = "a/b\0" }, response.json.detail.not_found)
    end)
  end)

  describe("of queries", function()
    it("filter a list", function()
      local _, all = calls.list(sandbox)
      local _, crm = calls.list(sandbox, "?api=crm")
      local _, configured = calls.list(sandbox, "?configured=true&tenant=7")
      local _, others = calls.list(sandbox, "?configured=false")
      assert.is_true(#crm >= 3 and #crm < #all)
      for _, row in ipairs(crm) do
        assert.equal("crm", row.unified_api)
      end
      for _, row in ipairs(configured) do
        assert.equal("configured", row.integration_state)
      end
      assert.is_true(#others >= 2)
      assert.equal(#all, #configured + #others)
    end)

    it("return an empty array for an API without connectors", function()
      local response = calls.send(sandbox, "GET", LIST .. "?api=sms")
      assert.is_truthy(response.body:find('"data":[]', 1, true))
    end)

    it("refuse invalid values", function()
      for _, query in ipairs { "?api=zz", "?configured=yes" } do
        expect(calls.send(sandbox, "GET", LIST .. query), 400, "RequestValidationError")
      end
    end)
  end)

  describe("of bodies", function()
    local function problems(method, path, body)
      local response = calls.send(sandbox, method, path, body)
      return expect(response, 400, "RequestValidationError").invalid
    end

    it("refuse what is not JSON, with the place", function()
      for text, message in pairs {
        ["{"] = "is not JSON: expected a member name at byte 2",
        ["{} x"] = "is not JSON: unexpected text after the value at byte 4",
        ['{"a":01}'] = "is not JSON: expected ',' or '}' at byte 7",
        ['{"a":NaN}'] = "is not JSON: unexpected character at byte 6",
        ['{"a":1e999}'] = "is not JSON: number too large at byte 6",
        ['{"a":"\1"}'] = "is not JSON: control character in a string at byte 7",
        ['{"a":"\\x"}'] = "is not JSON: invalid escape in a string at byte 6",
        ['{"a":"\255"}'] = "is not JSON: text that is not UTF-8 at byte 1",
        [("["):rep(200)] = "is not JSON: nested too deep at byte 129",
      } do
        local detail = problems("PATCH", PIPEDRIVE, text)
        assert.same({ path = "connection", message = message }, detail[1])
      end
    end)

    it("refuse missing members, and other types than objects", function()
      assert.equal("is required", problems("PATCH", PIPEDRIVE)[1].message)
      local detail = problems("PATCH", PIPEDRIVE, "[]")
      assert.equal("expected an object, got an array", detail[1].message)
      detail = problems("PATCH", PIPEDRIVE, "null")
      assert.equal("expected an object, got null", detail[1].message)
    end)

    it("name every value of a wrong type", function()
      local detail = problems("PATCH", PIPEDRIVE, {
        enabled = "yes",
        settings = "x",
        configuration = { { resource = 1 }, "x" },
        custom_mappings = { { value = "v", more = 1 } },
        latest_consent = { resources = "all" },
        consent_state = "perhaps",
      })
      local messages = {}
      for _, problem in ipairs(detail) do
        messages[problem.path] = problem.message
      end
      assert.equal("expected a boolean, got a string", messages["connection.enabled"])
      assert.equal("expected an object, got a string", messages["connection.settings"])
      local resource = messages["connection.configuration[0].resource"]
      assert.equal("expected a string, got a number", resource)
      assert.equal("expected an object, got a string", messages["connection.configuration[1]"])
      assert.equal("is unknown", messages["connection.custom_mappings[0].more"])
      local scopes = messages["connection.latest_consent.resources"]
      assert.equal('expected an object or "*", got a string', scopes)
      assert.matches("^must be one of implicit, pending", messages["connection.consent_state"])
    end)

    it("take null where the schema does", function()
      local taken = { settings = json.null, metadata = json.null }
      assert.equal(200, calls.send(sandbox, "PATCH", PIPEDRIVE, taken).status)
      local detail = problems("PATCH", PIPEDRIVE, { enabled = json.null })
      assert.equal("expected a boolean, got null", detail[1].message)
    end)

    it("check imports by their schema", function()
      local function problem(credentials)
        local body = { credentials = credentials }
        return problems("POST", PIPEDRIVE .. "/import", body)[1].message
      end
      assert.equal("is unknown", problem { acces_token = "x" })
      assert.equal("expected an RFC 3339 date-time, got a number", problem { issued_at = 5 })
      assert.equal("expected an RFC 3339 date-time, got a string", problem { issued_at = "2020" })
      assert.equal("expected an integer, got a number", problem { expires_in = 1.5 })
    end)

    it("check token and migrate by their schemas", function()
      assert.equal("is unknown", problems("POST", PIPEDRIVE .. "/token", { key = "x" })[1].message)
      local detail = problems("POST", PIPEDRIVE .. "/migrate", {})
      assert.equal("connection_migrate_data.target_service_id", detail[1].path)
    end)

    it("limit their size", function()
      local response = calls.send(sandbox, "PATCH", PIPEDRIVE, (" "):rep(1024 * 1024 + 1))
      expect(response, 413, "PayloadTooLargeError")
    end)

    it("change nothing when they fail", function()
      local body = { enabled = true, settings = "x" }
      assert.equal(400, calls.send(sandbox, "PATCH", PIPEDRIVE, body).status)
      assert.equal("available", calls.get(sandbox, "crm+pipedrive").state)
    end)
  end)

  it("refuse unknown and invalid options", function()
    assert.error_matches(function()
      sandboxes.new { key = "x" }
    end, "unknown sandbox option 'key'")
    assert.error_matches(function()
      sandboxes.new { quota = "many" }
    end, "sandbox option 'quota' cannot be a string")
  end)
end)
