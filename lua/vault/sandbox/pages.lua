--- The pages for users' browsers: authorization, its callback, and the hosted page of a session.
local authorization = require "vault.sandbox.pages.authorization"
local callback = require "vault.sandbox.pages.callback"
local hosted = require "vault.sandbox.pages.hosted"

local pages = {}

--- The response to a request for one of the pages, or nil for any other path.
-- `request`: { method, headers, body }; `given`: the list of url.decode_pairs.
function pages.handle(sandbox, request, path, given)
  return authorization.handle(sandbox, request, path, given)
    or callback.handle(sandbox, request, path, given)
    or hosted.handle(sandbox, request, path)
end

return pages
