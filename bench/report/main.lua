--- Medians, ratios and targets of what bench/run has measured, as Markdown; all medians go to
-- results.csv and what plot.gp draws to *.dat. Usage: main.lua DIRECTORY ROUNDS
local samples = require "samples"
local table_of = require "markdown"
local targets = require "targets"
local plot = require "plot"

local directory, rounds = arg[1], arg[2]
assert(rounds, "usage: lua5.4 bench/report/main.lua DIRECTORY ROUNDS")
local data = samples.read(directory)

local BASE = "C + cjson"
local WAYS = {
  { name = "plain", title = "HTTP/1.1, no TLS" },
  { name = "tls", title = "HTTP/1.1 over TLS" },
  { name = "http2", title = "HTTP/2 over TLS" },
}
local FIGURES = {
  { name = "wall", title = "time per call", base = "us" },
  { name = "cpu", title = "processor time per call", base = "us" },
  { name = "instructions", title = "instructions per call", base = "instructions" },
}

local function number(value)
  if not value then
    return "-"
  end
  return (value < 10 and "%.2f" or value < 100 and "%.1f" or "%.0f"):format(value)
end

-- One row of a table for each row that `has` says yes to, one column for each competitor that has any.
local function print_table(title, has, head, first, cell)
  local competitors, lines = {}, {}
  for _, competitor in ipairs(data.competitors) do
    for _, row in ipairs(data.rows) do
      if has(row, competitor) then
        table.insert(competitors, competitor)
        break
      end
    end
  end
  for _, row in ipairs(data.rows) do
    local line, found = { row, first and first(row) }, false
    for _, competitor in ipairs(competitors) do
      local there = has(row, competitor)
      found = found or there
      table.insert(line, there and cell(row, competitor) or "-")
    end
    if found then
      table.insert(lines, line)
    end
  end
  if #lines > 0 then
    print("\n### " .. title .. "\n")
    table_of.print(table.move(competitors, 1, #competitors, #head + 1, head), lines)
  end
end

local function print_ratios(way, figure)
  local function value(row, competitor)
    return data:ratio(way.name, row, competitor, figure.name, BASE)
  end
  local function base(row)
    return number(data:median(way.name, row, BASE, figure.name))
  end
  print_table(
    ("%s, %s: times %s"):format(way.title, figure.title, BASE),
    function(row, competitor)
      -- What starts afresh has tables of its own.
      return not row:find "^cold"
        and not row:find "^memory"
        and not row:find "^calls"
        and value(row, competitor)
    end,
    { "row", BASE .. ", " .. figure.base },
    base,
    function(row, competitor)
      return number(value(row, competitor))
    end
  )
end

local function print_fresh(title, pattern, figure, divisor)
  print_table(
    title,
    function(row, competitor)
      return row:find(pattern) and data:median("plain", row, competitor, figure)
    end,
    { "row" },
    nil,
    function(row, competitor)
      return number(data:median("plain", row, competitor, figure) / divisor)
    end
  )
end

local function print_allocations()
  local lines = {}
  for _, row in ipairs(data.rows) do
    for _, competitor in ipairs(data.competitors) do
      local counts = data:allocations(row, competitor)
      if counts then
        table.insert(lines, {
          row,
          competitor,
          number(counts.core),
          number(counts.libcurl),
          number(counts.lua),
          number(counts.other),
        })
      end
    end
  end
  if #lines > 0 then
    print "\n### Allocations per call, after warming up\n"
    table_of.print({ "row", "competitor", "module's core", "libcurl", "Lua", "others" }, lines)
  end
end

local function print_nginx()
  local lines = {}
  for _, row in ipairs { "trivial_p99", "call_p99", "calls_per_second" } do
    local figure = row == "calls_per_second" and "count" or "ms"
    local vault = data:median("nginx", row, "vault", figure)
    local cosocket = data:median("nginx", row, "cosocket", figure)
    if vault and cosocket then
      table.insert(lines, { row, number(vault), number(cosocket), number(vault / cosocket) })
    end
  end
  if #lines > 0 then
    print "\n### Inside nginx, 256 clients (nginx/README.md says what is measured)\n"
    table_of.print({ "ms; calls", "vault", "cosocket", "ratio" }, lines)
  end
end

print "# Results\n"
for line in io.lines(directory .. "/versions.tsv") do
  print((line:gsub("^(.-)\t", "- %1: ")))
end
print(("- %s rounds; medians"):format(rounds))
print "\n### Targets\n"
table_of.print({ "what", "measured", "processor time", "target", "" }, targets.check(data, number))
for _, way in ipairs(WAYS) do
  for _, figure in ipairs(FIGURES) do
    print_ratios(way, figure)
  end
end
print_fresh("Cold start: load, client, first call, exit (ms)", "^cold_start", "wall", 1000)
print_fresh("Peak of resident memory (MB)", "^memory", "peak", 1024)
print_fresh("As calls grow: time per call, process included (us)", "^calls_", "wall", 1)
print_fresh("As calls grow: peak of resident memory (MB)", "^calls_", "peak", 1024)
print_allocations()
print_nginx()

data:write(directory .. "/results.csv")
plot.write(data, directory)
