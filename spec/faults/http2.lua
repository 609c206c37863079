-- What can be wrong with HTTP/2: see fault_server_http2.lua for the frames.
local DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, CONTINUATION =
  0, 1, 3, 4, 5, 6, 7, 9
local END_STREAM, END_HEADERS = 1, 4
local INTERNAL_ERROR, REFUSED_STREAM, ENHANCE_YOUR_CALM = 2, 7, 11
local INITIAL_WINDOW_SIZE = 4
local STATUS_200 = "\136" -- RFC 7541, appendix A: index 8
-- Versions of libcurl differ in which of the two codes they report.
local LOST = { "protocol", "reset" }
-- libcurl 7.88 treats a stream that is reset after the head as complete; the JSON is incomplete.
local EITHER = { 1, 2 }

local function number(value)
  local text = ""
  for _ = 1, 4 do
    text = string.char(value % 256) .. text
    value = math.floor(value / 256)
  end
  return text
end

-- RFC 7541, 6.2.2: a literal header without indexing, its name in full.
local function literal(name, value)
  return "\0" .. string.char(#name) .. name .. string.char(#value) .. value
end

local function headers(block, flags)
  return { HEADERS, flags or END_HEADERS, block }
end

local function on_connection(kind, flags, payload)
  return { kind, flags, payload, true }
end

local function goaway(last_stream, code)
  return on_connection(GOAWAY, 0, number(last_stream) .. number(code))
end

local function reset(code)
  return { RST_STREAM, 0, number(code) }
end

local HEAD = headers(STATUS_200)
local PART = { DATA, 0, '{"data"' }
local WHOLE = { DATA, END_STREAM, '{"data":{"ok":true}}' }

local function done(server)
  return server:listener { http2 = true, frames = { HEAD, WHOLE } }
end

local function row(name, behaviour, fields)
  behaviour.http2 = true
  fields[1] = name
  fields.listener = behaviour
  fields.done = done
  fields.config = function(server)
    return { tls = { ca_file = server.authority_file }, max_response_bytes = 1024 * 1024 }
  end
  return fields
end

local function fine(name, behaviour)
  return row(name, behaviour, { is = "success" })
end

local function lost(name, behaviour)
  return row(name, behaviour, { is = "ConnectionError", code = LOST, attempts = 2 })
end

-- The server has not processed the request (RFC 9113, 8.7): it is sent again whatever its verb.
local function refused(name, behaviour)
  return row(name, behaviour, {
    is = "ConnectionError",
    code = LOST,
    attempts = 2,
    unsent = true,
    patch = { says = "the server refused the request without processing it" },
  })
end

-- libcurl 7.81 treats both as the end of the connection.
local function told_apart(fields)
  fields.needs = function(server)
    return server.libcurl >= 7088
  end
  return fields
end

local function cut(name, behaviour)
  local fields = { is = "ResponseValidationError", status = 200, attempts = EITHER }
  return row(name, behaviour, fields)
end

-- libcurl 8 goes on reading until timeout_ms has passed.
local function bounded(fields)
  fields.needs = function(server)
    return server.libcurl < 8000
  end
  return fields
end

local function late(name, phase, behaviour, request)
  return row(name, behaviour, {
    is = "RequestTimeoutError",
    phase = phase,
    attempts = 2,
    limited = true,
    request = request,
  })
end

return {
  title = "HTTP/2",
  fine("responses as it should", { frames = { HEAD, WHOLE } }),
  fine("goes away after the response", { frames = { HEAD, WHOLE, goaway(1, 0) } }),
  told_apart(
    refused("goes away, the request not taken", { frames = { goaway(0, 0) }, close = true })
  ),
  lost("goes away, the request taken", { frames = { goaway(1, 0) }, close = true }),
  told_apart(
    refused(
      "goes away for being asked too much",
      { frames = { goaway(0, ENHANCE_YOUR_CALM) }, close = true }
    )
  ),
  cut(
    "goes away within the body",
    { frames = { HEAD, PART }, more = { goaway(1, INTERNAL_ERROR) }, close = true }
  ),
  lost("resets the stream before the head", { frames = { reset(INTERNAL_ERROR) } }),
  refused("refuses the stream", { frames = { reset(REFUSED_STREAM) } }),
  cut("resets the stream after the head", { frames = { HEAD }, more = { reset(INTERNAL_ERROR) } }),
  cut(
    "resets the stream within the body",
    { frames = { HEAD, PART }, more = { reset(INTERNAL_ERROR) } }
  ),
  late("opens no window for the body", "send", { settings = { { INITIAL_WINDOW_SIZE, 0 } } }, {
    service_id = "pipedrive",
    unified_api = "crm",
    connection = { metadata = { blob = ("x"):rep(1024 * 1024) } },
  }),
  late("never responses", "first_byte", {}),
  late("stalls after the head", "body", { frames = { HEAD } }),
  late("stalls within the body", "body", { frames = { HEAD, PART } }),
  cut(
    "closes the connection within the body",
    { frames = { HEAD, PART }, more = {}, close = true }
  ),
  lost("closes the connection before the head", { close = true }),
  lost("sends a body before the head", { frames = { WHOLE } }),
  lost("sends a head without a status", { frames = { headers(literal("x", "y")) } }),
  lost(
    "sends a head in upper case",
    { frames = { headers(STATUS_200 .. literal("X-Upper", "y")) } }
  ),
  lost("sends a head that cannot be decoded", { frames = { headers "\128" } }),
  lost("sends a frame larger than allowed", { frames = { { DATA, 0, "", false, 1024 * 1024 } } }),
  lost(
    "responses a stream that nobody opened",
    { frames = { on_connection(HEADERS, END_HEADERS, STATUS_200) } }
  ),
  fine("pushes what nobody asked for", {
    frames = { { PUSH_PROMISE, END_HEADERS, number(2) .. STATUS_200 }, HEAD, WHOLE },
  }),
  lost("continues a head without end", {
    frames = { headers(STATUS_200, 0) },
    endless = { CONTINUATION, 0, literal("x", "y") },
  }),
  bounded(lost("sends interim heads without end", {
    endless = headers(literal(":status", "103") .. literal("link", ("x"):rep(100))),
  })),
  cut("sends a body without end", { frames = { HEAD }, endless = { DATA, 0, (" "):rep(16384) } }),
  cut("sends a body of another length", {
    frames = { headers(STATUS_200 .. literal("content-length", "99")), PART },
    more = { { DATA, END_STREAM, "" } },
  }),
  lost("sends pings without end", { endless = on_connection(PING, 0, ("p"):rep(8)) }),
  lost("sends settings without end", { endless = on_connection(SETTINGS, 0, "") }),
  -- At a network's speed: libcurl 7.88 checks the clock only when nothing more can be read.
  late("sends empty frames without end", nil, {
    frames = { HEAD },
    endless = { DATA, 0, "" },
    pace_ms = 2,
  }),
  lost("speaks HTTP/1.1", { raw = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}" }),
}
