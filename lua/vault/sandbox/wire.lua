--- What the server does below lua-http's streams: limits, broken connections, signals.
local cqueues = require "cqueues"
local h2_error = require "http.h2_error"
local signal = require "cqueues.signal"

local wire = {}

local LINGER_SECONDS = 1

--- The body of a request; or nil, and true where it is longer than `limit`.
function wire.read_body(stream, limit, seconds)
  local deadline = cqueues.monotime() + seconds
  local chunks, length = {}, 0
  while true do
    local chunk, problem = stream:get_next_chunk(math.max(0, deadline - cqueues.monotime()))
    if chunk == nil then
      if problem then
        return nil, false
      end
      return table.concat(chunks)
    end
    length = length + #chunk
    if length > limit then
      return nil, true
    end
    chunks[#chunks + 1] = chunk
  end
end

function wire.flush(stream)
  stream.connection:flush(1)
end

local function is_http2(stream)
  return stream.connection.version == 2
end

-- A socket that is closed with SO_LINGER at zero sends RST instead of FIN (socket(7)). cqueues
-- cannot set the option. LuaSocket can, where it is installed, on a descriptor that it borrows.
local function linger_zero(socket)
  local found, luasocket = pcall(require, "socket")
  if not found then
    return
  end
  local borrowed = luasocket.tcp4 and luasocket.tcp4() or luasocket.tcp()
  local own = borrowed:getfd()
  borrowed:setfd(socket:pollfd())
  borrowed:setoption("linger", { on = true, timeout = 0 })
  borrowed:setfd(own)
  borrowed:close()
end

local broken_stream =
  h2_error.errors.INTERNAL_ERROR:new { message = "broken on demand", stream_error = true }

--- Closes the connection under an HTTP/1.1 stream with FIN; resets an HTTP/2 stream.
function wire.close(stream)
  if is_http2(stream) then
    if stream.state ~= "closed" and stream.state ~= "idle" then
      stream:rst_stream(broken_stream, 1)
    end
    return
  end
  wire.flush(stream)
  local socket = stream.connection:take_socket()
  if socket then
    socket:close()
  end
end

--- Ends a stream whose request and response are not complete: a body that was refused, a response that could not
-- be sent. lua-http shuts such an HTTP/1.1 connection down and then waits for its next request
-- in a busy loop, so it is closed here. What the client is still sending
-- is read for a while first: closing a socket with unread input sends RST, which can overtake the
-- response (RFC 9112, section 9.6).
function wire.finish(stream)
  if is_http2(stream) or stream.state == "closed" then
    return
  end
  local deadline = cqueues.monotime() + LINGER_SECONDS
  while stream.state ~= "closed" and cqueues.monotime() < deadline do
    if not stream:get_next_chunk(deadline - cqueues.monotime()) then
      break
    end
  end
  wire.close(stream)
end

--- Closes the connection under an HTTP/1.1 stream in any state of the stream.
function wire.abandon(stream)
  local connection = stream.connection
  if not is_http2(stream) and connection.socket then
    local socket = connection.socket
    connection.socket = nil
    socket:close()
  end
end

--- Resets the connection under an HTTP/1.1 stream; resets an HTTP/2 stream.
function wire.reset(stream)
  if is_http2(stream) then
    return wire.close(stream)
  end
  local socket = stream.connection:take_socket()
  if socket then
    linger_zero(socket)
    socket:close()
  end
end

--- Blocks the signals, so that they do not end the process before wait_signal returns.
function wire.block_signals()
  signal.block(signal.SIGINT, signal.SIGTERM)
end

--- Waits for one of the signals.
function wire.wait_signal()
  signal.listen(signal.SIGINT, signal.SIGTERM):wait()
end

--- Waits until the other end of standard input, a pipe, is closed.
function wire.wait_input_end()
  repeat
    cqueues.poll { pollfd = 0, events = "r" }
  until not io.stdin:read(1)
end

return wire
