--- The hosted page of a session: the consumer's connections, and one page for each of them.
--
-- The session token in its path authenticates the user. Forms contain a token that other sites do not
-- know, so that they cannot send them. The operations carry out what a form asks for.
local dispatch = require "vault.sandbox.dispatch"
local html = require "vault.sandbox.pages.html"
local operations = require "vault.sandbox.operations"
local sessions = require "vault.sandbox.session"
local setting_field = require "vault.sandbox.pages.setting_field"
local url = require "vault.sandbox.url"

local hosted = {}

-- The status that Apideck's own pages show: the first that applies.
local function status_of(row)
  if row.health == "pending_confirmation" then
    return "Pending confirmation"
  elseif row.integration_state == "needs_configuration" then
    return "Needs configuration"
  elseif row.state == "invalid" then
    return "Invalid configuration"
  elseif row.state == "available" then
    return "Not connected"
  elseif not row.enabled then
    return "Disabled"
  end
  local names = { added = "Unauthorized", authorized = "Input required", callable = "Connected" }
  return names[row.state]
end

local function page_path(session, row)
  return "/session/"
    .. session.token
    .. (row and "/" .. row.unified_api .. "/" .. row.service_id or "")
end

local function link(target, text)
  return '<a href="' .. html.escape(target) .. '">' .. html.escape(text) .. "</a>"
end

local function is_listed(connector, session)
  local apis = session.settings.unified_apis
  for _, api in ipairs(apis or {}) do
    if api == connector.unified_api then
      return true
    end
  end
  return apis == nil or #apis == 0
end

local function way_back(session)
  if session.redirect_uri then
    return "<p>" .. link(session.redirect_uri, "Back to the application") .. "</p>\n"
  end
  return ""
end

local function list_page(sandbox, session)
  local out = { "<ul>\n" }
  for _, connector in ipairs(sandbox.store.connectors.list) do
    if is_listed(connector, session) then
      local row = dispatch.connection_row(sandbox, session.account, connector)
      local name = row.name .. " (" .. row.unified_api .. ")"
      local item = link(page_path(session, row), name) .. ": " .. html.escape(status_of(row))
      out[#out + 1] = "<li>" .. item .. "</li>\n"
    end
  end
  out[#out + 1] = "</ul>\n" .. way_back(session)
  return html.page(200, session.theme.vault_name or "Connections", table.concat(out))
end

-- Grants without a user: the stored settings are exchanged for a token.
local exchangeable = { client_credentials = true, password = true }

-- The buttons of a connection: the action, its text, whether it is shown.
local function buttons_of(row, session)
  local is_added = row.state ~= "available"
  return {
    { "enable", "Connect", not is_added and row.integration_state ~= "disabled" },
    { "enable", "Enable", is_added and not row.enabled },
    {
      "authorize",
      "Authorize",
      row.state == "added" and row.enabled and exchangeable[row.oauth_grant_type or ""],
    },
    { "disable", "Disable", row.enabled and sessions.allows(session, "disable") },
    { "delete", "Delete", is_added and sessions.allows(session, "delete") },
  }
end

local function form_html(session, content)
  return '<form method="post">\n'
    .. html.hidden_field("csrf_token", session.csrf_token)
    .. content
    .. "</form>\n"
end

local function buttons_html(row, session)
  local out = {}
  for _, button in ipairs(buttons_of(row, session)) do
    if button[3] then
      out[#out + 1] = '<button name="action" value="'
        .. button[1]
        .. '">'
        .. button[2]
        .. "</button>\n"
    end
  end
  return #out > 0 and form_html(session, table.concat(out)) or ""
end

local function settings_html(row, session)
  local out = {}
  for _, field in ipairs(row.form_fields) do
    if setting_field.is_shown(field) then
      out[#out + 1] = setting_field.html(field)
    end
  end
  if #out == 0 or row.state == "available" then
    return ""
  end
  out[#out + 1] = '<button name="action" value="save">Save</button>\n'
  return "<h2>Settings</h2>\n" .. form_html(session, table.concat(out))
end

-- The links to the pages of an OAuth connection, which redirect to this page.
local function links_html(sandbox, row, session)
  local out = {}
  local function add(page_url, text)
    local target =
      url.with_field(page_url, "redirect_uri", sandbox.base_url .. page_path(session, row))
    out[#out + 1] = "<p>" .. link(target, text) .. "</p>\n"
  end
  local can_authorize = type(row.authorize_url) == "string" and row.enabled
  if can_authorize and row.state == "added" then
    add(row.authorize_url, "Authorize")
  elseif can_authorize and sessions.allows(session, "reauthorize") then
    add(row.authorize_url, "Authorize again")
  end
  if type(row.revoke_url) == "string" and sessions.allows(session, "disconnect") then
    add(row.revoke_url, "Disconnect")
  end
  return table.concat(out)
end

local function connection_page(sandbox, session, connector, status, message)
  local row = dispatch.connection_row(sandbox, session.account, connector)
  local content = table.concat {
    message and "<p><b>" .. html.escape(message) .. "</b></p>\n" or "",
    "<p>" .. html.escape(status_of(row)) .. "</p>\n",
    links_html(sandbox, row, session),
    buttons_html(row, session),
    settings_html(row, session),
    "<p>" .. link(page_path(session), "All connections") .. "</p>\n",
    way_back(session),
  }
  return html.page(status, row.name, content)
end

local function perform(sandbox, session, connector, id, body)
  return operations[id](dispatch.context(sandbox, {
    account = session.account,
    app_id = session.account.app_id,
    connector = connector,
    parameters = {},
    query = {},
    body = body,
  }))
end

local function update(sandbox, session, connector, body)
  return perform(sandbox, session, connector, "vault.connections.update", body)
end

local function settings_of(connector, given)
  local settings = {}
  for _, field in ipairs(connector.form_fields) do
    if setting_field.is_shown(field) then
      local texts = {}
      for _, pair in ipairs(given) do
        if pair.name == "setting." .. field.id then
          texts[#texts + 1] = pair.value
        end
      end
      settings[field.id] = setting_field.value(field, texts)
    end
  end
  return settings
end

-- One function for each action; each returns a result, or nil and a problem.
local actions = {
  enable = function(sandbox, session, connector)
    return update(sandbox, session, connector, { enabled = true })
  end,
  disable = function(sandbox, session, connector)
    return update(sandbox, session, connector, { enabled = false })
  end,
  authorize = function(sandbox, session, connector)
    return perform(sandbox, session, connector, "vault.connections.token", {})
  end,
  delete = function(sandbox, session, connector)
    return perform(sandbox, session, connector, "vault.connections.delete", {})
  end,
  save = function(sandbox, session, connector, given)
    return update(sandbox, session, connector, { settings = settings_of(connector, given) })
  end,
}

local function text_of(problem)
  local detail = problem.detail
  return type(detail) == "string" and detail or (detail and detail.message) or problem.message
end

local restricted = { disable = true, delete = true }

local function act(sandbox, session, connector, given)
  local fields = url.by_name(given)
  local action = actions[fields.action]
  if fields.csrf_token ~= session.csrf_token then
    return html.refusal(403, "This form is not from this page. Open the link again.")
  elseif not action then
    return html.refusal(400, "The form has no action that this page knows.")
  elseif restricted[fields.action] and not sessions.allows(session, fields.action) then
    return html.refusal(403, "The application does not allow this.")
  end
  local result, problem = action(sandbox, session, connector, given)
  if not result then
    return connection_page(sandbox, session, connector, problem.status, text_of(problem))
  end
  local target = sandbox.base_url .. page_path(session, connector)
  return html.redirect(303, target)
end

-- The session and the connector that a path names, either nil where there is none.
local function resolve(sandbox, path)
  local token, rest = path:match("^/session/([^/]+)(.*)$")
  if not token then
    return nil
  end
  local session = sandbox.store:session(token)
  local api, service_id = rest:match("^/([^/]+)/([^/]+)$")
  local connector = api and sandbox.store.connectors.by_id[api .. "+" .. service_id]
  if session and connector and is_listed(connector, session) then
    return session, connector
  end
  return (rest == "" or rest == "/") and session or nil
end

--- The response to a request for a page below /session/, or nil for any other path.
function hosted.handle(sandbox, request, path)
  if path:sub(1, 9) ~= "/session/" then
    return nil
  end
  local session, connector = resolve(sandbox, path)
  if not session then
    return html.refusal(404, "This session is unknown or has expired.")
  elseif request.method == "POST" and connector then
    return act(sandbox, session, connector, url.decode_pairs(request.body or ""))
  elseif request.method ~= "GET" then
    return html.wrong_method(connector and "GET, POST" or "GET")
  elseif connector then
    return connection_page(sandbox, session, connector, 200)
  end
  return list_page(sandbox, session)
end

return hosted
