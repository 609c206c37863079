--- Sends the requests of webhook events over HTTP, one attempt each, on lua-http.
local http_request = require "http.request"

local delivery = {}

-- Apideck's own timeout.
local SECONDS = 60

-- Returns true, or nil and why it failed.
local function send(url, request)
  local outgoing = http_request.new_from_uri(url)
  outgoing.follow_redirects = false
  outgoing.headers:upsert(":method", request.method)
  for name, value in pairs(request.headers) do
    outgoing.headers:upsert(name, value)
  end
  outgoing:set_body(request.body)
  local head, stream = outgoing:go(SECONDS)
  if not head then
    return nil, tostring(stream)
  end
  stream:shutdown()
  local status = head:get ":status"
  if status:sub(1, 1) ~= "2" then
    return nil, "status " .. status
  end
  return true
end

--- A listener for sandbox:on_event that sends to `url`. `run` starts a function in a new coroutine;
-- `report` gets the message of a failure.
function delivery.to(url, run, report)
  return function(request)
    run(function()
      local called, sent, problem = pcall(send, url, request)
      if not called then
        sent, problem = nil, sent
      end
      if not sent then
        report(
          request.headers["x-apideck-event-type"] .. " to " .. url .. ": " .. tostring(problem)
        )
      end
    end)
  end
end

return delivery
