-- 100,000 jobs against a sandbox of its own, to see that memory stays flat. Not part of spec/run:
--
--   LUA_PATH="./?.lua;lua/?.lua;lua/?/init.lua;;" LUA_CPATH="build/5.4/?.so;;" lua5.4 spec/soak.lua [jobs]
--
-- Every hundredth job is cancelled, every thousandth client is replaced. It fails when the process
-- has grown by more than 8 MiB since the first tenth was done.
local sandbox_process = require "spec.support.sandbox_process"
local socket = require "socket"
local vault = require "vault"

local TOTAL = tonumber(arg[1]) or 100000
local IN_FLIGHT = 64
local LIMIT_KB = 8192

local function resident_kb()
  local file = assert(io.open("/proc/self/status"))
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "VmRSS:%s*(%d+)")
end

local sandbox = sandbox_process.start()

local function new_client()
  return vault.new {
    server_url = sandbox.url,
    api_key = "sandbox-key",
    app_id = "sandbox-app",
    consumer_id = "sandbox-consumer",
  }
end

local client = new_client()
local started, ended, failed, cancelled = 0, 0, 0, 0

local function heard(_, err)
  ended = ended + 1
  if err and err.name == "RequestAbortedError" then
    cancelled = cancelled + 1
  elseif err then
    failed = failed + 1
    io.stderr:write(tostring(err), "\n")
  end
end

local function start()
  started = started + 1
  local request = { service_id = "pipedrive", unified_api = "crm" }
  local job = client.async.connections.get(request, { callback = heard })
  if started % 100 == 0 then
    job:cancel()
  end
  if started % 1000 == 0 then
    local old = client
    client = new_client()
    while old:poll(0) > 0 do
      socket.sleep(0)
    end
    old:close()
  end
end

local began = socket.gettime()
local baseline, step = nil, TOTAL / 10
for tenth = 1, 10 do
  while ended < tenth * step do
    while started < TOTAL and started - ended < IN_FLIGHT do
      start()
    end
    client:poll(5000)
  end
  collectgarbage()
  collectgarbage()
  local now = resident_kb()
  baseline = baseline or now
  print(
    ("%7d jobs  %6.1f s  %7d KB resident  %6.0f KB in Lua"):format(
      ended,
      socket.gettime() - began,
      now,
      collectgarbage "count"
    )
  )
end
local grown = resident_kb() - baseline
client:close()
sandbox:stop()
print(("%d cancelled or aborted, %d failed, grown by %d KB"):format(cancelled, failed, grown))
assert(failed == 0, "jobs failed")
assert(grown < LIMIT_KB, "the process has grown")
