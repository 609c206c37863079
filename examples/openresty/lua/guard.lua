--- Refuses requests unless the caller's connection is callable.
--
-- States from Vault are cached in lua_shared_dict connections for a short time, for all workers. While
-- one request calls Vault, the others wait for its result: a hundred concurrent requests make one call.
local html = require "html"
local links = require "links"
local session = require "session"
local vault = require "vault"

local guard = {}

local CALLABLE_SECONDS = 30 -- until a removed connection is detected
local OTHER_SECONDS = 2 -- until a connection made elsewhere is detected
local LOCK_SECONDS = 10 -- others wait this long for a worker that dies during its call
local FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.05 -- seconds

local function key_of(consumer_id, connection)
  local parts = { consumer_id, connection.unified_api, connection.service_id }
  for i, part in ipairs(parts) do
    parts[i] = ngx.escape_uri(part)
  end
  return table.concat(parts, "/")
end

local function states()
  return ngx.shared.connections
end

-- Calls Vault, and caches the state for the others.
local function ask(client, consumer_id, connection, key)
  local answered, result = pcall(client.connections.get, {
    unified_api = connection.unified_api,
    service_id = connection.service_id,
    consumer_id = consumer_id,
  })
  if not answered then
    return nil, result
  end
  local data = result.data
  local state = data.enabled and data.state or "disabled"
  states():set(key, state, state == "callable" and CALLABLE_SECONDS or OTHER_SECONDS)
  return state
end

-- The state, or nil and the error.
local function state_of(client, consumer_id, connection)
  local key = key_of(consumer_id, connection)
  local lock = key .. " lock"
  local pause, waited = FIRST_PAUSE, 0
  repeat
    local state = states():get(key)
    if state then
      return state
    end
    if states():add(lock, true, LOCK_SECONDS) then
      local err
      state, err = ask(client, consumer_id, connection, key)
      states():delete(lock)
      return state, err
    end
    ngx.sleep(pause)
    waited = waited + pause
    pause = math.min(2 * pause, LONGEST_PAUSE)
  until waited > LOCK_SECONDS
  return nil, "timeout while another request fetches the connection's state"
end

--- Removes a connection that has changed from the cache.
function guard.forget(consumer_id, connection)
  states():delete(key_of(consumer_id, connection))
end

local REFUSED = [[
<h1>Not connected</h1>
<p>This needs your {name} account.</p>
<p><a class="button" id="connect" href="{{href}}">Connect {name}</a></p>
]]

-- The URL to connect: the provider's page where only the user's authorization is missing, else ours.
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

--- For access_by_lua: returns if the caller's connection is callable, else sends a response.
function guard.require(client, unified_api, service_id)
  local consumer_id = session.consumer_id()
  local connection = { unified_api = unified_api, service_id = service_id }
  local state, err = state_of(client, consumer_id, connection)
  if state == "callable" then
    return
  elseif state == nil then
    return unavailable(err)
  end
  local refused, problem = pcall(refuse, client, consumer_id, connection)
  if not refused and vault.is_error(problem) then
    return unavailable(problem)
  elseif not refused then
    error(problem, 0)
  end
end

return guard
