--- Consumers as responses show them.
local connection = require "vault.sandbox.connection"
local json = require "vault.sandbox.json"
local time = require "vault.sandbox.time"

local consumer = {}

local function time_or_null(ms)
  return ms ~= 0 and time.format(ms) or json.null
end

local copied = { "id", "name", "icon", "logo", "website", "tag_line", "service_id", "unified_api" }

--- The ConsumerConnection of a connection: in a Consumer, and in a webhook event. Its times are
-- text, those of a Connection are integers.
function consumer.connection(connector, record, consumer_id)
  local row = {
    consumer_id = consumer_id,
    auth_type = connector.auth_type,
    enabled = record.enabled,
    settings = json.copy(record.settings) or json.null,
    metadata = json.copy(connection.metadata(connector, record)),
    state = connection.state(connector, record),
    health = connection.health(connector, record),
    created_at = time.format(record.created_at),
    updated_at = time.format(record.updated_at),
    credentials_expire_at = time_or_null(record.credentials_expire_at),
    last_refresh_failed_at = time_or_null(record.last_refresh_failed_at),
  }
  for _, name in ipairs(copied) do
    row[name] = connector[name]
  end
  return row
end

function consumer.request_counts(count)
  return { unify = 0, proxy = 0, vault = count }
end

--- The row of a list: a Consumer without its connections.
function consumer.row(account, connectors)
  local services = json.array()
  for _, connector in ipairs(connectors.list) do
    if account.records[connector.id] then
      services[#services + 1] = connector.service_id
    end
  end
  return {
    consumer_id = account.consumer_id,
    application_id = account.app_id,
    metadata = account.metadata,
    services = services,
    aggregated_request_count = account.requests,
    request_counts = consumer.request_counts(account.requests),
    created = time.format(account.created_at),
    modified = time.format(account.updated_at),
    request_count_updated = time.format(account.requested_at or account.created_at),
  }
end

--- The Consumer of a response.
function consumer.details(account, connectors)
  local row = consumer.row(account, connectors)
  row.connections = json.array()
  for _, connector in ipairs(connectors.list) do
    local record = account.records[connector.id]
    if record then
      row.connections[#row.connections + 1] =
        consumer.connection(connector, record, account.consumer_id)
    end
  end
  return row
end

return consumer
