--- /vault/callback: where a service sends a user back to, for a `state` of create_callback.state.
--
-- With `code` the connection is authorized; with `error` the application gets the error. A state is
-- good for one callback.
local connection = require "vault.sandbox.connection"
local html = require "vault.sandbox.pages.html"
local simulation = require "vault.sandbox.simulation"
local url = require "vault.sandbox.url"

local callback = {}

local function finish(store, visit, query)
  if query.error then
    -- As OAuth names it (RFC 6749, section 4.1.2.1).
    return html.redirect(301, url.with_field(visit.redirect_uri, "error", query.error))
  end
  local record = store:ensure(visit.account, visit.connector)
  connection.authorize(visit.connector, record, simulation.credentials(store))
  store:touch(visit.account, record)
  return html.redirect(301, visit.redirect_uri)
end

function callback.handle(sandbox, request, path, given)
  if path ~= "/vault/callback" then
    return nil
  elseif request.method ~= "GET" then
    return html.wrong_method "GET"
  end
  local query = url.by_name(given)
  local visit = query.state and sandbox.store:visit(query.state)
  if not visit or not visit.redirect_uri then
    return html.refusal(404, "Its state is unknown or was used before.")
  elseif not query.code and not query.error then
    return html.refusal(400, "It needs a code or an error.")
  end
  sandbox.store:end_callback(query.state)
  return finish(sandbox.store, visit, query)
end

return callback
