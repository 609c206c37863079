--- Starts the fault server as a child process and uses its control path.
-- The child reads a pipe from this process, and ends when that is closed.
local cjson = require("cjson").new()
local http = require "socket.http"
local ltn12 = require "ltn12"
local socket = require "socket"

local START_LIMIT = 10 -- seconds
local COMMAND = "exec env LUA_PATH='./?.lua;;' LUA_CPATH=';;' "
  .. "lua5.4 spec/support/fault_server.lua %s >%s 2>&1"

local server = {}
server.__index = server

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function write_file(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

-- Without it the body waits until the server acknowledges the head, 40 ms later (RFC 1122, 4.2.3.2).
local function without_delay()
  local connection = socket.tcp()
  connection:setoption("tcp-nodelay", true)
  return connection
end

local function ask(url, body)
  local parts = {}
  local done, status = http.request {
    url = url,
    method = body and "POST" or "GET",
    headers = { ["content-length"] = body and #body or nil },
    source = body and ltn12.source.string(body) or nil,
    sink = ltn12.sink.table(parts),
    create = without_delay,
  }
  assert(done and status == 200, "the fault server does not respond: " .. tostring(status))
  return cjson.decode(table.concat(parts))
end

local process = {}

--- `lifetime`: seconds after which it ends in any case; 900 by default.
function process.start(lifetime)
  local output = os.tmpname()
  local self = setmetatable({ output = output, files = { output }, scenarios = 0 }, server)
  self.pipe = assert(io.popen(COMMAND:format(lifetime or "", output), "w"))
  local deadline = socket.gettime() + START_LIMIT
  repeat
    socket.sleep(0.02)
    self.http = read_file(output):match "listening on (http://%S+)"
  until self.http or socket.gettime() > deadline
  assert(self.http, read_file(output))
  local info = ask(self.http .. "/control/info")
  self.urls = info.urls
  self.authority_pem = info.authority
  self.authority_file = self:file(info.authority)
  self.client_certificate_file = self:file(info.client_certificate)
  self.client_key_file = self:file(info.client_key)
  return self
end

--- A file with this text, removed when the server stops.
function server:file(text)
  local path = write_file(text)
  self.files[#self.files + 1] = path
  return path
end

local peer = {}
peer.__index = peer

--- Registers responses (see fault_server_response.lua) under a fresh name.
-- `listener` is "http" by default; `name` is for "connect" only.
function server:script(responses, listener, name)
  self.scenarios = self.scenarios + 1
  name = name or ("scenario-%d"):format(self.scenarios)
  ask(self.http .. "/control/scenario/" .. name, cjson.encode { responses = responses })
  local root = self.urls[listener or "http"]
  return setmetatable({ server = self, name = name, root = root, url = root .. "/" .. name }, peer)
end

--- The URL of a new listener with this behaviour (see fault_server_raw.lua).
function server:listener(behaviour)
  return ask(self.http .. "/control/listener", cjson.encode(behaviour)).url
end

--- The URL of a listener for the same scenarios on another address of this machine; nil where there is none.
function server:outer(address)
  return ask(self.http .. "/control/outer/" .. address).url
end

--- Connections to the listener of that URL: open, the most that were open at once (most), and total.
function server:connections(url)
  return ask(self.http .. "/control/counts/" .. url:match ":(%d+)")
end

local request = {}
request.__index = request

--- The value of a header, by lower-case name; nil when it was not sent.
function request:header(name)
  local values = {}
  for _, pair in ipairs(self.headers) do
    if pair[1]:lower() == name then
      values[#values + 1] = pair[2]
    end
  end
  return values[1] and table.concat(values, ", ") or nil
end

function process.request(record)
  return setmetatable(record, request)
end

--- The requests to this peer, in order, and the number of connections.
function peer:requests()
  local seen = ask(self.server.http .. "/control/requests/" .. self.name)
  for _, record in ipairs(seen.requests) do
    process.request(record)
    record.path = record.target:gsub("^/" .. self.name:gsub("%-", "%%-"), "", 1)
  end
  return seen.requests, seen.connections
end

function server:stop()
  if not self.pipe then
    return
  end
  self.pipe:close()
  self.pipe = nil
  local complaints = read_file(self.output):gsub("^[^\n]*\n", "", 1)
  for _, path in ipairs(self.files) do
    os.remove(path)
  end
  assert(complaints == "", complaints)
end

return process
