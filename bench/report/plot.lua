--- What plot.gp draws, as columns: a line for each row, a column for each competitor.
local plot = {}

local PANELS = {
  { name = "calls", rows = { "get", "list_20", "list_200", "update", "import" } },
  { name = "concurrent", rows = { "concurrent_1", "concurrent_32", "concurrent_256" } },
  {
    name = "sizes",
    rows = { "size_1", "size_4", "size_16", "size_64", "size_256", "size_1024", "size_4096" },
  },
}

local function label(row)
  return row:match "_(%d+)$" and row:gsub("^[a-z]+_", "") or row
end

function plot.write(data, directory)
  for _, panel in ipairs(PANELS) do
    local file = assert(io.open(("%s/%s.dat"):format(directory, panel.name), "w"))
    local has = {}
    for _, competitor in ipairs(data.competitors) do
      for _, row in ipairs(panel.rows) do
        if data:median("plain", row, competitor, "wall") then
          table.insert(has, competitor)
          break
        end
      end
    end
    file:write("row\t", table.concat(has, "\t"), "\n")
    for _, row in ipairs(panel.rows) do
      local cells = { panel.name == "calls" and row or label(row) }
      for _, competitor in ipairs(has) do
        local time = data:median("plain", row, competitor, "wall")
        table.insert(cells, time and ("%.3f"):format(time) or "NaN")
      end
      file:write(table.concat(cells, "\t"), "\n")
    end
    file:close()
  end
end

return plot
