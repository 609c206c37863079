--- The sandbox's own requests, for logs.list.
local json = require "vault.sandbox.json"
local time = require "vault.sandbox.time"

local request_log = {}
local methods = {}
local metatable = { __name = "vault.sandbox.request_log", __index = methods }

local MAX_ENTRIES = 10000

function request_log.new()
  return setmetatable({ entries = {}, first = 1, last = 0 }, metatable)
end

function methods:clear()
  self.entries, self.first, self.last = {}, 1, 0
end

--- Adds an entry: { id, at, duration, account, operation, connector, method, path, status,
-- error_message }. The oldest one is dropped above MAX_ENTRIES.
function methods:add(entry)
  self.last = self.last + 1
  self.entries[self.last] = entry
  if self.last - self.first >= MAX_ENTRIES then
    self.entries[self.first] = nil
    self.first = self.first + 1
  end
end

--- The newest entry that `accepts` takes and that is older than number `sequence` (nil: of all), and
-- its number.
function methods:before(sequence, accepts)
  for index = math.min((sequence or self.last + 1) - 1, self.last), self.first, -1 do
    local entry = self.entries[index]
    if accepts(entry) then
      return entry, index
    end
  end
end

--- The Log of a response.
function request_log.row(entry, base_url)
  local connector = entry.connector or { service_id = "vault", name = "Vault" }
  return {
    id = entry.id,
    parent_id = json.null,
    api_style = "REST",
    base_url = base_url,
    child_request = false,
    consumer_id = entry.account.consumer_id,
    duration = entry.duration,
    latency = 0,
    execution = 1,
    has_children = false,
    http_method = entry.method,
    path = entry.path,
    operation = {
      id = entry.operation.id,
      name = entry.operation.group .. "." .. entry.operation.name,
    },
    service = { id = connector.service_id, name = connector.name },
    source_ip = json.null,
    sandbox = true,
    status_code = entry.status,
    success = entry.status < 400,
    error_message = entry.error_message or json.null,
    timestamp = time.format(entry.at),
    unified_api = "vault",
  }
end

return request_log
