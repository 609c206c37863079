--- Sessions of the hosted page. A session's token authenticates its consumer.
local base64url = require "vault.sandbox.base64url"
local json = require "vault.sandbox.json"

local session = {}

local SECOND_MS = 1000
local UNITS = { s = 1, m = 60, h = 60 * 60, d = 24 * 60 * 60, w = 7 * 24 * 60 * 60 }
local DEFAULT_LENGTH = "1h"
local MAX_LENGTH_MS = UNITS.w * SECOND_MS

--- The milliseconds of a length such as "30m"; nil where it is invalid or longer than a week.
function session.length_ms(text)
  local count, unit = text:match("^(%d+)%s*([smhdw])$")
  local length = count and tonumber(count) * UNITS[unit] * SECOND_MS
  return length and length > 0 and length <= MAX_LENGTH_MS and length or nil
end

-- A token in the form of a JWT (RFC 7519). Its last part is random instead of a signature: a token
-- is valid because the store has it.
local function new_token(account, store, expires_at)
  local function seconds(ms)
    return math.floor(ms / SECOND_MS)
  end
  local claims = {
    application_id = account.app_id,
    consumer_id = account.consumer_id,
    iat = seconds(store.now()),
    exp = seconds(expires_at),
  }
  return table.concat({
    base64url.encode(json.encode { alg = "HS256", typ = "JWT" }),
    base64url.encode(json.encode(claims)),
    base64url.encode(store.token()),
  }, ".")
end

--- Stores a new session of an account. `body` is the Session of a request with a valid
-- session_length.
function session.start(store, account, body)
  local settings = body.settings or {}
  local length = session.length_ms(settings.session_length or DEFAULT_LENGTH)
  local expires_at = store.now() + length
  local started = {
    token = new_token(account, store, expires_at),
    account = account,
    csrf_token = store.token(),
    expires_at = expires_at,
    settings = settings,
    theme = body.theme or {},
    redirect_uri = body.redirect_uri,
  }
  store:add_session(started)
  return started
end

--- Whether the session lets its consumer do this: "delete", "disconnect", "reauthorize", "disable".
function session.allows(started, action)
  local allowed = started.settings.allow_actions
  if not allowed then
    return true
  end
  for _, name in ipairs(allowed) do
    if name == action then
      return true
    end
  end
  return false
end

return session
