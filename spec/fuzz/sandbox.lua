-- Requests to the sandbox: each gets a response.
local sandbox = require "vault.sandbox"

local methods = { "GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS" }
local prefixes = {
  "/vault/connections",
  "/vault/connections/crm/pipedrive",
  "/vault/connections/crm/pipedrive/import",
  "/vault/connections/crm/pipedrive/token",
  "/vault/connections/crm/pipedrive/migrate",
  "/vault/connections/crm/",
  "/",
  "",
}
local types = { "application/json", "application/x-www-form-urlencoded" }

local current, uses
return function(data)
  if #data < 4 then
    return
  end
  -- A new one only now and then, so that requests change the state for later ones.
  if not current or uses > 200 then
    current, uses = sandbox.new { seed = 1 }, 0
  end
  uses = uses + 1
  local first, second, third, length = data:byte(1, 4)
  local method = methods[first % #methods + 1]
  local url = prefixes[second % #prefixes + 1] .. data:sub(5, 4 + length % 64)
  local response = current:handle {
    method = method,
    url = third % 2 == 0 and url or "http://127.0.0.1:8080" .. url,
    headers = {
      authorization = third % 8 ~= 7 and "Bearer sandbox-key" or nil,
      ["x-apideck-app-id"] = "sandbox-app",
      ["x-apideck-consumer-id"] = third % 4 == 3 and data:sub(5, 12) or "sandbox-consumer",
      ["content-type"] = types[third % #types + 1],
      ["x-sandbox-fault"] = third > 250 and data:sub(5, 4 + length % 64) or nil,
    },
    body = data:sub(5 + length % 64),
  }
  assert(
    type(response.status) == "number" and response.status >= 100 and response.status < 600,
    "status"
  )
  assert(type(response.body) == "string" and type(response.headers) == "table", "no response")
  for name, value in pairs(response.headers) do
    assert(not (name .. tostring(value)):find "[%c]", "a control character in a header")
  end
end
