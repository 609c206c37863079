--- Starts nginx as a child process, on free loopback ports, with a configuration of the
-- spec, and makes requests to it. For LuaJIT only: nginx loads the module under test.
local socket = require "socket"

local LIMIT = 10 -- seconds to start, to respond, to end

local server = {}
server.__index = server

local nginx = { methods = server }

local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("%s+$", ""))
end

local function read_file(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

local function write_file(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function succeeds(command)
  local status = os.execute(command .. " >/dev/null 2>&1")
  return status == true or status == 0
end

local function until_true(condition, limit)
  local deadline = socket.gettime() + (limit or LIMIT)
  repeat
    if condition() then
      return true
    end
    socket.sleep(0.01)
  until socket.gettime() > deadline
  return false
end
nginx.until_true = until_true

-- The directories of dynamic modules in distributions, and the modules to load: none where Lua is
-- built in, as in OpenResty.
local MODULES = { "/usr/lib/nginx/modules", "/usr/lib64/nginx/modules" }

local function load_modules()
  for _, directory in ipairs(MODULES) do
    local lua = directory .. "/ngx_http_lua_module.so"
    if read_file(lua) then
      return ("load_module %s/ndk_http_module.so;\nload_module %s;\n"):format(directory, lua)
    end
  end
  return ""
end

-- A sanitizer's runtime is preloaded into this process, but nginx cannot run with it.
local function is_sanitized()
  return (os.getenv "LD_PRELOAD" or ""):find "lib[%a]*san" ~= nil
end

--- Whether specs can run in nginx here: it is installed with its Lua module, and this is LuaJIT.
function nginx.is_here()
  if not rawget(_G, "jit") or is_sanitized() or not succeeds "nginx -v" then
    return false
  end
  local dynamic = load_modules() ~= ""
  return dynamic or succeeds "nginx -V 2>&1 | grep -q lua"
end

function nginx.free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return port
end

local MAIN = [[
%suser %s;
pid %s/nginx.pid;
error_log %s/error.log notice;
worker_processes %d;
worker_rlimit_nofile 4096;
%s
events { worker_connections 2048; }
http {
  access_log off;
  client_body_temp_path %s/body;
  proxy_temp_path %s/proxy;
  fastcgi_temp_path %s/fastcgi;
  uwsgi_temp_path %s/uwsgi;
  scgi_temp_path %s/scgi;
  lua_package_path "%s/lua/?.lua;;";
  lua_package_cpath "%s/?.so;;";
%s
  server {
    listen 127.0.0.1:%d;
    default_type text/plain;
%s
  }
}
]]

--- The directory of the module under test.
function nginx.build()
  return (assert(package.searchpath("vault", package.cpath)):match "^(.*)/[^/]*$")
end

local function configuration(self, parts)
  local root = os.getenv "PWD" or output_of "pwd"
  local build = parts.build or nginx.build()
  if not build:find "^/" then
    build = root .. "/" .. build
  end
  local at = self.prefix
  return MAIN:format(
    load_modules(),
    output_of "id -un",
    at,
    at,
    parts.workers or 1,
    parts.main or "",
    at,
    at,
    at,
    at,
    at,
    root,
    build,
    parts.http or "",
    self.port,
    parts.server
  )
end

local function is_listening(self)
  local connection = socket.connect("127.0.0.1", self.port)
  if connection then
    connection:close()
  end
  return connection ~= nil
end

--- `parts`: text for the levels of the configuration: { main =, http =, server = }, how many
-- workers (1), and another directory of the module: build. Returns
-- { port, url, prefix, pid } with the methods below.
function nginx.start(parts)
  local self = setmetatable({ port = nginx.free_port() }, server)
  self.prefix = output_of "mktemp -d"
  self.url = "http://127.0.0.1:" .. self.port
  write_file(self.prefix .. "/nginx.conf", configuration(self, parts))
  self.pid = output_of(
    ("nginx -p %s -c nginx.conf -g 'daemon off;' >%s/output 2>&1 </dev/null & echo $!"):format(
      self.prefix,
      self.prefix
    )
  )
  if not until_true(function()
    return is_listening(self)
  end) then
    error("nginx did not start: " .. self:said(), 2)
  end
  return self
end

--- Its log and output.
function server:said()
  return (read_file(self.prefix .. "/error.log") or "")
    .. (read_file(self.prefix .. "/output") or "")
end

function server:signal(name)
  return succeeds(("kill -%s %s"):format(name, self.pid))
end

--- Ends a process at once, such as a worker.
function nginx.kill(pid)
  return succeeds("kill -KILL " .. pid)
end

--- Whether the process runs; one that has ended may stay in the table of processes for a while.
function nginx.is_alive(pid)
  local status = read_file(("/proc/%s/status"):format(pid))
  return succeeds("kill -0 " .. pid) and not (status and status:find "State:%s+Z")
end

local function split(response)
  local status, head, body = response:match "^HTTP/1%.%d (%d+)[^\r]*\r\n(.-)\r\n\r\n(.*)$"
  return tonumber(status), body, head
end

--- Status, body and head of a response; nil and why not.
function server:get(path, timeout)
  local connection, problem = socket.connect("127.0.0.1", self.port)
  if not connection then
    return nil, problem
  end
  connection:settimeout(timeout or LIMIT)
  connection:send(("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n"):format(path))
  local text, failure, partial = connection:receive "*a"
  connection:close()
  if not text then
    return nil, failure, partial
  end
  return split(text)
end

--- Keeps `count` requests for `path` under way for that many seconds, while `meanwhile` is called
-- repeatedly with the seconds passed. Returns the number of each outcome (a status, or "lost").
function server:load(path, count, seconds, meanwhile)
  local outcomes, connections, open = {}, {}, 0
  local started = socket.gettime()
  local function finish(connection, outcome)
    outcomes[outcome] = (outcomes[outcome] or 0) + 1
    connections[connection] = nil
    connection:close()
    open = open - 1
  end
  local function start()
    local connection = assert(socket.connect("127.0.0.1", self.port))
    connection:settimeout(0)
    connection:send(("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n"):format(path))
    connections[connection] = ""
    open = open + 1
  end
  local function read(connection)
    local text, failure, partial = connection:receive "*a"
    local so_far = connections[connection] .. (text or partial or "")
    connections[connection] = so_far
    if failure ~= "timeout" then
      finish(connection, (split(so_far)) or "lost")
    end
  end
  for _ = 1, count do
    start()
  end
  local passed
  repeat
    passed = socket.gettime() - started
    while open < count and passed < seconds do
      start()
    end
    local waiting = {}
    for connection in pairs(connections) do
      waiting[#waiting + 1] = connection
    end
    for _, connection in ipairs((socket.select(waiting, nil, 0.05))) do
      read(connection)
    end
    meanwhile(passed)
  until (open == 0 and passed >= seconds) or passed > seconds + LIMIT
  if open > 0 then
    outcomes.unanswered = open
  end
  return outcomes
end

--- Ends it, and returns its log and output; the signal is QUIT or TERM (default).
function server:stop(signal)
  if not self.pid then
    return
  end
  self:signal(signal or "TERM")
  local ended = until_true(function()
    return not nginx.is_alive(self.pid)
  end)
  if not ended then
    -- The workers would survive the master.
    succeeds(("kill -KILL %s $(ps -o pid= --ppid %s)"):format(self.pid, self.pid))
  end
  local said = self:said()
  self.pid = nil
  succeeds("rm -rf " .. self.prefix)
  return said, ended
end

return nginx
