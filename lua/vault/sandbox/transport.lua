--- The sandbox as a transport of vault.new: requests are processed in this process.
--
-- Faults become what a client would meet on the wire:
--   delay_ms   nil, "timeout" where it is not below the request's timeout_ms; else `sleep` is called
--              with it
--   reset      "before_head": nil, "connection reset"; "after_head": the head with an empty body
--   cut_body   the head with the body cut short
local transport = {}

local function with_body(response, body)
  return { status = response.status, headers = response.headers, body = body }
end

--- `options`: sleep = a function that waits the given milliseconds (default: no delay).
function transport.new(sandbox, options)
  local sleep = options and options.sleep
  return function(request)
    local response = sandbox:handle(request)
    local fault = response.fault or {}
    if fault.delay_ms and request.timeout_ms and fault.delay_ms >= request.timeout_ms then
      return nil, "timeout"
    elseif fault.delay_ms and sleep then
      sleep(fault.delay_ms)
    end
    if fault.reset == "before_head" then
      return nil, "connection reset"
    elseif fault.reset == "after_head" then
      return with_body(response, "")
    end
    return with_body(
      response,
      fault.cut_body and response.body:sub(1, fault.cut_body) or response.body
    )
  end
end

return transport
