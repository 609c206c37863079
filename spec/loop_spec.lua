-- Event loops: plain calls suspend only the running coroutine.
local collect_garbage = require "spec.support.collect_garbage"
local coxpcall = require "coxpcall"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local safe = require "vault.safe"
local socket = require "socket"
local vault = require "vault"

local OK = { body = '{"status_code":200,"status":"OK","data":[]}' }
local SLOW = { body = OK.body, before_ms = 150 }
local DELAYED = { body = OK.body, before_ms = 50 }
local STALLED = { body = OK.body, before_ms = 20000 }
-- Lua 5.1 coroutines cannot yield across pcall (contract of coroutines there); all others can.
local YIELDS_ACROSS_PCALL = coxpcall.pcall == pcall

local function elapsed_ms(f, ...)
  local began = socket.gettime()
  f(...)
  return (socket.gettime() - began) * 1000
end

-- Replaces a field; returns the function that puts the old value back.
local function stub(holder, name, value)
  local old = holder[name]
  holder[name] = value
  return function()
    holder[name] = old
  end
end

-- Starts a job, whose callback raises if `raises` is true, and waits for it.
local function start_and_wait(client, raises)
  local job = client.async.connections.list({}, raises and {
    callback = function()
      error("from the callback", 0)
    end,
  } or nil)
  return coxpcall.pcall(job.wait, job)
end

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

describe("the luv adapter", function()
  local found, uv = pcall(require, "luv")
  if not found then
    return
  end
  local host = hosts.wire()
  local adapter = require "vault.loop.luv"
  local default = adapter.on_error
  local heard, client
  before_each(function()
    heard = {}
    adapter.on_error = function(problem, thread)
      heard[#heard + 1] = { problem, thread }
    end
  end)
  after_each(function()
    adapter.on_error = default
    client:close()
  end)
  teardown(function()
    host:stop()
  end)

  it("reports what a callback raises, and continues", function()
    client = host:client(host:script { OK }, { loop = "luv" })
    local finished = false
    coroutine.wrap(function()
      local job = client.async.connections.list({}, {
        callback = function()
          error({ raised = true }, 0)
        end,
      })
      job:wait()
      finished = true
    end)()
    uv.run()
    assert.is_true(finished)
    assert.equal(1, #heard)
    assert.is_true(heard[1][1].raised)
    assert.is_nil(heard[1][2])
  end)

  it("reports the error that ends a coroutine", function()
    client = host:client(host:script { { status = 404, body = "{}" } }, { loop = "luv" })
    local thread = coroutine.create(function()
      client.connections.list()
    end)
    assert(coroutine.resume(thread))
    uv.run()
    assert.equal("NotFoundResponse", heard[1][1].name)
    assert.equal(thread, heard[1][2])
  end)

  it("survives a handler that raises", function()
    client = host:client(host:script { { status = 404, body = "{}" }, OK }, { loop = "luv" })
    adapter.on_error = function()
      error("the handler's own", 0)
    end
    local written = {}
    local real = stub(io, "stderr", {
      write = function(_, ...)
        written[#written + 1] = table.concat { ... }
      end,
    })
    coroutine.wrap(client.connections.list)()
    uv.run()
    real()
    expect.says(table.concat(written), "the handler's own")
  end)

  it("counts the limit of a wait from its beginning, not from the loop's last step", function()
    client = host:client(host:script { STALLED }, { loop = "luv" })
    local took
    uv.update_time()
    coroutine.wrap(function()
      local job = client.async.connections.list()
      local began = socket.gettime()
      while socket.gettime() < began + 0.3 do -- without a step of the loop
      end
      took = elapsed_ms(job.wait, job, 200)
    end)()
    uv.run()
    assert.is_true(took >= 199, took)
  end)

  it("lets uv.run return when no coroutine waits", function()
    client = host:client(host:script { OK }, { loop = "luv" })
    coroutine.wrap(client.connections.list)()
    uv.run()
    assert.is_true(elapsed_ms(uv.run) < 2000)
  end)

  it("lets uv.run return when a job ends long before the limit of the wait", function()
    client = host:client(host:script { OK }, { loop = "luv" })
    local status
    coroutine.wrap(function()
      status = client.async.connections.list():wait(60000).status_code
    end)()
    assert.is_true(elapsed_ms(uv.run) < 30000)
    assert.equal(200, status)
  end)

  if coroutine.close then
    it("drops a coroutine that is closed while it waits", function()
      client = host:client(host:script { SLOW }, { loop = "luv" })
      local thread = coroutine.create(client.connections.list)
      assert(coroutine.resume(thread))
      coroutine.close(thread)
      uv.run()
      assert.same({}, heard)
    end)
  end
end)

describe("the cqueues adapter", function()
  local found, cqueues = pcall(require, "cqueues")
  if not found then
    return
  end
  local host = hosts.wire()
  local client
  after_each(function()
    client:close()
  end)
  teardown(function()
    host:stop()
  end)

  it("serves a controller while another one stands still", function()
    client = host:client(host:script { SLOW, OK }, { loop = "cqueues" })
    local still, other = cqueues.new(), cqueues.new()
    local finished = 0
    local function call()
      client.connections.list()
      finished = finished + 1
    end
    still:wrap(call)
    for _ = 1, 3 do -- the call, and what serves it
      assert(still:step(0))
    end
    other:wrap(call)
    assert(other:loop(10))
    assert.is_true(finished >= 1)
    assert(still:loop(10))
    assert.equal(2, finished)
  end)

  it("blocks outside of a controller, wherever the call is made", function()
    client = host:client(host:script { OK }, { loop = "cqueues" })
    local status = coroutine.wrap(function()
      local result
      ("x"):gsub("x", function()
        result = client.connections.list()
      end)
      return result.status_code
    end)()
    assert.equal(200, status)
  end)

  it("serves several controllers of one state", function()
    client = host:client(host:script { SLOW }, { loop = "cqueues" })
    local outer, finished = cqueues.new(), 0
    for _ = 1, 3 do
      local inner = cqueues.new()
      for _ = 1, 5 do
        inner:wrap(function()
          client.connections.list()
          finished = finished + 1
        end)
      end
      outer:wrap(function()
        assert(inner:loop(10))
      end)
    end
    local took = elapsed_ms(function()
      assert(outer:loop(10))
    end)
    assert.equal(15, finished)
    assert.is_true(took < 3000, took)
  end)

  it(
    "raises what a callback raised in the coroutine that collects, and the others continue",
    function()
      client = host:client(host:script { OK, SLOW }, { loop = "cqueues" })
      local controller, finished, raised = cqueues.new(), 0, 0
      for i = 1, 4 do
        controller:wrap(function()
          local passed, err = start_and_wait(client, i == 1)
          if passed then
            finished = finished + 1
          else
            expect.says(err, "from the callback") -- coxpcall adds a traceback
            raised = raised + 1
          end
        end)
      end
      assert(controller:loop(10))
      assert.equal(1, raised)
      assert.equal(3, finished)
    end
  )
end)

for _, loop in ipairs(loops.known()) do
  local copas = loop.copas
  describe("the adapter of " .. loop.title, function()
    if not copas then
      return
    end
    local host = hosts.wire()
    local client
    before_each(loop.enter)
    after_each(function()
      client:close()
      loop.leave()
    end)
    teardown(function()
      host:stop()
    end)

    -- Starts `count` threads that make a call, and runs `main`; returns how many calls have succeeded.
    local function answered_of(count, main)
      local threads, answered = {}, 0
      loop.run(function()
        for i = 1, count do
          threads[i] = copas.addthread(function()
            client.connections.list()
            answered = answered + 1
          end)
        end
        main(threads)
      end)
      return answered
    end

    for direction, seconds in pairs { forward = 3600, back = -3600 } do
      it("waits the time given when the system's clock is set " .. direction, function()
        client = host:client(host:script { STALLED }, { loop = "copas" })
        loop.run(function()
          local job = client.async.connections.list()
          local gettime = socket.gettime
          local began, restore = client._monotonic_ms(), nil
          copas.addthread(function()
            loop.sleep(0.03)
            restore = stub(socket, "gettime", function()
              return gettime() + seconds
            end)
          end)
          local _, reason = job:wait(200)
          assert.equal("function", type(restore))
          restore()
          assert.equal("timeout", reason)
          local took = client._monotonic_ms() - began
          -- The job itself would end after 20 seconds.
          assert.is_true(took >= 200 and took < 15000, took)
          job:cancel()
        end)
      end)
    end

    it("raises what a callback raised in one coroutine, and the others continue", function()
      client = host:client(host:script { OK, SLOW }, { loop = "copas" })
      local raised, finished = 0, 0
      local functions = {}
      for i = 1, 4 do
        functions[i] = function()
          local passed, err = start_and_wait(client, i == 1)
          finished = finished + (passed and 1 or 0)
          if not passed then
            expect.says(err, "from the callback") -- coxpcall adds a traceback
            raised = raised + 1
          end
        end
      end
      loop.all(functions)
      assert.same({ 1, 3 }, { raised, finished })
    end)

    it("leaves the error of a thread to copas' handler", function()
      client = host:client(host:script { { status = 404, body = "{}" } }, { loop = "copas" })
      local caught
      loop.run(function()
        copas.addthread(function()
          (copas.seterrorhandler or copas.setErrorHandler)(function(err)
            caught = err
          end)
          client.connections.list()
        end)
        while not caught do
          loop.sleep(0.005)
        end
      end)
      assert.equal("NotFoundResponse", caught.name)
    end)

    if copas.removethread then -- from copas 2 on
      it("serves the other threads when the one that collects for them is removed", function()
        client = host:client(host:script { SLOW }, { loop = "copas" })
        local answered = answered_of(10, function(threads)
          loop.sleep(0.03)
          for i = 1, 10, 2 do
            copas.removethread(threads[i])
          end
          client.connections.list()
          loop.sleep(0.2)
        end)
        assert.equal(5, answered)
      end)

      it("keeps no client alive for a removed thread", function()
        client = host:client(host:script { STALLED }, { loop = "copas" })
        local weak = setmetatable({ [client] = true }, { __mode = "k" })
        local answered = answered_of(1, function(threads)
          loop.sleep(0.03)
          copas.removethread(threads[1])
          client:close()
          loop.sleep(0.03)
        end)
        assert.equal(0, answered)
        client = host:client(host:script { OK }, { loop = "copas" }) -- for after_each
        collect_garbage()
        assert.is_nil(next(weak))
      end)

      it("lets copas.loop return when no thread waits", function()
        client = host:client(host:script { SLOW }, { loop = "copas" })
        local status
        copas.addthread(function()
          status = client.connections.list().status_code
        end)
        copas.loop()
        assert.equal(200, status)
      end)
    end
  end)
end
