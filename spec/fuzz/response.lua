-- Responses of a server: each gives a result or an error object.
local vault = require "vault"

local operations = { "list", "get", "update", "delete", "imports", "token", "migrate" }
local one = { service_id = "a", unified_api = "crm" }
local requests = {
  list = {},
  update = {
    service_id = "a",
    unified_api = "crm",
    connection = { settings = { secret = "s3cret" } },
  },
  imports = { service_id = "a", unified_api = "crm", connection_import_data = {} },
  migrate = {
    service_id = "a",
    unified_api = "crm",
    connection_migrate_data = { target_service_id = "b" },
  },
}
local types = { "application/json", "text/html", "text/plain; charset=utf-8" }
local statuses = { 200, 201, 202, 204, 302, 400, 401, 402, 404, 409, 422, 429, 500, 503 }

local scripted
local function transport()
  return scripted
end
local function log_line(line)
  assert(type(line) == "string" and not line:find "\n", "a log line of several lines")
end
local clients = {}
for i = 0, 3 do
  clients[i] = vault.new {
    api_key = "k3y",
    server_url = "http://localhost",
    retries = false,
    transport = transport,
    keep_nulls = i % 2 == 1,
    debug_logger = i >= 2 and log_line or nil,
  }
end

return function(data)
  if #data < 3 then
    return
  end
  local first, second, third = data:byte(1, 3)
  local operation = operations[first % #operations + 1]
  scripted = {
    status = statuses[second % #statuses + 1],
    headers = {
      ["content-type"] = types[third % #types + 1],
      location = data:sub(4, 60):gsub("[%c]", ""),
    },
    body = data:sub(4),
  }
  local call = clients[third % 4].connections[operation]
  local ok, result, response = pcall(call, requests[operation] or one)
  if ok then
    assert(type(result) == "table" and response.status == scripted.status, "no result")
  else
    assert(vault.is_error(result), "not an error of the module's: " .. tostring(result))
    assert(type(result.message) == "string" and not tostring(result):find "\n", "not one line")
  end
end
