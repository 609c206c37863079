--- connection_settings.*: the defaults of one resource of a connection.
local connections = require "vault.sandbox.operations.connections"
local errors = require "vault.sandbox.errors"
local json = require "vault.sandbox.json"

local operations = {}

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

local function stored_configuration(context)
  local record = context.account.records[context.connector.id]
  return record and record.configuration or {}
end

local function resource_problem(context)
  local connector, resource = context.connector, context.parameters.resource
  if
    contains(connector.configurable_resources, resource)
    or contains(connector.resource_settings_support, resource)
  then
    return nil
  end
  for _, entry in ipairs(stored_configuration(context)) do
    if entry.resource == resource then
      return nil
    end
  end
  return errors.entity_not_found("resource", resource)
end

-- The Connection of a response, with the configuration of this resource only.
local function shown(context)
  local row = context.row(context.connector)
  row.configuration = json.array()
  for _, entry in ipairs(stored_configuration(context)) do
    if entry.resource == context.parameters.resource then
      row.configuration[1] = entry
    end
  end
  return { status = 200, data = row }
end

operations["vault.connection_settings.list"] = function(context)
  local problem = resource_problem(context)
  if problem then
    return nil, problem
  end
  return shown(context)
end

-- The whole configuration with this resource's entry replaced by the one given; or nil and the
-- problem.
local function replaced_configuration(context)
  local resource = context.parameters.resource
  local result = json.array()
  for _, entry in ipairs(stored_configuration(context)) do
    if entry.resource ~= resource then
      result[#result + 1] = entry
    end
  end
  for index, entry in ipairs(context.body.configuration) do
    if entry.resource ~= nil and entry.resource ~= resource then
      local path = string.format("connection.configuration[%d].resource", index - 1)
      return nil, errors.invalid_body(path, "must be " .. resource)
    end
    entry.resource = resource
    result[#result + 1] = entry
  end
  return result
end

operations["vault.connection_settings.update"] = function(context)
  local problem = resource_problem(context)
  if not problem and context.body.configuration then
    context.body.configuration, problem = replaced_configuration(context)
  end
  if problem then
    return nil, problem
  end
  local _
  _, problem = connections["vault.connections.update"](context)
  if problem then
    return nil, problem
  end
  return shown(context)
end

return operations
