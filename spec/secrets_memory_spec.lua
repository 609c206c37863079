-- Searches the memory of a process, whose client is closed, for a key and settings. In a process of its own,
-- in which Lua and libcurl wipe what they free, so that every copy found is the module's. On Lua 5.4 only: LuaJIT
-- has an allocator of its own, and the string library of Lua 5.1 leaves large pieces of strings on the C stack.
local child = require "spec.support.child"
local fault_server = require "spec.support.fault_server_process"
local internal = require "vault_internal"
local results = require "spec.support.results"

if not internal.memory or _VERSION ~= "Lua 5.4" then
  return
end

-- The secret is written backwards, so that the program that searches for it does not contain it.
local PROGRAM = [==[
local url, proxy, authority, case = %q, %q, %q, %q
local memory = require("vault_internal").memory
assert(memory.wipe_others(), "libcurl is in use already")
local vault = require "vault"
local BACKWARDS = "detnalp-71vF-terces"

local function connection()
  local secret = BACKWARDS:reverse()
  return {
    service_id = "pipedrive",
    unified_api = "crm",
    connection = { settings = { secret = secret }, metadata = { long = secret:rep(20000) } },
  }
end

local cases = {}

function cases.blocking(client)
  client.connections.update(connection())
end

function cases.asynchronous(client)
  client.async.connections.update(connection()):wait()
end

function cases.cancelled(client)
  local job = client.async.connections.update(connection())
  client:poll(50)
  job:cancel()
  client.async.connections.update(connection()) -- ended by close
end

function cases.hooked(client)
  client.connections.update(connection())
end

-- The second attempt sends less, so that the end of the first request would remain behind it.
function cases.shortened(client)
  client.connections.update(connection())
end

cases.proxied = cases.asynchronous

function cases.failing(client)
  pcall(client.connections.update, connection())
  local request = connection()
  request.connection.settings.wrong = print
  assert(not pcall(client.connections.update, request))
end

local function run()
  local hooks = (case == "hooked" or case == "shortened")
      and {
        before_request = function(event)
          event.headers["x-copy"] = event.headers.authorization
          event.body = event.attempt == 1 and event.body .. " " or "{}"
          event.url = event.url .. "?" .. (event.attempt == 1 and BACKWARDS:reverse():rep(150) or "")
        end,
      }
    or nil
  local client = vault.new {
    server_url = url,
    api_key = BACKWARDS:reverse(),
    app_id = BACKWARDS:reverse(),
    headers = { ["x-extra"] = BACKWARDS:reverse() },
    proxy = case == "proxied" and "http://user:" .. BACKWARDS:reverse():rep(20) .. "@" .. proxy
      or "",
    tls = { ca_file = authority, key_password = BACKWARDS:reverse() },
    retries = case == "shortened" and { unsafe = true, backoff = { initial_interval = 1 } } or false,
    hooks = hooks,
    debug_logger = function() end,
  }
  cases[case](client)
  local copies = memory.copies_of(BACKWARDS)
  client:close()
  return copies
end

-- The same calls with other values overwrite the C stack.
local function overwrite(depth)
  local text = ("-"):rep(2000 + depth):reverse()
  return depth > 0 and overwrite(depth - 1) or text
end

local open = run()
for _ = 1, 4 do
  overwrite(20)
  collectgarbage()
end
-- Cancelled transfers end when the background thread runs.
local closed
for _ = 1, 100 do
  closed = memory.copies_of(BACKWARDS)
  if closed == 0 then
    break
  end
  require("socket").sleep(0.1)
end
print(("%%d %%d"):format(open, closed))
]==]

local DONE = { body = '{"data":{"ok":true}}' }
local CASES = {
  { "blocking" },
  { "asynchronous" },
  { "cancelled", response = { raw = "", finish = "stall" } },
  { "hooked" },
  {
    "shortened",
    responses = { { status = 503, body = '{"message":"no"}', finish = "close" }, DONE },
  },
  { "proxied" },
  { "failing", response = { status = 401, body = '{"message":"no"}', finish = "close" } },
  { "failing", response = { raw = "", finish = "reset" } },
}

-- The secret is only in the response of the first attempt, or in its URL. The second response's head overwrites
-- libcurl's receive buffer.
local RETRYING = [==[
local url, authority = %q, %q
local memory = require("vault_internal").memory
assert(memory.wipe_others(), "libcurl is in use already")
local vault = require "vault"
local client = vault.new {
  server_url = url,
  api_key = "key",
  proxy = "",
  tls = { ca_file = authority },
  retries = { backoff = { initial_interval = 1, max_interval = 1 } },
  hooks = %s and {
    before_request = function(event)
      local name = event.attempt == 1 and ("x"):rep(200) .. "=" .. ("detnalp-81vF-terces"):reverse() or "y"
      event.url = event.url .. "?" .. name
    end,
  },
}
local result, response = client.connections.list()
assert(result.data.ok and response.attempts == 2)
result, response = nil, nil
collectgarbage()
print(("%%d"):format(memory.copies_of "detnalp-81vF-terces"))
print(#client.connections.list().secret)
]==]

describe("a client that has retried", function()
  local server
  setup(function()
    server = fault_server.start()
  end)
  teardown(function()
    server:stop()
  end)

  local secret = "secret-Fv18-planted"

  it("keeps nothing of the first request's URL in memory", function()
    local responses =
      { { status = 503, body = "{}" }, DONE, { body = ('{"secret":"%s"}'):format(secret) } }
    local peer = server:script(responses, "http")
    local output = child.run(RETRYING:format(peer.url, server.authority_file, "true"))
    assert.equal(("0\n%d\n"):format(#secret), output)
  end)

  it("keeps nothing of the first response in memory", function()
    local body = ('{"a":"%s","secret":"%s"}'):format(("x"):rep(3000), secret)
    local responses = {
      { status = 503, body = body },
      { headers = { { "x-long", ("y"):rep(8000) } }, body = DONE.body },
      { body = body },
    }
    local peer = server:script(responses, "http")
    local output = child.run(RETRYING:format(peer.url, server.authority_file, "nil"))
    assert.equal(("0\n%d\n"):format(#secret), output)
  end)
end)

describe("a closed client", function()
  local server
  local searched, found = 0, 0
  setup(function()
    server = fault_server.start()
  end)
  teardown(function()
    server:stop()
    results.add("secrets", "processes searched for what a closed client leaves", searched)
    results.add("secrets", "copies found", found)
  end)

  local function check(case, i, listener)
    it(("leaves no secret in memory: %s, %d (%s)"):format(case[1], i, listener), function()
      local peer = server:script(case.responses or { case.response or DONE }, listener)
      local proxy = server.http:match "//(.*)"
      local output = child.run(PROGRAM:format(peer.url, proxy, server.authority_file, case[1]))
      local open, closed = output:match "^(%d+) (%d+)\n"
      assert(open, output)
      -- An open client has at least the strings it was given, which shows that the search works.
      assert.is_true(tonumber(open) > 0)
      searched, found = searched + 1, found + tonumber(closed)
      assert.equal("0", closed)
    end)
  end

  for _, listener in ipairs { "http", "good" } do
    for i, case in ipairs(CASES) do
      if case[1] ~= "proxied" or listener == "http" then
        check(case, i, listener)
      end
    end
  end
end)
