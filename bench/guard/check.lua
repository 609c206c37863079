--- What a check costs that is answered from what a guard keeps: check.measure(cache) returns
-- microseconds of processor time. As a program it prints those of guard.memory().
local guard = require "vault.guard"
local vault = require "vault"

local CONSUMERS, CHECKS, ROUNDS = 1000, 500000, 5

local BODY =
  [[{"status_code":200,"status":"OK","data":{"state":"callable","enabled":true,"health":"ok",
"name":"Pipedrive","service_id":"pipedrive"}}]]

local check = {}

local function new_guard(cache)
  local client = vault.new {
    server_url = "http://127.0.0.1",
    api_key = "bench-key",
    app_id = "bench-app",
    transport = function()
      return { status = 200, body = BODY }
    end,
  }
  return guard.new { client = client, cache = cache, ttl_ms = 1e9 }
end

local function pass(connections, consumers, count)
  for i = 1, count do
    local answer = connections:check {
      consumer_id = consumers[i % CONSUMERS + 1],
      unified_api = "crm",
      service_id = "pipedrive",
    }
    assert(answer.allowed)
  end
end

--- The best of some rounds, over a thousand consumers.
function check.measure(cache)
  local connections, consumers = new_guard(cache), {}
  for i = 1, CONSUMERS do
    consumers[i] = "consumer-" .. i
  end
  pass(connections, consumers, CONSUMERS)
  local best = math.huge
  for _ = 1, ROUNDS do
    local began = os.clock()
    pass(connections, consumers, CHECKS)
    best = math.min(best, (os.clock() - began) / CHECKS * 1e6)
  end
  return best
end

if not rawget(_G, "ngx") then
  print(("%.2f"):format(check.measure(guard.memory())))
end

return check
