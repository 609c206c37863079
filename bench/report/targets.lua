--- The module's targets, on Lua 5.4. A missed one is no failure: machines differ, and ratios differ
-- slightly between runs.
local targets = {}

local VAULT, BASE, FLOOR, SDK = "vault 5.4", "C + cjson", "libcurl", "SDK"

-- Times: this competitor's over that one's.
local RATIOS = {
  { row = "get", over = VAULT, under = BASE, most = 1.00 },
  { row = "list_20", over = VAULT, under = BASE, most = 0.70 },
  { row = "list_200", over = VAULT, under = BASE, most = 0.60 },
  { row = "update", over = VAULT, under = BASE, most = 1.00 },
  { row = "import", over = VAULT, under = BASE, most = 1.00 },
  { row = "get", over = VAULT, under = FLOOR, most = 1.25 },
  { row = "get", over = SDK, under = VAULT, least = 50 },
  { row = "list_20", over = SDK, under = VAULT, least = 100 },
  { row = "list_200", over = SDK, under = VAULT, least = 100 },
  { row = "update", over = SDK, under = VAULT, least = 50 },
  { row = "import", over = SDK, under = VAULT, least = 50 },
  { row = "concurrent_256", over = SDK, under = VAULT, least = 50 },
}

local function verdict(value, target)
  local met = target.most and value <= target.most or target.least and value >= target.least
  return met and "met" or "missed"
end

local function bound(target)
  return target.most and ("at most %g"):format(target.most) or ("at least %g"):format(target.least)
end

--- Lines of a table: what, measured in time, in processor time, target, whether it is met.
function targets.check(data, number)
  local lines = {}
  local function add(what, value, target, unit, cpu)
    if value then
      unit = unit or ""
      local line =
        { what, number(value) .. unit, cpu and number(cpu) or "-", bound(target) .. unit }
      table.insert(line, verdict(value, target))
      table.insert(lines, line)
    end
  end
  local function ratio(figure, row, over, under)
    return data:ratio("plain", row, over, figure, under)
  end
  for _, target in ipairs(RATIOS) do
    local what = ("%s: time of %s / %s"):format(target.row, target.over, target.under)
    local names = { target.row, target.over, target.under }
    add(what, ratio("wall", table.unpack(names)), target, "", ratio("cpu", table.unpack(names)))
  end
  -- Calls per second are the inverse of times.
  local row = "concurrent_256"
  add(
    ("%s: calls per second of %s / %s"):format(row, VAULT, BASE),
    ratio("wall", row, BASE, VAULT),
    { least = 1 },
    "",
    ratio("cpu", row, BASE, VAULT)
  )
  for _, load in ipairs { "memory_get", "memory_list_200", "memory_concurrent_256" } do
    local peak = data:median("plain", load, VAULT, "peak")
    add("peak of resident memory: " .. load, peak and peak / 1024, { most = 12 }, " MB")
  end
  local cold = data:median("plain", "cold_start", VAULT, "wall")
  add("cold start", cold and cold / 1000, { most = 10 }, " ms")
  local counts = data:allocations("get", VAULT)
  add("allocations of the core, a call", counts and counts.core, { most = 0 })
  return lines
end

return targets
