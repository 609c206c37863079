--- This module: client.connections.<operation>, and client.async for concurrent calls.
local vault = require "vault"
local worker = require "worker"

local function new_client(prefix)
  return vault.new {
    server_url = worker.url .. prefix,
    api_key = "bench-key",
    app_id = "bench-app",
    consumer_id = "bench-consumer",
    user_agent = "apideck-vault-bench/1 (Lua; libcurl)",
    http_version = worker.http_version,
    proxy = "",
    tls = { ca_file = worker.authority },
    max_connections = 1024,
  }
end

local client = new_client ""
local ids = { service_id = "pipedrive", unified_api = "crm" }

local CALLS = {
  get = function()
    return client.connections.get { service_id = "pipedrive", unified_api = "crm" }
  end,
  list_20 = function()
    return client.connections.list { api = "crm" }
  end,
  list_200 = function()
    return client.connections.list()
  end,
}

local competitor = {}

function competitor.row(row, name)
  if name == "update" then
    return function()
      return client.connections.update {
        service_id = "pipedrive",
        unified_api = "crm",
        connection = row.body,
      }
    end
  elseif name == "import" then
    return function()
      return client.connections.imports {
        service_id = "pipedrive",
        unified_api = "crm",
        connection_import_data = row.body,
      }
    end
  elseif CALLS[name] then
    return CALLS[name]
  end
  local sized = new_client("/" .. name)
  return function()
    return sized.connections.list()
  end
end

function competitor.concurrent(count)
  return function(calls)
    local started, finished = 0, 0
    local options = {}
    local function start()
      started = started + 1
      client.async.connections.get(ids, options)
    end
    function options.callback(result, err)
      assert(result, err)
      finished = finished + 1
      if started < calls then
        start()
      end
    end
    for _ = 1, math.min(count, calls) do
      start()
    end
    while finished < calls do
      client:poll(1000)
    end
  end
end

worker.run(competitor)
