--- Random JSON documents, the same ones in every run: the text, and the value
-- that it must be read as.
local documents = {}

documents.null = setmetatable({}, { __name = "null" }) -- stands for null in values
documents.array = { __name = "array" } -- the metatable of arrays in values

-- Park and Miller's generator: exact in doubles, so the same on every Lua.
local function generator(seed)
  local state = seed
  return function(limit)
    state = state * 16807 % 2147483647
    return state % limit + 1
  end
end

local SPACES = { "", "", "", " ", "\n", "\t", "\r\n", "   " }
local CHARACTERS = {
  { "a", "a" },
  { "key", "key" },
  { " ", " " },
  { "\\n", "\n" },
  { '\\"', '"' },
  { "\\\\", "\\" },
  { "\\/", "/" },
  { "/", "/" },
  { "\\b\\f\\r\\t", "\b\f\r\t" },
  { "\\u0000", "\0" },
  { "\\u001F", "\31" },
  { "\127", "\127" },
  { "\195\169", "\195\169" },
  { "\\u00e9", "\195\169" },
  { "\\u20AC", "\226\130\172" },
  { "\226\130\172", "\226\130\172" },
  { "\\ud83d\\ude00", "\240\159\152\128" },
  { "\240\159\152\128", "\240\159\152\128" },
  { "\\uDBFF\\uDFFF", "\244\143\191\191" },
  { "a long plain run of letters, so that whole words of bytes are skipped", nil },
}

local function string_of(random)
  local text, value = {}, {}
  for i = 1, random(6) - 1 do
    local character = CHARACTERS[random(#CHARACTERS)]
    text[i] = character[1]
    value[i] = character[2] or character[1]
  end
  return '"' .. table.concat(text) .. '"', table.concat(value)
end

local function digits_of(random, count)
  local digits = { tostring(random(9)) }
  for i = 2, count do
    digits[i] = tostring(random(10) - 1)
  end
  return table.concat(digits)
end

local function number_of(random)
  local text = random(4) == 1 and "0" or digits_of(random, random(15))
  if random(3) == 1 then
    text = text .. "." .. digits_of(random, random(8))
  end
  if random(4) == 1 then
    local signs = { "", "+", "-" }
    text = text .. (random(2) == 1 and "e" or "E") .. signs[random(3)] .. (random(30) - 1)
  end
  if random(3) == 1 then
    text = "-" .. text
  end
  return text, tonumber(text)
end

local value_of

local function array_of(random, depth)
  local text, value = {}, setmetatable({}, documents.array)
  for i = 1, random(6) - 1 do
    text[i], value[i] = value_of(random, depth - 1)
  end
  return "[" .. table.concat(text, ",") .. "]", value
end

-- Names repeat sometimes, within an object and between objects.
local function object_of(random, depth)
  local text, value = {}, {}
  for i = 1, random(7) - 1 do
    local name_text, name = string_of(random)
    local member_text, member = value_of(random, depth - 1)
    local space = SPACES[random(#SPACES)]
    text[i] = space .. name_text .. space .. ":" .. member_text
    value[name] = member
  end
  return "{" .. table.concat(text, ",") .. "}", value
end

local SCALARS = {
  function()
    return "true", true
  end,
  function()
    return "false", false
  end,
  function()
    return "null", documents.null
  end,
  string_of,
  number_of,
}

function value_of(random, depth)
  local before, after = SPACES[random(#SPACES)], SPACES[random(#SPACES)]
  local kind = random(depth > 0 and 9 or 5)
  local text, value
  if kind <= 5 then
    text, value = SCALARS[kind](random)
  elseif kind <= 7 then
    text, value = array_of(random, depth)
  else
    text, value = object_of(random, depth)
  end
  return before .. text .. after, value
end

--- An iterator over `count` documents: number, text, value.
function documents.each(seed, count)
  local random = generator(seed)
  local number = 0
  return function()
    if number < count then
      number = number + 1
      return number, value_of(random, 5)
    end
  end
end

--- A function that returns integers from 1 to its argument.
documents.generator = generator

return documents
