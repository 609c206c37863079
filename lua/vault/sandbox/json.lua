--- JSON for the sandbox, on lua-cjson.
--
-- cjson reads and writes strings; objects and arrays are read and written here. Debian's cjson
-- (2.1.0) decodes `[]` and `{}` to the same table and cannot write an empty array, but a server must
-- return what it received.
local cjson = require "cjson"

local json = {}

json.null = cjson.null

-- cjson's settings are shared by every user of the module: work on a copy of our own.
local codec = cjson.new()

local array_metatable = { __name = "vault.sandbox.array" }
local MAX_DEPTH = 128

--- Marks `list` (or a new table) as an array, so that it is `[]` when empty.
function json.array(list)
  return setmetatable(list or {}, array_metatable)
end

function json.is_array(value)
  if type(value) ~= "table" then
    return false
  end
  local metatable = getmetatable(value)
  if metatable ~= nil and (metatable == array_metatable or metatable == cjson.array_mt) then
    return true
  end
  return value[1] ~= nil
end

function json.is_object(value)
  return type(value) == "table" and not json.is_array(value)
end

--- A deep copy; array marks are kept.
function json.copy(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, member in pairs(value) do
    copy[key] = json.copy(member)
  end
  return setmetatable(copy, json.is_array(value) and array_metatable or nil)
end

local function encode_number(number)
  if number ~= number or number == math.huge or number == -math.huge then
    error("a number that JSON cannot write")
  end
  if number == math.floor(number) and math.abs(number) < 2 ^ 53 then
    return string.format("%.0f", number)
  end
  if math.type and math.type(number) == "integer" then
    return string.format("%d", number)
  end
  for precision = 15, 17 do
    local text = string.format("%." .. precision .. "g", number)
    if tonumber(text) == number then
      return text
    end
  end
end

-- cjson writes "/" as "\\/"; text that needs no escape is written as it is, so that URLs stay
-- readable.
local function encode_string(text)
  if text:find('["\\%c]') then
    return codec.encode(text)
  end
  return '"' .. text .. '"'
end

local encode_value

local function encode_array(list, out)
  out[#out + 1] = "["
  for index = 1, #list do
    if index > 1 then
      out[#out + 1] = ","
    end
    encode_value(list[index], out)
  end
  out[#out + 1] = "]"
end

-- Members are sorted, so that equal responses have equal bytes.
local function encode_object(object, out)
  local names = {}
  for name in pairs(object) do
    names[#names + 1] = name
  end
  table.sort(names)
  out[#out + 1] = "{"
  for index, name in ipairs(names) do
    if index > 1 then
      out[#out + 1] = ","
    end
    out[#out + 1] = encode_string(name)
    out[#out + 1] = ":"
    encode_value(object[name], out)
  end
  out[#out + 1] = "}"
end

function encode_value(value, out)
  local kind = type(value)
  if kind == "table" then
    if json.is_array(value) then
      encode_array(value, out)
    else
      encode_object(value, out)
    end
  elseif kind == "number" then
    out[#out + 1] = encode_number(value)
  elseif kind == "string" then
    out[#out + 1] = encode_string(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif value == json.null then
    out[#out + 1] = "null"
  else
    error("a " .. kind .. " is no JSON value")
  end
end

function json.encode(value)
  local out = {}
  encode_value(value, out)
  return table.concat(out)
end

-- The well-formed sequences of RFC 3629, section 4, as Lua patterns.
local utf8_sequences = {
  "^[\194-\223][\128-\191]",
  "^\224[\160-\191][\128-\191]",
  "^[\225-\236\238\239][\128-\191][\128-\191]",
  "^\237[\128-\159][\128-\191]",
  "^\240[\144-\191][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]",
  "^\244[\128-\143][\128-\191][\128-\191]",
}

local function utf8_sequence_end(text, position)
  for _, pattern in ipairs(utf8_sequences) do
    local _, last = text:find(pattern, position)
    if last then
      return last
    end
  end
end

function json.is_utf8(text)
  local position = text:find("[\128-\255]")
  while position do
    local last = utf8_sequence_end(text, position)
    if not last then
      return false
    end
    position = text:find("[\128-\255]", last + 1)
  end
  return true
end

-- The reader raises a table { message } and json.decode catches it.
local function fail(position, what)
  error({ message = string.format("%s at byte %d", what, position) }, 0)
end

local function skip_space(text, position)
  return text:find("[^ \t\r\n]", position) or #text + 1
end

local read_value

local function read_string(text, position)
  local cursor = position + 1
  while true do
    cursor = text:find('["\\%z\1-\31]', cursor)
    if not cursor then
      fail(position, "unfinished string")
    end
    local character = text:sub(cursor, cursor)
    if character == '"' then
      break
    elseif character ~= "\\" then
      fail(cursor, "control character in a string")
    end
    cursor = cursor + 2
  end
  local raw = text:sub(position, cursor)
  if not raw:find("\\", 1, true) then
    return raw:sub(2, -2), cursor + 1
  end
  local ok, decoded = pcall(codec.decode, "[" .. raw .. "]")
  if not ok then
    fail(position, "invalid escape in a string")
  end
  return decoded[1], cursor + 1
end

-- The grammar of RFC 8259, section 6, piece by piece.
local function read_number(text, position)
  local _, last = text:find("^-?[1-9]%d*", position)
  if not last then
    _, last = text:find("^-?0", position)
  end
  if not last then
    fail(position, "unexpected character")
  end
  local _, fraction = text:find("^%.%d+", last + 1)
  last = fraction or last
  local _, exponent = text:find("^[eE][+-]?%d+", last + 1)
  last = exponent or last
  local number = tonumber(text:sub(position, last))
  if number == math.huge or number == -math.huge then
    fail(position, "number too large")
  end
  return number, last + 1
end

local function read_array(text, position, depth)
  local list = json.array()
  position = skip_space(text, position + 1)
  if text:find("^%]", position) then
    return list, position + 1
  end
  while true do
    list[#list + 1], position = read_value(text, position, depth)
    position = skip_space(text, position)
    local separator = text:sub(position, position)
    position = position + 1
    if separator == "]" then
      return list, position
    elseif separator ~= "," then
      fail(position - 1, "expected ',' or ']'")
    end
  end
end

local function read_member(text, position, depth, object)
  position = skip_space(text, position)
  if not text:find('^"', position) then
    fail(position, "expected a member name")
  end
  local name
  name, position = read_string(text, position)
  position = skip_space(text, position)
  if not text:find("^:", position) then
    fail(position, "expected ':'")
  end
  object[name], position = read_value(text, position + 1, depth)
  return skip_space(text, position)
end

local function read_object(text, position, depth)
  local object = {}
  position = skip_space(text, position + 1)
  if text:find("^}", position) then
    return object, position + 1
  end
  while true do
    position = read_member(text, position, depth, object)
    local separator = text:sub(position, position)
    position = position + 1
    if separator == "}" then
      return object, position
    elseif separator ~= "," then
      fail(position - 1, "expected ',' or '}'")
    end
  end
end

local words = { ["true"] = true, ["false"] = false, null = json.null }

function read_value(text, position, depth)
  position = skip_space(text, position)
  local first = text:sub(position, position)
  if first == "{" or first == "[" then
    if depth >= MAX_DEPTH then
      fail(position, "nested too deep")
    end
    return (first == "{" and read_object or read_array)(text, position, depth + 1)
  elseif first == '"' then
    return read_string(text, position)
  end
  local word = text:match("^%a+", position)
  if word and words[word] ~= nil then
    return words[word], position + #word
  end
  return read_number(text, position)
end

local function read_document(text)
  if not json.is_utf8(text) then
    fail(1, "text that is not UTF-8")
  end
  local value, position = read_value(text, 1, 0)
  position = skip_space(text, position)
  if position <= #text then
    fail(position, "unexpected text after the value")
  end
  return value
end

--- The value of a JSON text, null as json.null; or nil and a message.
function json.decode(text)
  local ok, value = pcall(read_document, text)
  if ok then
    return value
  elseif type(value) == "table" and value.message then
    return nil, value.message
  end
  error(value, 0)
end

return json
