--- Medians and ratios of what bench/run has measured: report.lua DIRECTORY
local directory = assert(arg[1], "usage: lua5.4 bench/report.lua DIRECTORY")

local BASE, FLOOR = "C + cjson", "libcurl alone"
local WAYS = {
  { name = "plain", title = "plain HTTP/1.1" },
  { name = "tls", title = "TLS, HTTP/1.1" },
  { name = "http2", title = "TLS, HTTP/2" },
}
local GOALS = { get = 1, list_20 = 0.7, list_200 = 0.6, update = 1, import = 1, concurrent_256 = 1 }

local rivals, rows = {}, {} -- in order of appearance
local values = {} -- "way row rival figure" -> list of values, one a round

local function add(way, row, rival, figure, round, value)
  local key = table.concat({ way, row, rival, figure }, "\t")
  if not values[key] then
    values[key] = {}
    for list, name in pairs { [rivals] = rival, [rows] = row } do
      if not list[name] then
        list[name] = true
        table.insert(list, name)
      end
    end
  end
  values[key][round] = value
end

for line in io.lines(directory .. "/samples.csv") do
  local way, row, rival, round, calls, wall, cpu =
    line:match "^([^,]*),([^,]*),([^,]*),(%d+),(%d+),([%d.]+),([%d.]+)"
  add(way, row, rival, "wall", tonumber(round), wall / calls)
  add(way, row, rival, "cpu", tonumber(round), cpu / calls)
end
for line in io.lines(directory .. "/figures.csv") do
  local way, row, rival, figure, value = line:match "^([^,]*),([^,]*),([^,]*),([^,]*),(.*)$"
  add(way, row, rival, figure, 0, tonumber(value))
end

local function find(...)
  return values[table.concat({ ... }, "\t")]
end

local function median(list)
  local sorted = {}
  for _, value in pairs(list) do
    table.insert(sorted, value)
  end
  table.sort(sorted)
  local middle = (#sorted + 1) / 2
  return (sorted[math.floor(middle)] + sorted[math.ceil(middle)]) / 2
end

-- The median of the rounds' ratios: what the machine did in a round has hit both.
local function ratio(way, row, rival, figure, base)
  local over, under = find(way, row, rival, figure), find(way, row, base, figure)
  if not over or not under then
    return nil
  end
  local ratios = {}
  for round, value in pairs(over) do
    table.insert(ratios, under[round] and value / under[round])
  end
  return median(ratios)
end

local function print_ratios(way, figure, title, base)
  local lines = {}
  for _, row in ipairs(rows) do
    local base_values = find(way, row, base, figure)
    if base_values then
      local cells = { ("%-15s %12.1f"):format(row, median(base_values)) }
      for _, rival in ipairs(rivals) do
        local value = ratio(way, row, rival, figure, base)
        table.insert(cells, ("%17s"):format(value and ("%.2f"):format(value) or "-"))
      end
      table.insert(lines, table.concat(cells))
    end
  end
  if #lines > 0 then
    local head = { ("%-15s %12s"):format("", base) }
    for _, rival in ipairs(rivals) do
      table.insert(head, ("%17s"):format(rival))
    end
    print(("\n%s, ratio to %s"):format(title, base))
    print(table.concat(head))
    print(table.concat(lines, "\n"))
  end
end

for _, way in ipairs(WAYS) do
  print_ratios(way.name, "wall", way.title .. ": time per call (us)", BASE)
  print_ratios(way.name, "cpu", way.title .. ": processor time per call (us)", BASE)
  print_ratios(way.name, "instructions", way.title .. ": instructions per call", BASE)
end

print "\ngoals, Lua 5.4"
for _, row in ipairs(rows) do
  local value = GOALS[row] and ratio("plain", row, "vault on Lua 5.4", "wall", BASE)
  if value then
    print(("%-32s %6.2f  goal %.2f"):format(row .. " / " .. BASE, value, GOALS[row]))
  end
end
local floor = ratio("plain", "get", "vault on Lua 5.4", "wall", FLOOR)
if floor then
  print(("%-32s %6.2f  goal %.2f"):format("get / " .. FLOOR, floor, 1.25))
end
