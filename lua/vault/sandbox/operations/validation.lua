--- validate_connection.state: refreshes the token and reports the state.
local connection = require "vault.sandbox.connection"
local simulation = require "vault.sandbox.simulation"

local operations = {}

operations["vault.validate_connection.state"] = function(context)
  local connector = context.connector
  local record = context.account.records[connector.id]
  if record and record.credentials and record.refresh_queued then
    simulation.events.refreshed(record)
    context.store:touch(context.account, record)
  end
  local state = connection.state(connector, record)
  return { status = 200, data = { id = connector.id, state = state } }
end

return operations
