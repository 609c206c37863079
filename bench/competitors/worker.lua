--- Shared by the Lua competitors: worker.run(competitor) does the driver's work, line by line.
local worker = {}

local ROWS = {
  get = { method = "GET", path = "/vault/connections/crm/pipedrive" },
  list_20 = { method = "GET", path = "/vault/connections?api=crm" },
  list_200 = { method = "GET", path = "/vault/connections" },
  update = { method = "PATCH", path = "/vault/connections/crm/pipedrive", body = "update" },
  import = { method = "POST", path = "/vault/connections/crm/pipedrive/import", body = "import" },
}

local function setting(name)
  return assert(os.getenv(name), name)
end

worker.url = setting "BENCH_URL"
worker.authority = setting "BENCH_CA"
worker.http_version = setting "BENCH_HTTP"
worker.headers = {
  ["authorization"] = "Bearer bench-key",
  ["x-apideck-app-id"] = "bench-app",
  ["x-apideck-consumer-id"] = "bench-consumer",
  ["accept"] = "application/json",
  ["user-agent"] = "apideck-vault-bench/1 (Lua)",
}

--- The body that is sent, as a table.
function worker.read_body(name)
  local file = assert(io.open(setting "BENCH_PAYLOADS" .. "/" .. name .. ".json", "rb"))
  local text = file:read "*a"
  file:close()
  return require("cjson").decode(text)
end

local function find_row(name)
  local size = name:match "^size_%d+$"
  if size then
    return { method = "GET", path = ROWS.list_200.path, prefix = "/" .. size }
  end
  return assert(ROWS[name], name)
end

--- `competitor.row(row, name)` returns a function that makes one call; `competitor.concurrent(count)`, where
--- it exists, one that makes a given number of calls, `count` at once.
function worker.run(competitor)
  local ready = {}
  local function prepare(name)
    local count = name:match "^concurrent_(%d+)$"
    if count then
      return assert(competitor.concurrent, "no concurrency here")(tonumber(count))
    end
    local row = find_row(name)
    local call = competitor.row({
      method = row.method,
      url = worker.url .. (row.prefix or "") .. row.path,
      body = row.body and worker.read_body(row.body),
    }, name)
    return function(calls)
      for _ = 1, calls do
        call()
      end
    end
  end
  for line in io.lines() do
    local name, calls = line:match "^(%S+) (%d+)$"
    ready[name] = ready[name] or prepare(name)
    ready[name](tonumber(calls))
    io.write "done\n"
    io.flush()
  end
end

return worker
