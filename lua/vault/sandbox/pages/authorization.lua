--- The pages of authorize_url and revoke_url, where a user grants or revokes access.
--
-- A page needs the `state` of its connection, which is secret to those who may read the connection,
-- and a `redirect_uri`. Its form contains a token that other sites do not know, so that they cannot
-- send it.
local confirmation = require "vault.sandbox.confirmation"
local connection = require "vault.sandbox.connection"
local form = require "vault.sandbox.form"
local html = require "vault.sandbox.pages.html"
local redirect = require "vault.sandbox.redirect"
local simulation = require "vault.sandbox.simulation"
local url = require "vault.sandbox.url"

local authorization = {}

local wording = {
  authorize = { title = "Connect ", asks = "wants to use your account at" },
  revoke = { title = "Disconnect ", asks = "will lose its access to your account at" },
}

local function question(visit, action, fields)
  local name, account = visit.connector.name, visit.account
  local content = table.concat {
    "<p>The application <b>" .. html.escape(account.app_id) .. "</b> " .. wording[action].asks,
    " <b>"
      .. html.escape(name)
      .. "</b>, as <b>"
      .. html.escape(account.consumer_id)
      .. "</b>.</p>\n",
    '<form method="post">\n',
    html.hidden_field("state", fields.state),
    html.hidden_field("redirect_uri", fields.redirect_uri),
    html.hidden_field("nonce", fields.nonce or ""),
    html.hidden_field("csrf_token", visit.csrf_token),
    '<button name="decision" value="allow">Allow</button>\n',
    '<button name="decision" value="deny">Deny</button>\n</form>\n',
  }
  return html.page(200, wording[action].title .. name, content)
end

-- Why this action is not possible now, or nil.
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

local function nonce_of(fields, mode)
  return mode ~= "off" and fields.nonce ~= "" and fields.nonce or nil
end

-- Carries the action out; returns where the user goes next.
local function perform(sandbox, visit, action, fields)
  local store, connector = sandbox.store, visit.connector
  local record = store:ensure(visit.account, connector)
  local target = fields.redirect_uri
  if action == "revoke" then
    connection.revoke(record)
  else
    connection.authorize(connector, record, simulation.credentials(store))
    local nonce = nonce_of(fields, sandbox.confirmation)
    if nonce then
      target = confirmation.start(record, connector, store, nonce, target)
    end
  end
  store:touch(visit.account, record)
  return target
end

local function decide(sandbox, visit, action, fields)
  if fields.csrf_token ~= visit.csrf_token then
    return html.refusal(403, "This form is not from this page. Open the link again.")
  elseif fields.decision == "allow" then
    return html.redirect(303, perform(sandbox, visit, action, fields))
  elseif fields.decision == "deny" then
    -- As OAuth names it (RFC 6749, section 4.1.2.1).
    return html.redirect(303, url.with_field(fields.redirect_uri, "error", "access_denied"))
  end
  return html.refusal(400, "Neither Allow nor Deny was chosen.")
end

local function visit_of(store, service_id, app_id, fields)
  local visit = fields.state and store:visit(fields.state)
  if visit and visit.connector.service_id == service_id and visit.account.app_id == app_id then
    return visit
  end
end

-- The status that refuses the link, and why; or nil.
local function link_problem(sandbox, action, fields)
  local problem = redirect.problem(fields.redirect_uri, sandbox)
  if problem then
    return problem.status, problem.detail
  end
  local needs_nonce = action == "authorize"
    and sandbox.confirmation == "required"
    and not redirect.is_own_page(fields.redirect_uri, sandbox.base_url)
  if needs_nonce and not nonce_of(fields) then
    return 422, "It needs a nonce: this application confirms its connections."
  end
end

function authorization.handle(sandbox, request, path, given)
  local action, service_id, app_id = path:match("^/vault/(%a+)/([^/]+)/([^/]+)$")
  if action ~= "authorize" and action ~= "revoke" then
    return nil
  elseif request.method ~= "GET" and request.method ~= "POST" then
    return html.wrong_method "GET, POST"
  end
  local fields =
    url.by_name(request.method == "POST" and url.decode_pairs(request.body or "") or given)
  local visit = visit_of(sandbox.store, url.decode(service_id), url.decode(app_id), fields)
  if not visit then
    return html.refusal(404, "Its state is unknown. Read the connection again for a new link.")
  end
  local status, problem = link_problem(sandbox, action, fields)
  if not status then
    status, problem = 422, obstacle(visit, action)
  end
  if problem then
    return html.refusal(status, problem)
  elseif request.method == "GET" then
    return question(visit, action, fields)
  end
  return decide(sandbox, visit, action, fields)
end

return authorization
