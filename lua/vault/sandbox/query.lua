--- The query of a request, decoded by the types of the operation's parameters.
local errors = require "vault.sandbox.errors"
local json = require "vault.sandbox.json"
local time = require "vault.sandbox.time"

local query = {}

local function to_number(text)
  return text:find("^%-?%d+%.?%d*$") and tonumber(text) or nil
end

-- One decoder for each type: the value of a text, or nil where it has none.
local decoders = {
  boolean = function(text)
    if text == "true" or text == "false" then
      return text == "true"
    end
  end,
  integer = function(text)
    return text:find("^%-?%d+$") and tonumber(text) or nil
  end,
  number = to_number,
  ["date-time"] = function(text)
    return time.parse(text) and text
  end,
}

local function has(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

local function decode_scalar(text, schema, known)
  local decode = decoders[schema.type]
  if decode then
    return decode(text)
  end
  local enumeration = schema.enumeration or {}
  local is_known
  if known then
    is_known = known[text]
  else
    is_known = #enumeration == 0 or has(enumeration, text)
  end
  return is_known and text or nil
end

-- The values of one field, of which a query may have several; nil where one of them is invalid.
local function decode(texts, schema, known)
  if schema.type ~= "array" then
    return decode_scalar(texts[1], schema, known)
  end
  local list = json.array()
  for index, text in ipairs(texts) do
    list[index] = decode_scalar(text, schema.item, known)
    if list[index] == nil then
      return nil
    end
  end
  return list
end

local function grouped(pairs_of_query)
  local texts = {}
  for _, pair in ipairs(pairs_of_query) do
    texts[pair.name] = texts[pair.name] or {}
    table.insert(texts[pair.name], pair.value)
  end
  return texts
end

local function invalid(name, texts)
  return nil, errors.problem(400, { detail = { invalid = json.array { { [name] = texts[1] } } } })
end

-- name[member]=value, one for each member: OpenAPI's deepObject.
local function decode_object(parameter, texts_by_name)
  local fields = {}
  for _, field in ipairs(parameter.schema.fields) do
    fields[field.name] = field
  end
  local object = {}
  for name, texts in pairs(texts_by_name) do
    local owner, member = name:match("^([^%[]+)%[([^%]]*)%]$")
    if owner == parameter.name then
      local value = fields[member] and decode(texts, fields[member].schema)
      if value == nil then
        return invalid(name, texts)
      end
      object[member] = value
    end
  end
  return object
end

local function missing(name)
  return nil, errors.problem(400, { detail = { missing = json.array { { [name] = "required" } } } })
end

local function decode_parameter(parameter, texts_by_name, known)
  if parameter.schema.type == "object" then
    return decode_object(parameter, texts_by_name)
  end
  local texts = texts_by_name[parameter.name]
  if not texts then
    if parameter.required then
      return missing(parameter.name)
    end
    return nil
  end
  local value = decode(texts, parameter.schema, known)
  if value == nil then
    return invalid(parameter.name, texts)
  end
  return value
end

--- The values of the operation's query parameters; or nil and the problem. Unknown parameters are
-- ignored, as gateways add their own. `given` is the list of url.decode_pairs;
-- `known_values[name]` is the set of values of a parameter that takes no others.
function query.decode(operation, given, known_values)
  local values = {}
  local texts_by_name = grouped(given)
  for _, parameter in ipairs(operation.parameters) do
    if parameter.location == "query" then
      local value, problem =
        decode_parameter(parameter, texts_by_name, known_values[parameter.name])
      if problem then
        return nil, problem
      end
      values[parameter.name] = value
    end
  end
  return values
end

return query
