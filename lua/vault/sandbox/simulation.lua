--- Events outside of Vault that tests simulate: one function for each.
local connection = require "vault.sandbox.connection"
local time = require "vault.sandbox.time"

local simulation = {}

local HOUR_MS = 60 * 60 * 1000

--- The credentials that an authorization stores.
function simulation.credentials(store)
  return { access_token = "sandbox-" .. store.token(), refresh_token = "sandbox-" .. store.token() }
end

simulation.events = {
  --- The user has allowed access at authorize_url.
  authorized = function(record, connector, store)
    connection.authorize(connector, record, simulation.credentials(store))
  end,
  --- The user has revoked access at revoke_url.
  revoked = function(record)
    connection.revoke(record)
  end,
  --- The token is queued for refresh: health pending_refresh.
  token_expired = function(record)
    record.refresh_queued = true
  end,
  --- A refresh failed; the credentials are kept for a week and tried again.
  refresh_failed = function(record, _, store)
    record.refresh_queued = true
    record.last_refresh_failed_at = store.now()
    record.credentials_expire_at = store.now() + 7 * 24 * HOUR_MS
  end,
  --- The token was refreshed: health ok.
  refreshed = function(record)
    record.refresh_queued = nil
    record.last_refresh_failed_at = 0
    record.credentials_expire_at = 0
  end,
  --- The credentials were removed: health needs_auth.
  authorization_lost = function(record)
    record.credentials = nil
    record.refresh_queued = nil
    record.credentials_expire_at = 0
  end,
  --- The service could not be reached: health degraded.
  downstream_error = function(record, _, store)
    record.last_downstream_error_at = store.now()
  end,
  downstream_recovered = function(record)
    record.last_downstream_error_at = 0
  end,
  --- The connection waits for a confirmation: health pending_confirmation.
  confirmation_required = function(record)
    record.confirmation_pending = true
  end,
  confirmed = function(record)
    record.confirmation_pending = nil
  end,
  --- The application asks for other data scopes: health needs_consent.
  consent_required = function(record)
    record.consent_state = "requires_reconsent"
  end,
  consent_granted = function(record, _, store)
    connection.add_consent(record, {
      id = "con_" .. store.token():sub(1, 10),
      created_at = time.format_seconds(store.now()),
      granted = true,
      resources = "*",
    })
  end,
}

return simulation
