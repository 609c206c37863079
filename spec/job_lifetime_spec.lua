-- The lifetime of jobs and clients: what references them, what ends them, and their finalizers.
local child = require "spec.support.child"
local collect_garbage = require "spec.support.collect_garbage"
local hosts = require "spec.support.hosts"
local internal = require "vault_internal"
local loops = require "spec.support.loops"
local responses = require "spec.support.responses"
local socket = require "socket"
local vault = require "vault"

local OK = responses.OK
local SLOW = responses.delayed(150)
local STALLED = responses.STALLED
local LIMIT = 20 -- seconds

describe("the job of an unreferenced client", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  -- Starts one; returns a weak reference to its client, and how often its callback was called.
  local function start_and_forget(config)
    local seen = { called = 0, weak = setmetatable({}, { __mode = "v" }) }
    local client = host:client(host:script { SLOW }, config)
    seen.weak[1] = client
    client.async.connections.list(nil, {
      callback = function(result)
        seen.called = seen.called + (result and result.status_code == 200 and 1 or 1000)
      end,
    })
    return seen
  end

  for _, loop in ipairs(rawget(_G, "ngx") and {} or loops.installed()) do
    it(
      ("on %s ends with its callback, and the client is collected after it"):format(loop.name),
      function()
        local other = host:client(host:script { OK }, { loop = loop.name })
        local seen = start_and_forget { loop = loop.name }
        collect_garbage()
        assert.truthy(seen.weak[1])
        local deadline = socket.gettime() + LIMIT
        loop.run(function()
          while seen.called == 0 and socket.gettime() < deadline do
            other.connections.list()
          end
        end)
        assert.equal(1, seen.called)
        collect_garbage()
        assert.is_nil(seen.weak[1])
        other:close()
      end
    )
  end

  it("without a loop ends without its callback", function()
    local other = host:client(host:script { OK })
    local seen = start_and_forget()
    collect_garbage()
    assert.is_nil(seen.weak[1])
    other.async.connections.list():wait()
    other:poll(300)
    assert.equal(0, seen.called)
    assert.is_false(other:_is_busy())
    other:close()
  end)

  for _, ending in ipairs { "", "os.exit(0)", "os.exit(0, true)" } do
    it(("on a loop does not keep the process from ending (%s)"):format(ending), function()
      local text, status = child.run(([[
        local vault = require "vault"
        package.preload["vault.loop.cqueues"] = function()
          return { suspend = function() end }
        end
        do
          local client = vault.new {
            server_url = %q, api_key = "k", app_id = "a", consumer_id = "c", loop = "cqueues",
          }
          client.async.connections.list(nil, { callback = print })
        end
        collectgarbage()
        print "started"
        %s
      ]]):format(host:script({ STALLED }).url, ending))
      assert.equal("started\n", text)
      assert.equal("0", status)
    end)
  end
end)

describe("jobs", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  for _, bits in ipairs { 31, 32 } do
    it(("finish when the process has started more than 2^%d"):format(bits), function()
      local client = host:client(host:script { OK })
      local called = 0
      local jobs = {}
      internal.set_last_job_id(2 ^ bits - 3)
      for i = 1, 6 do
        jobs[i] = client.async.connections.list(nil, {
          callback = function()
            called = called + 1
          end,
        })
      end
      assert.is_true(vault.wait_all(jobs, LIMIT * 1000))
      for _, job in ipairs(jobs) do
        assert.equal(200, job:result().status_code)
      end
      assert.equal(6, called)
      assert.is_false(client:_is_busy())
      client:close()
    end)
  end
end)

-- An object whose finalizer calls f.
local function finalized(f)
  if newproxy then -- Lua 5.1 and LuaJIT
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = f
    return proxy
  end
  return setmetatable({}, { __gc = f })
end

describe("a finalizer that runs after those of a client and its job", function()
  local host = hosts.wire()
  local url
  setup(function()
    url = host:script({ STALLED }).url
  end)
  teardown(function()
    host:stop()
  end)

  -- Returns what use(client, job) returned or raised in such a finalizer.
  local function use_finalized(use)
    local outcome
    do
      local holder = {}
      local function finalize()
        outcome = { pcall(use, holder.client, holder.job) }
      end
      -- Finalizers run in the reverse order of creation.
      holder.object = finalized(finalize)
      holder.client = vault.new { server_url = url, api_key = "k", app_id = "a", consumer_id = "c" }
      holder.job = holder.client.async.connections.list()
    end
    local deadline = socket.gettime() + LIMIT
    while not outcome do
      assert(socket.gettime() < deadline, "the finalizer does not run")
      collect_garbage()
    end
    return (unpack or table.unpack)(outcome)
  end

  local refused = {
    ["client:_alarm"] = function(client)
      return client:_timer(1)
    end,
    ["a plain call"] = function(client)
      return client.connections.list()
    end,
    ["a call of client.async"] = function(client)
      return client.async.connections.list()
    end,
  }
  for name, use in pairs(refused) do
    it(name .. " raises", function()
      local passed, err = use_finalized(use)
      assert.is_false(passed)
      assert.is_true(vault.is_error(err, "InvalidRequestError"), tostring(err))
      assert.truthy(err.message:find("closed", 1, true))
    end)
  end

  for _, name in ipairs { "wait", "result" } do
    it("job:" .. name .. " raises", function()
      local passed, err = use_finalized(function(_, job)
        return job[name](job)
      end)
      assert.is_false(passed)
      assert.is_true(vault.is_error(err, "RequestAbortedError"), tostring(err))
    end)
  end

  it("all other methods have no effect", function()
    local passed, err = use_finalized(function(client, job)
      job:cancel()
      job:_add_waiter(print)
      job:_remove_waiter(print)
      client:close()
      assert(job:done() and tostring(job) and tostring(client))
      assert(client:events() == "r" and client:timeout() == nil)
      return client:poll() + client:pollfd() * 0
    end)
    assert.is_true(passed, tostring(err))
    assert.equal(0, err)
  end)
end)
