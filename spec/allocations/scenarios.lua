-- What driver.lua runs while allocations fail, in a Lua state of its own. A scenario is a
-- table:
--   server      what the server does (server.c); "ok" when absent
--   config      fields for vault.new
--   prepare     function(self), without failures
--   run         function(self) -> string, or raises, with failures; without a failure the outcome
--               is always the same
--   raises      how the expected error begins
--   also        the name of another error that a failure may cause
--   fresh       every run in a new Lua state: needed where the background thread keeps connections
--   bare        without a client
--   closing     the test is lua_close, after prepare
--   good        function(self), without failures, instead of one more plain call
-- The client is self.client. Scenarios raise errors of their own by `expect` only.
local host = ...
local scenarios, interface = {}, {}
local current

local function load_part(name, ...)
  return assert(loadfile(host.directory .. "/" .. name .. ".lua"))(host, ...)
end

local tools = load_part "tools"
for _, part in ipairs { "calls", "errors", "functions", "jobs" } do
  load_part(part, tools, scenarios)
end

-- The parts of an error that are the same in every run, read without failures. What libcurl could
-- not say about the URL is left out of the message.
local function describe_error(err)
  local parts = {}
  for _, field in ipairs {
    "name",
    "message",
    "status_code",
    "type_name",
    "request_id",
    "code",
    "phase",
  } do
    parts[#parts + 1] = tostring(err[field])
  end
  return (table.concat(parts, "|"):gsub("the server:", "127.0.0.1:"))
end

local names = {}
for name in pairs(scenarios) do
  names[#names + 1] = name
end
table.sort(names)

function interface.list_scenarios()
  return table.concat(names, "\n")
end

function interface.is_fresh(name)
  return scenarios[name].fresh and "yes" or "no"
end

function interface.also(name)
  return scenarios[name].also or ""
end

function interface.raises(name)
  return scenarios[name].raises or ""
end

function interface.is_closing(name)
  return scenarios[name].closing and "yes" or "no"
end

function interface.prepare(name)
  local scenario = scenarios[name]
  current = setmetatable({}, { __index = scenario })
  if not scenario.bare then
    current.client = tools.new_client(scenario.server, scenario.config)
  end
  if scenario.prepare then
    scenario.prepare(current)
  end
  return name
end

-- Its error is kept unchanged: describe_last reads it without failures.
local last
function interface.run(_)
  last = nil
  local ok, result = pcall(current.run, current)
  if ok then
    return result
  end
  last = result
  error(result, 0)
end

function interface.describe_last(_)
  if type(last) == "table" and last.name then
    return describe_error(last)
  end
  return type(last) == "table" and "a table" or tostring(last)
end

-- When loading fails, the require of Lua 5.1 and LuaJIT leaves a mark that prevents a second try.
local function forget_failed_load()
  for _, name in ipairs { "vault", "vault.safe", "vault.schema" } do
    if type(package.loaded[name]) ~= "table" then
      package.loaded[name] = nil
    end
  end
end

-- One successful call of the same client, or of a new one where there is none.
function interface.use(_)
  forget_failed_load()
  local good = rawget(current, "good") or current.good
  if good then
    good(current)
  else
    current.client = current.client or tools.new_client()
    local options = { server_url = tools.url .. "ok", timeout_ms = 20000 }
    tools.describe(current.client.connections.list({}, options))
    if current.fresh then
      tools.describe(current.client.async.connections.list({}, options):wait())
    end
  end
  return "used"
end

function interface.forget(_)
  if current.client then
    current.client:close()
  end
  current = nil
  last = nil
  return "forgotten"
end

return interface
