-- The C core's rows, in the order in which the operations reach them, with their words.
local schema = require "vault.schema"
local words = dofile ".ci/reference/descriptions.lua"

local rows = { operations = {}, objects = {}, enumerations = {} }

local used = {}

-- The words of a row; every table of words is used once, so that leftovers can be named.
local function words_of(section, name)
  local found = words[section][name]
  if not found then
    error((".ci/reference/descriptions.lua: %s has no words for %q"):format(section, name), 0)
  end
  used[section .. " " .. name] = true
  return found
end

local function type_of(value)
  if value.enumeration then
    return "vault." .. value.name
  elseif value.type == "object" then
    return "vault." .. value.name
  elseif value.type == "array" then
    return type_of(value.item) .. "[]"
  end
  local names = {
    any = "any",
    string = "string",
    integer = "integer",
    boolean = "boolean",
    duration = "integer|string",
    ["date-time"] = "string|integer",
    scalar = "vault.Scalar",
    ["free-form"] = "table<string, any>",
    scopes = "vault.DataScopesResources",
  }
  return assert(names[value.type], value.type)
end

local visit

local function add_object(object)
  local told = words_of("schemas", object.name)
  local row = { name = object.name, about = told.about, fields = {} }
  rows.objects[#rows.objects + 1] = row
  local known = {}
  for _, field in ipairs(object.fields) do
    known[field.name] = true
    local about = told.fields[field.name]
    if not about or about == "" then
      error(
        (".ci/reference/descriptions.lua: no words for %s.%s"):format(object.name, field.name),
        0
      )
    end
    row.fields[#row.fields + 1] = {
      name = field.name,
      type = type_of(field.schema),
      about = about,
      required = field.required,
      read_only = field.read_only,
      nullable = field.nullable,
    }
  end
  for name in pairs(told.fields) do
    if not known[name] then
      error((".ci/reference/descriptions.lua: %s has no field %s"):format(object.name, name), 0)
    end
  end
  for _, field in ipairs(told.sent or {}) do
    row.fields[#row.fields + 1] =
      { name = field.name, type = field.type, about = field.about, undocumented = true }
  end
  for _, field in ipairs(object.fields) do
    visit(field.schema)
  end
end

local seen = {}

function visit(value)
  if value.type == "array" then
    return visit(value.item)
  elseif seen[value] then
    return
  end
  seen[value] = true
  if value.enumeration then
    rows.enumerations[#rows.enumerations + 1] = {
      name = value.name,
      about = words_of("enumerations", value.name),
      values = value.enumeration,
    }
  elseif value.type == "object" then
    add_object(value)
  end
end

local function capitalised(name)
  return (name:gsub("^%l", string.upper))
end

local function add_operation(operation)
  local told = words_of("operations", operation.id)
  local prefix = operation.group == "connections" and "" or capitalised(operation.group)
  local row = {
    id = operation.id,
    group = operation.group,
    name = operation.name,
    method = operation.method,
    path = operation.path,
    about = told.about,
    data = told.result,
    idempotent = operation.idempotent,
    request = "vault." .. prefix .. capitalised(operation.name) .. "Request",
    fields = {},
  }
  rows.operations[#rows.operations + 1] = row
  for _, parameter in ipairs(operation.parameters) do
    row.needs_request = row.needs_request or parameter.required
    row.fields[#row.fields + 1] = {
      name = parameter.name,
      type = type_of(parameter.schema),
      about = words_of("parameters", parameter.name),
      required = parameter.required,
    }
    visit(parameter.schema)
  end
end

for _, operation in ipairs(schema.operations) do
  add_operation(operation)
end
for name, object in pairs(schema.schemas) do
  if not seen[object] then
    error(("no operation reaches the schema %s (src/api/schema.c)"):format(name), 0)
  end
end
for section, entries in pairs(words) do
  for name in pairs(entries) do
    if not used[section .. " " .. name] then
      error(
        (".ci/reference/descriptions.lua: %s has words for %q, which is no row"):format(
          section,
          name
        ),
        0
      )
    end
  end
end

-- The names that an operation's result has in the annotations, by its `data`.
function rows.result_of(operation)
  local data = operation.data
  if not data then
    return "vault.Result"
  end
  local name, list = data:match "^(%w+)(%[?%]?)$"
  return "vault." .. name .. (list ~= "" and "s" or "") .. "Result"
end

rows.groups = {}
for _, operation in ipairs(rows.operations) do
  if not rows.groups[operation.group] then
    rows.groups[operation.group] = { class = capitalised(operation.group), operations = {} }
    rows.groups[#rows.groups + 1] = operation.group
  end
  local group = rows.groups[operation.group]
  group.operations[#group.operations + 1] = operation
end

return rows
