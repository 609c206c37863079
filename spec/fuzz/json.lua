-- JSON text: lua-cjson accepts what the reader accepts, and what the writer writes of it reads back
-- the same.
local cjson = require("cjson").new()
local json = require("vault_internal").json

cjson.decode_max_depth(2000)

local function same(left, right)
  if type(left) ~= type(right) then
    return false
  elseif type(left) ~= "table" then
    return left == right
  end
  for key, value in pairs(left) do
    if not same(value, right[key]) then
      return false
    end
  end
  for key in pairs(right) do
    if left[key] == nil then
      return false
    end
  end
  return true
end

-- A number beyond a double is read as infinity, which is not written: no JSON number is infinite.
local function has_infinity(value)
  if type(value) == "table" then
    for _, member in pairs(value) do
      if has_infinity(member) then
        return true
      end
    end
  end
  return value == math.huge or value == -math.huge
end

return function(data)
  local value, message, offset = json.decode(data, { keep_nulls = true })
  if value == nil then
    assert(type(message) == "string" and offset >= 0 and offset <= #data, "no reason")
    return
  end
  -- Except for extensions of the standard: a BOM, and lone surrogates.
  if data:sub(1, 3) ~= "\239\187\191" and not data:find "\\u[dD]" then
    assert(pcall(cjson.decode, data))
  end
  local text, problem = json.encode(value)
  if not text then
    assert(has_infinity(value) or problem:find "nest", problem)
    return
  end
  assert(pcall(cjson.decode, "[" .. text .. "]"))
  assert(same(value, (json.decode(text, { keep_nulls = true }))), "read back as something else")
end
