--- Members given replace members stored, null removes one, and null instead of an object removes
-- all: how PATCH changes settings and metadata (RFC 7396, one level deep).
local json = require "vault.sandbox.json"

return function(stored, given)
  if given == nil then
    return stored
  elseif given == json.null then
    return nil
  end
  local result = {}
  for name, value in pairs(stored or {}) do
    result[name] = value
  end
  for name, value in pairs(given) do
    if value == json.null then
      result[name] = nil
    else
      result[name] = value
    end
  end
  return result
end
