-- Reduces Apideck's OpenAPI document to its facts: names, types, flags, values, statuses. Summaries, descriptions,
-- titles, examples and default texts are dropped: the project has its own descriptions. The result has the form of
-- an OpenAPI document, with the order of each object's properties as "x-order".
local json_text = require "api.json_text"
local yaml_document = require "api.yaml_document"

local array = json_text.array

local function plain(value)
  if value == yaml_document.null then
    return json_text.null
  elseif type(value) == "table" then
    error("a plain value was expected", 0)
  end
  return value
end

local function plain_list(values)
  local list = array()
  for index, value in ipairs(values) do
    list[index] = plain(value)
  end
  return list
end

-- Drops texts for readers, which a default may be.
local function default(value)
  if type(value) == "number" or type(value) == "boolean" then
    return value
  end
end

-- A reducer of a list, or of a mapping's values, whose names are kept.
local function each(reduce)
  return function(values)
    local list = array()
    for index, value in ipairs(values) do
      list[index] = reduce(value)
    end
    return list
  end
end

local function every(reduce)
  return function(mapping)
    local reduced = {}
    for name, value in pairs(mapping) do
      reduced[name] = reduce(value)
    end
    return reduced
  end
end

-- A reducer by a table of members: member -> reducer of its value. Other members are dropped.
local function members(reducers)
  return function(mapping)
    local reduced = {}
    for name, value in pairs(mapping) do
      if reducers[name] then
        reduced[name] = reducers[name](value)
      end
    end
    return reduced
  end
end

local reduce_schema

local function schema_or_flag(value)
  return type(value) == "table" and reduce_schema(value) or value
end

local schema_members
local function schema(value)
  return reduce_schema(value)
end

schema_members = {
  ["$ref"] = plain,
  type = plain,
  format = plain,
  enum = plain_list,
  pattern = plain,
  default = default,
  required = plain_list,
  nullable = plain,
  readOnly = plain,
  writeOnly = plain,
  deprecated = plain,
  minimum = plain,
  maximum = plain,
  minLength = plain,
  maxLength = plain,
  minItems = plain,
  maxItems = plain,
  items = schema,
  properties = every(schema),
  additionalProperties = schema_or_flag,
  allOf = each(schema),
  anyOf = each(schema),
  oneOf = each(schema),
  discriminator = members { propertyName = plain, mapping = every(plain) },
}

function reduce_schema(value)
  local reduced = members(schema_members)(value)
  if value.properties then -- JSON objects have no order
    reduced["x-order"] = plain_list(yaml_document.names(value.properties))
  end
  return reduced
end

local content = every(members { schema = schema })

local parameter = members {
  ["$ref"] = plain,
  name = plain,
  ["in"] = plain,
  required = plain,
  style = plain,
  explode = plain,
  schema = schema,
}

local response = members { ["$ref"] = plain, content = content }

local operation_members = {
  operationId = plain,
  deprecated = plain,
  ["x-internal"] = plain,
  parameters = each(parameter),
  requestBody = members { ["$ref"] = plain, required = plain, content = content },
  responses = every(response),
  ["x-apideck-event-type"] = plain,
  security = each(every(plain_list)),
}

local function path_item(item)
  local reduced = {}
  for method, operation in pairs(item) do
    if method == "parameters" then
      reduced.parameters = each(parameter)(operation)
    elseif type(operation) == "table" and operation.responses then
      reduced[method] = members(operation_members)(operation)
    end
  end
  return reduced
end

local function webhooks(items)
  local reduced = {}
  for name, item in pairs(items) do
    if type(item) == "table" then
      reduced[name] = path_item(item)
    end
  end
  return reduced
end

--- The reduced document as JSON text, of the text of the document.
return function(text)
  local document = yaml_document.parse(text)
  local components = document.components
  return json_text.write {
    openapi = document.openapi,
    info = { version = document.info.version },
    ["x-origin"] = {
      document = "Apideck's OpenAPI document of the Vault API, reduced to facts",
      repository = "https://github.com/apideck-libraries/openapi-specs",
      copyright = "Copyright (c) 2020 Apideck Libraries",
      license = "MIT, see src/api/LICENSE",
    },
    paths = every(path_item)(document.paths),
    ["x-webhooks"] = webhooks(document["x-webhooks"] or {}),
    components = {
      schemas = every(schema)(components.schemas),
      parameters = every(parameter)(components.parameters or {}),
      responses = every(response)(components.responses or {}),
    },
  }
end
