--- create_callback.state: a `state` for the sandbox's /vault/callback, for applications that start
-- the OAuth flow themselves.
local connection = require "vault.sandbox.connection"
local errors = require "vault.sandbox.errors"
local redirect = require "vault.sandbox.redirect"

local operations = {}

operations["vault.create_callback.state"] = function(context)
  local connector, redirect_uri = context.connector, context.body.redirect_uri
  if not connection.has_pages(connector) then
    return nil, errors.invalid_state(connector.name .. " does not authorize users in a browser")
  elseif redirect_uri == nil then
    return nil, errors.invalid_body("create_callback_state.redirect_uri", "is required")
  end
  local problem = redirect.problem(redirect_uri, context.settings)
  if problem then
    return nil, problem
  end
  local state = context.store:callback_state(context.account, connector, redirect_uri)
  return { status = 200, data = { state = state } }
end

return operations
