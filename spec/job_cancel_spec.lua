-- Cancelling a job: src/lua/job_methods.c and job_finish.c.
local elapsed_ms = require "spec.support.elapsed_ms"
local expect = require "spec.support.expect"
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

  describe("that is cancelled", function()
    local function expect_cancelled(job)
      assert.is_true(job:done())
      local err = expect.error("RequestAbortedError", job.result, job)
      assert.equal("vault.connections.list", err.operation)
      assert.equal(err, expect.error("RequestAbortedError", job.wait, job))
      job:cancel()
      assert.equal(err, expect.error("RequestAbortedError", job.result, job))
    end

    it("ends while it is running", function()
      local async, peer = over(STALLED)
      local job = async.list()
      socket.sleep(0.05)
      assert.is_true(elapsed_ms(job.cancel, job) < 5000)
      expect_cancelled(job)
      local _, err = pcall(job.result, job)
      assert.equal(peer.url .. "/vault/connections", err.url)
    end)

    it("makes the descriptor readable when a callback is due", function()
      local async = over(STALLED)
      local handle = {
        getfd = function()
          return client:pollfd()
        end,
        dirty = function()
          return false
        end,
      }
      local job = async.list({}, { callback = function() end })
      assert.same({}, (socket.select({ handle }, nil, 0)))
      job:cancel()
      assert.equal(handle, socket.select({ handle }, nil, 0)[1])
      assert.equal(1, client:poll())
      assert.same({}, (socket.select({ handle }, nil, 0)))
    end)

    it("ends directly after its start", function()
      local job = over(STALLED).list()
      job:cancel()
      expect_cancelled(job)
    end)

    it("ends while it is queued", function()
      local async, peer = over(SLOW, { max_connections = 1 })
      local first, second, third = async.list(), async.list(), async.list()
      second:cancel()
      expect_cancelled(second)
      assert.equal(200, first:wait().status_code)
      assert.equal(200, third:wait().status_code)
      assert.equal(2, #peer:requests())
    end)

    it("ends while it pauses", function()
      local paused = false
      local peer = host:script { { status = 503, body = "{}" } }
      client = host:client(peer, {
        retries = {
          backoff = { initial_interval = 20000, max_interval = 20000, max_elapsed_time = 90000 },
        },
        hooks = {
          on_retry = function()
            paused = true
          end,
        },
      })
      local job = client.async.connections.list()
      local deadline = socket.gettime() + 5
      while not paused and socket.gettime() < deadline do
        client:poll(50)
      end
      assert.is_true(paused)
      job:cancel()
      expect_cancelled(job)
      assert.equal(1, #peer:requests())
    end)

    it("ends when its response has arrived but is not collected", function()
      local job = over(OK).list()
      socket.sleep(0.1)
      job:cancel()
      expect_cancelled(job)
      assert.equal(0, client:poll(20))
    end)

    it("keeps its result if it was done before", function()
      local job = over(OK).list()
      job:wait()
      job:cancel()
      assert.equal(200, job:result().status_code)
    end)

    it("calls its callback once", function()
      local reported = {}
      local job = over(STALLED).list({}, {
        callback = function(_, err)
          reported[#reported + 1] = err.name
        end,
      })
      job:cancel()
      assert.same({}, reported)
      assert.equal(1, client:poll())
      assert.same({ "RequestAbortedError" }, reported)
      assert.equal(0, client:poll())
      assert.same({ "RequestAbortedError" }, reported)
    end)

    it("ends when its own hook cancels it", function()
      local job
      local reported = 0
      client = host:client(host:script { OK }, {
        hooks = {
          after_response = function()
            job:cancel()
          end,
        },
      })
      job = client.async.connections.list({}, {
        callback = function()
          reported = reported + 1
        end,
      })
      assert.equal(1, client:poll(5000))
      expect_cancelled(job)
      assert.equal(0, client:poll())
      assert.equal(1, reported)
    end)

    it("makes room for what is queued behind it", function()
      local async = over(STALLED, OK, { max_connections = 1 })
      local first, second = async.list(), async.list()
      socket.sleep(0.05)
      first:cancel()
      assert.equal(200, second:wait(10000).status_code)
    end)

    it("leaves the client usable", function()
      local async = over(STALLED, OK)
      local job = async.list()
      socket.sleep(0.1)
      job:cancel()
      assert.equal(200, async.list():wait().status_code)
    end)
  end)
end)
