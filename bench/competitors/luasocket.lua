--- By hand on LuaSocket (LuaSec for TLS), with cjson. socket.http closes the connection after each
-- request, so this implements the part of HTTP/1.1 that the server needs.
local cjson = require "cjson"
local socket = require "socket"
local worker = require "worker"

local scheme, host, port = worker.url:match "^(https?)://([^:]+):(%d+)$"

local function connect()
  local connection = assert(socket.tcp())
  assert(connection:connect(host, tonumber(port)))
  connection:setoption("tcp-nodelay", true)
  if scheme == "https" then
    local ssl = require "ssl"
    connection = assert(ssl.wrap(connection, {
      mode = "client",
      protocol = "any",
      verify = "peer",
      cafile = worker.authority,
      options = "all",
    }))
    connection:sni(host)
    assert(connection:dohandshake())
  end
  return connection
end

local function head(row)
  local lines = {
    ("%s %s HTTP/1.1"):format(row.method, row.url:match "^https?://[^/]+(.*)$"),
    ("host: %s:%s"):format(host, port),
  }
  for name, value in pairs(worker.headers) do
    table.insert(lines, name .. ": " .. value)
  end
  if row.body then
    table.insert(lines, "content-type: application/json")
  end
  return table.concat(lines, "\r\n") .. "\r\n"
end

local function read_response(connection)
  local status = assert(connection:receive "*l")
  assert(status:match "^HTTP/1%.1 200", status)
  local length
  repeat
    local line = assert(connection:receive "*l")
    local name, value = line:match "^([^:]+):%s*(.-)%s*$"
    if name and name:lower() == "content-length" then
      length = tonumber(value)
    end
  until line == ""
  local body = assert(connection:receive(length))
  return body
end

local competitor = {}

local kept
function competitor.row(row)
  local fixed = head(row)
  return function()
    kept = kept or connect()
    local body = row.body and cjson.encode(row.body)
    local length = body and ("content-length: %d\r\n\r\n"):format(#body) or "\r\n"
    assert(kept:send(fixed .. length .. (body or "")))
    return cjson.decode(read_response(kept))
  end
end

worker.run(competitor)
