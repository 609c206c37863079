-- The adapter of luv: lua/vault/loop/luv.lua.
local elapsed_ms = require "spec.support.elapsed_ms"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local responses = require "spec.support.responses"
local socket = require "socket"
local stub = require "spec.support.stub"

local OK = responses.OK
local SLOW = responses.delayed(150)
local STALLED = responses.STALLED

describe("the luv adapter", function()
  local found, uv = pcall(require, "luv")
  if not found then
    return
  end
  local host = hosts.wire()
  local adapter = require "vault.loop.luv"
  local default = adapter.on_error
  local reported, client
  before_each(function()
    reported = {}
    adapter.on_error = function(problem, thread)
      reported[#reported + 1] = { problem, thread }
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
    assert.equal(1, #reported)
    assert.is_true(reported[1][1].raised)
    assert.is_nil(reported[1][2])
  end)

  it("reports the error that ends a coroutine", function()
    client = host:client(host:script { { status = 404, body = "{}" } }, { loop = "luv" })
    local thread = coroutine.create(function()
      client.connections.list()
    end)
    assert(coroutine.resume(thread))
    uv.run()
    assert.equal("NotFoundResponse", reported[1][1].name)
    assert.equal(thread, reported[1][2])
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
      assert.same({}, reported)
    end)
  end
end)
