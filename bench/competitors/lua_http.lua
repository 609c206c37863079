--- By hand on lua-http, with cjson: a kept connection and its streams; concurrent calls in coroutines.
local cjson = require "cjson"
local cqueues = require "cqueues"
local http_client = require "http.client"
local http_headers = require "http.headers"
local http_tls = require "http.tls"
local worker = require "worker"

local scheme, host, port = worker.url:match "^(https?)://([^:]+):(%d+)$"

local context
if scheme == "https" then
  context = http_tls.new_client_context()
  context:getStore():add(worker.authority)
end

local function connect()
  local connection = assert(http_client.connect {
    host = host,
    port = tonumber(port),
    tls = scheme == "https",
    ctx = context,
    sendname = host,
    version = worker.http_version == "2" and 2 or 1.1,
  })
  assert(connection:connect())
  return connection
end

local function call(connection, row)
  local headers = http_headers.new()
  headers:append(":method", row.method)
  headers:append(":scheme", scheme)
  headers:append(":authority", host .. ":" .. port)
  headers:append(":path", row.url:match "^https?://[^/]+(.*)$")
  for name, value in pairs(worker.headers) do
    headers:append(name, value)
  end
  local body = row.body and cjson.encode(row.body)
  if body then
    headers:append("content-type", "application/json")
    headers:append("content-length", ("%d"):format(#body))
  end
  local stream = assert(connection:new_stream())
  assert(stream:write_headers(headers, body == nil))
  if body then
    assert(stream:write_chunk(body, true))
  end
  local response = assert(stream:get_headers())
  assert(response:get ":status" == "200", response:get ":status")
  local text = assert(stream:get_body_as_string())
  stream:shutdown()
  return cjson.decode(text)
end

local competitor = {}

local kept
function competitor.row(row)
  return function()
    kept = kept or connect()
    return call(kept, row)
  end
end

function competitor.concurrent(count)
  local row = { method = "GET", url = worker.url .. "/vault/connections/crm/pipedrive" }
  local connections = {}
  local shared = worker.http_version == "2"
  return function(calls)
    local started = 0
    local queue = cqueues.new()
    for number = 1, math.min(count, calls) do
      queue:wrap(function()
        local slot = shared and 1 or number
        connections[slot] = connections[slot] or connect()
        while started < calls do
          started = started + 1
          call(connections[slot], row)
        end
      end)
    end
    assert(queue:loop())
  end
end

worker.run(competitor)
