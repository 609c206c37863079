-- The model of the API (.ci/api/document.lua) with its descriptions, in the order in which the reference has it.
local names = require "api.names"

local TYPES = {
  any = "any",
  string = "string",
  integer = "integer",
  number = "number",
  boolean = "boolean",
  ["date-time"] = "string|integer",
  duration = "integer|string",
  scalar = "vault.Scalar",
  ["free-form"] = "table<string, any>",
}

local function type_of(schema)
  if schema.type == "array" then
    return type_of(schema.item) .. "[]"
  end
  return schema.name and "vault." .. schema.name or assert(TYPES[schema.type], schema.type)
end

local builder = {}
builder.__index = builder

-- The description of `name`; missing and unused ones are reported together.
function builder:describe(section, name, fallback)
  local found = self.descriptions[section][name]
  self.used[section .. " " .. name] = true
  if not found or found == "" then
    if fallback then
      return fallback
    end
    self.problems[#self.problems + 1] = ("%s has no description of %s"):format(section, name)
  end
  return found or ""
end

function builder:field(schema_name, field, described)
  local about = described.fields and described.fields[field.name]
  if not about or about == "" then
    self.problems[#self.problems + 1] = ("schemas has no description of %s.%s"):format(
      schema_name,
      field.name
    )
  end
  return {
    name = field.name,
    type = type_of(field.schema),
    about = about or "",
    required = field.required,
    read_only = field.read_only,
    nullable = field.nullable,
    undocumented = field.added,
  }
end

function builder:add_object(schema)
  local described = self:describe("schemas", schema.name, #schema.fields == 0 and {} or nil)
  if described == "" then
    described = { fields = {} }
    for _, field in ipairs(schema.fields) do
      described.fields[field.name] = "-" -- one problem is enough
    end
  end
  local object = { name = schema.name, about = described.about, fields = {} }
  local known = {}
  for index, field in ipairs(schema.fields) do
    known[field.name] = true
    object.fields[index] = self:field(schema.name, field, described)
  end
  for name in pairs(described.fields or {}) do
    if not known[name] then
      self.problems[#self.problems + 1] = ("schemas describes %s.%s, which there is not"):format(
        schema.name,
        name
      )
    end
  end
  self.objects[#self.objects + 1] = object
end

function builder:add_operation(operation)
  local class = names.camel(operation.group) .. names.camel(operation.name)
  local row = {
    id = operation.id,
    group = operation.group,
    name = operation.name,
    method = operation.method,
    path = operation.path,
    about = self:describe("operations", operation.id),
    data = operation.data and type_of(operation.data),
    idempotent = operation.idempotent,
    pages = operation.pages,
    consumer = operation.consumer,
    application = operation.application,
    request = ("vault.%sRequest"):format(class),
    result = operation.data and ("vault.%sResult"):format(class) or "vault.Result",
    fields = {},
  }
  for index, parameter in ipairs(operation.parameters) do
    row.needs_request = row.needs_request or parameter.required
    row.fields[index] = {
      name = parameter.name,
      type = type_of(parameter.schema),
      about = self:describe("parameters", parameter.name),
      required = parameter.required,
    }
  end
  self.operations[#self.operations + 1] = row
  local group = self.groups[row.group]
  if not group then
    group = { class = names.camel(row.group), operations = {} }
    self.groups[row.group] = group
    self.groups[#self.groups + 1] = row.group
  end
  group.operations[#group.operations + 1] = row
end

function builder:report()
  for section, entries in pairs(self.descriptions) do
    for name in pairs(entries) do
      if not self.used[section .. " " .. name] then
        self.problems[#self.problems + 1] = ("%s describes %s, which there is not"):format(
          section,
          name
        )
      end
    end
  end
  if #self.problems > 0 then
    table.sort(self.problems)
    error(".ci/reference/descriptions.lua:\n  " .. table.concat(self.problems, "\n  "), 0)
  end
end

--- { operations, objects, enumerations, groups } of a model; fails with the names of missing and unused descriptions.
return function(model, descriptions)
  local self = setmetatable({
    descriptions = descriptions,
    used = {},
    problems = {},
    operations = {},
    objects = {},
    enumerations = {},
    groups = {},
  }, builder)
  for _, operation in ipairs(model.operations) do
    self:add_operation(operation)
  end
  for _, schema in ipairs(model.schemas) do
    if schema.type == "object" then
      self:add_object(schema)
    elseif schema.enumeration then
      self.enumerations[#self.enumerations + 1] = {
        name = schema.name,
        about = self:describe("enumerations", schema.name),
        values = schema.enumeration,
      }
    end
  end
  self:report()
  return self
end
