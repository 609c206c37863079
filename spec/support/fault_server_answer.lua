--- How the fault server answers. An ANSWER has, all optional:
--   status, reason, headers ({ { name, value }... } in order), body
--   echo          the body describes the request (method, target, headers, body)
--   repeat_body   the body that many times
--   encoding      "gzip" or "deflate": the body compressed, content-encoding set
--   bomb          a gzip body of that many bytes, 158 times smaller on the wire
--   length        the content-length to claim; false: none, and no chunks either
--   chunk         the body in chunks of that many bytes
--   interim       text sent before the head (1xx answers)
--   raw           these bytes instead of a head and a body
--   cut_head, cut_body   only that many bytes of the head, of the body
--   before_ms, between_ms, step_ms   pauses: before the head, before the body, after each byte
--   finish        "keep" (default), "close" (FIN), "reset" (RST), "stall"
--   read_body     false: the request's body is left unread
local cqueues = require "cqueues"
local luasocket = require "socket"
local cjson = require("cjson").new()

local STALL_LIMIT = 30 -- seconds
local answer = {}

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

local crc_table = {}
for byte = 0, 255 do
  local value = byte
  for _ = 1, 8 do
    value = value & 1 == 1 and 0xEDB88320 ~ (value >> 1) or value >> 1
  end
  crc_table[byte] = value
end

local function crc32(text)
  local crc = 0xFFFFFFFF
  for i = 1, #text do
    crc = crc_table[(crc ~ text:byte(i)) & 0xFF] ~ (crc >> 8)
  end
  return crc ~ 0xFFFFFFFF
end

local function adler32(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = (a + text:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return b << 16 | a
end

-- RFC 1951, 3.2.4: blocks without compression, at most 65535 bytes each.
local function stored_blocks(text)
  local blocks = {}
  local first = 1
  repeat
    local part = text:sub(first, first + 65534)
    first = first + #part
    local final = first > #text and 1 or 0
    blocks[#blocks + 1] = string.pack("<BI2I2", final, #part, ~#part & 0xFFFF) .. part
  until final == 1
  return table.concat(blocks)
end

local GZIP_HEAD = "\31\139\8\0\0\0\0\0\0\3" -- RFC 1952, 2.3

local encoders = {}

function encoders.gzip(text)
  return GZIP_HEAD .. stored_blocks(text) .. string.pack("<I4I4", crc32(text), #text)
end

function encoders.deflate(text)
  return "\120\1" .. stored_blocks(text) .. string.pack(">I4", adler32(text))
end

-- RFC 1951, 3.2.6: one literal space, then repetitions of it, 258 bytes for
-- the 13 bits of "length 258 (code 285), distance 1". The checksum at the end
-- is wrong: nobody ought to get there.
local function bomb(size)
  local bits, pending, bytes = 0, 0, {}
  local function put(code, width)
    for i = width - 1, 0, -1 do
      pending = pending | (code >> i & 1) << bits
      bits = bits + 1
      if bits == 8 then
        bytes[#bytes + 1] = string.char(pending)
        bits, pending = 0, 0
      end
    end
  end
  put(1, 1) -- final block
  put(2, 2) -- fixed codes: 01, least significant bit first
  put(0x30 + 32, 8) -- the literal " "
  for _ = 1, size // 258 do
    put(197, 8)
    put(0, 5)
  end
  put(0, 7) -- end of block
  put(0, 7)
  return GZIP_HEAD .. table.concat(bytes) .. string.pack("<I4I4", 0, size)
end

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
    body = bomb(chosen.bomb)
  elseif chosen.encoding then
    body = encoders[chosen.encoding](body)
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
  connection:read(1)
  return false
end

--- Sends what `chosen` says; true when the connection may carry another request.
function answer.send(connection, chosen, request)
  pause(chosen.before_ms)
  local head, body = compose(chosen, request)
  if chosen.raw then
    head, body = chosen.raw, ""
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
  return finishes[chosen.finish or "keep"](connection) and sent
end

return answer
