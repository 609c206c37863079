-- Debug hooks while C waits: Ctrl-C in the stock interpreters, and time limits made of debug.sethook.
local child = require "spec.support.child"
local hosts = require "spec.support.hosts"
local responses = require "spec.support.responses"
local socket = require "socket"
local vault = require "vault"

local OK = responses.OK
local BUSY = { status = 503, body = '{"message":"busy"}' }
local STALLED = responses.STALLED
local LIMIT = 30 -- seconds; without the interruption it would take twice as long

-- f is interrupted; the use of the client after it is not.
local PROGRAM = [[
local ok_url, busy_url, stalled_url, case = %q, %q, %q, %q
local vault = require "vault"
io.stdout:setvbuf "line"
local client = vault.new {
  server_url = stalled_url, api_key = "k", app_id = "a", consumer_id = "c", timeout_ms = 55000,
  retries = { backoff = { initial_interval = 50000, max_interval = 50000, max_elapsed_time = 1e6 } },
}
local cases = {}
function cases.call() client.connections.list() end
function cases.pause() client.connections.list(nil, { server_url = busy_url }) end
function cases.wait() client.async.connections.list():wait() end
function cases.wait_with_timeout() client.async.connections.list():wait(50000) end
function cases.poll()
  client.async.connections.list()
  client:poll(50000)
end
function cases.wait_all() vault.wait_all { client.async.connections.list() } end
function cases.coroutine_call() assert(coroutine.resume(coroutine.create(cases.call))) end
function cases.coroutine_wait() assert(coroutine.resume(coroutine.create(cases.wait))) end
print "ready"
local _, problem
-- When another coroutine was interrupted, the main one still has a hook to run.
pcall(function()
  _, problem = pcall(cases[case])
  for _ = 1, 10 do end
end)
print("problem", (tostring(problem):gsub("^.*: ", "")))
local options = { server_url = ok_url }
print("call", client.connections.list(nil, options).status_code)
print("job", client.async.connections.list(nil, options):wait().status_code)
client:close()
print("closed", client:_is_busy())
]]

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function await(path, pattern)
  local deadline = socket.gettime() + LIMIT
  while not read(path):find(pattern) do
    assert(socket.gettime() < deadline, "waiting for " .. pattern .. " in: " .. read(path))
    socket.sleep(0.02)
  end
end

describe("Ctrl-C", function()
  local host = hosts.wire()
  local ok, busy, stalled
  setup(function()
    ok, busy, stalled = host:script { OK }, host:script { BUSY }, host:script { STALLED }
  end)
  teardown(function()
    host:stop()
  end)

  for _, case in ipairs {
    "call",
    "pause",
    "wait",
    "wait_with_timeout",
    "poll",
    "wait_all",
    "coroutine_call",
    "coroutine_wait",
  } do
    it("ends the program's " .. case .. " and leaves its client usable", function()
      local program = child.start(PROGRAM:format(ok.url, busy.url, stalled.url, case))
      await(program.output, "ready")
      socket.sleep(0.15) -- by now it most likely waits
      os.execute("kill -INT " .. program.pid)
      await(program.output, "closed")
      assert.equal(
        "ready\nproblem\tinterrupted!\ncall\t200\njob\t200\nclosed\tfalse\n",
        read(program.output)
      )
      program:remove()
    end)
  end
end)

describe("a debug hook that is set before a wait", function()
  local host = hosts.wire()
  local jit = rawget(_G, "jit")
  local client, ok, stalled
  setup(function()
    ok, stalled = host:script { OK }, host:script { STALLED }
    if jit then
      jit.off() -- compiled code runs no hooks
    end
  end)
  before_each(function()
    client = host:client(stalled)
  end)
  after_each(function()
    debug.sethook()
    client:close()
  end)
  teardown(function()
    if jit then
      jit.on()
    end
    host:stop()
  end)

  -- Calls f with a hook that does something once, after a while.
  local function with_hook(action, f)
    local due = socket.gettime() + 0.3
    debug.sethook(function()
      if socket.gettime() > due then
        debug.sethook()
        action()
      end
    end, "c")
    local passed, err = pcall(f)
    debug.sethook()
    return passed, err
  end

  local function list()
    return client.connections.list()
  end
  local function list_and_wait()
    return client.async.connections.list():wait()
  end
  local function raise()
    error("too late", 0)
  end

  for name, f in pairs { ["a plain call"] = list, ["job:wait"] = list_and_wait } do
    it("can end " .. name, function()
      local passed, err = with_hook(raise, f)
      assert.is_false(passed)
      assert.equal("too late", err)
      local result = client.connections.list(nil, { server_url = ok.url })
      assert.equal(200, result.status_code)
    end)

    it("can close the client that waits in " .. name, function()
      local passed, err = with_hook(function()
        client:close()
      end, f)
      assert.is_false(passed)
      assert.is_true(vault.is_error(err, "RequestAbortedError"), tostring(err))
    end)
  end

  it("can make calls itself during another one's wait", function()
    local inner, inner_job
    local _, err = with_hook(function()
      local options = { server_url = ok.url }
      inner = client.connections.list(nil, options).status_code
      inner_job = client.async.connections.list(nil, options):wait().status_code
    end, function()
      client.connections.list(nil, { timeout_ms = 1000, retries = false })
    end)
    assert.equal(200, inner)
    assert.equal(200, inner_job)
    assert.is_true(vault.is_error(err, "RequestTimeoutError"), tostring(err))
    assert.equal(200, client.connections.list(nil, { server_url = ok.url }).status_code)
  end)

  it("leaves the descriptor readable for jobs that had finished when it raised", function()
    local called = 0
    local function callback()
      called = called + 1
    end
    -- Its callback is due at the next collection, which the hook interrupts first.
    local job = client.async.connections.list(nil, { callback = callback })
    local other = client.async.connections.list()
    job:cancel()
    local passed = with_hook(raise, function()
      other:_wait_blocking()
    end)
    assert.is_false(passed)
    local watched = {
      getfd = function()
        return client:pollfd()
      end,
      dirty = function()
        return false
      end,
    }
    local readable = socket.select({ watched }, nil, 10)
    assert.equal(watched, readable[1])
    client:poll()
    assert.equal(1, called)
  end)
end)
