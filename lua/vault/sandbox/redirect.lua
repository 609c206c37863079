--- Checks of redirect URIs.
local errors = require "vault.sandbox.errors"
local url = require "vault.sandbox.url"

local redirect = {}

--- Whether a redirect URI is one of the sandbox's own hosted pages.
function redirect.is_own_page(redirect_uri, base_url)
  local own_pages = base_url .. "/session/"
  return redirect_uri:sub(1, #own_pages) == own_pages
end

local function is_registered(redirect_uri, settings)
  if not settings.redirect_uris or redirect.is_own_page(redirect_uri, settings.base_url) then
    return true
  end
  for _, registered in ipairs(settings.redirect_uris) do
    if registered == redirect_uri then
      return true
    end
  end
  return false
end

--- What is wrong with a redirect URI, or nil. `settings`: { base_url, redirect_uris }; without
-- redirect_uris every http or https URL is accepted.
function redirect.problem(redirect_uri, settings)
  if not url.is_redirect_target(redirect_uri) then
    return errors.problem(400, {
      detail = "redirect_uri must be an absolute http or https URL, percent-encoded",
    })
  elseif not is_registered(redirect_uri, settings) then
    return errors.invalid_state("redirect_uri is not registered: " .. redirect_uri)
  end
end

return redirect
