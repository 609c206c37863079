-- The interface of jobs: done, wait, result, callbacks.
local elapsed_ms = require "spec.support.elapsed_ms"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local responses = require "spec.support.responses"
local safe = require "vault.safe"
local socket = require "socket"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
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

  describe("that is running", function()
    it("is returned at once, and not done", function()
      local async = over(STALLED)
      local job
      assert.is_true(elapsed_ms(function()
        job = async.list()
      end) < 1000)
      assert.is_false(job:done())
      expect.says(tostring(job), "vault.connections.list", "running")
    end)

    it("has no result", function()
      local job = over(STALLED).list()
      local returned, err = pcall(job.result, job)
      assert.is_false(returned)
      expect.says(err, "not done")
    end)

    it("is waited for at most the time given", function()
      local job = over(STALLED).list()
      local result, reason
      local took = elapsed_ms(function()
        result, reason = job:wait(60)
      end)
      assert.is_nil(result)
      assert.equal("timeout", reason)
      assert.is_true(took >= 59 and took < 2000, took)
      assert.is_false(job:done())
      assert.same({ nil, "timeout" }, { job:wait(0) })
    end)

    it("is waited for without using the processor", function()
      local job = over(STALLED).list()
      local before = os.clock()
      assert.same({ nil, "timeout" }, { job:wait(1000) })
      assert.is_true(os.clock() - before < 0.2)
    end)

    it("is waited for while others finish before it", function()
      local async = over(SLOW, OK)
      local slow = async.list()
      socket.sleep(0.02)
      local called = false
      async.list()
      async.list({}, {
        callback = function()
          called = true
        end,
      })
      assert.equal(200, slow:wait(5000).status_code)
      assert.is_true(called)
    end)

    it("can be waited for after a wait that was too short", function()
      local job = over(SLOW).list()
      assert.same({ nil, "timeout" }, { job:wait(1) })
      assert.equal(200, job:wait().status_code)
    end)

    it("is waited for with numbers as times only", function()
      local job = over(STALLED).list()
      for _, wrong in ipairs { -1, "soon", {} } do
        assert.is_false(pcall(job.wait, job, wrong))
        assert.is_false(pcall(client.poll, client, wrong))
      end
    end)
  end)

  describe("that is done", function()
    it("returns what the plain call returns, every time", function()
      local job =
        over({ body = '{"status_code":200,"data":{"id":"crm+pipedrive"}}' }).get(PIPEDRIVE)
      local result, response = job:wait()
      assert.equal("crm+pipedrive", result.data.id)
      assert.equal(200, response.status)
      assert.equal(1, response.attempts)
      assert.equal("GET", response.method)
      assert.is_true(job:done())
      local again, response_again = job:result()
      assert.equal(result, again)
      assert.equal(response, response_again)
      assert.equal(result, (job:wait(0)))
      expect.says(tostring(job), "succeeded")
    end)

    it("raises its error, every time", function()
      local job = over({ status = 404, body = '{"message":"Connection not found"}' }).get(PIPEDRIVE)
      local err = expect.error("NotFoundResponse", job.wait, job)
      assert.equal("vault.connections.get", err.operation)
      assert.equal(1, err.attempts)
      assert.equal(err, expect.error("NotFoundResponse", job.result, job))
      assert.equal(err, expect.error("NotFoundResponse", job.wait, job, 10))
      expect.says(tostring(job), "failed")
    end)

    it("has finished in the background while the program did something else", function()
      local job = over(OK).list()
      local deadline = socket.gettime() + 5
      while not job:done() and socket.gettime() < deadline do
        socket.sleep(0.002)
        client:poll()
      end
      assert.is_true(job:done())
    end)
  end)

  describe("that cannot start", function()
    it("raises at once when the request is wrong, without a callback", function()
      local called = false
      local async = over(OK)
      local options = {
        callback = function()
          called = true
        end,
      }
      local err = expect.error("InvalidRequestError", async.get, { service_id = "x" }, options)
      assert.equal("vault.connections.get", err.operation)
      assert.equal(0, client:poll(20))
      assert.is_false(called)
      expect.error("InvalidRequestError", async.list, { configurd = true })
      expect.error("InvalidRequestError", async.list, {}, { callback = 5 })
    end)

    it("raises on a closed client", function()
      local async = over(OK)
      client:close()
      expect.error("InvalidRequestError", async.list)
    end)
  end)

  describe("of vault.safe", function()
    local function safe_client(scripted)
      local peer = host:script(scripted)
      client = assert(safe.new {
        server_url = peer.url,
        api_key = "k",
        retries = false,
      })
      return client.async.connections
    end

    it("returns nil, err from wait and result", function()
      local job = assert(safe_client({ { status = 404, body = "{}" } }).get(PIPEDRIVE))
      local result, err = job:wait()
      assert.is_nil(result)
      assert.is_true(vault.is_error(err, "NotFoundResponse"))
      result, err = job:result()
      assert.is_nil(result)
      assert.equal("NotFoundResponse", err.name)
    end)

    it("returns nil, err for a wrong request", function()
      local job, err = safe_client({ OK }).get {}
      assert.is_nil(job)
      assert.equal("InvalidRequestError", err.name)
    end)

    it("still raises what is wrong in the program", function()
      local job = assert(safe_client({ STALLED }).list())
      assert.is_false(pcall(job.result, job))
      assert.is_false(pcall(job.wait, job, "soon"))
    end)
  end)

  describe("with a callback", function()
    local calls
    before_each(function()
      calls = {}
    end)
    local function callback(...)
      calls[#calls + 1] = { n = select("#", ...), ... }
    end

    it("passes its result to it once, in poll", function()
      local job = over(OK).list({}, { callback = callback })
      socket.sleep(0.05)
      assert.same({}, calls)
      repeat
        local count = client:poll(1000)
      until count > 0
      assert.equal(1, #calls)
      assert.equal(200, calls[1][1].status_code)
      assert.is_nil(calls[1][2])
      assert.equal(200, calls[1][3].status)
      assert.equal(3, calls[1].n)
      assert.is_true(job:done())
      assert.equal(calls[1][1], job:wait())
      client:poll(0)
      assert.equal(1, #calls)
    end)

    it("passes its error to it, in wait", function()
      local job = over({ status = 409, body = "{}" }).get(PIPEDRIVE, { callback = callback })
      local err = expect.error("ConflictResponse", job.wait, job)
      assert.equal(1, #calls)
      assert.is_nil(calls[1][1])
      assert.equal(err, calls[1][2])
    end)

    it("calls it during a wait for another job", function()
      local async = over(OK, SLOW)
      async.list({}, { callback = callback })
      async.list():wait()
      vault.wait_all {}
      client:poll(200)
      assert.equal(1, #calls)
    end)

    it("raises its error in the caller, after all others have run", function()
      local async = over(OK)
      local jobs = {}
      for i = 1, 5 do
        jobs[i] = async.list({}, {
          callback = function()
            callback(i)
            error({ number = i }, 0)
          end,
        })
      end
      socket.sleep(0.2)
      local raised = {}
      local deadline = socket.gettime() + 20
      while #calls < 5 and socket.gettime() < deadline do
        local passed, err = pcall(client.poll, client, 1000)
        if not passed then
          raised[#raised + 1] = err.number
        end
      end
      assert.equal(5, #calls)
      assert.is_true(#raised >= 1)
      assert.equal(calls[1][1], raised[1]) -- the first error is raised
      for _, job in ipairs(jobs) do
        assert.equal(200, job:result().status_code)
      end
      assert.equal(0, client:poll())
    end)

    it("allows it to start, wait for and cancel jobs", function()
      local async, inner, stalled
      async = over(OK, OK, STALLED)
      local job = async.list({}, {
        callback = function()
          inner = async.list()
          inner:wait()
          stalled = async.list({}, { callback = callback })
          stalled:cancel()
        end,
      })
      job:wait()
      assert.equal(200, inner:result().status_code)
      assert.is_true(stalled:done())
      client:poll(100)
      assert.equal(1, #calls)
      assert.equal("RequestAbortedError", calls[1][2].name)
    end)

    it("allows it to close the client", function()
      local async = over(STALLED, OK)
      local other = async.list({}, { callback = callback })
      socket.sleep(0.1) -- so that the first response is for this one
      local job = async.list({}, {
        callback = function(result)
          callback(result)
          client:close()
        end,
      })
      job:wait()
      assert.equal(2, #calls)
      assert.equal("RequestAbortedError", calls[2][2].name)
      expect.error("RequestAbortedError", other.wait, other)
    end)
  end)

  describe("behaves like a plain call", function()
    it("with its retries and hooks, on the program's thread", function()
      local seen = {}
      local function note(name)
        return function(event)
          seen[#seen + 1] = name .. event.attempt
        end
      end
      local peer = host:script { { status = 503, body = "{}" }, { status = 500, body = "{}" }, OK }
      client = host:client(peer, {
        hooks = {
          before_request = note "before",
          after_response = note "after",
          on_retry = note "retry",
        },
      })
      local job = client.async.connections.list()
      assert.same({ "before1" }, seen)
      local _, response = job:wait()
      assert.equal(3, response.attempts)
      assert.same({
        "before1",
        "after1",
        "retry1",
        "before2",
        "after2",
        "retry2",
        "before3",
        "after3",
      }, seen)
    end)

    it("and is ended by a hook that raises", function()
      local peer = host:script { OK }
      client = host:client(peer, {
        hooks = {
          after_response = function()
            error "from the hook"
          end,
        },
      })
      local job = client.async.connections.list()
      local err = expect.error("UnexpectedClientError", job.wait, job)
      expect.says(err.message, "after_response")
      expect.says(tostring(err.cause), "from the hook")
    end)

    it("with a key function, called for every attempt", function()
      local keys = 0
      local peer = host:script { { status = 503, body = "{}" }, OK }
      client = host:client(peer, {
        api_key = function()
          keys = keys + 1
          return "key-" .. keys
        end,
      })
      client.async.connections.list():wait()
      local requests = peer:requests()
      assert.equal("Bearer key-1", requests[1]:header "authorization")
      assert.equal("Bearer key-2", requests[2]:header "authorization")
    end)

    it("and times out", function()
      local job = over(STALLED).list({}, { timeout_ms = 80, retries = false })
      local err = expect.error("RequestTimeoutError", job.wait, job)
      assert.equal("first_byte", err.phase)
    end)

    it("through a transport in Lua, which is called when the job is collected", function()
      local called = 0
      client = vault.new {
        server_url = "http://127.0.0.1",
        api_key = "k",
        transport = function(request)
          called = called + 1
          if called == 1 then
            return nil, "not this time"
          end
          return { status = 200, body = ('{"url":"%s"}'):format(request.url) }
        end,
        retries = { backoff = { initial_interval = 2, max_interval = 4 } },
      }
      local job = client.async.connections.list()
      assert.is_false(job:done())
      local result, response = job:wait(5000)
      assert.equal("http://127.0.0.1/vault/connections", result.url)
      assert.equal(2, response.attempts)
      assert.equal(2, called)
    end)
  end)
end)
