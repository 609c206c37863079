--- Frame times: a ring buffer of the last ones for the graph, the longest of all for the report.
local meter = {}

-- Milliseconds that this thread was ready to run while another one had its processor: the second
-- number of Linux's schedstat (Documentation/scheduler/sched-stats.rst). Elsewhere 0.
local schedstat = io.open("/proc/thread-self/schedstat", "r")
if schedstat then
  schedstat:setvbuf "no" -- so that each read gets the current value
end
local function waited_ms()
  if not schedstat then
    return 0
  end
  schedstat:seek "set"
  local _, nanoseconds = schedstat:read("*n", "*n")
  return (nanoseconds or 0) / 1e6
end
local methods = {}
local metatable = { __index = methods }

--- `size`: how many frames the graph shows.
function meter.new(size)
  return setmetatable({
    size = size,
    count = 0,
    frames = {}, -- milliseconds from frame to frame
    calls = {}, -- milliseconds of them in the module
    current = 0,
    current_waited = 0,
    longest_call = 0,
    longest_own = 0, -- the same, less the time without a processor
    lost = 0, -- frames in which the module took longer than a frame
    busy = 0,
  }, metatable)
end

--- Runs `action`, which calls the module, and counts its time into this frame.
function methods:measure(clock, action, ...)
  local waited, began = waited_ms(), clock()
  action(...)
  self.current = self.current + (clock() - began) * 1000
  self.current_waited = self.current_waited + waited_ms() - waited
end

--- Ends the frame. `frame_ms`: since the last one; `budget_ms`: a frame with more time in the module is
-- lost; `in_flight`: whether calls were in flight.
function methods:finish(frame_ms, budget_ms, in_flight)
  local call, waited = self.current, self.current_waited
  self.current, self.current_waited = 0, 0
  self.count = self.count + 1
  local index = (self.count - 1) % self.size + 1
  self.frames[index], self.calls[index] = frame_ms, call
  self.longest_call = math.max(self.longest_call, call)
  self.longest_own = math.max(self.longest_own, call - waited)
  if call > budget_ms then
    self.lost = self.lost + 1
  end
  if in_flight then
    self.busy = self.busy + 1
  end
end

--- The frames of the graph, oldest first: function (index, frame_ms, call_ms).
function methods:each(visit)
  local shown = math.min(self.count, self.size)
  for age = shown - 1, 0, -1 do
    local index = (self.count - 1 - age) % self.size + 1
    visit(shown - age, self.frames[index], self.calls[index])
  end
end

return meter
