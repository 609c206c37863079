-- Writes JSON whose text depends on the value only: names in byte order, and line breaks only in long lines.
local json_text = {}

local LINE_LENGTH = 120

local array_mark = {}

--- Marks a table as an array, for empty ones.
function json_text.array(list)
  return setmetatable(list or {}, array_mark)
end

--- JSON null.
json_text.null = setmetatable({}, { __name = "null" })

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function quote(text)
  local quoted = text:gsub('[%c"\\]', function(character)
    return escapes[character] or ("\\u%04x"):format(character:byte())
  end)
  return '"' .. quoted .. '"'
end

local function number(value)
  return (value == math.floor(value) and "%d" or "%.14g"):format(value)
end

local write

-- `prefix` is the text in front of the value on its line.
local function write_members(members, open, close, indent, prefix)
  local texts = {}
  for index, member in ipairs(members) do
    texts[index] = write(member.value, indent .. "  ", member.prefix)
  end
  local one_line = open .. " " .. table.concat(texts, ", ") .. " " .. close
  if #members == 0 then
    return prefix .. open .. close
  elseif #indent + #prefix + #one_line < LINE_LENGTH and not one_line:find "\n" then
    return prefix .. one_line
  end
  local separator = ",\n" .. indent .. "  "
  return ("%s%s\n%s  %s\n%s%s"):format(
    prefix,
    open,
    indent,
    table.concat(texts, separator),
    indent,
    close
  )
end

function write(value, indent, prefix)
  if value == json_text.null then
    return prefix .. "null"
  elseif type(value) == "string" then
    return prefix .. quote(value)
  elseif type(value) == "number" then
    return prefix .. number(value)
  elseif type(value) ~= "table" then
    return prefix .. tostring(value)
  end
  local members = {}
  if getmetatable(value) == array_mark then
    for index, item in ipairs(value) do
      members[index] = { prefix = "", value = item }
    end
    return write_members(members, "[", "]", indent, prefix)
  end
  for name, member in pairs(value) do
    members[#members + 1] = { name = name, prefix = quote(name) .. ": ", value = member }
  end
  table.sort(members, function(a, b)
    return a.name < b.name
  end)
  return write_members(members, "{", "}", indent, prefix)
end

--- The text of a value.
function json_text.write(value)
  return write(value, "", "") .. "\n"
end

return json_text
