--- The ways in which a call can be executed, with one interface, so that each
-- spec is written once and runs over all of them:
--
--   host.name
--   host:script(responses)          a peer that gives these responses: peer:requests()
--   host:client(peer [, config])  a client of that peer
--   host:sandbox([config])        a client of a new sandbox
--   host:stop()
--
-- A response is as in fault_server_response.lua; a host without a socket supports
-- status, headers, body, echo and repeat_body, and `fault`, the text of a lost connection.
local cjson = require("cjson").new()
local fault_server = require "spec.support.fault_server_process"
local vault = require "vault"

local CREDENTIALS = {
  api_key = "sandbox-key",
  app_id = "sandbox-app",
  consumer_id = "sandbox-consumer",
}

local function configuration(defaults, config)
  local merged = {}
  for _, source in ipairs { CREDENTIALS, defaults, config or {} } do
    for key, value in pairs(source) do
      merged[key] = value
    end
  end
  return merged
end

-- false omits a credential.
local function new_client(defaults, config)
  local merged = configuration(defaults, config)
  for key in pairs(CREDENTIALS) do
    merged[key] = merged[key] or nil
  end
  return vault.new(merged)
end

-- Short pauses; specs of pauses set their own.
local QUICK = { backoff = { initial_interval = 2, max_interval = 4 } }

-- Hosts with a socket share their server processes.
local servers = {}
servers.__index = servers

local function new_servers()
  return setmetatable({ users = 0 }, servers)
end

function servers:stop()
  self.users = self.users - 1
  if self.users > 0 then
    return
  end
  if self.fault_server then
    self.fault_server:stop()
  end
  if self.sandbox then
    self.sandbox:stop()
  end
  self.fault_server, self.sandbox = nil, nil
end

local libcurl = { name = "libcurl" }
libcurl.__index = libcurl

local function over_socket(host, shared)
  shared.users = shared.users + 1
  host.servers = shared
  return host
end

function libcurl:server()
  self.servers.fault_server = self.servers.fault_server or fault_server.start()
  return self.servers.fault_server
end

-- Only new connections are lost: on a kept one libcurl may send again by itself.
local function closing(response)
  local copy = { headers = { { "connection", "close" } }, finish = "close" }
  for name, value in pairs(response) do
    if name ~= "headers" then
      copy[name] = value
    end
  end
  for _, pair in ipairs(response.headers or {}) do
    copy.headers[#copy.headers + 1] = pair
  end
  return copy
end

function libcurl:script(responses)
  local wire = {}
  for i, response in ipairs(responses) do
    local following = responses[i + 1]
    if response.fault then
      wire[i] = { raw = "", finish = "close" }
    else
      local fresh = following and following.fault
      wire[i] = fresh and not response.finish and closing(response) or response
    end
  end
  return self:server():script(wire)
end

function libcurl:client(peer, config)
  return self:wrap(new_client({ server_url = peer.url, retries = QUICK }, config))
end

function libcurl:sandbox(config)
  local shared = self.servers
  shared.sandbox = shared.sandbox or require("spec.support.sandbox_process").start()
  local defaults = { server_url = shared.sandbox.url, retries = QUICK }
  return self:wrap(new_client(defaults, config))
end

function libcurl.wrap(_, client)
  return client
end

function libcurl:stop()
  self.servers:stop()
end

-- A client whose plain calls are made by `call(client, group, name, request, options)`.
local function calling(client, call)
  local groups = {}
  local function group_of(key)
    if not groups[key] then
      groups[key] = {}
      for name in pairs(client.async[key]) do
        groups[key][name] = function(request, options)
          return call(client, key, name, request, options)
        end
      end
    end
    return groups[key]
  end
  return setmetatable({}, {
    __close = function()
      client:close()
    end,
    __tostring = function()
      return tostring(client)
    end,
    __index = function(_, key)
      local value = client.async[key] and group_of(key) or client[key]
      if type(value) ~= "function" then
        return value
      end
      return function(_, ...)
        return value(client, ...)
      end
    end,
  })
end

-- Calls on the background thread, in sequence.
local function start_and_wait(client, group, name, request, options)
  return client.async[group][name](request, options):wait()
end

local async = setmetatable({ name = "libcurl, asynchronously" }, libcurl)
async.__index = async

function async.wrap(_, client)
  return calling(client, start_and_wait)
end

-- The plain calls of a client with a loop, each in a coroutine of that loop.
local function looping(loop)
  local host = setmetatable({ name = loop.name }, libcurl)
  function host.client(self, scripted, config)
    return libcurl.client(self, scripted, configuration({ loop = loop.name }, config))
  end
  function host.sandbox(self, config)
    return libcurl.sandbox(self, configuration({ loop = loop.name }, config))
  end
  local inside = false -- inside a call, whose hooks cannot run the loop
  local function leave(passed, ...)
    inside = false
    if not passed then
      error((...), 0)
    end
    return ...
  end
  local function call(client, group, name, request, options)
    if inside then
      local job = client.async[group][name](request, options)
      job:_wait_blocking()
      return job:result()
    end
    inside = true
    return leave(pcall(loop.run, client[group][name], request, options))
  end
  function host.wrap(_, client)
    return calling(client, call)
  end
  return host
end

local transport = { name = "transport" }
transport.__index = transport

local peer = {}
peer.__index = peer

function peer:requests()
  return self.seen, 1
end

local function sorted_headers(headers)
  local list = {}
  for name, value in pairs(headers) do
    list[#list + 1] = { name, value }
  end
  table.sort(list, function(a, b)
    return a[1] < b[1]
  end)
  return list
end

local function echo(record)
  return cjson.encode {
    status_code = 200,
    status = "OK",
    data = {
      method = record.method,
      target = record.target,
      headers = record.headers,
      body = record.body,
    },
  }
end

local function respond(self, request)
  local record = fault_server.request {
    method = request.method,
    target = request.url:gsub("^%a+://[^/]*", ""),
    headers = sorted_headers(request.headers),
    body = request.body,
    timeout_ms = request.timeout_ms,
  }
  record.path = record.target:gsub("^/script", "", 1)
  self.seen[#self.seen + 1] = record
  local response = self.responses[math.min(#self.seen, #self.responses)]
  if response.fault then
    return nil, response.fault
  end
  local headers = {}
  for _, pair in ipairs(response.headers or {}) do
    headers[pair[1]] = pair[2]
  end
  local body = response.echo and echo(record)
    or (response.body or ""):rep(response.repeat_body or 1)
  return { status = response.status or 200, headers = headers, body = body }
end

function transport.script(_, responses)
  return setmetatable({ responses = responses, seen = {}, url = "http://127.0.0.1/script" }, peer)
end

function transport.client(_, scripted, config)
  return new_client({
    server_url = scripted.url,
    retries = QUICK,
    transport = function(request)
      return respond(scripted, request)
    end,
  }, config)
end

function transport.sandbox(_, config)
  local sandbox = require("vault.sandbox").new()
  return new_client({
    server_url = "http://127.0.0.1",
    retries = QUICK,
    transport = sandbox:transport(),
  }, config)
end

function transport.stop() end

local hosts = {}

-- A worker of nginx, when the specs themselves run in one (busted_in_nginx.lua).
local nginx = rawget(_G, "ngx")
  and {
    name = "nginx",
    run = function(f, ...)
      return f(...)
    end,
  }

--- A client of a peer with these responses, and the peer.
function hosts.client_of(host, responses, config)
  local scripted = host:script(responses)
  return host:client(scripted, config), scripted
end

--- The same for (host, response..., [config]).
function hosts.over(host, ...)
  local responses = { ... }
  local last = responses[#responses]
  local is_response = last.body or last.status or last.fault
  local config = not is_response and table.remove(responses) or nil
  return hosts.client_of(host, responses, config)
end

--- New hosts for one spec file, which stops each in its teardown.
function hosts.all()
  local shared = new_servers()
  if nginx then
    return { over_socket(looping(nginx), shared) }
  end
  local list = {
    over_socket(setmetatable({}, libcurl), shared),
    setmetatable({}, transport),
    over_socket(setmetatable({}, async), shared),
  }
  for _, loop in ipairs(require("spec.support.loops").installed()) do
    list[#list + 1] = over_socket(looping(loop), shared)
  end
  return list
end

--- Only the one with a socket.
function hosts.wire()
  local host = setmetatable({}, libcurl)
  if nginx then -- whose loop is the default there
    function host.client(self, scripted, config)
      return libcurl.client(self, scripted, configuration({ loop = "none" }, config))
    end
  end
  return over_socket(host, new_servers())
end

return hosts
