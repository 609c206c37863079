--- The pages behind authorize_url and revoke_url, where a user allows or takes back what an
-- application may do.
--
-- A page is reached with the `state` of its connection (which only those know who may read the
-- connection) and a `redirect_uri`. It shows a form; the form is sent back with a token that only
-- the page has had, so that no other site can send it. There are no scripts, and everything that
-- is shown is escaped.
local connection = require "vault.sandbox.connection"
local form = require "vault.sandbox.form"
local simulation = require "vault.sandbox.simulation"
local url = require "vault.sandbox.url"

local pages = {}

local escapes =
  { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function escape(text)
  return (tostring(text):gsub("[&<>\"']", escapes))
end

local style = [[
body { font: 16px/1.5 system-ui, sans-serif; color: #222; }
body { max-width: 32rem; margin: 4rem auto; padding: 0 1rem; }
button { font: inherit; padding: .5rem 1.5rem; margin-right: .5rem; }
footer { margin-top: 3rem; color: #666; font-size: .85rem; }
]]

-- No form-action: browsers hold redirects after a form to it too, and those go to the application.
local content_security_policy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"

local function html_response(status, title, content)
  local body = table.concat {
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    "<title>" .. escape(title) .. "</title><style>" .. style .. "</style></head><body>",
    "<h1>" .. escape(title) .. "</h1>\n" .. content,
    "<footer>This is the Vault sandbox: nothing here reaches a real service.</footer>",
    "</body></html>\n",
  }
  return {
    status = status,
    headers = {
      ["content-type"] = "text/html; charset=utf-8",
      ["content-security-policy"] = content_security_policy,
      ["x-content-type-options"] = "nosniff",
      ["x-frame-options"] = "DENY",
      ["referrer-policy"] = "no-referrer",
      ["cache-control"] = "no-store",
    },
    body = body,
  }
end

local function refusal(status, text)
  return html_response(status, "This link does not work", "<p>" .. escape(text) .. "</p>\n")
end

local wording = {
  authorize = { title = "Connect ", asks = "wants to use your account at" },
  revoke = { title = "Disconnect ", asks = "will lose its access to your account at" },
}

local function hidden_field(name, value)
  return '<input type="hidden" name="' .. name .. '" value="' .. escape(value) .. '">\n'
end

local function question(visit, action, fields)
  local name, account = visit.connector.name, visit.account
  local content = table.concat {
    "<p>The application <b>" .. escape(account.app_id) .. "</b> " .. wording[action].asks,
    " <b>" .. escape(name) .. "</b>, as <b>" .. escape(account.consumer_id) .. "</b>.</p>\n",
    '<form method="post">\n',
    hidden_field("state", fields.state),
    hidden_field("redirect_uri", fields.redirect_uri),
    hidden_field("csrf_token", visit.csrf_token),
    '<button name="decision" value="allow">Allow</button>\n',
    '<button name="decision" value="deny">Deny</button>\n</form>\n',
  }
  return html_response(200, wording[action].title .. name, content)
end

local function redirect(target)
  return {
    status = 303,
    headers = {
      location = target,
      ["cache-control"] = "no-store",
      ["referrer-policy"] = "no-referrer",
    },
    body = "",
  }
end

-- What keeps this action from being done now, or nil.
local function obstacle(visit, action)
  local connector = visit.connector
  local record = visit.account.records[connector.id]
  if action == "revoke" then
    if not record or not record.credentials then
      return "This connection is not authorized."
    end
    return nil
  end
  if connector.integration_state ~= "configured" then
    return "The integration " .. connector.name .. " is not configured."
  elseif record and not record.enabled then
    return "This connection is disabled."
  end
  local settings = record and record.settings
  local missing = form.missing(connector, settings, connector.settings_required_for_authorization)
  if #missing > 0 then
    return "Settings are missing: " .. table.concat(missing, ", ")
  end
end

local function process_requests(store, visit, action)
  local record = store:ensure(visit.account, visit.connector)
  if action == "authorize" then
    connection.authorize(visit.connector, record, simulation.credentials(store))
  else
    connection.revoke(record)
  end
  store:touch(record)
end

local function decide(store, visit, action, fields)
  if fields.csrf_token ~= visit.csrf_token then
    return refusal(403, "This form was not made by this page. Open the link again.")
  elseif fields.decision == "allow" then
    process_requests(store, visit, action)
    return redirect(fields.redirect_uri)
  elseif fields.decision == "deny" then
    -- As OAuth names it (RFC 6749, section 4.1.2.1).
    return redirect(url.with_field(fields.redirect_uri, "error", "access_denied"))
  end
  return refusal(400, "Neither Allow nor Deny was chosen.")
end

local function visit_of(store, service_id, app_id, fields)
  local visit = fields.state and store:visit(fields.state)
  if visit and visit.connector.service_id == service_id and visit.account.app_id == app_id then
    return visit
  end
end

--- The response to a request for one of the pages, or nil for any other path.
-- `request`: { method, headers, body }; `query`: the decoded query fields.
function pages.handle(store, request, path, query)
  local action, service_id, app_id = path:match("^/vault/(%a+)/([^/]+)/([^/]+)$")
  if action ~= "authorize" and action ~= "revoke" then
    return nil
  elseif request.method ~= "GET" and request.method ~= "POST" then
    local response = refusal(405, "This page is for a browser.")
    response.headers.allow = "GET, POST"
    return response
  end
  local fields = request.method == "POST" and url.decode_form(request.body or "") or query
  local visit = visit_of(store, url.decode(service_id), url.decode(app_id), fields)
  if not visit then
    return refusal(404, "Its state is unknown. Read the connection again for a new link.")
  elseif not url.is_redirect_target(fields.redirect_uri) then
    return refusal(400, "It needs a redirect_uri: an absolute http or https URL, percent-encoded.")
  end
  local problem = obstacle(visit, action)
  if problem then
    return refusal(422, problem)
  elseif request.method == "GET" then
    return question(visit, action, fields)
  end
  return decide(store, visit, action, fields)
end

return pages
