--- The second step of an authorization that was started with a nonce.
--
-- The application's page gets a confirm token in the fragment of its redirect URI. The connection is
-- not callable until the application's server sends that token, so that an attacker cannot make a
-- user authorize a connection of the attacker's (CSRF).
local url = require "vault.sandbox.url"

local confirmation = {}

local VALID_MS = 30 * 60 * 1000

confirmation.modes = { off = true, optional = true, required = true }

--- Leaves the record unconfirmed; returns the redirect URI with the fragment for the page.
function confirmation.start(record, connector, store, nonce, redirect_uri)
  record.confirmation_pending = true
  record.confirm_token = store.token()
  record.confirm_by = store.now() + VALID_MS
  return table.concat {
    (redirect_uri:gsub("#.*$", "")),
    "#nonce=" .. url.encode(nonce),
    "&confirm_token=" .. record.confirm_token,
    "&service_id=" .. url.encode(connector.service_id),
  }
end

--- Confirms the record; or returns nil and why not.
function confirmation.finish(record, confirm_token, now)
  if not record.confirm_token or record.confirm_token ~= confirm_token then
    return nil, "The confirm token is unknown or was used before"
  elseif now >= record.confirm_by then
    return nil, "The confirm token has expired"
  end
  record.confirmation_pending, record.confirm_token, record.confirm_by = nil, nil, nil
  return true
end

return confirmation
