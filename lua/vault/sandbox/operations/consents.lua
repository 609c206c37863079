--- connection_consents.* and connection_consent.*: the user's decisions on data scopes.
local connection = require "vault.sandbox.connection"
local errors = require "vault.sandbox.errors"
local time = require "vault.sandbox.time"

local operations = {}

operations["vault.connection_consents.list"] = function(context)
  local record = context.account.records[context.connector.id]
  if not record then
    return nil, errors.connection_not_found(context.connector.id)
  end
  return { status = 200, data = record.consents }
end

operations["vault.connection_consent.update"] = function(context)
  local record = context.account.records[context.connector.id]
  if not record then
    return nil, errors.connection_not_found(context.connector.id)
  end
  local consent = {
    id = "con_" .. context.store.token():sub(1, 10),
    created_at = time.format_seconds(context.now()),
    granted = context.body.granted,
    resources = context.body.resources,
  }
  connection.add_consent(record, consent)
  context.store:touch(context.account, record)
  return { status = 200, data = consent }
end

return operations
