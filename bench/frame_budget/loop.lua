--- One process of the measurement: a loop of 60 frames a second that starts calls in one frame and
-- collects them in the next ones, twice: without open connections, then with them.
--
--   lua loop.lua first|cold|blocking calls latency_ms url ca_file
--
-- first: only vault.new has been called before, so the frame also starts the background thread;
-- cold: that was started while loading. Both print a line of numbers for each burst. blocking: the
-- calls are plain ones; prints one number.
local socket = require "socket" -- for its clock and sleep
local vault = require "vault"

local FRAME = 1 / 60
local FRAMES_BEFORE, FRAMES_BETWEEN, FRAMES_AFTER = 30, 20, 10
local LONGEST_FRAMES = 1200

local way, calls, latency_ms, url, ca_file = arg[1], tonumber(arg[2]), arg[3], arg[4], arg[5]
local request = { service_id = "pipedrive", unified_api = "crm" }

-- Milliseconds that this thread was ready to run while another one had its processor: the second
-- number of Linux's schedstat (Documentation/scheduler/sched-stats.rst). Elsewhere 0.
local schedstat = io.open("/proc/thread-self/schedstat", "r")
local function waited_ms()
  if not schedstat then
    return 0
  end
  schedstat:seek "set"
  local _, nanoseconds = schedstat:read("*n", "*n")
  return (nanoseconds or 0) / 1e6
end
if schedstat then
  schedstat:setvbuf "no" -- so that each read gets the current value
end

-- The milliseconds that `action` took, and those without a processor.
local function measure(action)
  local waited, began = waited_ms(), socket.gettime()
  action()
  local took = (socket.gettime() - began) * 1000
  return took, waited_ms() - waited
end

local client = vault.new {
  server_url = url,
  api_key = "sandbox-key",
  app_id = "sandbox-app",
  consumer_id = "sandbox-consumer",
  tls = { ca_file = ca_file },
  headers = { ["x-sandbox-fault"] = "delay-ms=" .. latency_ms },
  http_version = "1.1", -- a connection, and a handshake, for every call
  retries = false,
}

if way == "blocking" then
  print(("%.3f"):format((measure(function()
    for _ = 1, calls do
      client.connections.get(request)
    end
  end))))
  return
end

if way == "cold" then
  client:pollfd() -- starts the background thread, as a program does while it loads
end

local in_flight, failure = 0, nil

local function finish(_, err)
  in_flight = in_flight - 1
  failure = failure or err
end

local function start_all()
  for _ = 1, calls do
    client.async.connections.get(request, { callback = finish })
    in_flight = in_flight + 1
  end
end

local function poll()
  client:poll()
end

-- The times of a burst of calls: the frame that starts them, the longest poll() of a later frame, the
-- longest frame, its part without a processor, and the number of frames with calls in flight.
local function new_burst()
  return { start = 0, poll = 0, frame = 0, waited = 0, frames = 0 }
end

local next_frame = socket.gettime()
local function frame(burst, starts)
  local start, start_waited = 0, 0
  if starts then
    start, start_waited = measure(start_all)
  end
  local took, waited = measure(poll)
  if burst.frame < start + took then
    burst.frame, burst.waited = start + took, start_waited + waited
  end
  burst.start = math.max(burst.start, start)
  burst.poll = math.max(burst.poll, took)
  burst.frames = burst.frames + 1
  next_frame = math.max(next_frame + FRAME, socket.gettime())
  socket.sleep(next_frame - socket.gettime())
end

local function burst()
  local result = new_burst()
  frame(result, true)
  while in_flight > 0 and result.frames < LONGEST_FRAMES do
    frame(result)
  end
  if failure or in_flight > 0 then
    io.stderr:write("a call failed: ", tostring(failure or "no response in time"), "\n")
    os.exit(1)
  end
  return result
end

local function idle(frames)
  local result = new_burst()
  for _ = 1, frames do
    frame(result)
  end
end

local function print_burst(name, result)
  print(
    ("%s %.4f %.4f %.4f %.4f %d"):format(
      name,
      result.start,
      result.poll,
      result.frame,
      result.waited,
      result.frames
    )
  )
end

idle(FRAMES_BEFORE)
print_burst(way, burst())
idle(FRAMES_BETWEEN)
print_burst("warm", burst())
idle(FRAMES_AFTER)
client:close()
