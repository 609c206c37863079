--- Reading and writing JSON in the specs: unexpected failures raise, and
-- expected ones are asserted.
local assert = require "luassert"
local cjson = require "cjson"
local documents = require "spec.support.json_documents"
local json = require("vault_internal").json

local support = {}

--- The value of a text.
function support.read(text, options)
  local value, message = json.decode(text, options)
  if message ~= nil then
    error(("%s in %q"):format(message, text:sub(1, 200)), 2)
  end
  return value
end

--- The value of a text read as an item of an array, where null is a value.
function support.item(text, options)
  return support.read("[" .. text .. "]", options)[1]
end

--- The text must be refused, with this message, at this offset.
function support.unreadable(text, message, offset)
  local value, got, at, too_deep = json.decode(text)
  assert.is_nil(value)
  assert.is_string(got, ("%q was taken"):format(text))
  assert.equal(message or got, got)
  assert.equal(offset or at, at)
  assert.is_false(too_deep)
end

--- The text of a value.
function support.written(value, schema, root)
  local text, message = json.encode(value, schema, root)
  if text == nil then
    error(message, 2)
  end
  return text
end

--- The value must be refused, with this message.
function support.unwritable(message, value, schema, root)
  local text, got = json.encode(value, schema, root)
  assert.is_nil(text)
  assert.equal(message, got)
end

--- Why `got` is not the same as `expected`, which is as json_documents makes
-- values or as cjson reads them; nil when it is. Without `marks`, arrays are
-- not distinguished from objects, as in cjson.
function support.difference(expected, got, keep_nulls, marks, path)
  path = path or "value"
  if expected == documents.null or expected == cjson.null then
    return got ~= json.null and path .. " is not null" or nil
  end
  if type(expected) == "number" and type(got) == "number" then
    -- Ours may be an integer of more than 53 bits, exact where the double is not.
    expected, got = expected + 0.0, got + 0.0
  end
  if type(expected) ~= "table" then
    return expected ~= got and ("%s: %s, not %s"):format(path, tostring(got), tostring(expected))
      or nil
  end
  if type(got) ~= "table" then
    return path .. " is no table"
  end
  local is_array = getmetatable(expected) == documents.array
  if marks and is_array ~= json.is_array(got) then
    return path .. " is marked wrongly"
  end
  is_array = json.is_array(got)
  for key, member in pairs(expected) do
    local absent = (member == documents.null or member == cjson.null) and not is_array
    local place = path .. "." .. tostring(key)
    if absent and not keep_nulls then
      if got[key] ~= nil then
        return place .. " is not absent"
      end
    else
      local found = support.difference(member, got[key], keep_nulls, marks, place)
      if found then
        return found
      end
    end
  end
  for key in pairs(got) do
    if expected[key] == nil then
      return path .. " has " .. tostring(key)
    end
  end
end

return support
