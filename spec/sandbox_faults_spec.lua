local calls = require "spec.support.sandbox_calls"
local json = require "vault.sandbox.json"
local sandboxes = require "vault.sandbox"

local PIPEDRIVE = "/vault/connections/crm/pipedrive"
local NOW = 784111777000 -- Sun, 06 Nov 1994 08:49:37 GMT

describe("vault.sandbox's faults", function()
  local sandbox

  before_each(function()
    sandbox = sandboxes.new {
      seed = 1,
      clock = function()
        return NOW
      end,
    }
  end)

  local function get(headers)
    return calls.send(sandbox, "GET", PIPEDRIVE, nil, headers)
  end

  local function with_fault(text)
    return get { ["x-sandbox-fault"] = text }
  end

  it("apply as often as requested, in the order set", function()
    sandbox:fault { status = 503, times = 2 }
    local second = sandbox:fault { status = 429, times = 1 }
    local seen = {}
    for index = 1, 4 do
      seen[index] = get().status
    end
    assert.same({ 503, 503, 429, 200 }, seen)
    assert.equal(1, second.hits)
  end)

  it("last until they are cleared", function()
    local fault = sandbox:fault { status = 500 }
    for _ = 1, 3 do
      assert.equal(500, get().status)
    end
    fault:clear()
    assert.equal(200, get().status)
    assert.equal(3, fault.hits)
    sandbox:fault { status = 500 }
    sandbox:clear_faults()
    assert.equal(200, get().status)
  end)

  it("can be limited to one operation", function()
    sandbox:fault { status = 502, operation = "vault.connections.update" }
    assert.equal(200, get().status)
    assert.equal(502, calls.send(sandbox, "PATCH", PIPEDRIVE, "{}").status)
    assert.equal(502, with_fault("status=502; operation=vault.connections.get").status)
    assert.equal(200, with_fault("status=502; operation=vault.connections.list").status)
  end)

  it("can be requested by a header, and are counted by its text", function()
    for _, status in ipairs { 503, 503, 200, 200 } do
      assert.equal(status, with_fault("status=503; times=2").status)
    end
    assert.equal(503, with_fault("status=503; times=2; key=other").status)
    assert.equal(200, get().status)
  end)

  it("have errors shaped like Apideck's", function()
    for status, type_name in pairs {
      [401] = "UnauthorizedError",
      [402] = "RequestLimitError",
      [409] = "ConflictError",
      [422] = "InvalidStateError",
      [429] = "ConnectorRateLimitError",
      [501] = "MappingError",
      [503] = "InternalServerError",
    } do
      local response = with_fault("status=" .. status)
      assert.equal(status, response.status)
      assert.equal(status, response.json.status_code)
      assert.equal(type_name, response.json.type_name)
    end
    sandbox:fault { status = 400, type_name = "Own", message = "said", detail = { "list" } }
    local response = get()
    assert.equal("Own", response.json.type_name)
    assert.equal("said", response.json.message)
    assert.same({ "list" }, response.json.detail)
  end)

  it("can have a body of their own", function()
    local response = with_fault("status=502; body=%3Ch1%3EBad%3B%3C%2Fh1%3E")
    assert.equal("<h1>Bad;</h1>", response.body)
    assert.equal("text/html; charset=utf-8", response.headers["content-type"])
    sandbox:fault { body = { odd = json.array() } }
    assert.equal('{"odd":[]}', get().body)
  end)

  it("have the delay before a retry, in every form", function()
    local function header(text, name)
      return with_fault("status=503; " .. text).headers[name or "retry-after"]
    end
    assert.equal("2", header "retry-after=2")
    assert.equal("0.5", header "retry-after=0.5")
    assert.equal("0", header "retry-after=0")
    assert.equal("soon", header "retry-after=soon")
    assert.equal("Sun, 06 Nov 1994 08:49:39 GMT", header "retry-after-date=2")
    assert.equal("1500", header("retry-after-ms=1500", "retry-after-ms"))
    assert.equal("784111779", header("downstream-reset=2", "x-downstream-ratelimit-reset"))
    assert.equal("0", header("downstream-reset=2", "x-downstream-ratelimit-remaining"))
    local response = with_fault "status=401; retry-after-ms=30000"
    assert.equal(NOW + 30000, response.json.detail.debug.retry_after_ms)
  end)

  it("set headers, redirects among them", function()
    sandbox:fault { status = 302, headers = { Location = "https://other.example/" } }
    local response = get()
    assert.equal(302, response.status)
    assert.equal("https://other.example/", response.headers.location)
    assert.equal("", response.body)
  end)

  it("skip the operation where they set a status, and else perform it", function()
    local function state_after(fault)
      sandbox:reset()
      fault.times = 1
      sandbox:fault(fault)
      calls.send(sandbox, "PATCH", PIPEDRIVE, { enabled = true })
      return calls.get(sandbox, "crm+pipedrive").state
    end
    assert.equal("available", state_after { status = 503 })
    assert.equal("added", state_after { status = 503, processed = true })
    assert.equal("added", state_after { status = 202 })
    assert.equal("added", state_after { reset = true })
    assert.equal("available", state_after { reset = true, processed = false })
  end)

  it("are refused when invalid", function()
    for _, fault in ipairs {
      { stauts = 500 },
      { status = 99 },
      { status = "503" },
      { operation = "vault.connections.nope" },
      { headers = { ["a b"] = "x" } },
      { retry_after = "a\nb" },
      { reset = "later" },
    } do
      assert.has_error(function()
        sandbox:fault(fault)
      end)
    end
    for _, text in ipairs { "stauts=500", "status=x", "!!", "times=-1" } do
      local response = with_fault(text)
      assert.equal(400, response.status)
      assert.equal("RequestHeadersValidationError", response.json.type_name)
      assert.matches("^x%-sandbox%-fault: ", response.json.detail)
    end
  end)

  describe("in the transport", function()
    local function ask(fault, options)
      sandbox:fault(fault)
      return sandbox:transport(options) {
        method = "GET",
        url = "https://unify.apideck.com" .. PIPEDRIVE,
        headers = {
          authorization = "Bearer sandbox-key",
          ["x-apideck-app-id"] = "sandbox-app",
          ["x-apideck-consumer-id"] = "c",
        },
        timeout_ms = 1000,
      }
    end

    it("delay with the given sleep function, and time out", function()
      local slept
      local options = {
        sleep = function(milliseconds)
          slept = milliseconds
        end,
      }
      assert.equal(200, ask({ delay_ms = 999, times = 1 }, options).status)
      assert.equal(999, slept)
      local response, message = ask { delay_ms = 1000 }
      assert.is_nil(response)
      assert.equal("timeout", message)
    end)

    it("reset the connection and cut the body", function()
      local response, message = ask { reset = true, times = 1 }
      assert.is_nil(response)
      assert.equal("connection reset", message)
      response = ask { reset = "after_head", times = 1 }
      assert.equal(200, response.status)
      assert.equal("", response.body)
      response = ask { cut_body = 7, times = 1 }
      assert.equal('{"data"', response.body)
    end)
  end)
end)

describe("vault.sandbox's simulations", function()
  local sandbox = sandboxes.new { seed = 1 }

  local function health_after(event, id)
    local unified_api, service_id = (id or "crm+pipedrive"):match("^(.-)%+(.*)$")
    local what = { event = event, unified_api = unified_api, service_id = service_id }
    local row = sandbox:simulate(what)
    assert.same(row.health, calls.get(sandbox, row.id).health)
    return row.health, row
  end

  it("reach every health", function()
    assert.equal("ok", (health_after "authorized"))
    assert.equal("pending_refresh", (health_after "token_expired"))
    local _, row = health_after "refresh_failed"
    assert.is_true(row.credentials_expire_at > row.last_refresh_failed_at)
    local health
    health, row = health_after "refreshed"
    assert.equal("ok", health)
    assert.equal(0, row.credentials_expire_at + row.last_refresh_failed_at)
    assert.equal("degraded", (health_after "downstream_error"))
    assert.equal("ok", (health_after "downstream_recovered"))
    assert.equal("pending_confirmation", (health_after "confirmation_required"))
    assert.equal("ok", (health_after "confirmed"))
    assert.equal("needs_consent", (health_after "consent_required"))
    assert.equal("ok", (health_after "consent_granted"))
    assert.equal("needs_auth", (health_after "authorization_lost"))
    assert.equal("revoked", (health_after "revoked"))
    assert.equal("missing_settings", (health_after("authorized", "crm+salesforce")))
    assert.equal("missing_settings", (health_after("authorized", "file-storage+sharepoint")))
  end)

  it("have Vault's order of priority", function()
    sandbox:reset()
    health_after "downstream_error"
    health_after "token_expired"
    assert.equal("needs_auth", (health_after "confirmed"))
    health_after "confirmation_required"
    assert.equal("needs_consent", (health_after "consent_required"))
    assert.equal("revoked", (health_after "revoked"))
    local health, row = health_after "authorized"
    assert.equal("needs_consent", health)
    assert.equal("callable", row.state)
  end)

  it("refuse unknown events and connectors", function()
    assert.error_matches(function()
      sandbox:simulate { event = "nothing", service_id = "pipedrive", unified_api = "crm" }
    end, "unknown sandbox event 'nothing'")
    assert.error_matches(function()
      sandbox:simulate { event = "revoked", service_id = "nope", unified_api = "crm" }
    end, "unknown sandbox connector 'crm%+nope'")
  end)
end)
