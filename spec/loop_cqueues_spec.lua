-- The adapter of cqueues: lua/vault/loop/cqueues.lua.
local coxpcall = require "coxpcall"
local elapsed_ms = require "spec.support.elapsed_ms"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local responses = require "spec.support.responses"

local OK = responses.OK
local SLOW = responses.delayed(150)

-- Starts a job, whose callback raises if `raises` is true, and waits for it.
local function start_and_wait(client, raises)
  local job = client.async.connections.list({}, raises and {
    callback = function()
      error("from the callback", 0)
    end,
  } or nil)
  return coxpcall.pcall(job.wait, job)
end

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
