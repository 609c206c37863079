--- Responses of the fault server. The fields of a RESPONSE, all optional:
--   status, reason, headers ({ { name, value }... } in order), body
--   echo          the body describes the request (method, target, headers, body)
--   repeat_body   the body that many times
--   encoding      "gzip" or "deflate": the body compressed, content-encoding set
--   bomb          a compressed body that decompresses to that many bytes, 158 times as many for gzip, the
--                 default, and far more for the "zstd" and "br" of encoding
--   length        the content-length to claim; false: none, and no chunks either
--   chunk         the body in chunks of that many bytes
--   interim       text sent before the head (1xx responses)
--   raw           these bytes instead of a head and a body
--   endless       after that these bytes, repeatedly, until the client closes the connection
--   cut_head, cut_body   only that many bytes of the head, of the body
--   before_ms, between_ms, step_ms   pauses: before the head, before the body, after each byte
--   later         these bytes after the response, when later_ms have passed
--   finish        "keep" (default), "close" (FIN), "reset" (RST), "stall" (reads on), "sleep" (does
--                 not even read), "drop" (FIN without TLS's close_notify)
--   read_body     false: the request's body is left unread
local cqueues = require "cqueues"
local cqueues_socket = require "cqueues.socket"
local luasocket = require "socket"
local cjson = require("cjson").new()
local coding = require "spec.support.fault_server_coding"

local STALL_LIMIT = 30 -- seconds
local ENDLESS_PIECE = 16 * 1024 -- bytes, about
local response = {}

local REASONS = {
  [200] = "OK",
  [201] = "Created",
  [202] = "Accepted",
  [204] = "No Content",
  [301] = "Moved Permanently",
  [302] = "Found",
  [307] = "Temporary Redirect",
  [308] = "Permanent Redirect",
  [400] = "Bad Request",
  [401] = "Unauthorized",
  [402] = "Payment Required",
  [403] = "Forbidden",
  [404] = "Not Found",
  [408] = "Request Timeout",
  [409] = "Conflict",
  [422] = "Unprocessable Entity",
  [429] = "Too Many Requests",
  [500] = "Internal Server Error",
  [501] = "Not Implemented",
  [502] = "Bad Gateway",
  [503] = "Service Unavailable",
  [504] = "Gateway Timeout",
}

local function echo(request)
  return cjson.encode {
    status_code = 200,
    status = "OK",
    data = {
      method = request.method,
      target = request.target,
      headers = request.headers,
      body = request.body,
    },
  }
end

local function chunked(body, size)
  local chunks = {}
  for first = 1, #body, size do
    local part = body:sub(first, first + size - 1)
    chunks[#chunks + 1] = ("%x\r\n%s\r\n"):format(#part, part)
  end
  return table.concat(chunks) .. "0\r\n\r\n"
end

local function compose(chosen, request)
  local status = chosen.status or 200
  local body = chosen.echo and echo(request) or chosen.body
  local lines = { ("HTTP/1.1 %d %s"):format(status, chosen.reason or REASONS[status] or "Status") }
  if chosen.repeat_body then
    body = body:rep(chosen.repeat_body)
  end
  if chosen.bomb then
    body = coding.bomb(chosen.encoding or "gzip", chosen.bomb)
  elseif chosen.encoding then
    body = coding.encode(chosen.encoding, body)
  end
  for _, pair in ipairs(chosen.headers or {}) do
    lines[#lines + 1] = pair[1] .. ": " .. pair[2]
  end
  if chosen.bomb or chosen.encoding then
    lines[#lines + 1] = "content-encoding: " .. (chosen.encoding or "gzip")
  end
  if chosen.chunk then
    lines[#lines + 1] = "transfer-encoding: chunked"
    body = chunked(body, chosen.chunk)
  elseif chosen.length ~= false and (body or status ~= 204) then
    lines[#lines + 1] = ("content-length: %d"):format(chosen.length or #(body or ""))
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n", body or ""
end

local function pause(milliseconds)
  if milliseconds then
    cqueues.sleep(milliseconds / 1000)
  end
end

local function send_body(connection, body, step_ms)
  if not step_ms then
    return connection:write(body) and connection:flush()
  end
  for i = 1, #body do
    if not (connection:write(body:sub(i, i)) and connection:flush()) then
      return nil
    end
    pause(step_ms)
  end
  return true
end

local function send_endless(connection, text, pace_ms)
  local piece = text:rep(math.ceil(ENDLESS_PIECE / #text))
  repeat
    local sent = connection:write(piece) and connection:flush()
    pause(pace_ms)
  until not sent
end

-- SO_LINGER with a time of zero makes close() send RST (socket(7)); cqueues
-- has no call for it, luasocket has, given the descriptor for a moment.
local function reset(connection)
  local handle = luasocket.tcp()
  handle:setfd(connection:pollfd())
  handle:setoption("linger", { on = true, timeout = 0 })
  handle:setfd(-1)
  connection:close()
end

local finishes = {}

function finishes.keep()
  return true
end

function finishes.close()
  return false
end

function finishes.reset(connection)
  reset(connection)
  return false
end

function finishes.stall(connection)
  connection:settimeout(STALL_LIMIT)
  repeat
    local more = connection:read(-4096)
  until not more
  return false
end

function finishes.sleep()
  cqueues.sleep(STALL_LIMIT)
  return false
end

-- A second object for the descriptor, without TLS. It is kept, since its finalizer would close the descriptor.
local kept = {}

function finishes.drop(connection)
  local plain = cqueues_socket.fdopen(connection:pollfd())
  kept[#kept + 1] = plain
  plain:shutdown "rw"
  return false
end

--- Ends a connection as `finish` says; true if it can be used for another request.
function response.finish(connection, finish)
  return finishes[finish or "keep"](connection)
end

--- Writes bytes repeatedly until the client closes the connection.
response.send_endless = send_endless

--- Sends the response `chosen`; true if the connection can be used for another request.
function response.send(connection, chosen, request)
  pause(chosen.before_ms)
  local head, body = compose(chosen, request)
  if chosen.raw then
    head, body = "", chosen.raw
  elseif chosen.cut_head then
    head, body = head:sub(1, chosen.cut_head), ""
  end
  if chosen.cut_body then
    body = body:sub(1, chosen.cut_body)
  end
  connection:write((chosen.interim or "") .. head)
  -- Otherwise in one packet with the body: Nagle's algorithm would hold the body back
  -- until the head is acknowledged, 40 ms later (RFC 1122, 4.2.3.2 and 4.2.3.4).
  if chosen.between_ms or chosen.step_ms then
    connection:flush()
  end
  pause(chosen.between_ms)
  local sent = send_body(connection, body, chosen.step_ms)
  if chosen.endless then
    return send_endless(connection, chosen.endless)
  end
  if chosen.later then
    connection:flush()
    pause(chosen.later_ms)
    connection:write(chosen.later)
    connection:flush()
  end
  return response.finish(connection, chosen.finish) and sent
end

return response
