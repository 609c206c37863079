--- URLs of our own pages, and of the provider's with the return URL.
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

-- The return URL for the provider. Its state shows that this browser started the authorization.
local function redirect_uri(connection)
  return ngx.var.public_url
    .. "/integrations/return?"
    .. ngx.encode_args {
      api = connection.unified_api,
      service = connection.service_id,
      state = session.token(purpose(connection.unified_api, connection.service_id)),
    }
end

--- Whether a return has the state of this browser.
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
