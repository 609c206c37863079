--- Responses of a server that several specs use.
local responses = {}

responses.OK = { body = '{"status_code":200,"status":"OK","data":[]}' }

--- The response OK after this time.
function responses.delayed(ms)
  return { body = responses.OK.body, before_ms = ms }
end

--- A response that no spec waits for.
responses.STALLED = responses.delayed(60000)

return responses
