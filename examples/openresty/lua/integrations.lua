--- The request handlers of the integrations pages.
local connection_page = require "connection_page"
local guard = require "guard"
local html = require "html"
local links = require "links"
local list_page = require "list_page"
local session = require "session"
local settings_form = require "settings_form"
local vault = require "vault"

local integrations = {}

-- Messages after a redirect: the URL has the name of the message, not its text.
local notices = {
  enabled = "The integration was added.",
  disabled = "The integration was disabled.",
  deleted = "The integration was deleted.",
  saved = "The settings were saved.",
  authorized = "The integration was authorized.",
  back = "You are back.",
  denied = "You did not allow it, so nothing has changed.",
}

local function see_other(path, notice)
  ngx.header.cache_control = "no-store"
  ngx.header.location = path .. "?notice=" .. notice
  return ngx.exit(ngx.HTTP_SEE_OTHER)
end

local function notice()
  return notices[ngx.req.get_uri_args().notice]
end

local FAILED = "That did not work"
local FAILURE = [[
<h1>That did not work</h1>
<p>{text}</p>
<p><a href="/integrations">All integrations</a></p>
]]

local statuses = { NotFoundResponse = 404, InvalidRequestError = 400 }

-- The error for the user; the error log has all of it.
local function fail(err)
  if not vault.is_error(err) then
    error(err, 0)
  end
  ngx.log(ngx.ERR, tostring(err))
  local text = err.status_code and err.message or "The integrations cannot be reached right now."
  return html.send(statuses[err.name] or 502, FAILED, html.fill(FAILURE, { text = text }))
end

local function refuse(text)
  return html.send(403, "Refused", html.fill("<h1>Refused</h1><p>{text}</p>", { text = text }))
end

--- GET /integrations
function integrations.list(client)
  local listed, result = pcall(client.connections.list, { consumer_id = session.consumer_id() })
  if not listed then
    return fail(result)
  end
  local content = list_page.render(result.data, ngx.req.get_uri_args())
  return html.send(200, "Integrations", content, notice())
end

-- The operation's request for the connection in the URL.
local function request_for(connection)
  return {
    unified_api = connection.unified_api,
    service_id = connection.service_id,
    consumer_id = session.consumer_id(),
  }
end

local function update(client, connection, changes)
  local request = request_for(connection)
  request.connection = changes
  client.connections.update(request)
end

-- By the name of the button: performs the action, and returns the name of a message.
local actions = {}

function actions.enable(client, connection)
  update(client, connection, { enabled = true })
  return "enabled"
end

function actions.disable(client, connection)
  update(client, connection, { enabled = false })
  return "disabled"
end

function actions.delete(client, connection)
  client.connections.delete(request_for(connection))
  return "deleted"
end

function actions.token(client, connection)
  client.connections.token(request_for(connection))
  return "authorized"
end

function actions.save(client, connection, arguments)
  local current = client.connections.get(request_for(connection)).data
  update(client, connection, {
    settings = settings_form.read(current.form_fields or {}, arguments),
  })
  return "saved"
end

local function act(client, connection)
  ngx.req.read_body()
  local arguments = ngx.req.get_post_args()
  if not session.is_token(arguments.csrf_token, "form") then
    return refuse "This form was not made for your browser. Load the page again."
  end
  local action = actions[arguments["do"]]
  if not action then
    return refuse "There is no such action."
  end
  local done, result = pcall(action, client, connection, arguments)
  guard.forget(session.consumer_id(), connection)
  if not done then
    return fail(result)
  end
  return see_other(result == "deleted" and "/integrations" or links.connection(connection), result)
end

--- GET and POST /integrations/{unified_api}/{service_id}
function integrations.connection(client, unified_api, service_id)
  local connection = { unified_api = unified_api, service_id = service_id }
  local method = ngx.req.get_method()
  if method == "POST" then
    return act(client, connection)
  elseif method ~= "GET" and method ~= "HEAD" then
    ngx.header.allow = "GET, HEAD, POST"
    return ngx.exit(ngx.HTTP_NOT_ALLOWED)
  end
  local got, result = pcall(client.connections.get, request_for(connection))
  if not got then
    return fail(result)
  end
  local name = result.data.name or service_id
  return html.send(200, name, connection_page.render(result.data), notice())
end

--- GET /integrations/return: a user returns from a provider.
function integrations.come_back()
  local arguments = ngx.req.get_uri_args()
  if not links.is_our_return(arguments) then
    return refuse "This return does not belong to your browser."
  end
  local connection = { unified_api = arguments.api, service_id = arguments.service }
  guard.forget(session.consumer_id(), connection)
  return see_other(links.connection(connection), arguments.error and "denied" or "back")
end

return integrations
