--- Starts the sandbox's server as a child process, under Lua 5.4 whichever version the spec runs
-- on.
--
-- Lua 5.4 finds its build of the module through LUA_CPATH_5_4, or LUA_CPATH where that is not set.
-- The child reads a pipe from this process, and ends when that is closed.
local socket = require "socket"

local START_LIMIT = 10 -- seconds
local COMMAND = "echo $$ >%s; exec lua5.4 lua/vault/sandbox/main.lua --until-stdin-ends %s >%s 2>&1"

local server = {}
server.__index = server

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local process = {}

--- `arguments`: more of the command line, as text. Returns { url, port, pid, stop }; and with --tls
-- `certificate_pem`.
function process.start(arguments)
  local pid_file, output = os.tmpname(), os.tmpname()
  local self = setmetatable({ output = output, pid_file = pid_file }, server)
  self.pipe = assert(io.popen(COMMAND:format(pid_file, arguments or "", output), "w"))
  local deadline = socket.gettime() + START_LIMIT
  local said
  repeat
    socket.sleep(0.02)
    said = read_file(output)
  until said ~= "" or socket.gettime() > deadline
  self.pid = read_file(pid_file):match("%d+")
  -- It prints its URL in one write when it listens; anything else is an error message.
  self.url = said:match("^vault sandbox listening on (https?://127%.0%.0%.1:%d+)\n")
  if not self.url then
    error("the sandbox did not start: " .. self:stop(), 2)
  end
  self.port = tonumber(self.url:match(":(%d+)$"))
  self.certificate_pem = said:match("%-%-%-%-%-BEGIN.+END CERTIFICATE%-%-%-%-%-\n")
  return self
end

--- Its output so far.
function server:printed()
  return read_file(self.output)
end

--- Sends the signal ("TERM") and waits for the end; returns the output.
function server:stop(signal)
  if not self.pipe then
    return
  end
  if self.pid then
    os.execute(("kill -%s %s 2>/dev/null"):format(signal or "TERM", self.pid))
  end
  self.pipe:close()
  self.pipe = nil
  local said = read_file(self.output)
  os.remove(self.output)
  os.remove(self.pid_file)
  return said
end

return process
