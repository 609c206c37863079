-- The reduced document and the overrides as one model: operations and schemas, in the terms of src/api/operation.h and
-- src/api/schema.h.
local names = require "api.names"

local CONTEXT_HEADERS = {
  ["x-apideck-consumer-id"] = "consumer",
  ["x-apideck-app-id"] = "application",
}

local METHODS = { "get", "post", "put", "patch", "delete" }

local builder = {}
builder.__index = builder

local function fail(message, ...)
  error(message:format(...), 0)
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

local function sorted_keys(of)
  local keys = {}
  for key in pairs(of) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local function contains(list, value)
  for _, one in ipairs(list or {}) do
    if one == value then
      return true
    end
  end
  return false
end

-- The last part of "#/components/schemas/Connection", or a name as overrides write it.
local function referred(reference)
  return reference:match "[^/]+$"
end

-- The override of a section, marked as used.
function builder:override(section, name)
  local found = self.overrides[section][name]
  if found then
    if type(found) == "table" and not found.because then
      fail("overrides: %s %s gives no reason (`because`)", section, name)
    end
    self.used[section .. " " .. name] = true
  end
  return found
end

-- A copy of the facts with those of an override; fails where the document already has them.
local function overridden(facts, override, section, name)
  local result, changed = {}, false
  for key, value in pairs(facts) do
    result[key] = value
  end
  for key, value in pairs(override) do
    if key == "items" then
      result.items, changed = overridden(facts.items or {}, value, section, name), true
    elseif key ~= "because" then
      local before = result[key]
      if key == "$ref" then
        before = before and referred(before)
        for other in pairs(result) do
          if other ~= "readOnly" and other ~= "nullable" then
            result[other] = nil
          end
        end
      end
      changed = changed or not same(before, value)
      result[key] = value
    end
  end
  if not changed then
    fail("overrides: %s %s has no effect: the document says the same", section, name)
  end
  return result
end

-- --- schemas ---

-- One object of alternative objects: the fields of all, each with the values of all.
function builder:merged(alternatives)
  local result = { type = "object", properties = {}, ["x-order"] = {} }
  for _, alternative in ipairs(alternatives) do
    local facts = self:resolve(alternative)
    for _, name in ipairs(facts["x-order"]) do
      local property, known = facts.properties[name], result.properties[name]
      if not known then
        result["x-order"][#result["x-order"] + 1] = name
        known = {}
        for key, value in pairs(property) do
          known[key] = value
        end
        result.properties[name] = known
      elseif known.enum then
        local values = {}
        for _, list in ipairs { known.enum, property.enum } do
          for _, value in ipairs(list) do
            values[#values + 1] = value
          end
        end
        known.enum = values
      end
    end
  end
  return result
end

function builder:resolve(facts)
  if not facts["$ref"] then
    return facts
  end
  local name = referred(facts["$ref"])
  return self.document.components.schemas[name]
    or fail("the document has no schema %s, which it refers to", name)
end

local PRIMITIVES = { string = true, integer = true, number = true, boolean = true }

local function is_primitive(facts)
  return PRIMITIVES[facts.type] and not facts.enum
end

local function is_scalar(alternatives)
  for _, alternative in ipairs(alternatives) do
    if not is_primitive(alternative) and alternative.type ~= "array" then
      return false
    end
  end
  return true
end

-- The string "*", or an object.
local function is_scopes(alternatives)
  local object, text
  for _, alternative in ipairs(alternatives) do
    object = object or alternative.type == "object"
    text = text or (alternative.enum and same(alternative.enum, { "*" }))
  end
  return #alternatives == 2 and object and text
end

function builder:are_objects(alternatives)
  for _, alternative in ipairs(alternatives) do
    if not self:resolve(alternative).properties then
      return false
    end
  end
  return true
end

-- Whether the document defines an object's fields, rather than the caller.
local function has_known_fields(facts)
  local more = facts.additionalProperties
  return more == false or (not more and facts.properties ~= nil and next(facts.properties) ~= nil)
end

function builder:type_of(facts, name)
  local alternatives = facts.oneOf or facts.anyOf
  if alternatives then
    return is_scalar(alternatives) and "scalar"
      or is_scopes(alternatives) and "scopes"
      or self:are_objects(alternatives) and "merged"
      or fail("%s: alternatives of this kind are not supported", name)
  elseif facts.allOf then
    fail("%s: allOf is not supported", name)
  elseif facts.type == "object" or facts.properties then
    return has_known_fields(facts) and "object" or "free-form"
  elseif facts.type == "string" then
    return facts.format == "date-time" and "date-time" or "string"
  elseif facts.type == "integer" and facts.format == "duration" then
    return "duration"
  elseif facts.type == nil then
    return "any"
  end
  return facts.type
end

function builder:secrecy(name)
  local override = self:override("secrets", name)
  return override and override[1]
end

function builder:fields_of(facts, name)
  local fields, order = {}, {}
  for _, property in ipairs(facts["x-order"] or sorted_keys(facts.properties or {})) do
    order[#order + 1] = { name = property, facts = facts.properties[property] }
  end
  for _, added in ipairs(self.overrides.added) do
    local owner, property = added.name:match "^(.+)%.(.+)$"
    if owner == name then
      if facts.properties[property] then
        fail("overrides: added %s has no effect: the document has it", added.name)
      end
      self.used["added " .. added.name] = true
      order[#order + 1] = { name = property, facts = added.schema, added = true }
    end
  end
  for index, property in ipairs(order) do
    local path = name .. "." .. property.name
    local override = self:override("schemas", path)
    local own = override and overridden(property.facts, override, "schemas", path) or property.facts
    local target = self:resolve(own)
    fields[index] = {
      name = property.name,
      schema = self:schema(own, name .. names.camel(property.name)),
      read_only = (own.readOnly or target.readOnly or facts.readOnly) or false,
      nullable = (own.nullable or target.nullable) or false,
      required = contains(facts.required, property.name),
      secret = self:secrecy(path),
      added = property.added,
    }
  end
  return fields
end

-- A named enumeration and an inline one whose derived name is the same: often the document has the values twice, in
-- another order.
local function is_same_enumeration(a, b)
  for _, value in ipairs(a.enum or {}) do
    if not contains(b.enum, value) then
      return false
    end
  end
  return a.enum ~= nil and b.enum ~= nil and #a.enum == #b.enum
end

-- The schema of some facts; `name` is that of an inline one.
function builder:schema(facts, name)
  if facts["$ref"] then
    name = referred(facts["$ref"])
    facts = self:resolve(facts)
  end
  local kind = self:type_of(facts, name)
  local is_named = kind == "object" or kind == "merged" or facts.enum or kind == "scopes"
  local known = self.schemas[name]
  if is_named and known then
    if not same(known.facts, facts) and not is_same_enumeration(known.facts, facts) then
      fail("two different schemas would be called %s", name)
    end
    return known
  end
  local schema = { type = kind, facts = facts }
  if kind == "array" then
    schema.item = self:schema(facts.items, name)
    schema.item_nullable = facts.items.nullable
    return schema
  elseif not is_named then
    return schema
  end
  schema.name = name
  self.schemas[name] = schema
  self.schemas[#self.schemas + 1] = schema
  if kind == "merged" then
    facts = self:merged(facts.oneOf or facts.anyOf)
    schema.type = "object"
  end
  local override = self:override("schemas", name)
  if override then
    facts = overridden(facts, override, "schemas", name)
  end
  if schema.type == "object" then
    schema.fixed = facts.additionalProperties == false
    schema.fields = self:fields_of(facts, name)
  elseif facts.enum then
    schema.enumeration = facts.enum
  end
  return schema
end

-- --- operations ---

function builder:parameter(facts)
  local reference = facts["$ref"]
  return reference and self.document.components.parameters[referred(reference)] or facts
end

-- Adds the parameter to the operation, as a field or as a context header.
function builder:add_parameter(operation, facts)
  if facts["in"] == "header" then
    local context = CONTEXT_HEADERS[facts.name]
    if not context then
      fail("%s: the header parameter %s is not supported", operation.id, facts.name)
    end
    operation[context] = true
    return
  end
  local override = self:override("parameters", facts.name)
  local schema = override and overridden(facts.schema, override.schema, "parameters", facts.name)
    or facts.schema
  local parameter = {
    name = facts.name,
    location = facts["in"],
    schema = self:schema(schema, names.camel(operation.operation_id) .. names.camel(facts.name)),
    required = facts.required or false,
    nullable = self:resolve(schema).nullable or false,
  }
  if parameter.schema.type == "object" and facts.style ~= "deepObject" then
    fail("%s: the parameter %s is an object, but no deepObject", operation.id, facts.name)
  end
  operation.parameters[#operation.parameters + 1] = parameter
end

function builder:add_body(operation, body)
  local facts = body.content["application/json"].schema
  local reference = facts["$ref"]
  operation.parameters[#operation.parameters + 1] = {
    name = reference and names.snake(referred(reference)) or "request_body",
    location = "body",
    schema = self:schema(facts, "EmptyObject"),
    required = body.required or false,
    nullable = false,
  }
end

-- The schema of `data` in the response of success; nil where there is none.
function builder:data_of(facts)
  for _, status in ipairs(sorted_keys(facts.responses)) do
    if status:find "^2" then
      local response = facts.responses[status]
      response = response["$ref"] and self.document.components.responses[referred(response["$ref"])]
        or response
      local content = response.content and response.content["application/json"]
      local schema = content and content.schema
      local body = schema and self:resolve(schema)
      if body and body.properties and body.properties.data then
        return self:schema(
          body.properties.data,
          (schema["$ref"] and referred(schema["$ref"]) or names.camel(facts.operationId)) .. "Data"
        )
      end
    end
  end
end

function builder:add_operation(method, path, item, facts)
  local override = self:override("operations", facts.operationId) or {}
  local renamed = self:override("names", facts.operationId)
  local derived = names.of_operation(facts.operationId)
  if renamed and renamed.name == derived then
    fail("overrides: names %s has no effect: it is called so anyway", facts.operationId)
  end
  local group, name = (renamed and renamed.name or derived):match "^(.+)%.(.+)$"
  local operation = {
    id = ("vault.%s.%s"):format(group, name),
    operation_id = facts.operationId,
    group = group,
    name = name,
    method = method:upper(),
    path = path,
    parameters = {},
    idempotent = method == "get" or method == "delete" or method == "put",
    no_content_ok = method == "delete" or facts.responses["204"] ~= nil,
  }
  if override.idempotent == operation.idempotent then
    fail("overrides: operations %s has no effect: %s is idempotent", facts.operationId, method)
  end
  operation.idempotent = operation.idempotent or override.idempotent or false
  for _, list in ipairs { item.parameters or {}, facts.parameters or {} } do
    for _, parameter in ipairs(list) do
      self:add_parameter(operation, self:parameter(parameter))
    end
  end
  if facts.requestBody then
    self:add_body(operation, facts.requestBody)
  end
  operation.data = self:data_of(facts)
  local pages = {}
  for _, parameter in ipairs(operation.parameters) do
    pages[parameter.name] = parameter.location == "query"
  end
  operation.pages = (pages.cursor and pages.limit) or false
  self.operations[#self.operations + 1] = operation
end

-- --- order ---

local FIRST_NAMES = { list = 1, get = 2, create = 3, update = 4, delete = 5 }

-- By group; within a group list, get, create, update, delete, then the others by name.
function builder:listed_operations()
  local list, places = {}, {}
  for index, group in ipairs(self.overrides.groups) do
    places[group] = index
  end
  for _, path in ipairs(sorted_keys(self.document.paths)) do
    local item = self.document.paths[path]
    for _, method in ipairs(METHODS) do
      local facts = item[method]
      if facts and not self:override("left_out", facts.operationId) then
        local renamed = self.overrides.names[facts.operationId]
        local id = renamed and renamed.name or names.of_operation(facts.operationId)
        local group, name = id:match "^(.+)%.(.+)$"
        self.used["groups " .. group] = true
        list[#list + 1] = {
          method = method,
          path = path,
          item = item,
          facts = facts,
          order = ("%03d %s %d %s"):format(
            places[group] or 999,
            group,
            FIRST_NAMES[name] or 9,
            name
          ),
        }
      end
    end
  end
  table.sort(list, function(a, b)
    return a.order < b.order
  end)
  return list
end

function builder:check_all_used()
  for _, section in ipairs { "names", "left_out", "operations", "parameters", "schemas", "secrets" } do
    for _, name in ipairs(sorted_keys(self.overrides[section])) do
      if not self.used[section .. " " .. name] then
        fail("overrides: %s %s has no effect: nothing is called so", section, name)
      end
    end
  end
  for _, added in ipairs(self.overrides.added) do
    if not self.used["added " .. added.name] then
      fail("overrides: added %s has no effect: nothing is called so", added.name)
    end
  end
  for _, group in ipairs(self.overrides.groups) do
    if not self.used["groups " .. group] then
      fail("overrides: groups %s has no effect: nothing is called so", group)
    end
  end
end

--- The model of a reduced document: { version, operations, schemas }.
-- An operation: { id, operation_id, group, name, method, path, parameters, idempotent, no_content_ok, pages, consumer,
-- application, data }. A schema: { type, name, fields, item, enumeration, fixed }, as vault.schema has them.
return function(document, overrides)
  local self = setmetatable({
    document = document,
    overrides = overrides,
    used = {},
    operations = {},
    schemas = {},
  }, builder)
  for _, row in ipairs(self:listed_operations()) do
    self:add_operation(row.method, row.path, row.item, row.facts)
  end
  self:check_all_used()
  return { version = document.info.version, operations = self.operations, schemas = self.schemas }
end
