-- Retries of public calls over every host.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local socket = require "socket"
local vault = require "vault"

local JSON = { { "content-type", "application/json" } }
local DONE = { headers = JSON, body = '{"data":{"ok":true}}' }
local LOST = { fault = "connection reset by peer" }

local REQUESTS = {
  list = {},
  get = { service_id = "pipedrive", unified_api = "crm" },
  delete = { service_id = "pipedrive", unified_api = "crm" },
  token = { service_id = "pipedrive", unified_api = "crm" },
  update = { service_id = "pipedrive", unified_api = "crm", connection = { enabled = true } },
  imports = { service_id = "pipedrive", unified_api = "crm", connection_import_data = {} },
  migrate = {
    service_id = "pipedrive",
    unified_api = "crm",
    connection_migrate_data = { target_service_id = "hubspot" },
  },
}
local REPEATABLE = { "list", "get", "delete", "migrate" }
local NOT_REPEATABLE = { "update", "imports", "token" }

local function quick(changes)
  local retries = { backoff = { initial_interval = 2, max_interval = 4 } }
  for name, value in pairs(changes or {}) do
    retries[name] = value
  end
  return retries
end

local function after(name, value, status)
  return { status = status or 503, headers = { { name, value } } }
end

local function http_date(offset)
  return os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + offset)
end

for _, host in ipairs(hosts.all()) do
  describe("retries over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    -- Calls; returns what pcall returns of it, the number of requests, and the seconds it took.
    local function attempt(operation, responses, config, options)
      local peer = host:script(responses)
      local client = host:client(peer, config or {})
      local started = socket.gettime()
      local call = client.connections[operation]
      local ok, result, response = pcall(call, REQUESTS[operation], options)
      local seconds = socket.gettime() - started
      if not ok then
        assert.is_true(vault.is_error(result), tostring(result))
      end
      return {
        ok = ok,
        result = ok and result or nil,
        err = not ok and result or nil,
        response = response,
        requests = #peer:requests(),
        seen = peer:requests(),
        ms = seconds * 1000,
      }
    end

    local function requests_of(operation, responses, config, options)
      return attempt(operation, responses, config, options).requests
    end

    it("make at most 4 attempts by default", function()
      local call = attempt("get", { { status = 503 } })
      assert.equal(4, call.requests)
      assert.equal(4, call.err.attempts)
      assert.equal(503, call.err.status_code)
      assert.equal(4, requests_of("get", { LOST }))
    end)

    it("end with the first success", function()
      local call = attempt("list", { { status = 500 }, { status = 502 }, DONE, DONE })
      assert.is_true(call.ok)
      assert.is_true(call.result.data.ok)
      assert.equal(3, call.response.attempts)
      assert.equal(3, call.requests)
    end)

    it("end with the first error that is not retried", function()
      local call = attempt("get", { { status = 503 }, { status = 400 }, DONE })
      assert.equal("BadRequestResponse", call.err.name)
      assert.equal(2, call.err.attempts)
      assert.equal(2, call.requests)
    end)

    it("happen for 408, 429, 500, 502, 503, 504 by default", function()
      for _, status in ipairs { 408, 429, 500, 502, 503, 504 } do
        for _, operation in ipairs(REPEATABLE) do
          assert.equal(2, requests_of(operation, { { status = status }, DONE }), operation)
        end
      end
    end)

    it("do not happen for another status", function()
      for _, status in ipairs { 301, 400, 401, 402, 403, 404, 409, 422, 501, 505, 599 } do
        assert.equal(1, requests_of("get", { { status = status }, DONE }), status)
      end
    end)

    it("send every attempt alike", function()
      local call = attempt("migrate", { { status = 500 }, { status = 500 }, DONE })
      for i = 1, 3 do
        assert.equal('{"target_service_id":"hubspot"}', call.seen[i].body)
        assert.equal("POST", call.seen[i].method)
        assert.equal("Bearer sandbox-key", call.seen[i]:header "authorization")
      end
    end)

    describe("of PATCH and POST requests", function()
      it("do not happen for what may have been processed", function()
        for _, operation in ipairs(NOT_REPEATABLE) do
          for _, status in ipairs { 408, 500, 502, 503, 504 } do
            local call = attempt(operation, { { status = status }, DONE })
            assert.equal(1, call.requests, operation .. status)
            assert.equal(status, call.err.status_code)
          end
          local call = attempt(operation, { LOST, DONE })
          assert.equal(1, call.requests)
          assert.equal("ConnectionError", call.err.name)
        end
      end)

      it("happen for 429, and for 503 with retry-after", function()
        for _, operation in ipairs(NOT_REPEATABLE) do
          assert.equal(2, requests_of(operation, { { status = 429 }, DONE }))
          assert.equal(2, requests_of(operation, { after("retry-after", "0"), DONE }))
          assert.equal(1, requests_of(operation, { after("retry-after", "0", 502), DONE }))
        end
      end)

      it("happen for everything with retries.unsafe", function()
        local unsafe = quick { unsafe = true }
        for _, operation in ipairs(NOT_REPEATABLE) do
          assert.equal(2, requests_of(operation, { { status = 502 }, DONE }, { retries = unsafe }))
          assert.equal(2, requests_of(operation, { LOST, DONE }, { retries = unsafe }))
        end
        assert.equal(1, requests_of("update", { { status = 400 }, DONE }, { retries = unsafe }))
      end)

      it("happen for everything with retries.unsafe of the call", function()
        local options = { retries = quick { unsafe = true } }
        assert.equal(2, requests_of("update", { { status = 502 }, DONE }, nil, options))
      end)
    end)

    describe("of DELETE", function()
      local NOT_FOUND = { status = 404, body = '{"message":"gone"}' }

      it("treat a 404 as success after an attempt that may have reached the server", function()
        local earlier = { LOST }
        for _, status in ipairs { 408, 500, 502, 503, 504 } do
          earlier[#earlier + 1] = { status = status }
        end
        for _, response in ipairs(earlier) do
          local call = attempt("delete", { response, NOT_FOUND })
          assert.is_true(call.ok)
          assert.same({ status_code = 204, status = "No Content" }, call.result)
          assert.equal(404, call.response.status)
          assert.equal(2, call.response.attempts)
        end
      end)

      it("treat it so also when other attempts come between", function()
        local call = attempt("delete", { { status = 500 }, { status = 429 }, NOT_FOUND })
        assert.is_true(call.ok)
        assert.equal(404, call.response.status)
      end)

      it("treat a 404 of the first attempt, or after 429 only, as an error", function()
        assert.equal("NotFoundResponse", attempt("delete", { NOT_FOUND }).err.name)
        local call = attempt("delete", { { status = 429 }, NOT_FOUND })
        assert.equal(2, call.requests)
        assert.equal("NotFoundResponse", call.err.name)
      end)

      it("treat a 404 of another verb as an error", function()
        for _, operation in ipairs { "get", "migrate" } do
          local call = attempt(operation, { { status = 503 }, NOT_FOUND })
          assert.equal("NotFoundResponse", call.err.name)
        end
      end)
    end)

    describe("are set by", function()
      it("false or strategy none, which turn them off", function()
        for _, retries in ipairs { false, { strategy = "none" } } do
          assert.equal(1, requests_of("get", { { status = 503 }, DONE }, { retries = retries }))
          assert.equal(1, requests_of("get", { LOST, DONE }, { retries = retries }))
          local options = { retries = retries }
          assert.equal(1, requests_of("get", { { status = 503 }, DONE }, {}, options))
        end
      end)

      it("the call, which overrides the client", function()
        local off = { retries = false }
        assert.equal(2, requests_of("get", { { status = 503 }, DONE }, off, { retries = quick() }))
      end)

      it("strategy backoff, in the terms of Apideck's SDKs", function()
        local retries = {
          strategy = "backoff",
          backoff = {
            initial_interval = 2,
            max_interval = 4,
            exponent = 1.1,
            max_elapsed_time = 1000,
          },
          retry_connection_errors = true,
        }
        assert.equal(4, requests_of("get", { { status = 503 } }, { retries = retries }))
      end)

      it("max_attempts", function()
        for _, count in ipairs { 1, 2, 6 } do
          local retries = quick { max_attempts = count }
          local call = attempt("get", { { status = 503 } }, { retries = retries })
          assert.equal(count, call.requests)
          assert.equal(count, call.err.attempts)
        end
      end)

      it("retry_connection_errors", function()
        local retries = quick { retry_connection_errors = false }
        local call = attempt("get", { LOST, DONE }, { retries = retries })
        assert.equal(1, call.requests)
        assert.equal("ConnectionError", call.err.name)
        assert.equal(2, requests_of("get", { { status = 503 }, DONE }, { retries = retries }))
      end)

      it("retry_codes, of client and call", function()
        local codes = { retry_codes = { "404" } }
        assert.equal(2, requests_of("get", { { status = 404 }, DONE }, codes))
        assert.equal(1, requests_of("get", { { status = 503 }, DONE }, codes))
        assert.equal(2, requests_of("get", { { status = 404 }, DONE }, {}, codes))
        local none = { retry_codes = {} }
        assert.equal(1, requests_of("get", { { status = 503 }, DONE }, none))
      end)

      it("retry_codes for whole classes", function()
        local codes = { retry_codes = { "5XX" } }
        for _, status in ipairs { 500, 501, 599 } do
          assert.equal(2, requests_of("get", { { status = status }, DONE }, codes))
        end
        assert.equal(1, requests_of("get", { { status = 429 }, DONE }, codes))
        local both = { retry_codes = { "4xx", "503" } }
        assert.equal(2, requests_of("get", { { status = 418 }, DONE }, both))
        assert.equal(2, requests_of("get", { { status = 503 }, DONE }, both))
        assert.equal(1, requests_of("get", { { status = 500 }, DONE }, both))
      end)
    end)

    describe("wait", function()
      local function backoff(fields)
        return { retries = { backoff = fields } }
      end

      it("for initial_interval, with jitter in its upper half", function()
        local config = backoff { initial_interval = 120, max_interval = 1000, exponent = 2 }
        local call = attempt("get", { { status = 503 }, DONE }, config)
        assert.is_true(call.ms >= 59 and call.ms < 500, call.ms)
      end)

      it("longer each time by exponent", function()
        local config = backoff { initial_interval = 40, max_interval = 1000, exponent = 3 }
        local call = attempt("get", { { status = 503 }, { status = 503 }, DONE }, config)
        assert.is_true(call.ms >= 79 and call.ms < 600, call.ms)
      end)

      it("for at most max_interval", function()
        local config = backoff { initial_interval = 5000, max_interval = 60 }
        local call = attempt("get", { { status = 503 }, { status = 503 }, DONE }, config)
        assert.is_true(call.ms >= 59 and call.ms < 500, call.ms)
      end)

      it("only where max_elapsed_time is not passed by that, else they end", function()
        local config = backoff { initial_interval = 3000, max_elapsed_time = 1000 }
        local call = attempt("get", { { status = 503 }, DONE }, config)
        assert.equal(1, call.requests)
        assert.equal(503, call.err.status_code)
        assert.equal(1, call.err.attempts)
        assert.is_true(call.ms < 1000, call.ms)
      end)

      it("as long as retry-after-ms says", function()
        local call = attempt("get", { after("retry-after-ms", "80"), DONE })
        assert.equal(2, call.requests)
        assert.is_true(call.ms >= 79 and call.ms < 900, call.ms)
      end)

      it("as long as retry-after says, in seconds and fractions", function()
        local call = attempt("get", { after("retry-after", "0.08"), DONE })
        assert.is_true(call.ms >= 79 and call.ms < 900, call.ms)
      end)

      it("not before the date of retry-after", function()
        -- The next second, unless that is about to begin: a wait of 0.2 to 1.2 s.
        local seconds = socket.gettime() % 1 < 0.8 and 1 or 2
        local date = http_date(seconds)
        local due = os.time() + seconds
        local call = attempt("get", { after("retry-after", date), DONE })
        assert.equal(2, call.requests)
        assert.is_true(socket.gettime() >= due - 0.01)
        assert.is_true(call.ms < 4000, call.ms)
      end)

      it("for no time where retry-after is 0, or a date in the past", function()
        local slow = backoff { initial_interval = 4000, max_interval = 8000 }
        for _, value in ipairs { "0", "0.0", http_date(-60) } do
          local call = attempt("get", { after("retry-after", value), DONE }, slow)
          assert.equal(2, call.requests)
          assert.is_true(call.ms < 1000, call.ms)
        end
      end)

      it("the usual time where retry-after is malformed", function()
        for _, value in ipairs { "soon", "-5", "" } do
          local call = attempt("get", { after("retry-after", value), DONE })
          assert.equal(2, call.requests, value)
        end
      end)

      it("until x-downstream-ratelimit-reset, for 429 only", function()
        local reset = tostring(os.time() + 100)
        local call = attempt("get", { after("x-downstream-ratelimit-reset", reset, 429), DONE })
        assert.equal(1, call.requests)
        assert.is_true(call.err.retry_after_ms > 97000 and call.err.retry_after_ms <= 101000)
        call = attempt("get", { after("x-downstream-ratelimit-reset", reset, 503), DONE })
        assert.equal(2, call.requests)
      end)

      it("never longer than the limit, even where the server requests it", function()
        local forms = {
          { after("retry-after", "3600"), 3600000, 3600000 },
          { after("retry-after-ms", "3600000", 429), 3600000, 3600000 },
          { after("retry-after", http_date(100)), 97000, 101000 },
          { after("retry-after", "31", 500), 31000, 31000 },
        }
        for _, form in ipairs(forms) do
          for _, operation in ipairs { "get", "delete" } do
            local call = attempt(operation, { form[1], DONE })
            assert.equal(1, call.requests)
            local requested = call.err.retry_after_ms
            assert.is_true(requested >= form[2] and requested <= form[3], requested)
            assert.equal(form[1].status, call.err.status_code)
            assert.is_true(call.ms < 1000, call.ms)
          end
        end
      end)

      it("longer than max_interval where the server requests it", function()
        local config = backoff { initial_interval = 1, max_interval = 2, max_elapsed_time = 5000 }
        local call = attempt("get", { after("retry-after-ms", "60"), DONE }, config)
        assert.is_true(call.ms >= 59, call.ms)
      end)
    end)

    it("call on_retry before every pause", function()
      local attempts = {}
      attempt("get", { { status = 503 }, { status = 502 }, DONE }, {
        hooks = {
          on_retry = function(event)
            attempts[#attempts + 1] = event.attempt
          end,
        },
      })
      assert.equal(2, #attempts)
    end)

    it("end with the success of a DELETE after a 503", function()
      local call = attempt("delete", { { status = 503 }, { status = 204 } })
      assert.is_true(call.ok)
      assert.equal(204, call.response.status)
    end)

    it("do not happen for InvalidRequestError", function()
      local peer = host:script { DONE }
      expect.invalid({}, host:client(peer).connections.get, { service_id = "" })
      assert.equal(0, #peer:requests())
    end)
  end)
end

it("the pauses of calls that fail together differ", function()
  local waits, distinct = {}, {}
  for i = 1, 12 do
    local client = vault.new {
      api_key = "k",
      transport = function()
        return { status = 503 }
      end,
      hooks = {
        on_retry = function(event)
          waits[i] = event.wait_ms
          error "enough"
        end,
      },
    }
    expect.error("UnexpectedClientError", client.connections.list)
    assert.is_true(waits[i] >= 250 and waits[i] < 500, waits[i])
    distinct[waits[i]] = true
  end
  local first = next(distinct)
  assert.is_truthy(next(distinct, first))
end)
