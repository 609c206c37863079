-- The script that the program carries inside itself: CMake turns this file into an array of bytes.
-- It cannot load files, so that it can only require what the host has preloaded.
local config = ... -- { server_url = } or { transport = }

local vault = require "vault"
local safe = require "vault.safe"

assert(package.path == "" and package.cpath == "", "the host lets no file be loaded")

-- The default credentials are the sandbox's.
local function with_credentials(fields)
  local function from_environment(name, default)
    local value = os.getenv(name)
    return value and value ~= "" and value or default
  end
  fields.api_key = from_environment("APIDECK_API_KEY", "sandbox-key")
  fields.app_id = from_environment("APIDECK_APP_ID", "sandbox-app")
  fields.consumer_id = from_environment("APIDECK_CONSUMER_ID", "sandbox-consumer")
  fields.server_url = config.server_url
  fields.transport = config.transport
  return fields
end

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local client
local script = {}

-- The host prints the memory that each of these uses.
script.steps = {
  {
    "vault.new",
    function()
      client = vault.new(with_credentials {})
      return tostring(client)
    end,
  },
  {
    "connections.list",
    function()
      local result = client.connections.list { api = "crm" }
      return #result.data .. " connections"
    end,
  },
  {
    "connections.get",
    function()
      local result = client.connections.get(PIPEDRIVE)
      return result.data.name .. " is " .. result.data.state
    end,
  },
  {
    "connections.get, again",
    function()
      local result = client.connections.get(PIPEDRIVE)
      return result.data.name .. " is " .. result.data.state
    end,
  },
  {
    "an error, from vault.safe",
    function()
      local quiet = safe.new(with_credentials {})
      local result, err = quiet.connections.get { service_id = "no-such", unified_api = "crm" }
      quiet:close()
      assert(result == nil and vault.is_error(err, "NotFoundResponse"), tostring(err))
      return err.name
    end,
  },
}

-- Keeps every response until it reaches the host's limit. Returns their number, and the error.
function script.hoard()
  local responses = {}
  local _, problem = pcall(function()
    while true do
      responses[#responses + 1] = client.connections.list()
    end
  end)
  return #responses, tostring(problem)
end

-- One plain call, in which the host lets allocations fail.
function script.call()
  assert(client.connections.get(PIPEDRIVE).data.service_id == "pipedrive")
end

-- One call as a job: started, then collected, while the host lets allocations fail.
local job
function script.start()
  job = client.async.connections.get(PIPEDRIVE)
end

-- Whether the job has ended: true and whether it succeeded, or false.
function script.collect()
  client:poll()
  if not job then
    return true, false -- the start failed
  elseif not job:done() then
    return false
  end
  return true, (pcall(job.result, job))
end

-- Readable while there is something to collect.
function script.descriptor()
  return client:pollfd()
end

local in_flight, finished, failed, attempts = 0, 0, 0, 0

local function count(result, err, response)
  in_flight = in_flight - 1
  finished = finished + 1
  attempts = attempts + (response or err).attempts
  if not result then
    failed = failed + 1
  end
end

-- One frame: starts as many calls as the host asks for and takes what has arrived. Never waits.
function script.frame(calls)
  for _ = 1, calls do
    client.async.connections.get(PIPEDRIVE, {
      callback = count,
      headers = config.server_url and { ["x-sandbox-fault"] = "delay-ms=150" } or nil,
    })
    in_flight = in_flight + 1
  end
  client:poll()
  return in_flight
end

function script.report()
  return finished, failed, attempts
end

function script.close()
  client:close()
end

return script
