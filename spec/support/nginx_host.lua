--- Shared by the specs inside nginx: a slow upstream, and a server whose workers have a client of it.
local nginx = require "spec.support.nginx"

-- Responds after x-delay seconds (0.1), and counts the requests.
local UPSTREAM = [[
  location = /count {
    content_by_lua_block { ngx.print(package.loaded.received or 0) }
  }
  location /vault/connections {
    content_by_lua_block {
      package.loaded.received = (package.loaded.received or 0) + 1
      ngx.sleep(tonumber(ngx.var.http_x_delay) or 0.1)
      ngx.header.content_type = "application/json"
      ngx.say('{"status_code":200,"status":"OK","data":[]}')
    }
  }
]]

local CLIENT = [[
  init_by_lua_block {
    vault = require "vault"
    config = { server_url = "%s", api_key = "k", app_id = "a", consumer_id = "c" }
    client = vault.new(config)
    raised_in_init = select(2, pcall(client.connections.list))
    job_of_init_is_there = pcall(client.async.connections.list)
  }
  lua_shared_dict seen 1m;
  lua_check_client_abort on;
]]

local WORKER = [[
  location = /worker { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
  location = /trivial { content_by_lua_block { ngx.print("here") } }
]]

local host = {}
host.__index = host

--- Starts the upstream.
function host.new()
  return setmetatable({ upstream = nginx.start { server = UPSTREAM } }, host)
end

--- Starts a server with a global `client`, made in init_by_lua, and the locations /worker and
-- /trivial. `parts`: as of nginx.start.
function host:start(parts)
  self.here = nginx.start {
    main = parts.main,
    build = parts.build,
    http = CLIENT:format(self.upstream.url) .. (parts.http or ""),
    server = WORKER .. parts.server,
  }
  return self.here
end

--- The number of calls that the upstream has received.
function host:count()
  return tonumber((select(2, self.upstream:get "/count")))
end

--- Ends that server, and returns its log.
function host:finish()
  local here = self.here
  self.here = nil
  return here and here:stop() or ""
end

--- Ends that server; raises if a worker has crashed or has left something open.
function host:finish_cleanly()
  local log = self:finish()
  for _, sign in ipairs { "exited on signal", "%[alert%]" } do
    assert(not log:find(sign), log)
  end
end

function host:stop()
  self.upstream:stop()
end

return host
