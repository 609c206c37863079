--- Addresses: of our own pages, and of the provider's with the way back.
local session = require "session"

local links = {}

function links.connection(connection)
  return ("/integrations/%s/%s"):format(
    ngx.escape_uri(connection.unified_api),
    ngx.escape_uri(connection.service_id)
  )
end

local function purpose(unified_api, service_id)
  return "return from " .. unified_api .. "/" .. service_id
end

-- Where the provider sends the user back to. Its state tells that this browser was sent there.
local function redirect_uri(connection)
  return ngx.var.public_url
    .. "/integrations/return?"
    .. ngx.encode_args {
      api = connection.unified_api,
      service = connection.service_id,
      state = session.token(purpose(connection.unified_api, connection.service_id)),
    }
end

--- Whether a return carries the state that this browser was given.
function links.is_our_return(arguments)
  return type(arguments.api) == "string"
    and type(arguments.service) == "string"
    and session.is_token(arguments.state, purpose(arguments.api, arguments.service))
end

--- authorize_url or revoke_url with redirect_uri in its query; nil where there is none.
function links.with_return(url, connection)
  if type(url) ~= "string" then
    return nil
  end
  local joint = url:find("?", 1, true) and "&" or "?"
  return url .. joint .. "redirect_uri=" .. ngx.escape_uri(redirect_uri(connection))
end

return links
