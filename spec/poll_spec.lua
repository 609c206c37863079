-- client:poll and pollfd: src/lua/poll.c.
local elapsed_ms = require "spec.support.elapsed_ms"
local hosts = require "spec.support.hosts"
local responses = require "spec.support.responses"
local socket = require "socket"

local OK = responses.OK
local SLOW = responses.delayed(100)
local STALLED = responses.STALLED

describe("a job", function()
  local host = hosts.wire()
  local client

  local function over(...)
    local peer
    client, peer = hosts.over(host, ...)
    return client.async.connections, peer
  end

  after_each(function()
    if client then
      client:close()
    end
  end)
  teardown(function()
    host:stop()
  end)

  describe("is collected by poll", function()
    it("which returns how many jobs it has finished", function()
      local async = over(OK)
      assert.equal(0, client:poll())
      for _ = 1, 10 do
        async.list()
      end
      local count, deadline = 0, socket.gettime() + 5
      while count < 10 and socket.gettime() < deadline do
        count = count + client:poll(100)
      end
      assert.equal(10, count)
      assert.equal(0, client:poll())
    end)

    it("which waits at most the time given, and not at all without jobs", function()
      local async = over(STALLED)
      assert.is_true(elapsed_ms(client.poll, client, 5000) < 4000)
      async.list()
      assert.is_true(elapsed_ms(client.poll, client) < 1000)
      local took = elapsed_ms(client.poll, client, 80)
      assert.is_true(took >= 79 and took < 2000, took)
    end)

    it("which returns as soon as one is done", function()
      local async = over(SLOW, STALLED)
      async.list()
      local took = elapsed_ms(function()
        assert.equal(1, client:poll(10000))
      end)
      assert.is_true(took >= 90 and took < 5000, took)
    end)

    it("of any client of the same Lua state", function()
      local async = over(OK)
      local other = host:client(host:script { OK })
      local job = async.list()
      while not job:done() do
        other:poll(100)
      end
      other:close()
      assert.equal(200, job:result().status_code)
    end)

    it("when its descriptor is readable, and not before", function()
      local async = over(SLOW)
      local handle = {
        getfd = function()
          return client:pollfd()
        end,
        dirty = function()
          return false
        end,
      }
      assert.equal("r", client:events())
      assert.is_nil(client:timeout())
      assert.equal("number", type(client:pollfd()))
      local job = async.list()
      assert.same({}, (socket.select({ handle }, nil, 0)))
      local readable = socket.select({ handle }, nil, 5)
      assert.equal(handle, readable[1])
      assert.is_false(job:done())
      assert.equal(1, client:poll())
      assert.same({}, (socket.select({ handle }, nil, 0)))
    end)
  end)
end)
