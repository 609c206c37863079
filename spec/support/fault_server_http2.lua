--- Listeners of the fault server that speak HTTP/2 over TLS, with the exact frames of a spec, which no library would
-- send. The fields of a BEHAVIOUR, all optional:
--   settings  pairs of identifier and value, as RFC 9113 6.5 has them
--   turns     lists of frames: the first for the first request, over all connections, ... the last for all others
--   counted   the body of every response has the number of its connection
--   frames    sent for every request; a FRAME is the list kind, flags, payload, true for stream 0 instead of the
--             request's, and the length that it claims, if another
--   more      frames sent after that, when the client has replied to a PING, and so has read the ones before
--   endless   a frame, sent after that repeatedly; pace_ms: the pause after each 16 KB of them
--   raw       bytes, instead of all that
--   close     closes the connection after that
--   each_ms   instead of all that: every request gets the response {} after this time, independently of others
local cqueues = require "cqueues"
local response = require "spec.support.fault_server_response"

local PREFACE_BYTES = 24 -- RFC 9113, 3.4
local FRAME_HEAD_BYTES = 9 -- RFC 9113, 4.1
local DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
local END_STREAM, END_HEADERS = 1, 4
local unpack = table.unpack
local http2 = {}

local function encode(frame, stream)
  local kind, flags, payload, on_connection, length = unpack(frame, 1, 5)
  local head =
    string.pack(">I3BBI4", length or #payload, kind, flags, on_connection and 0 or stream)
  return head .. payload
end

local function send(connection, frames, stream)
  local bytes = {}
  for i, frame in ipairs(frames) do
    bytes[i] = encode(frame, stream)
  end
  return connection:write(table.concat(bytes)) and connection:flush()
end

-- Reads frames until `wanted` returns true for one; returns its stream.
local function await(connection, wanted)
  while true do
    local head = connection:read(FRAME_HEAD_BYTES)
    if not head or #head < FRAME_HEAD_BYTES then
      return nil
    end
    local length, kind, flags, stream = string.unpack(">I3BBI4", head)
    if length > 0 and not connection:read(length) then
      return nil
    end
    if wanted(kind, flags) then
      return stream
    end
  end
end

local function ends_request(kind, flags)
  return (kind == HEADERS or kind == DATA) and flags & END_STREAM ~= 0
end

local function is_ping(kind)
  return kind == PING
end

local function linger(connection)
  connection:shutdown "w"
  repeat
    local more = connection:read(-4096)
  until not more
end

local STATUS_200 = "\136" -- RFC 7541, appendix A: index 8

local function count(number)
  return {
    { HEADERS, END_HEADERS, STATUS_200 },
    { DATA, END_STREAM, ('{"data":{"connection":%d}}'):format(number) },
  }
end

local function response_request(connection, behaviour, stream, number)
  if behaviour.raw then
    connection:write(behaviour.raw)
    connection:flush()
  end
  local frames = behaviour.counted and count(number) or behaviour.frames or {}
  local turns = behaviour.turns or { frames }
  behaviour.asked = (behaviour.asked or 0) + 1
  send(connection, turns[math.min(behaviour.asked, #turns)], stream)
  if behaviour.more then
    send(connection, { { PING, 0, ("\0"):rep(8), true } }, 0)
    await(connection, is_ping)
    send(connection, behaviour.more, stream)
  end
  if behaviour.endless then
    response.send_endless(connection, encode(behaviour.endless, stream), behaviour.pace_ms)
  end
  return not behaviour.close
end

local function response_in_parallel(connection, behaviour, spawn)
  repeat
    local stream = await(connection, ends_request)
    if stream then
      spawn(cqueues.running(), function()
        cqueues.sleep(behaviour.each_ms / 1000)
        send(
          connection,
          { { HEADERS, END_HEADERS, STATUS_200 }, { DATA, END_STREAM, "{}" } },
          stream
        )
      end)
    end
  until not stream
end

--- Serves `connection` as `behaviour` says, and leaves it to be closed. `spawn(queue, f, ...)` starts a coroutine.
function http2.serve(connection, behaviour, spawn)
  behaviour.connections = (behaviour.connections or 0) + 1
  local number = behaviour.connections
  local settings = {}
  for i, pair in ipairs(behaviour.settings or {}) do
    settings[i] = string.pack(">I2I4", pair[1], pair[2])
  end
  send(connection, { { SETTINGS, 0, table.concat(settings), true } }, 0)
  if not connection:read(PREFACE_BYTES) then
    return
  end
  if behaviour.each_ms then
    return response_in_parallel(connection, behaviour, spawn)
  end
  repeat
    local stream = await(connection, ends_request)
  until not (stream and response_request(connection, behaviour, stream, number))
  linger(connection)
end

return http2
