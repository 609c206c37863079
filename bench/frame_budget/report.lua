--- Reads loop.lua's lines, of many processes, and prints medians and worst cases.
--
--   lua report.lua title blocking_ms <lines
local title, blocking_ms = arg[1], tonumber(arg[2])
local FRAME_MS, GOAL_MS = 1000 / 60, 1
local BURSTS = { "first", "cold", "warm" }
local FIELDS = { "start", "poll", "frame", "waited", "frames" }

-- By burst, then by field: the values of all rounds.
local function read_values(lines)
  local values = {}
  for _, burst in ipairs(BURSTS) do
    values[burst] = { own = {} }
    for _, field in ipairs(FIELDS) do
      values[burst][field] = {}
    end
  end
  for line in lines do
    local words = line:gmatch "%S+"
    local burst = values[words()]
    for _, field in ipairs(FIELDS) do
      table.insert(burst[field], tonumber(words()))
    end
    local rounds = #burst.frame
    burst.own[rounds] = burst.frame[rounds] - burst.waited[rounds]
  end
  return values
end

local function median(sorted)
  local middle = (#sorted + 1) / 2
  return (sorted[math.floor(middle)] + sorted[math.ceil(middle)]) / 2
end

local values = read_values(io.lines())

local function print_row(name, cell)
  local cells = {}
  for index, burst in ipairs(BURSTS) do
    cells[index] = cell(values[burst])
  end
  print(("  %-38s %s"):format(name, table.concat(cells, "  ")))
end

local function print_times(name, field)
  print_row(name, function(burst)
    table.sort(burst[field])
    return ("%7.3f %7.3f"):format(median(burst[field]), burst[field][#burst[field]])
  end)
end

print("\n" .. title)
print(("  %-38s %15s  %15s  %15s"):format("milliseconds: median, worst", "first", "cold", "warm"))
print_times("starting all calls, in one frame", "start")
print_times("dearest client:poll()", "poll")
print_times("dearest frame, both together", "frame")
print_times("  less what it waited for a processor", "own")
print_row(("rounds within %d ms"):format(GOAL_MS), function(burst)
  local count = 0
  for _, value in ipairs(burst.frame) do
    count = count + (value <= GOAL_MS and 1 or 0)
  end
  return ("%15s"):format(count .. " of " .. #burst.frame)
end)
print_row("frames with calls in flight (median)", function(burst)
  table.sort(burst.frames)
  return ("%15.0f"):format(median(burst.frames))
end)
print(
  ("  plain calls in one frame instead: %.0f ms, %.0f frames lost"):format(
    blocking_ms,
    blocking_ms / FRAME_MS
  )
)
