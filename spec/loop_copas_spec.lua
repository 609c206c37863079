-- The adapter of copas: lua/vault/loop/copas.lua.
local collect_garbage = require "spec.support.collect_garbage"
local coxpcall = require "coxpcall"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local responses = require "spec.support.responses"
local socket = require "socket"
local stub = require "spec.support.stub"

local OK = responses.OK
local SLOW = responses.delayed(150)
local STALLED = responses.STALLED

-- Starts a job, whose callback raises if `raises` is true, and waits for it.
local function start_and_wait(client, raises)
  local job = client.async.connections.list({}, raises and {
    callback = function()
      error("from the callback", 0)
    end,
  } or nil)
  return coxpcall.pcall(job.wait, job)
end

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
          -- By itself the job would end after 30 seconds.
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
