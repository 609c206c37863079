--- Refuses requests unless the caller's connection is callable.
local html = require "html"
local links = require "links"
local session = require "session"
local vault = require "vault"
local vault_guard = require "vault.guard"

local guard = {}

local connections -- a vault.guard

--- In init_by_lua. For several machines: vault_guard.redis { host = ..., dict = "connections" }.
function guard.init(client)
  connections = vault_guard.new {
    client = client,
    cache = vault_guard.shared_dict "connections",
  }
end

local function request_for(consumer_id, connection)
  return {
    consumer_id = consumer_id,
    unified_api = connection.unified_api,
    service_id = connection.service_id,
  }
end

--- Forgets what is kept of a connection: it has been changed.
function guard.forget(consumer_id, connection)
  connections:forget(request_for(consumer_id, connection))
end

local REFUSED = [[
<h1>Not connected</h1>
<p>This needs your {name} account.</p>
<p><a class="button" id="connect" href="{{href}}">Connect {name}</a></p>
]]

-- The way to connect: the provider's page where the user only has to allow it, else ours.
local function refuse(client, consumer_id, connection)
  local row = client.connections.get({
    unified_api = connection.unified_api,
    service_id = connection.service_id,
    consumer_id = consumer_id,
  }).data
  local can_authorize = require("badge").can_authorize(row)
  local url = can_authorize and links.with_return(row.authorize_url, row)
  local content = html.fill(REFUSED, {
    name = row.name or row.service_id,
    href = html.href(url) or html.escape(links.connection(row)),
  })
  return html.send(403, "Not connected", content)
end

local function unavailable(err)
  ngx.log(ngx.ERR, "the connection's state is not known: ", tostring(err))
  ngx.header.retry_after = 5
  return ngx.exit(ngx.HTTP_SERVICE_UNAVAILABLE)
end

--- For access_by_lua: returns when the caller's connection is callable, else sends a response.
function guard.require(client, unified_api, service_id)
  local consumer_id = session.consumer_id()
  local connection = { unified_api = unified_api, service_id = service_id }
  local answer, err = connections:check(request_for(consumer_id, connection))
  if not answer then
    return unavailable(err)
  elseif answer.allowed then
    return
  end
  local refused, problem = pcall(refuse, client, consumer_id, connection)
  if not refused and vault.is_error(problem) then
    return unavailable(problem)
  elseif not refused then
    error(problem, 0)
  end
end

return guard
