--- The browser's session, and the tokens that tie a form or a return from a provider to it.
local session = {}

local COOKIE = "integrations_session"

local function random_hex(bytes)
  local file = assert(io.open("/dev/urandom", "rb"))
  local text = file:read(bytes)
  file:close()
  return (text:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

-- Created before nginx forks, so that all workers have the same; after a restart old pages are stale.
local secret = random_hex(32)

--- The consumer whose connections are shown: here from the configuration, to be replaced by your own sign-in.
function session.consumer_id()
  return ngx.var.consumer_id
end

local function is_id(text)
  return type(text) == "string" and #text == 32 and not text:find "%X"
end

-- The browser's random id, which it gets at its first visit.
local function id()
  if not ngx.ctx.session_id then
    local known = ngx.var["cookie_" .. COOKIE]
    if not is_id(known) then
      known = random_hex(16)
      local secure = ngx.var.public_url:find "^https:" and "; Secure" or ""
      ngx.header.set_cookie = COOKIE .. "=" .. known .. "; Path=/; HttpOnly; SameSite=Lax" .. secure
    end
    ngx.ctx.session_id = known
  end
  return ngx.ctx.session_id
end

local url_safe = { ["+"] = "-", ["/"] = "_", ["="] = "" }

--- The token of pages for this browser and this purpose.
function session.token(purpose)
  local text = table.concat({ id(), session.consumer_id(), purpose }, "\n")
  return (ngx.encode_base64(ngx.hmac_sha1(secret, text)):gsub("[+/=]", url_safe))
end

--- Whether `given` is that token. Both are hashed before they are compared, so that the time this
-- takes does not depend on how far they agree.
function session.is_token(given, purpose)
  return type(given) == "string"
    and ngx.sha1_bin(secret .. given) == ngx.sha1_bin(secret .. session.token(purpose))
end

return session
