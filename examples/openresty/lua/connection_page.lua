--- The page of one connection: its state, actions and settings.
local badge = require "badge"
local html = require "html"
local links = require "links"
local session = require "session"
local settings_form = require "settings_form"

local connection_page = {}

local PAGE = [[
<p><a href="/integrations">All integrations</a></p>
<h1>{name} <span class="badge {colour}" id="badge">{badge}</span></h1>
<p>{tag_line} {{website}}</p>
<div class="actions">
{{actions}}</div>
{{settings}}]]

local BUTTON = [[
<form method="post">
<input type="hidden" name="csrf_token" value="{csrf_token}">
<button name="do" value="{action}" id="{action}">{text}</button>
</form>
]]

local LINK = '<a class="button" id="{id}" href="{{href}}">{text}</a>\n'

local SETTINGS = [[
<h2>Settings</h2>
<form method="post" class="settings" autocomplete="off">
<input type="hidden" name="csrf_token" value="{csrf_token}">
{{fields}}
<button name="do" value="save" id="save">Save</button>
</form>
]]

local function button(action, text)
  return html.fill(BUTTON, { csrf_token = session.token "form", action = action, text = text })
end

local function link(id, url, text)
  local href = html.href(url)
  return href and html.fill(LINK, { id = id, href = href, text = text }) or ""
end

-- In the browser where the grant needs one, else by fetching a token.
local function authorize(connection)
  if
    connection.oauth_grant_type == "client_credentials"
    or connection.oauth_grant_type == "password"
  then
    return button("token", "Authorize")
  end
  return link("authorize", links.with_return(connection.authorize_url, connection), "Authorize")
end

local function actions(connection)
  local parts = {}
  if badge.can_authorize(connection) then
    parts[#parts + 1] = authorize(connection)
  end
  if connection.revoke_url then
    parts[#parts + 1] =
      link("disconnect", links.with_return(connection.revoke_url, connection), "Disconnect")
  end
  if connection.enabled then
    parts[#parts + 1] = button("disable", "Disable")
  else
    parts[#parts + 1] = button("enable", "Enable")
  end
  if connection.state ~= "available" then
    parts[#parts + 1] = button("delete", "Delete")
  end
  return table.concat(parts)
end

local function settings(connection)
  local fields = connection.form_fields or {}
  if connection.state == "available" or #fields == 0 then
    return nil
  end
  return html.fill(SETTINGS, {
    csrf_token = session.token "form",
    fields = settings_form.render(fields),
  })
end

local function website(connection)
  local href = html.href(connection.website)
  return href and ('<a href="%s" rel="noreferrer">Website</a>'):format(href)
end

function connection_page.render(connection)
  local text, colour = badge.of(connection)
  return html.fill(PAGE, {
    name = connection.name or connection.service_id,
    badge = text,
    colour = colour,
    tag_line = connection.tag_line,
    website = website(connection),
    actions = actions(connection),
    settings = settings(connection),
  })
end

return connection_page
