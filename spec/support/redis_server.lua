--- Starts Debian's redis-server as a child process, on a free port of the loopback.
local nginx = require "spec.support.nginx"
local socket = require "socket"

local LIMIT = 10 -- seconds to start and to end

local server = {}
server.__index = server

local redis_server = {}

local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end

--- Whether it is installed, and lua-resty-redis where nginx finds it.
function redis_server.is_here()
  return output_of "command -v redis-server" ~= ""
    and (
      package.searchpath("resty.redis", package.path) ~= nil
      or package.searchpath("nginx.redis", package.path) ~= nil
    )
end

--- `options`: words of its command line, such as "--maxmemory 2mb".
function redis_server.new(options)
  return setmetatable({
    port = nginx.free_port(),
    directory = output_of "mktemp -d",
    options = options or "",
  }, server)
end

function server:start()
  self.pid = output_of(
    (
      "redis-server --bind 127.0.0.1 --port %d --dir %s --appendonly no --unixsocket %s/socket %s"
      .. " >>%s/log 2>&1 </dev/null & echo $!"
    ):format(self.port, self.directory, self.directory, self.options, self.directory)
  )
  assert(
    nginx.until_true(function()
      return self:command "PING" == "+PONG"
    end, LIMIT),
    "redis-server did not start"
  )
  return self
end

--- Sends a command as it would be typed; the first line of the reply.
function server:command(text)
  local connection = socket.connect("127.0.0.1", self.port)
  if not connection then
    return nil
  end
  connection:settimeout(LIMIT)
  if self.password then
    connection:send("AUTH " .. self.password .. "\r\n")
    connection:receive "*l"
  end
  connection:send(text .. "\r\n")
  local line = connection:receive "*l"
  connection:close()
  return line
end

-- The first line of the reply that matches.
local function find_line(self, command, pattern)
  local connection = assert(socket.connect("127.0.0.1", self.port))
  connection:settimeout(LIMIT)
  connection:send(command .. "\r\n")
  local found
  repeat
    found = assert(connection:receive "*l"):match(pattern)
  until found
  connection:close()
  return found
end

--- How many connections listen to a channel.
function server:count_subscribers(channel)
  return tonumber(find_line(self, "PUBSUB NUMSUB " .. channel, "^:(%d+)"))
end

--- A number of INFO's.
function server:info(name)
  return tonumber(find_line(self, "INFO", "^" .. name .. ":(%d+)"))
end

--- STOP and CONT: it hangs, and goes on.
function server:signal(name)
  os.execute(("kill -%s %s"):format(name, self.pid))
end

function server:stop()
  if self.pid then
    self:signal "CONT"
    self:signal "KILL"
    assert(nginx.until_true(function()
      return not nginx.is_alive(self.pid)
    end, LIMIT))
    self.pid = nil
  end
end

function server:remove()
  self:stop()
  os.execute("rm -rf " .. self.directory)
end

return redis_server
