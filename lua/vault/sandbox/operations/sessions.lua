--- sessions.create: a session of the hosted page, whose token also authenticates its consumer.
local errors = require "vault.sandbox.errors"
local merge = require "vault.sandbox.merge"
local redirect = require "vault.sandbox.redirect"
local session = require "vault.sandbox.session"

local operations = {}

local function problem_of(body, settings)
  local length = body.settings and body.settings.session_length
  if length and not session.length_ms(length) then
    return errors.invalid_body(
      "session.settings.session_length",
      "must be a length of at most a week, such as 30m, 1h or 7d"
    )
  end
  return body.redirect_uri and redirect.problem(body.redirect_uri, settings)
end

operations["vault.sessions.create"] = function(context)
  local body, account = context.body, context.account
  local problem = problem_of(body, context.settings)
  if problem then
    return nil, problem
  end
  if body.consumer_metadata then
    account.metadata = merge(account.metadata, body.consumer_metadata)
    account.updated_at = context.now()
  end
  local started = session.start(context.store, account, body)
  return {
    status = 200,
    data = {
      session_uri = context.settings.base_url .. "/session/" .. started.token,
      session_token = started.token,
    },
  }
end

return operations
