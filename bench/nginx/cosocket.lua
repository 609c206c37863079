--- The minimum for a call with a hand-written client on nginx's own sockets: a kept TLS
-- connection, one request, one response with a content-length, decoded.
local cjson = require("cjson").new()

local cosocket = {}

local REQUEST = "GET /vault/connections/crm/pipedrive HTTP/1.1\r\n"
  .. "host: localhost\r\n"
  .. "authorization: Bearer bench-key\r\n"
  .. "x-apideck-app-id: bench-app\r\n"
  .. "x-apideck-consumer-id: bench-consumer\r\n"
  .. "accept: application/json\r\n\r\n"

local function read_response(socket)
  local line = assert(socket:receive "*l")
  local status = tonumber(line:match "^HTTP/1%.1 (%d+)")
  local headers = {}
  repeat
    line = assert(socket:receive "*l")
    local name, value = line:match "^([^:]+):%s*(.-)%s*$"
    if name then
      headers[name:lower()] = value
    end
  until not name
  return status, assert(socket:receive(tonumber(headers["content-length"])))
end

function cosocket.new(port)
  return function()
    local socket = ngx.socket.tcp()
    socket:settimeouts(10000, 30000, 30000)
    assert(socket:connect("127.0.0.1", port))
    if socket:getreusedtimes() == 0 then
      assert(socket:sslhandshake(nil, "localhost", true))
    end
    assert(socket:send(REQUEST))
    local status, body = read_response(socket)
    assert(socket:setkeepalive(60000, 512))
    assert(status == 200, status)
    return cjson.decode(body)
  end
end

return cosocket
