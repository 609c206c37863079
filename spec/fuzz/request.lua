-- Lua values, built from the bytes, as requests: refused with a reason, or sent as JSON that
-- reads back the same.
local vault = require "vault"
local cjson = require("cjson").new()
local json = require("vault_internal").json

cjson.decode_max_depth(2000)

local sent
local client = vault.new {
  api_key = "k3y",
  server_url = "http://localhost",
  transport = function(request)
    sent = request
    return { status = 200, body = "{}" }
  end,
}

local names = {
  "enabled",
  "settings",
  "metadata",
  "configuration",
  "resource",
  "defaults",
  "id",
  "value",
  "options",
  "custom_mappings",
  "consent_state",
  "credentials",
  "issued_at",
  "access_token",
  "target_service_id",
  "service_id",
  "serviceId",
}
local filter_names = { "http_methods", "status_codes", "start_date", "path", "statusCode" }

local data, position
local function byte()
  position = position + 1
  return data:byte(position) or 0
end

local function text()
  local length = byte() % 16
  local piece = data:sub(position + 1, position + length)
  position = position + length
  return piece
end

local function number()
  if position + 8 > #data then
    return byte()
  end
  local value = string.unpack("<d", data, position + 1)
  position = position + 8
  return value
end

local function integer()
  if position + 8 > #data then
    return -byte()
  end
  local value = string.unpack("<i8", data, position + 1)
  position = position + 8
  return value
end

local make
local function object(depth)
  local value = {}
  for _ = 1, byte() % 5 do
    local choice = byte()
    local key = choice < 200 and names[choice % #names + 1] or text()
    value[key] = make(depth + 1)
  end
  return value
end

local function array(depth)
  local value = {}
  for i = 1, byte() % 5 do
    value[i] = make(depth + 1)
  end
  return value
end

local function ignore() end
function make(depth)
  local kind = byte() % 16
  if depth > 6 then
    kind = kind % 6
  end
  if kind == 0 then
    return true
  elseif kind == 1 then
    return vault.null
  elseif kind == 2 then
    return number()
  elseif kind == 3 then
    return integer()
  elseif kind == 6 then
    return vault.array(array(depth))
  elseif kind == 7 then
    return ignore
  elseif kind < 6 then
    return text()
  elseif kind < 10 then
    return array(depth)
  end
  return object(depth)
end

local function same(left, right)
  if type(left) == "number" and type(right) == "number" then
    return left == right
  elseif type(left) ~= "table" or type(right) ~= "table" then
    return left == right
  end
  for key, value in pairs(left) do
    if key ~= "issued_at" and not same(value, right[key]) then
      return false
    end
  end
  for key in pairs(right) do
    if left[key] == nil then
      return false
    end
  end
  return true
end

local bodies =
  { update = "connection", imports = "connection_import_data", migrate = "connection_migrate_data" }
local operations = { "update", "imports", "migrate" }

local function try(operation, request)
  sent = nil
  local ok, err = pcall(client.connections[operation], request)
  if not ok then
    assert(vault.is_error(err, "InvalidRequestError"), tostring(err))
    assert(#err.message > 0 and not sent, "sent, or no reason")
    return
  end
  local body = request[bodies[operation]]
  local value = assert(json.decode(sent.body, { keep_nulls = true }))
  assert(pcall(cjson.decode, sent.body))
  assert(same(body, value), "sent as something else: " .. sent.body)
  for _, header in pairs(sent.headers) do
    assert(not header:find "[%c]", "a control character in a header")
  end
end

local function filter()
  local value = {}
  for _ = 1, byte() % 3 do
    value[filter_names[byte() % #filter_names + 1]] = make(5)
  end
  return value
end

-- The URL has only bytes that RFC 3986 allows.
local function try_query(request)
  sent = nil
  local ok, err = pcall(client.logs.list, request)
  if not ok then
    assert(vault.is_error(err, "InvalidRequestError"), tostring(err))
    assert(#err.message > 0 and not sent, "sent, or no reason")
    return
  end
  local query = sent.url:match "^http://localhost/vault/logs(.*)$"
  assert(query == "" or query:find "^%?[%w%-_.!~*()%%=&]+$", "a raw byte in " .. sent.url)
  assert(not query:gsub("%%%x%x", ""):find "%%", "a broken escape in " .. sent.url)
end

return function(bytes)
  data, position = bytes, 0
  local operation = operations[byte() % 3 + 1]
  local request = { service_id = text(), unified_api = text(), consumer_id = text() }
  request[bodies[operation]] = make(0)
  try(operation, request)
  try_query { filter = filter(), cursor = text(), limit = integer() }
  local value = make(0)
  local written = json.encode(value)
  if written then
    assert(
      same(value, (assert(json.decode("[" .. written .. "]", { keep_nulls = true })))[1]),
      written
    )
  end
end
