-- Event loops: plain calls suspend only the running coroutine.
local collect_garbage = require "spec.support.collect_garbage"
local coxpcall = require "coxpcall"
local elapsed_ms = require "spec.support.elapsed_ms"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local responses = require "spec.support.responses"
local safe = require "vault.safe"
local socket = require "socket"
local stub = require "spec.support.stub"
local vault = require "vault"

local OK = responses.OK
local SLOW = responses.delayed(150)
local DELAYED = responses.delayed(50)
local STALLED = responses.STALLED
-- Lua 5.1 coroutines cannot yield across pcall (contract of coroutines there); all others can.
local YIELDS_ACROSS_PCALL = coxpcall.pcall == pcall

describe("vault.new { loop }", function()
  it("accepts the names of adapters only", function()
    local err = expect.error("InvalidRequestError", vault.new, { loop = "libev" })
    expect.says(err.message, "loop")
    vault.new({ loop = "none" }):close()
  end)

  it("finds the loops that spec/run installs", function()
    local names = {}
    for _, loop in ipairs(loops.installed()) do
      names[#names + 1] = loop.name
    end
    assert.same({ "cqueues", "luv", "copas" }, names)
  end)
end)

describe("vault.loop", function()
  it("cancels a call that an adapter cannot wait for", function()
    local restore = stub(package.loaded, "vault.loop.luv", {
      check = function() end,
      suspend = function()
        return "no loop today"
      end,
    })
    local sent = 0
    local client = vault.new {
      api_key = "k",
      loop = "luv",
      transport = function()
        sent = sent + 1
        return { status = 200, body = "{}" }
      end,
    }
    local err = expect.error("UnexpectedClientError", client.connections.list)
    restore()
    expect.says(err.message, "no loop today")
    client:poll(50)
    assert.equal(0, sent)
    client:close()
  end)

  it("makes one client for all operations of a module that it is bound to", function()
    local made, called = 0, {}
    local function note(name)
      return function(...)
        called[#called + 1] = { name, ... }
        return "result"
      end
    end
    local module = { connections = { list = print, get = print }, null = vault.null }
    function module.new()
      made = made + 1
      return { connections = { list = note "list", get = note "get" } }
    end
    require("vault.loop").bind_module(module, { connections = true })
    assert.equal(0, made)
    assert.equal("result", module.connections.list(1, 2))
    assert.equal("result", module.connections.get(3, 4))
    assert.equal(1, made)
    assert.same({ { "list", 1, 2 }, { "get", 3, 4 } }, called)
  end)
end)

for _, loop in ipairs(loops.known()) do
  describe("a client in " .. loop.title, function()
    local host = hosts.wire()
    local client, peer
    before_each(loop.enter)

    local function over(...)
      peer = host:script { ... }
      client = host:client(peer, { loop = loop.name })
      return client.connections
    end

    -- How often another coroutine of the loop runs while this one runs f.
    local function ticks_during(f)
      local ticks, done = 0, false
      loop.all {
        function()
          f()
          done = true
        end,
        function()
          while not done do
            loop.sleep(0.005)
            ticks = ticks + 1
          end
        end,
      }
      return ticks
    end

    after_each(function()
      if client then
        client:close()
      end
      loop.leave()
    end)
    teardown(function()
      host:stop()
    end)

    it("suspends only the calling coroutine", function()
      local connections = over(SLOW)
      local ticks = ticks_during(function()
        assert.equal(200, connections.list().status_code)
      end)
      assert.is_true(ticks >= 10, ticks)
    end)

    it("has many calls in flight at once", function()
      local connections = over(SLOW)
      local functions = {}
      for i = 1, 40 do
        functions[i] = function()
          assert.equal(200, connections.list().status_code)
        end
      end
      local took = elapsed_ms(loop.all, functions)
      assert.is_true(took >= 149 and took < 2000, took)
    end)

    it("resumes each coroutine with its own response", function()
      local connections = over { echo = true }
      local functions = {}
      for i = 1, 30 do
        functions[i] = function()
          for j = 1, 5 do
            local api = ("api-%d-%d"):format(i, j)
            local result = connections.list { api = api }
            expect.says(result.data.target, "api=" .. api)
          end
        end
      end
      loop.all(functions)
      assert.equal(150, #peer:requests())
    end)

    it("raises errors in the calling coroutine", function()
      local connections = over { status = 404, body = '{"message":"Connection not found"}' }
      local err = expect.error("NotFoundResponse", function()
        loop.run(connections.list)
      end)
      assert.equal("vault.connections.list", err.operation)
      expect.error("InvalidRequestError", function()
        loop.run(connections.get, {})
      end)
    end)

    it("suspends a call inside pcall", function()
      local connections = over({ status = 404, body = "{}" }, OK)
      loop.run(function()
        local protected = YIELDS_ACROSS_PCALL and pcall or coxpcall.pcall
        local passed, err = protected(connections.list)
        assert.is_false(passed)
        assert.is_true(vault.is_error(err, "NotFoundResponse"))
        local result
        passed, result = protected(connections.list)
        assert.is_true(passed)
        assert.equal(200, result.status_code)
      end)
    end)

    it("returns nil, err with vault.safe", function()
      peer = host:script { { status = 404, body = "{}" } }
      client = assert(safe.new { server_url = peer.url, api_key = "k", loop = loop.name })
      local result, err = loop.run(client.connections.list)
      assert.is_nil(result)
      assert.equal("NotFoundResponse", err.name)
      result, err = loop.run(client.connections.get, {})
      assert.is_nil(result)
      assert.equal("InvalidRequestError", err.name)
    end)

    it("waits for jobs, also for at most the time given", function()
      over(STALLED, SLOW)
      loop.run(function()
        local stalled = client.async.connections.list()
        local began = socket.gettime()
        local result, reason = stalled:wait(60)
        local took = (socket.gettime() - began) * 1000
        assert.is_nil(result)
        assert.equal("timeout", reason)
        assert.is_true(took >= 59 and took < 2000, took)
        assert.same({ nil, "timeout" }, { stalled:wait(0) })
        local slow = client.async.connections.list()
        assert.same({ nil, "timeout" }, { slow:wait(5) })
        assert.equal(200, slow:wait(10000).status_code)
        assert.equal(200, slow:wait().status_code)
        stalled:cancel()
        expect.error("RequestAbortedError", stalled.result, stalled)
      end)
    end)

    it("resumes in time when nothing else happens in the loop", function()
      over(STALLED)
      loop.step = 10 -- copas only: its steps then wait for descriptors
      local took = elapsed_ms(loop.run, function()
        client.async.connections.list():wait(100)
      end)
      loop.step = nil
      assert.is_true(took >= 99 and took < 2000, took)
    end)

    it("waits for all of many jobs", function()
      over(SLOW)
      local ticks = ticks_during(function()
        local jobs = {}
        for i = 1, 10 do
          jobs[i] = client.async.connections.list()
        end
        assert.same({ nil, "timeout" }, { vault.wait_all(jobs, 5) })
        assert.is_true(vault.wait_all(jobs))
      end)
      assert.is_true(ticks >= 10, ticks)
    end)

    it("suspends several coroutines that wait for one job", function()
      over(DELAYED)
      local job = client.async.connections.list()
      local results = {}
      local functions = {}
      for i = 1, 5 do
        functions[i] = function()
          results[i] = job:wait()
        end
      end
      loop.all(functions)
      for i = 1, 5 do
        assert.equal(job:result(), results[i])
      end
    end)

    it("resumes a coroutine whose job another coroutine cancels", function()
      over(STALLED)
      local job = client.async.connections.list()
      local err
      local took = elapsed_ms(loop.all, {
        function()
          local passed
          passed, err = coxpcall.pcall(job.wait, job)
          assert.is_false(passed)
        end,
        function()
          loop.sleep(0.03)
          job:cancel()
        end,
      })
      assert.equal("RequestAbortedError", err.name)
      assert.is_true(took < 2000, took)
    end)

    it("runs the callback of a job that was cancelled, when it is waited for", function()
      over(STALLED)
      local called = 0
      loop.run(function()
        local job = client.async.connections.list({}, {
          callback = function()
            called = called + 1
          end,
        })
        job:cancel()
        coxpcall.pcall(job.wait, job)
        assert.equal(1, called)
      end)
    end)

    it("resumes waiting coroutines when the client is closed", function()
      local connections = over(STALLED)
      local errors = {}
      local functions = {
        function()
          loop.sleep(0.03)
          client:close()
        end,
      }
      for i = 2, 5 do
        functions[i] = function()
          local _, err = coxpcall.pcall(connections.list)
          errors[#errors + 1] = err.name
        end
      end
      assert.is_true(elapsed_ms(loop.all, functions) < 2000)
      assert.same({
        "RequestAbortedError",
        "RequestAbortedError",
        "RequestAbortedError",
        "RequestAbortedError",
      }, errors)
    end)

    it("resumes a waiting coroutine when another one polls", function()
      local connections = over(DELAYED)
      local result, done
      loop.all {
        function()
          result = connections.list()
          done = true
        end,
        function()
          socket.sleep(0.15) -- blocks the loop: the response arrives meanwhile
          client:poll()
          while not done do
            loop.sleep(0.005)
          end
        end,
      }
      assert.equal(200, result.status_code)
    end)

    it("blocks in the main coroutine", function()
      local connections = over(DELAYED, OK)
      assert.equal(200, connections.list().status_code)
      local job = client.async.connections.list()
      assert.equal(200, job:wait(5000).status_code)
      assert.is_true(vault.wait_all { job })
    end)

    it("runs the callbacks of other jobs while a coroutine waits", function()
      local connections = over(DELAYED)
      local outcome
      loop.run(function()
        client.async.connections.list({}, {
          callback = function(result, err)
            outcome = result and result.status_code or err.name
          end,
        })
        connections.list()
        connections.list()
      end)
      assert.equal(200, outcome)
    end)

    it("makes any number of calls in sequence", function()
      local connections = over(OK)
      loop.run(function()
        for _ = 1, 200 do
          connections.list()
        end
      end)
      assert.equal(200, #peer:requests())
    end)

    it("is collected when it is no longer referenced", function()
      over(OK)
      loop.run(client.connections.list)
      local weak = setmetatable({ [client] = true }, { __mode = "k" })
      client = nil
      collect_garbage()
      assert.is_nil(next(weak))
    end)
  end)
end
