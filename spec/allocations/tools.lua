-- Shared by the scenarios: a client of the harness's server, requests, and outcomes as strings.
local host = ...
local tools = {}

tools.url = "http://127.0.0.1:" .. host.server_port .. "/"
tools.one = { service_id = "pipedrive", unified_api = "crm" }

function tools.request(fields)
  local copy = { service_id = tools.one.service_id, unified_api = tools.one.unified_api }
  for name, value in pairs(fields or {}) do
    copy[name] = value
  end
  return copy
end

function tools.new_client(server, config)
  local vault = require "vault"
  local fields = {
    api_key = "sk_t0ps3cret",
    consumer_id = "consumer",
    app_id = "app",
    server_url = tools.url .. (server or "ok"),
    retries = { backoff = { initial_interval = 1, max_interval = 1 } },
  }
  for name, value in pairs(config or {}) do
    fields[name] = value
  end
  return vault.new(fields)
end

-- The outcome as a string.
function tools.describe(result, response)
  local data = result.data
  local connection = data and (data[1] or data)
  return table.concat({
    tostring(result.status_code),
    tostring(result.status),
    connection and connection.tag_line or "-",
    connection and tostring(connection.configuration[1].defaults[1].id) or "-",
    response and response.request_id or "-",
  }, " ")
end

function tools.expect(holds, what)
  if not holds then
    error("WRONG: " .. what, 0)
  end
end

function tools.call_list(self, fields, options)
  return tools.describe(self.client.connections.list(fields, options))
end

function tools.get_one(self)
  return tools.describe(self.client.connections.get(tools.one))
end

function tools.ignore() end

local function change(event)
  event.headers["x-changed"] = "1"
  event.headers["x-apideck-app-id"] = nil
  event.url = event.url .. "?changed=1"
  event.body = '{"changed":true}'
end
local function look(event)
  event.seen = tostring(event.error) .. tostring(event.status)
end
tools.hooks = { before_request = change, after_response = look, on_retry = look, on_error = look }
local lines = 0
function tools.count_line()
  lines = lines + 1
end
function tools.transport(sent)
  if sent.method == "DELETE" then
    return nil, "unplugged"
  end
  return {
    status = 200,
    headers = { ["X-Request-Id"] = "r" },
    body = '{"status_code":200,"status":"OK","data":[]}',
  }
end

-- A plain call in place of the usual one: without the server.
function tools.list_without_server(self)
  self.client.connections.list()
end

return tools
