-- Hooks and loggers, over every host.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local DONE = { headers = { { "content-type", "application/json" } }, body = '{"data":{"ok":true}}' }
local NAMES = { "before_request", "after_response", "on_error", "on_retry" }

local function recorder(names)
  local events, hooks = {}, {}
  for _, name in ipairs(names or NAMES) do
    hooks[name] = function(...)
      local event = ...
      assert(select("#", ...) == 1 and type(event) == "table", "a hook takes one table")
      events[#events + 1] = {
        name = name,
        attempt = event.attempt,
        status = event.status,
        operation = event.operation,
        method = event.method,
        url = event.url,
        headers = event.headers,
        body = event.body,
        elapsed_ms = event.elapsed_ms,
        error = event.error,
      }
    end
  end
  return hooks, events
end

local function order(events)
  local names = {}
  for i, event in ipairs(events) do
    names[i] = event.name
  end
  return table.concat(names, " ")
end

for _, host in ipairs(hosts.all()) do
  describe("hooks over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    local function client_of(responses, config)
      return hosts.client_of(host, responses, config)
    end

    it("run around a call", function()
      local hooks, events = recorder()
      local client, peer = client_of({ DONE }, { hooks = hooks })
      client.connections.get(PIPEDRIVE)
      assert.equal("before_request after_response", order(events))
      for _, event in ipairs(events) do
        assert.equal("vault.connections.get", event.operation)
        assert.equal("GET", event.method)
        assert.equal(peer.url .. "/vault/connections/crm/pipedrive", event.url)
        assert.equal(1, event.attempt)
      end
      assert.equal("Bearer sandbox-key", events[1].headers.authorization)
      assert.equal("sandbox-app", events[1].headers["x-apideck-app-id"])
      assert.is_nil(events[1].status)
      assert.equal(200, events[2].status)
      assert.equal("number", type(events[2].elapsed_ms))
    end)

    it("run for every attempt, in order", function()
      local hooks, events = recorder()
      local client = client_of({ { status = 503 }, { fault = "lost" }, DONE }, { hooks = hooks })
      client.connections.list()
      assert.equal(
        "before_request after_response on_retry before_request on_retry "
          .. "before_request after_response",
        order(events)
      )
      assert.equal(1, events[1].attempt)
      assert.equal(503, events[2].status)
      assert.equal(2, events[4].attempt)
      assert.equal(3, events[6].attempt)
      assert.equal(3, events[7].attempt)
      assert.equal(200, events[7].status)
    end)

    it("receive the length of a pause before it begins", function()
      local waits = {}
      local busy = { status = 503, headers = { { "retry-after-ms", "7" } } }
      local client = client_of({ busy, DONE }, {
        hooks = {
          on_retry = function(event)
            waits[#waits + 1] = event.wait_ms
          end,
        },
      })
      client.connections.list()
      assert.same({ 7 }, waits)
    end)

    it("receive the final error once", function()
      local hooks, events = recorder()
      local client = client_of({ { status = 503 } }, { hooks = hooks })
      local err = expect.error("APIError", client.connections.list)
      assert.equal(
        ("before_request after_response on_retry "):rep(3)
          .. "before_request after_response on_error",
        order(events)
      )
      assert.is_true(rawequal(err, events[#events].error))
      assert.equal("vault.connections.list", events[#events].operation)
    end)

    it("receive a lost connection without after_response", function()
      local hooks, events = recorder()
      local client = client_of({ { fault = "lost" } }, { hooks = hooks, retries = false })
      local err = expect.error("ConnectionError", client.connections.list)
      assert.equal("before_request on_error", order(events))
      assert.is_true(rawequal(err, events[2].error))
    end)

    it("receive every HTTP response, also an unusable one", function()
      local hooks, events = recorder()
      local config = { hooks = hooks, retries = false }
      local client = client_of({ { status = 404 }, { status = 200, body = "oops" } }, config)
      expect.error("NotFoundResponse", client.connections.list)
      expect.error("ResponseValidationError", client.connections.list)
      assert.equal(
        "before_request after_response on_error before_request after_response on_error",
        order(events)
      )
      assert.equal(404, events[2].status)
      assert.equal(200, events[5].status)
    end)

    it("see the body of a request", function()
      local hooks, events = recorder()
      local client = client_of({ DONE }, { hooks = hooks })
      client.connections.update {
        service_id = "pipedrive",
        unified_api = "crm",
        connection = { enabled = true },
      }
      assert.equal('{"enabled":true}', events[1].body)
      assert.equal("application/json", events[1].headers["content-type"])
    end)

    it("see lower-case header names", function()
      local hooks, events = recorder()
      local client = client_of({ { headers = { { "X-Response", "a" } }, body = "{}" } }, {
        hooks = hooks,
        headers = { ["X-Question"] = "q" },
      })
      client.connections.list()
      assert.equal("q", events[1].headers["x-question"])
      for _, event in ipairs(events) do
        for name in pairs(event.headers) do
          assert.equal(name:lower(), name)
        end
      end
    end)

    it("are optional", function()
      local hooks, events = recorder { "on_error" }
      local client = client_of({ DONE, { status = 400 } }, { hooks = hooks })
      client.connections.list()
      expect.error("BadRequestResponse", client.connections.list)
      assert.equal("on_error", order(events))
    end)

    describe("before_request", function()
      local function changed(change, operation, request)
        local client, peer = client_of({ { echo = true } }, { hooks = { before_request = change } })
        client.connections[operation or "list"](request or {})
        return peer:requests()[1]
      end

      it("may add, change and remove headers", function()
        local request = changed(function(event)
          event.headers["x-added"] = "yes"
          event.headers.authorization = "Bearer changed"
          event.headers["x-apideck-app-id"] = nil
        end)
        assert.equal("yes", request:header "x-added")
        assert.equal("Bearer changed", request:header "authorization")
        assert.is_nil(request:header "x-apideck-app-id")
        assert.equal("sandbox-consumer", request:header "x-apideck-consumer-id")
      end)

      it("may change the url", function()
        local request = changed(function(event)
          event.url = event.url .. "?signature=1"
        end)
        assert.equal("/vault/connections?signature=1", request.path)
      end)

      it("may change the body", function()
        local request = changed(function(event)
          event.body = '{"changed":true}'
        end, "token", PIPEDRIVE)
        assert.equal('{"changed":true}', request.body)
        local length = request:header "content-length"
        assert.equal(16, tonumber(length) or 16)
        request = changed(function(event)
          event.body = "a\0b"
        end, "token", PIPEDRIVE)
        assert.equal("a\0b", request.body)
      end)

      it("may remove the body", function()
        local request = changed(function(event)
          event.body = nil
        end, "token", PIPEDRIVE)
        assert.equal("", request.body or "")
        assert.equal("0", request:header "content-length" or "0")
      end)

      it("changes each attempt separately", function()
        local client, peer = client_of({ { status = 503 }, { status = 503 }, { echo = true } }, {
          hooks = {
            before_request = function(event)
              event.headers["x-attempt"] = tostring(event.attempt)
            end,
          },
        })
        client.connections.list()
        local seen = peer:requests()
        for i = 1, 3 do
          assert.equal(tostring(i), seen[i]:header "x-attempt")
        end
      end)

      it("receives the call's original url and body for every attempt", function()
        local client, peer = client_of({ { status = 503 }, { status = 503 }, { echo = true } }, {
          retries = { unsafe = true, backoff = { initial_interval = 1 } },
          hooks = {
            before_request = function(event)
              event.url = event.url .. "?attempt=" .. event.attempt
              event.body = event.body .. (" "):rep(event.attempt)
            end,
          },
        })
        client.connections.token(PIPEDRIVE)
        for i, request in ipairs(peer:requests()) do
          assert.equal("/vault/connections/crm/pipedrive/token?attempt=" .. i, request.path)
          assert.equal("{}" .. (" "):rep(i), request.body)
        end
      end)

      it("has its changes validated", function()
        for _, change in ipairs {
          function(event)
            event.url = "http://example.com/vault/connections"
          end,
          function(event)
            event.url = "not a url"
          end,
          function(event)
            event.url = "https://user:word@127.0.0.1:1/"
          end,
          function(event)
            event.url = "https://127.0.0.1:1/#fragment"
          end,
          function(event)
            event.headers["x-bad"] = "a\r\nb: c"
          end,
          function(event)
            event.headers["a b"] = "c"
          end,
        } do
          local client, peer = client_of({ DONE }, { hooks = { before_request = change } })
          expect.error("InvalidRequestError", client.connections.list)
          assert.equal(0, #peer:requests())
        end
      end)

      it("may use the client itself", function()
        local client, inside
        local peer = host:script { { echo = true } }
        client = host:client(peer, {
          hooks = {
            before_request = function(event)
              if event.operation == "vault.connections.list" then
                inside = client.connections.get(PIPEDRIVE)
              end
            end,
          },
        })
        local outside = client.connections.list()
        assert.truthy(inside.data.target:find("/crm/pipedrive", 1, true))
        assert.falsy(outside.data.target:find("/crm/pipedrive", 1, true))
        assert.equal(2, #peer:requests())
      end)

      it("that closes the client ends the call with an error", function()
        local client, peer
        client, peer = client_of({ DONE }, {
          hooks = {
            before_request = function()
              client:close()
            end,
          },
        })
        local returned, err = pcall(client.connections.list)
        assert.is_false(returned)
        assert.is_true(vault.is_error(err), tostring(err))
        assert.equal(0, #peer:requests())
      end)
    end)

    describe("that raise an error", function()
      local cause = { "what the hook raised" }
      local responses = {
        before_request = { DONE },
        after_response = { DONE },
        on_retry = { { status = 503 }, DONE },
        on_error = { { status = 404 } },
      }
      for _, name in ipairs(NAMES) do
        it("in " .. name .. " end the call with UnexpectedClientError", function()
          for _, raised in ipairs { cause, "a plain message" } do
            local client, peer = client_of(responses[name], {
              hooks = {
                [name] = function()
                  error(raised, 0)
                end,
              },
            })
            local err = expect.error("UnexpectedClientError", client.connections.get, PIPEDRIVE)
            assert.is_true(rawequal(raised, err.cause))
            assert.equal("vault.connections.get", err.operation)
            assert.equal(name == "before_request" and 0 or 1, #peer:requests())
            assert.is_nil(tostring(err):find "%c")
          end
        end)
      end

      it("leave the client usable afterwards", function()
        local fail = true
        local client = client_of({ DONE }, {
          hooks = {
            before_request = function()
              if fail then
                error "once"
              end
            end,
          },
        })
        expect.error("UnexpectedClientError", client.connections.list)
        fail = false
        assert.is_true(client.connections.list().data.ok)
      end)
    end)

    it("and key functions that raise end the call with UnexpectedClientError", function()
      local cause = {}
      local client, peer = client_of({ DONE }, {
        api_key = function()
          error(cause)
        end,
      })
      local err = expect.error("UnexpectedClientError", client.connections.list)
      assert.is_true(rawequal(cause, err.cause))
      assert.equal(0, #peer:requests())
    end)

    describe("debug_logger", function()
      it("may be a function of one line", function()
        local lines = {}
        local client = client_of({ DONE }, {
          debug_logger = function(...)
            assert(select("#", ...) == 1, "a logger takes one line")
            lines[#lines + 1] = ...
          end,
        })
        client.connections.get(PIPEDRIVE)
        assert.is_true(#lines >= 2)
        for _, line in ipairs(lines) do
          assert.equal("string", type(line))
          assert.is_nil(line:find "[\r\n]")
        end
        local all = table.concat(lines, "\n")
        expect.says(all, "GET", "/vault/connections/crm/pipedrive", "200")
      end)

      it("may be an object with a debug method", function()
        local logger = { lines = {} }
        function logger.debug(self, line)
          self.lines[#self.lines + 1] = line
        end
        local client = client_of({ { status = 404 } }, { debug_logger = logger })
        expect.error("NotFoundResponse", client.connections.list)
        expect.says(table.concat(logger.lines, "\n"), "GET", "404")
      end)

      it("that closes the client ends the call, and nothing is sent", function()
        local client, peer
        client, peer = client_of({ DONE }, {
          debug_logger = function()
            client:close()
          end,
        })
        expect.error("RequestAbortedError", client.connections.list)
        assert.equal(0, #peer:requests())
      end)

      it("that raises ends the call with UnexpectedClientError", function()
        local cause = {}
        local client = client_of({ DONE }, {
          debug_logger = function()
            error(cause)
          end,
        })
        local err = expect.error("UnexpectedClientError", client.connections.list)
        assert.is_true(rawequal(cause, err.cause))
      end)

      it("shows retries", function()
        local lines = {}
        local client = client_of({ { status = 503 }, DONE }, {
          debug_logger = function(line)
            lines[#lines + 1] = line
          end,
        })
        client.connections.list()
        expect.says(table.concat(lines, "\n"), "503", "200")
      end)
    end)
  end)
end

describe("a request changed by before_request", function()
  local function call_with(change)
    local client = vault.new {
      api_key = "k",
      server_url = "http://localhost",
      transport = function()
        return { status = 200, body = "{}" }
      end,
      hooks = { before_request = change },
    }
    return expect.error("InvalidRequestError", client.connections.list)
  end

  for field, wrong in pairs { url = 5, body = {}, headers = "x: y" } do
    it("is refused where its " .. field .. " is " .. type(wrong), function()
      local err = call_with(function(event)
        event[field] = wrong
      end)
      expect.says(err.message, field .. ": ", "after the before_request hook")
    end)
  end

  it("is refused where its url holds a NUL", function()
    local err = call_with(function(event)
      event.url = event.url .. "\0"
    end)
    expect.says(err.message, "url: ", "control characters")
  end)
end)
