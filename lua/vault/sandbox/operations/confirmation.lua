--- connections.confirm: the second step of an authorization with a nonce.
local confirmation = require "vault.sandbox.confirmation"
local errors = require "vault.sandbox.errors"

local operations = {}

operations["vault.connections.confirm"] = function(context)
  local record = context.account.records[context.connector.id]
  if not record then
    return nil, errors.connection_not_found(context.connector.id)
  end
  local confirmed, message = confirmation.finish(record, context.body.confirm_token, context.now())
  if not confirmed then
    return nil, errors.invalid_state(message)
  end
  context.store:touch(context.account, record)
  return { status = 200, data = { confirmed = true } }
end

return operations
