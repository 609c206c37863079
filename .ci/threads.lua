-- threads.lua URL: many concurrent calls on the engine's thread, which are started, waited for, cancelled,
-- dropped and closed. Run under ThreadSanitizer.
local vault = require "vault"

local server_url = assert(arg[1], "usage: threads.lua URL")
local request = { service_id = "pipedrive", unified_api = "crm" }

local function new_client()
  return vault.new {
    server_url = server_url,
    api_key = "sandbox-key",
    app_id = "sandbox-app",
    consumer_id = "sandbox-consumer",
    max_connections = 8,
  }
end

local function start(client, count)
  local jobs = {}
  for index = 1, count do
    jobs[index] = index % 2 == 0 and client.async.connections.list { api = "crm" }
      or client.async.connections.get(request)
  end
  return jobs
end

local function count_successes(jobs)
  local successes = 0
  for _, job in ipairs(jobs) do
    if pcall(job.result, job) then
      successes = successes + 1
    end
  end
  return successes
end

for _ = 1, 10 do
  local client, other = new_client(), new_client()

  local jobs = start(client, 40)
  jobs[3]:cancel()
  assert(vault.wait_all(jobs))
  assert(count_successes(jobs) >= 39)

  jobs = start(other, 20)
  while other:poll(10) > 0 do -- what is done so far
  end
  for _, job in ipairs(jobs) do
    job:wait()
  end

  start(client, 10) -- not referenced
  collectgarbage()
  local late = start(other, 10)
  other:close()
  assert(count_successes(late) <= 10)
  client.connections.get(request) -- a blocking call beside the thread
  client:close()
  collectgarbage()
end

-- A debug hook that raises while jobs are started, waited for, cancelled and closed.
local function interrupted()
  local client = new_client()
  local jobs = start(client, 3)
  jobs[1]:cancel()
  jobs[2]:wait()
  start(client, 2)
  client:close()
end
if rawget(_G, "jit") then
  jit.off() -- compiled code runs no hooks
end
require("spec.support.debug_hooks").each(interrupted, function(passed, outcome, label)
  assert(passed or require("spec.support.debug_hooks").is_hooks(outcome), label)
  collectgarbage()
end)
