--- vault.guard with the cache of one Lua state, in a plain script and over every event loop.
local expect = require "spec.support.expect"
local guard = require "vault.guard"
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local vault = require "vault"

local PIPEDRIVE = {
  consumer_id = "test-consumer",
  unified_api = "crm",
  service_id = "pipedrive",
}

local function body(state, enabled)
  return (
    '{"status_code":200,"data":{"state":"%s","enabled":%s,"health":"ok","name":"Pipedrive",'
    .. '"service_id":"pipedrive"}}'
  ):format(state, tostring(enabled))
end

local CALLABLE = { body = body("callable", true) }
local DISABLED = { body = body("callable", false) }
local ADDED = { body = body("added", true) }
local ABSENT = { status = 404, body = '{"status_code":404,"message":"Connection not found"}' }
-- Cut in the head: libcurl sends again where nothing has come on a kept connection.
local LOST = { body = body("callable", true), cut_head = 20, finish = "close" }
local BROKEN = { status = 503, body = '{"status_code":503,"message":"Try again later"}' }

local function slow(answer, before_ms)
  local copy = { before_ms = before_ms or 150 }
  for name, value in pairs(answer) do
    copy[name] = value
  end
  return copy
end

local function with(changes)
  local copy = {}
  for name, value in pairs(PIPEDRIVE) do
    copy[name] = value
  end
  for name, value in pairs(changes) do
    copy[name] = value or nil
  end
  return copy
end

local plain = {
  title = "a plain script",
  enter = function() end,
  leave = function() end,
  all = function(functions)
    for _, f in ipairs(functions) do
      f()
    end
  end,
  run = function(f, ...)
    return f(...)
  end,
}

local places = loops.known()
table.insert(places, 1, plain)

for _, loop in ipairs(places) do
  describe("a guard in " .. loop.title, function()
    local host = hosts.wire()
    local client, peer, now, connections

    before_each(loop.enter)
    after_each(function()
      if client then
        client:close()
        client = nil
      end
      loop.leave()
    end)
    teardown(function()
      host:stop()
    end)

    -- `options` of guard.new. Its clock is the spec's, which adds to the true one.
    local function over(answers, options)
      peer = host:script(answers)
      client = host:client(peer, { loop = loop.name or "none" })
      local given = { client = client, cache = guard.memory() }
      for name, value in pairs(options or {}) do
        given[name] = value
      end
      connections = guard.new(given)
      now = 0
      local clock = connections.clock
      function connections.clock()
        return clock() + now
      end
      return connections
    end

    local function check(request)
      return loop.run(connections.check, connections, request or PIPEDRIVE)
    end

    -- What `count` callers at once are told, as a list of { answer, err }.
    local function check_at_once(count)
      local told, functions = {}, {}
      for i = 1, count do
        functions[i] = function()
          told[i] = { connections:check(PIPEDRIVE) }
        end
      end
      loop.all(functions)
      return told
    end

    local function count_calls()
      return #peer:requests()
    end

    it("says what the connection is", function()
      over { CALLABLE }
      assert.same({
        allowed = true,
        state = "callable",
        enabled = true,
        health = "ok",
        name = "Pipedrive",
        service_id = "pipedrive",
        stale = false,
      }, check())
      local request = peer:requests()[1]
      assert.equal("/vault/connections/crm/pipedrive", request.path)
      assert.equal("test-consumer", request:header "x-apideck-consumer-id")
    end)

    it("allows only what is callable and enabled", function()
      over { DISABLED, ADDED, ABSENT }
      local answer = check()
      assert.is_false(answer.allowed)
      assert.is_false(answer.enabled)
      answer = check(with { service_id = "added" })
      assert.is_false(answer.allowed)
      assert.equal("added", answer.state)
      answer = check(with { service_id = "absent" })
      assert.same(
        { allowed = false, enabled = false, service_id = "absent", stale = false },
        answer
      )
    end)

    for title, answer in pairs {
      ["callable connection"] = CALLABLE,
      refusal = DISABLED,
      ["connection that does not exist"] = ABSENT,
      ["error"] = BROKEN,
      ["lost connection"] = LOST,
    } do
      it("makes one call for a thousand callers at once: " .. title, function()
        over { slow(answer, 100) }
        local told = check_at_once(1000)
        assert.equal(1000, #told)
        local failed = answer == BROKEN or answer == LOST
        for _, outcome in ipairs(told) do
          if failed then
            assert.is_nil(outcome[1])
            assert.is_true(vault.is_error(outcome[2]))
          else
            assert.equal(answer == CALLABLE, outcome[1].allowed)
          end
        end
        assert.equal(1, count_calls())
      end)
    end

    it("gives each caller a table of its own", function()
      over { CALLABLE, BROKEN }
      local told = check_at_once(3)
      told[1][1].allowed, told[2][1].state = "mine", "mine"
      assert.is_true(told[3][1].allowed)
      assert.equal("callable", check().state)
      local other = with { service_id = "other" }
      local _, first = check(other)
      local _, second = check(other)
      assert.equal("APIError", first.name)
      assert.are_not.equal(first, second)
      assert.equal(tostring(first), tostring(second))
    end)

    it("keeps apart what belongs to different consumers, APIs and services", function()
      over { CALLABLE, DISABLED, ADDED, ABSENT }
      assert.is_true(check().allowed)
      assert.is_false(check(with { consumer_id = "another" }).enabled)
      assert.equal("added", check(with { unified_api = "lead" }).state)
      assert.is_nil(check(with { service_id = "close" }).state)
      assert.equal(4, count_calls())
      assert.is_true(check(with { consumer_id = " test-consumer " }).allowed)
      assert.equal(4, count_calls())
    end)

    it("asks again when the time of an answer is over: callable", function()
      over { CALLABLE, DISABLED }
      check()
      now = 29500
      assert.is_true(check().allowed)
      assert.equal(1, count_calls())
      now = 30001
      assert.is_false(check().allowed)
    end)

    it("asks again when the time of an answer is over: refused", function()
      over { ABSENT, CALLABLE }
      check()
      now = 1500
      assert.is_false(check().allowed)
      now = 2001
      assert.is_true(check().allowed)
    end)

    it("asks again when the time of an error is over", function()
      over { BROKEN, CALLABLE }
      local answer, err = check()
      assert.is_nil(answer)
      assert.equal(503, err.status_code)
      assert.equal("vault.connections.get", err.operation)
      now = 500
      expect.says(tostring(select(2, check())), "Try again later")
      assert.equal(1, count_calls())
      now = 1001
      assert.is_true(check().allowed)
    end)

    it("keeps an error for as long as the server asks to be left alone", function()
      over { { status = 429, headers = { { "retry-after", "20" } }, body = "{}" }, CALLABLE }
      assert.equal(20000, select(2, check()).retry_after_ms)
      now = 19000
      assert.equal(429, select(2, check()).status_code)
      now = 20001
      assert.is_true(check().allowed)
    end)

    for title, answer in pairs {
      ["503"] = BROKEN,
      ["401"] = { status = 401, body = '{"message":"Unknown key"}' },
      ["a lost connection"] = LOST,
      ["no data"] = { body = '{"status_code":200}' },
    } do
      it("serves the last answer while Apideck cannot be asked: " .. title, function()
        over { CALLABLE, answer, answer, DISABLED }
        assert.is_false(check().stale)
        now = 31000
        for _, outcome in ipairs(check_at_once(10)) do
          assert.is_true(outcome[1].allowed)
          assert.is_true(outcome[1].stale)
        end
        assert.equal(2, count_calls())
        now = 32100
        assert.is_true(check().stale)
      end)
    end

    it("refreshes a stale answer while it serves it", function()
      over { CALLABLE, BROKEN, slow(DISABLED) }
      check()
      now = 31000
      assert.is_true(check().stale)
      now = 32100
      local told = check_at_once(5)
      assert.is_true(told[1][1].stale)
      assert.is_true(told[1][1].allowed)
      local refreshed
      for _ = 1, 500 do
        refreshed = check()
        if not refreshed.stale then
          break
        end
        loop.run(loop.sleep or require("socket").sleep, 0.01)
      end
      assert.is_false(refreshed.stale)
      assert.is_false(refreshed.allowed)
      assert.equal(3, count_calls())
    end)

    it("does not serve an answer that is older than stale_ms", function()
      over { CALLABLE, BROKEN }
      check()
      now = 300001
      local answer, err = check()
      assert.is_nil(answer)
      assert.equal(503, err.status_code)
    end)

    it("does not serve an answer that gets older than stale_ms while it asks", function()
      over { CALLABLE, slow(BROKEN, 200) }
      check()
      now = 300000 - 100
      local answer, err = check()
      assert.is_nil(answer)
      assert.equal(503, err.status_code)
    end)

    it("does not hide that the client is closed", function()
      over { CALLABLE }
      check()
      client:close()
      assert.is_true(check().allowed)
      now = 31000
      local answer, err = check()
      assert.is_nil(answer)
      assert.equal("InvalidRequestError", err.name)
      client = nil
    end)

    it("sends no request any more whose time was over before it could be sent", function()
      peer = host:script { slow({ body = '{"data":[]}' }, 400), CALLABLE }
      client = host:client(peer, { loop = loop.name or "none", max_connections = 1 })
      connections = guard.new { client = client, cache = guard.memory(), timeout_ms = 100 }
      local first = client.async.connections.list()
      assert.equal("RequestTimeoutError", select(2, check()).name)
      loop.run(first.wait, first)
      loop.run(function()
        client.async.connections.list({ api = "crm" }):wait()
      end)
      for _, request in ipairs(peer:requests()) do
        assert.equal("/vault/connections", (request.path:match "^[^?]*"))
      end
      assert.equal(2, count_calls())
    end)

    it("waits for an answer where Apideck has not failed lately", function()
      over { CALLABLE, BROKEN, DISABLED }
      check()
      now = 31000
      assert.is_true(check().stale)
      now = 31000 + 1000 + 30001
      assert.is_false(check().allowed)
    end)

    it("bounds the whole check, and a server that hangs costs one call", function()
      over({ slow(CALLABLE, 20000) }, { timeout_ms = 150, error_ttl_ms = 5000 })
      for _, outcome in ipairs(check_at_once(64)) do
        assert.is_nil(outcome[1])
        assert.equal("RequestTimeoutError", outcome[2].name)
      end
      assert.equal(1, count_calls())
      assert.equal("RequestTimeoutError", select(2, check()).name)
      assert.equal(1, count_calls())
    end)

    it("serves the last answer when the server hangs", function()
      over({ CALLABLE, slow(CALLABLE, 20000) }, { timeout_ms = 150 })
      check()
      now = 31000
      assert.is_true(check().stale)
      assert.is_true(check().stale)
      assert.equal(2, count_calls())
    end)

    it("asks anew after a forget, and not for other connections", function()
      over { CALLABLE, CALLABLE, DISABLED }
      local other = with { service_id = "other" }
      check()
      check(other)
      assert.is_true(connections:forget(PIPEDRIVE))
      assert.is_false(check().allowed)
      assert.is_true(check(other).allowed)
      assert.equal(3, count_calls())
    end)

    it("does not serve what was forgotten when Apideck fails afterwards", function()
      over { CALLABLE, BROKEN }
      check()
      connections:forget(PIPEDRIVE)
      local answer, err = check()
      assert.is_nil(answer)
      assert.equal(503, err.status_code)
    end)

    it("never uses what was asked before a forget", function()
      over { slow(CALLABLE, 200), DISABLED }
      if loop == plain then
        -- Nothing else runs while it waits: the forget comes in a hook.
        local get = connections.client.async.connections.get
        connections.client.async.connections.get = function(...)
          connections.client.async.connections.get = get
          local job = get(...)
          connections:forget(PIPEDRIVE)
          return job
        end
        assert.is_false(check().allowed)
      else
        local told = {}
        loop.all {
          function()
            told[1] = connections:check(PIPEDRIVE)
          end,
          function()
            loop.sleep(0.05)
            connections:forget(PIPEDRIVE)
            told[2] = connections:check(PIPEDRIVE)
          end,
        }
        assert.is_false(told[1].allowed)
        assert.is_false(told[2].allowed)
      end
      assert.is_false(check().allowed)
      assert.equal(2, count_calls())
    end)

    it("does not wait after a forget for what was asked before", function()
      if loop == plain then
        return -- nothing else runs while it waits
      end
      over({ slow(CALLABLE, 20000), DISABLED }, { timeout_ms = 2000 })
      local ended = {}
      loop.all {
        function()
          connections:check(PIPEDRIVE)
          ended[#ended + 1] = "first"
        end,
        function()
          loop.sleep(0.05)
          connections:forget(PIPEDRIVE)
          assert.is_false(connections:check(PIPEDRIVE).allowed)
          ended[#ended + 1] = "second"
        end,
      }
      assert.same({ "second", "first" }, ended)
    end)

    it("hears from webhooks what has changed", function()
      over { CALLABLE, CALLABLE, DISABLED }
      local other = with { service_id = "other" }
      check()
      check(other)
      assert.is_false(connections:handle { event_type = "crm.contact.created", entity = {} })
      assert.is_true(connections:handle {
        event_type = "vault.connection.disabled",
        service_id = "apideck-vault",
        entity = {
          consumer_id = "test-consumer",
          unified_api = "crm",
          service_id = "pipedrive",
          created_at = "2020-09-19T12:18:37.071Z",
        },
      })
      assert.is_false(check().allowed)
      assert.is_true(check(other).allowed)
      assert.equal(3, count_calls())
    end)

    it("forgets both connections when one has been migrated", function()
      over { CALLABLE, ABSENT, ABSENT, CALLABLE, DISABLED }
      local target = with { service_id = "target" }
      check()
      check(target)
      assert.is_true(connections:handle {
        event_type = "vault.connection.migrated",
        entity = {
          consumer_id = "test-consumer",
          unified_api = "crm",
          service_id = "target",
          migrated_from = "pipedrive",
        },
      })
      assert.is_false(check().allowed)
      assert.is_true(check(target).allowed)
    end)

    it("forgets everything at an event that does not say what it is about", function()
      for _, entity in ipairs { false, {}, { consumer_id = "test-consumer", unified_api = "crm" } } do
        over { CALLABLE, CALLABLE, DISABLED }
        local other = with { consumer_id = "another" }
        check()
        check(other)
        assert.is_true(connections:handle {
          event_type = "vault.connection.updated",
          service_id = "pipedrive",
          entity = entity or nil,
        })
        assert.is_false(check().allowed)
        assert.is_false(check(other).allowed)
        client:close()
      end
    end)

    it("serves others when the coroutine that began the call is gone", function()
      if loop == plain then
        return
      end
      over { slow(CALLABLE) }
      local waiting = require "vault.loop"
      local wait = waiting.wait
      function waiting.wait()
        coroutine.yield() -- and is never resumed
      end
      coroutine.resume(coroutine.create(function()
        connections:check(PIPEDRIVE)
      end))
      waiting.wait = wait
      assert.is_true(check().allowed)
      assert.equal(1, count_calls())
    end)
  end)
end
