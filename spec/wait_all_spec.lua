-- vault.wait_all: src/lua/wait_all.c and wait_all.lua.
local elapsed_ms = require "spec.support.elapsed_ms"
local hosts = require "spec.support.hosts"
local responses = require "spec.support.responses"
local socket = require "socket"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local OK = responses.OK
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

  describe("among many", function()
    it("is waited for by wait_all", function()
      local async = over(OK)
      local jobs = {}
      for i = 1, 20 do
        jobs[i] = async.list()
      end
      assert.is_true(vault.wait_all(jobs))
      for _, job in ipairs(jobs) do
        assert.equal(200, job:result().status_code)
      end
      assert.is_true(vault.wait_all {})
      assert.is_true(vault.wait_all(jobs, 0))
      assert.error_matches(function()
        vault.wait_all { jobs[1], 7 }
      end, "jobs%[2%]: expected a job of client%.async, got a number")
    end)

    it("may fail without an error from wait_all", function()
      local async = over({ status = 404, body = "{}" }, OK)
      local failing = async.get(PIPEDRIVE)
      failing:done()
      local jobs = { failing, async.list() }
      assert.is_true(vault.wait_all(jobs))
      local failed = 0
      for _, job in ipairs(jobs) do
        failed = failed + (pcall(job.result, job) and 0 or 1)
      end
      assert.equal(1, failed)
    end)

    it("is waited for by wait_all at most the time given, not that time for each job", function()
      local async = over(
        { body = OK.body, before_ms = 300 },
        { body = OK.body, before_ms = 600 },
        { body = OK.body, before_ms = 900 }
      )
      local jobs = {}
      for i = 1, 3 do
        jobs[i] = async.list()
        socket.sleep(0.05) -- so that the responses are for the jobs in this order
      end
      assert.same({ nil, "timeout" }, { vault.wait_all(jobs, 500) })
    end)

    it("is waited for by wait_all at most the time given", function()
      local async = over(OK, STALLED)
      local jobs = { async.list(), async.list() }
      local done, reason
      local took = elapsed_ms(function()
        done, reason = vault.wait_all(jobs, 150)
      end)
      assert.is_nil(done)
      assert.equal("timeout", reason)
      assert.is_true(took >= 149 and took < 2000, took)
    end)
  end)
end)
