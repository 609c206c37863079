--- Requests to a sandbox in this process, with the responses decoded.
local json = require "vault.sandbox.json"

local calls = {}

local function headers_of(more)
  local headers = {
    authorization = "Bearer sandbox-key",
    ["x-apideck-app-id"] = "sandbox-app",
    ["x-apideck-consumer-id"] = "sandbox-consumer",
    ["content-type"] = "application/json",
  }
  for name, value in pairs(more or {}) do
    headers[name] = value or nil
  end
  return headers
end

--- Sends a request; `body` is a table, or a text. In `headers`, false removes one.
-- Returns the response, with its decoded body in `json`.
function calls.send(sandbox, method, url, body, headers)
  local response = sandbox:handle {
    method = method,
    url = url,
    headers = headers_of(headers),
    body = type(body) == "table" and json.encode(body) or body,
  }
  if (response.headers["content-type"] or ""):find("json", 1, true) then
    response.json = assert(json.decode(response.body))
  end
  return response
end

local function path_of(id, suffix)
  return "/vault/connections/" .. id:gsub("%+", "/") .. (suffix or "")
end

local function data_of(response)
  assert(response.status == 200, "status " .. response.status .. ": " .. response.body)
  return response.json.data
end

--- The Connection of an id such as "crm+pipedrive".
function calls.get(sandbox, id)
  return data_of(calls.send(sandbox, "GET", path_of(id)))
end

--- The Connection after a PATCH and after a POST.
function calls.update(sandbox, id, body)
  return data_of(calls.send(sandbox, "PATCH", path_of(id), body))
end

function calls.import(sandbox, id, body)
  return data_of(calls.send(sandbox, "POST", path_of(id, "/import"), body))
end

function calls.token(sandbox, id)
  return data_of(calls.send(sandbox, "POST", path_of(id, "/token"), "{}"))
end

--- The whole responses, for errors.
function calls.try(sandbox, method, id, suffix, body)
  return calls.send(sandbox, method, path_of(id, suffix), body)
end

--- The rows of a list, by id and in order.
function calls.list(sandbox, query)
  local rows = data_of(calls.send(sandbox, "GET", "/vault/connections" .. (query or "")))
  local by_id = {}
  for _, row in ipairs(rows) do
    by_id[row.id] = row
  end
  return by_id, rows
end

return calls
