--- custom_fields.list: the fields of a service that the unified model does not have.
local connection = require "vault.sandbox.connection"
local errors = require "vault.sandbox.errors"
local json = require "vault.sandbox.json"

local operations = {}

operations["vault.custom_fields.list"] = function(context)
  local connector = context.connector
  local record = context.account.records[connector.id]
  if not record then
    return nil, errors.connection_not_found(connector.id)
  end
  local state = connection.state(connector, record)
  if state ~= "callable" then
    return nil, errors.invalid_state("The connection is " .. state .. ", not callable")
  end
  local fields = connector.custom_fields[context.parameters.resource] or {}
  return { status = 200, data = json.array(json.copy(fields)) }
end

return operations
