--- Markdown tables whose columns line up, so that they can be read as they are too.
local markdown = {}

function markdown.print(head, lines)
  local widths = {}
  for _, line in ipairs { head, table.unpack(lines) } do
    for column, cell in ipairs(line) do
      widths[column] = math.max(widths[column] or 3, #cell)
    end
  end
  local function print_line(line)
    local cells = {}
    for column, cell in ipairs(line) do
      -- The first column is text, the others are numbers.
      local padding = (" "):rep(widths[column] - #cell)
      cells[column] = column == 1 and cell .. padding or padding .. cell
    end
    print("| " .. table.concat(cells, " | ") .. " |")
  end
  local rule = {}
  for column, width in ipairs(widths) do
    rule[column] = column == 1 and ("-"):rep(width) or ("-"):rep(width - 1) .. ":"
  end
  print_line(head)
  print_line(rule)
  for _, line in ipairs(lines) do
    print_line(line)
  end
end

return markdown
