--- What bench/run has measured: samples.csv has a line for each turn of each competitor, figures.csv one
-- for each count.
local samples = {}
samples.__index = samples

local SEPARATOR = "\t"

local function key_of(...)
  return table.concat({ ... }, SEPARATOR)
end

local function add(self, way, row, competitor, figure, round, value)
  local key = key_of(way, row, competitor, figure)
  if not self.values[key] then
    self.values[key] = {}
    table.insert(self.keys, key)
  end
  for list, name in pairs { [self.competitors] = competitor, [self.rows] = row } do
    if way ~= "nginx" and not list[name] then
      list[name] = true
      table.insert(list, name)
    end
  end
  self.values[key][round] = value
end

function samples.read(directory)
  local self = setmetatable({ competitors = {}, rows = {}, keys = {}, values = {} }, samples)
  for line in io.lines(directory .. "/samples.csv") do
    local way, row, competitor, rest = line:match "^([^,]*),([^,]*),([^,]*),(.*)$"
    local round, calls, wall, cpu, peak = rest:match "^(%d+),(%d+),([%d.]+),([%d.]+),(%d+)$"
    round = tonumber(round)
    add(self, way, row, competitor, "wall", round, wall / calls)
    add(self, way, row, competitor, "cpu", round, cpu / calls)
    if tonumber(peak) > 0 then
      add(self, way, row, competitor, "peak", round, tonumber(peak))
    end
  end
  for line in io.lines(directory .. "/figures.csv") do
    local way, row, competitor, figure, value = line:match "^([^,]*),([^,]*),([^,]*),([^,]*),(.*)$"
    add(self, way, row, competitor, figure, 0, tonumber(value))
  end
  return self
end

-- A part of the sorted values: 0.5 is the median, 0.25 and 0.75 the quartiles.
local function quantile(values, part)
  local sorted = {}
  for _, value in pairs(values) do
    table.insert(sorted, value)
  end
  table.sort(sorted)
  local at = 1 + (#sorted - 1) * part
  local below = sorted[math.floor(at)]
  return below + (sorted[math.ceil(at)] - below) * (at % 1)
end

function samples:median(way, row, competitor, figure)
  local values = self.values[key_of(way, row, competitor, figure)]
  return values and quantile(values, 0.5)
end

--- The median of the rounds' ratios, since load during a round affects both.
function samples:ratio(way, row, competitor, figure, base)
  local over = self.values[key_of(way, row, competitor, figure)]
  local under = self.values[key_of(way, row, base, figure)]
  if not over or not under then
    return nil
  end
  local ratios = {}
  for round, value in pairs(over) do
    if under[round] then
      table.insert(ratios, value / under[round])
    end
  end
  return #ratios > 0 and quantile(ratios, 0.5) or nil
end

local OWNERS = {
  { pattern = "^vault%.so", owner = "core" },
  { pattern = "^libcurl%.so", owner = "libcurl" },
  { pattern = "^liblua", owner = "lua" },
  { pattern = "^lua", owner = "lua" },
}

--- By the allocating library; nothing where it was not counted. With decimals, since a buffer that
-- grows sometimes is not an allocation per call.
function samples:allocations(row, competitor)
  local counts
  local prefix = key_of("plain", row, competitor, "allocations:")
  for _, key in ipairs(self.keys) do
    if key:sub(1, #prefix) == prefix then
      counts = counts or { core = 0, libcurl = 0, lua = 0, other = 0 }
      local owner = "other"
      for _, candidate in ipairs(OWNERS) do
        if key:sub(#prefix + 1):find(candidate.pattern) then
          owner = candidate.owner
          break
        end
      end
      counts[owner] = counts[owner] + self.values[key][0]
    end
  end
  for owner, count in pairs(counts or {}) do
    counts[owner] = math.abs(math.floor(count * 10 + 0.5)) / 10
  end
  return counts
end

function samples:write(path)
  local file = assert(io.open(path, "w"))
  file:write "way,row,competitor,figure,median,lower_quartile,upper_quartile\n"
  for _, key in ipairs(self.keys) do
    local values = self.values[key]
    file:write(
      key:gsub(SEPARATOR, ","),
      (",%.3f,%.3f,%.3f\n"):format(
        quantile(values, 0.5),
        quantile(values, 0.25),
        quantile(values, 0.75)
      )
    )
  end
  file:close()
end

return samples
