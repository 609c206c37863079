-- Updates 200 connections, 32 at a time, with a progress bar: jobs and callbacks, no event loop.
--
--   lua examples/parallel.lua
--
-- It starts a sandbox (a Vault on this machine) and creates 200 consumers with one connection each. With
-- APIDECK_SERVER_URL set to a running sandbox, it uses that one; it refuses any other server.
local vault = require "vault"

local CONNECTIONS = 200
local AT_ONCE = 32
local WIDTH = 40

-- The program of the sandbox's server: where modules are installed, else in the checkout.
local function find_sandbox()
  for path in (package.path .. ";lua/?.lua"):gmatch "[^;]+" do
    local name = path:gsub("%?", "vault/sandbox/main")
    local file = io.open(name)
    if file then
      file:close()
      return name
    end
  end
  error "vault/sandbox/main.lua is neither in package.path nor in the directory lua"
end

-- The sandbox as a child process: its first lines are its process id and its address.
local function start_sandbox()
  local lua = arg and arg[-1] or "lua"
  local command = ("echo $$; exec '%s' '%s' --port 0"):format(lua, find_sandbox())
  local pipe = assert(io.popen(command))
  local process = pipe:read "*l"
  local url = (pipe:read "*l" or ""):match "http://%S+"
  assert(url, "the sandbox does not start: it needs lua-http and lua-cjson")
  return url, function()
    os.execute("kill " .. process)
    pipe:close()
  end
end

local function find_server()
  local url = os.getenv "APIDECK_SERVER_URL"
  if not url then
    return start_sandbox()
  end
  assert(
    url:match "^http://127%.0%.0%.1[:/]",
    "this example makes up settings: it is for a sandbox only"
  )
  return url, function() end
end

local function draw(done, failed)
  local filled = math.floor(WIDTH * done / CONNECTIONS)
  local bar = ("#"):rep(filled) .. ("."):rep(WIDTH - filled)
  io.write(("\r[%s] %d of %d, %d failed"):format(bar, done, CONNECTIONS, failed))
  io.flush()
end

local function update_all(client)
  local started, done, failed = 0, 0, 0
  local problems = {}

  local function finished(_, err)
    done = done + 1
    if err then
      failed = failed + 1
      problems[#problems + 1] = tostring(err)
    end
    draw(done, failed)
  end

  while done < CONNECTIONS do
    while started < CONNECTIONS and started - done < AT_ONCE do
      started = started + 1
      client.async.connections.update({
        consumer_id = ("consumer-%03d"):format(started),
        service_id = "activecampaign",
        unified_api = "crm",
        connection = {
          enabled = true,
          settings = { base_url = "https://example.api-us1.com", api_key = "made-up-" .. started },
        },
      }, { callback = finished })
    end
    client:poll(1000)
  end
  io.write "\n"
  return problems
end

local url, stop = find_server()
local client = vault.new {
  server_url = url,
  api_key = "sandbox-key",
  app_id = "sandbox-app",
  max_connections = AT_ONCE,
}
local problems = update_all(client)
client:close()
stop()
for _, problem in ipairs(problems) do
  io.stderr:write(problem, "\n")
end
os.exit(#problems == 0 and 0 or 1)
