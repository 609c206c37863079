--- Machines for the specs of vault.guard: an Apideck whose answers a spec sets and counts, and any
-- number of nginx with a guard.
local nginx = require "spec.support.nginx"
local socket = require "socket"

local LIMIT = 20 -- seconds

-- Answers what /set has said last: ?state=callable&enabled=true&status=200&delay=0.1
local UPSTREAM = [[
  location = /set {
    content_by_lua_block { package.loaded.answer = ngx.req.get_uri_args() }
  }
  location = /count {
    content_by_lua_block {
      local arguments = ngx.req.get_uri_args()
      if arguments.reset then
        package.loaded.received = 0
      end
      ngx.print(package.loaded.received or 0)
    }
  }
  location /vault/connections {
    content_by_lua_block {
      package.loaded.received = (package.loaded.received or 0) + 1
      local answer = package.loaded.answer or {}
      ngx.sleep(tonumber(answer.delay) or 0.1)
      ngx.header.content_type = "application/json"
      ngx.status = tonumber(answer.status) or 200
      if ngx.status ~= 200 then
        return ngx.print('{"message":"as the spec says"}')
      end
      ngx.print('{"status_code":200,"data":{"state":"', answer.state or "callable", '","enabled":',
        answer.enabled or "true", ',"name":"Pipedrive"}}')
    }
  }
]]

local HTTP = [[
  lua_shared_dict connections %s;
  lua_socket_log_errors off;
  init_by_lua_block {
    local guard, vault = require "vault.guard", require "vault"
    client = vault.new {
      server_url = "%s", api_key = "k", app_id = "a", max_connections = 64,
    }
    local function start()
      connections = guard.new { client = client, cache = %s, %s }
    end
    local started, problem = pcall(start)
    if not started then
      error(tostring(problem), 0) -- nginx shows no error object
    end
    function request()
      return {
        consumer_id = "c",
        unified_api = "crm",
        service_id = ngx.var.arg_service or "pipedrive",
      }
    end
    function told(answer, err)
      if not answer then
        return err.name
      end
      return (answer.allowed and "allowed" or "refused") .. (answer.stale and " stale" or "")
    end
  }
  %s
]]

local SERVER = [[
  location = /worker { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
  location = /check { content_by_lua_block { ngx.print(told(connections:check(request()))) } }
  location = /forget { content_by_lua_block { ngx.print(tostring(connections:forget(request()))) } }
  location = /event {
    content_by_lua_block {
      ngx.print(tostring(connections:handle {
        event_type = "vault.connection.disabled",
        service_id = "apideck-vault",
        entity = {
          consumer_id = "c",
          unified_api = "crm",
          service_id = ngx.var.arg_service,
        },
      }))
    }
  }
  # What n callers at once are told.
  location = /many {
    content_by_lua_block {
      local threads, counts = {}, {}
      local function check()
        return told(connections:check(request()))
      end
      for i = 1, tonumber(ngx.var.arg_n) do
        threads[i] = ngx.thread.spawn(check)
      end
      for _, thread in ipairs(threads) do
        local _, outcome = ngx.thread.wait(thread)
        counts[outcome] = (counts[outcome] or 0) + 1
      end
      for outcome, count in pairs(counts) do
        ngx.print(outcome, "=", count, ";")
      end
    }
  }
  # The same for n connections.
  location = /each {
    content_by_lua_block {
      local threads = {}
      local service = ngx.var.arg_service
      local function check(i)
        return told(connections:check {
          consumer_id = "c", unified_api = "crm", service_id = service .. "-" .. i,
        })
      end
      for i = 1, tonumber(ngx.var.arg_n) do
        threads[i] = ngx.thread.spawn(check, i)
      end
      for _, thread in ipairs(threads) do
        ngx.print(select(2, ngx.thread.wait(thread)), "=1;")
      end
    }
  }
  # A check whose light thread is killed.
  location = /kill {
    content_by_lua_block {
      local thread = ngx.thread.spawn(connections.check, connections, request())
      ngx.sleep(0.05)
      ngx.thread.kill(thread)
      ngx.print("killed")
    }
  }
  %s
]]

local fleet = {}
fleet.__index = fleet

function fleet.new()
  return setmetatable({ upstream = nginx.start { server = UPSTREAM }, machines = {} }, fleet)
end

--- What Apideck answers from now on.
function fleet:answer(text)
  assert(self.upstream:get("/set?" .. (text or "")))
  return self
end

--- How many calls it has had since the last reset.
function fleet:count(reset)
  return tonumber((select(2, self.upstream:get("/count" .. (reset and "?reset=1" or "")))))
end

--- `options`: { cache = code, guard = code of more options, dict_size, workers, http, server }.
function fleet:start(options)
  local machine = nginx.start {
    workers = options.workers or 3,
    main = options.main,
    http = HTTP:format(
      options.dict_size or "1m",
      self.upstream.url,
      options.cache,
      options.guard or "",
      options.http or ""
    ),
    server = SERVER:format(options.server or ""),
  }
  self.machines[#self.machines + 1] = machine
  return machine
end

--- Ends the machines, and returns what they have logged.
function fleet:stop_machines()
  local said = {}
  for _, machine in ipairs(self.machines) do
    said[#said + 1] = machine:stop()
  end
  self.machines = {}
  return table.concat(said)
end

function fleet:stop()
  local said = self:stop_machines()
  self.upstream:stop()
  return said
end

--- Sends a request whose answer is read later.
function fleet.connect(machine, path)
  local connection = assert(socket.connect("127.0.0.1", machine.port))
  connection:settimeout(LIMIT)
  connection:send(("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n"):format(path))
  return connection
end

--- Sends `path` over `connections` connections to each of the machines at once, and sums what their
-- /many has counted.
function fleet.ask_all(machines, path, connections)
  local open, sums = {}, {}
  for _, machine in ipairs(machines) do
    for _ = 1, connections do
      open[#open + 1] = fleet.connect(machine, path)
    end
  end
  for _, connection in ipairs(open) do
    local text = assert(connection:receive "*a")
    connection:close()
    local body = text:match "\r\n\r\n(.*)$"
    assert(text:find "^HTTP/1.1 200", text)
    for outcome, count in body:gmatch "([^=;]+)=(%d+);" do
      sums[outcome] = (sums[outcome] or 0) + tonumber(count)
    end
  end
  return sums
end

--- Whether that is what all of so many requests to each machine at once are answered.
function fleet.all_say(machines, path, connections, text)
  local open, all = {}, true
  for _, machine in ipairs(machines) do
    for _ = 1, connections do
      open[#open + 1] = fleet.connect(machine, path)
    end
  end
  for _, connection in ipairs(open) do
    local answer = connection:receive "*a"
    connection:close()
    all = all and answer ~= nil and answer:match "\r\n\r\n(.*)$" == text
  end
  return all
end

--- The body of the answer.
function fleet.get(machine, path)
  local status, body = machine:get(path, LIMIT)
  assert(status == 200, tostring(status) .. " " .. tostring(body))
  return body
end

return fleet
