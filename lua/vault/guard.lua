--- "May this consumer use this connection?", for every request of a busy host.
--
--     local guard = require("vault.guard")
--     local connections = guard.new { client = client, cache = guard.memory() }
--     local answer, err = connections:check {
--       consumer_id = "test-consumer", unified_api = "crm", service_id = "pipedrive",
--     }
--     if answer and answer.allowed then ... end
local entry_of = require "vault.guard.entry"
local fields = require "vault.guard.fields"
local flight_of = require "vault.guard.flight"
local loop = require "vault.loop"
local vault = require "vault"

local byte, find, match, next, type = string.byte, string.find, string.match, next, type

local guard = {}

local methods = {}
methods.__index = methods
methods.__name = "vault.guard"

function methods:__tostring()
  return ("vault.guard (%s)"):format(tostring(self.client))
end

local NUMBERS = {
  ttl_ms = 30000,
  negative_ttl_ms = 2000,
  error_ttl_ms = 1000,
  stale_ms = 300000,
  timeout_ms = 2000,
}
local LEAST = { timeout_ms = 1 }

local OPTIONS = { client = true, cache = true }
for name in pairs(NUMBERS) do
  OPTIONS[name] = true
end

local REQUEST = { consumer_id = true, unified_api = true, service_id = true }

-- For the errors of guard.new, which has no client yet.
local function scratch_client()
  return vault.new { server_url = "http://127.0.0.1", api_key = "", loop = "none" }
end

local function nearest(name, names)
  return scratch_client()._nearest(name, names)
end

-- client:_identity(), or nil for what is no client.
local function identity_of(client)
  if type(client) ~= "userdata" then
    return nil
  end
  local known, server_url, app_id = pcall(function()
    return client:_identity()
  end)
  return known and server_url, app_id
end

local function problem_of_options(options)
  if type(options) ~= "table" then
    return fields.wrong_type("guard.new", "table", options)
  end
  local problem = fields.unknown(options, OPTIONS, nearest)
  if problem then
    return problem
  elseif not identity_of(options.client) then
    return ("client: expected a client of vault.new, got %s"):format(type(options.client))
  elseif type(options.cache) ~= "table" or type(options.cache.attach) ~= "function" then
    return "cache: expected guard.memory(), guard.shared_dict(name) or guard.redis { ... }, got "
      .. type(options.cache)
  end
  for name in pairs(NUMBERS) do
    local value = options[name]
    problem = value ~= nil and fields.wrong_number(name, value, LEAST[name] or 0)
    if problem then
      return problem
    end
  end
end

--- Raises InvalidRequestError for a wrong option.
function guard.new(options)
  local problem = problem_of_options(options)
  if problem then
    error((scratch_client():_new_error("InvalidRequestError", problem)), 0)
  end
  local client = options.client
  local self = setmetatable({ client = client, clock = client._monotonic_ms }, methods)
  for name, default in pairs(NUMBERS) do
    self[name] = options[name] or default
  end
  local server_url, app_id = identity_of(client)
  -- No URL has a line feed in it.
  self.store = options.cache:attach(server_url .. "\n" .. (app_id or ""), self)
  return self
end

--- In this Lua state: guard.memory { max_entries = 10000 }.
function guard.memory(options)
  return require("vault.guard.memory").new(options)
end

local function nginx_cache(name)
  return function(options)
    if not rawget(_G, "ngx") then
      local message = ("guard.%s: works in nginx only; elsewhere there is guard.memory()"):format(
        name
      )
      error((scratch_client():_new_error("InvalidRequestError", message)), 0)
    end
    return require("vault.guard." .. name).new(options)
  end
end

--- In nginx, for all workers of a machine: guard.shared_dict("name of a lua_shared_dict").
guard.shared_dict = nginx_cache "shared_dict"
--- In nginx, for several machines: guard.redis { host = "10.0.0.5", dict = "connections" }.
guard.redis = nginx_cache "redis"

function methods:_new_error(name, message, operation)
  return (self.client:_new_error(name, message, operation))
end

local function invalid(self, message)
  return nil, self:_new_error("InvalidRequestError", message)
end

-- Two connections have different keys: of the three parts only the last may contain a line feed.
local function key_of(consumer_id, unified_api, service_id)
  if byte(consumer_id, 1) == 32 or byte(consumer_id, -1) == 32 then
    consumer_id = match(consumer_id, "^ *(.-) *$") -- as in a header
  end
  return consumer_id .. "\n" .. unified_api .. "\n" .. service_id
end

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

-- The key of the connection; or nil where something is wrong.
local function read_request(request)
  if type(request) ~= "table" then
    return nil
  end
  for name in next, request do
    if not REQUEST[name] then
      return nil
    end
  end
  local consumer_id, unified_api = request.consumer_id, request.unified_api
  local service_id = request.service_id
  if
    not (is_text(consumer_id) and is_text(unified_api) and is_text(service_id))
    or find(consumer_id, "\n", 1, true)
    or find(unified_api, "\n", 1, true)
  then
    return nil
  end
  local key = key_of(consumer_id, unified_api, service_id)
  return byte(key, 1) ~= 10 and key or nil -- a consumer_id of spaces
end

-- What is wrong with a request that read_request does not take.
local function problem_of_request(self, request)
  if type(request) ~= "table" then
    return ("expected a table with consumer_id, unified_api and service_id, got %s"):format(
      type(request)
    )
  end
  local problem = fields.unknown(request, REQUEST, self.client._nearest)
  for _, name in ipairs { "consumer_id", "unified_api", "service_id" } do
    problem = problem or fields.wrong_text(name, request[name])
  end
  return problem or "consumer_id, unified_api: must not contain control characters"
end

-- An entry is served while its connection is being asked for again if Apideck has failed lately.
local function may_serve_meanwhile(self, entry, now)
  return entry.stale and now < entry.fresh_until + self.ttl_ms
end

-- The flight for that key: the one under way, or a new one.
local function flight_for(self, key, request, entry, now)
  local flight = self.store.flights[key]
  if flight and flight:may_be_joined(now) then
    return flight
  end
  return flight_of.new(self, key, {
    consumer_id = request.consumer_id,
    unified_api = request.unified_api,
    service_id = request.service_id,
  }, entry)
end

-- Without an event loop nobody collects a refresh in the background: the next check does.
local function collect(self, key)
  local flight = self.store.flights[key]
  if flight then
    if flight.job and not loop.is_attended(self.client) then
      self.client:poll(0)
    end
    flight:expire(self.clock())
  end
end

-- The time is over, or the wait has failed. The last answer, or the error.
local function give_up(self, entry, name, message)
  if entry and not entry.error and self.clock() < entry.stale_until then
    return entry_of.answer(entry, self.client, true)
  end
  return nil, self:_new_error(name, message, "vault.connections.get")
end

-- The entry of a key that may be used at all, and whether without asking.
local function read(self, key, now)
  local entry = self.store:read(key)
  if entry and now >= entry.stale_until then
    entry = nil
  end
  return entry, entry ~= nil and now < entry.fresh_until
end

local function ask(self, key, request)
  collect(self, key)
  local deadline = self.clock() + self.timeout_ms
  while true do
    local now = self.clock()
    local entry, fresh = read(self, key, now)
    if fresh then
      return entry_of.answer(entry, self.client)
    elseif now >= deadline then
      local message = ("no answer within %g ms (timeout_ms of the guard)"):format(self.timeout_ms)
      return give_up(self, entry, "RequestTimeoutError", message)
    end
    local meanwhile = entry and may_serve_meanwhile(self, entry, now)
    local reason = not meanwhile and self.store:reason_not_to_wait(self.client)
    if reason then
      return invalid(self, reason)
    end
    local flight = flight_for(self, key, request, entry, now)
    if meanwhile then
      return entry_of.answer(entry, self.client)
    end
    local name, message = flight:wait(deadline)
    if name then
      return give_up(self, read(self, key, self.clock()), name, message)
    elseif flight.outcome and flight:is_current() then
      return entry_of.answer(flight.outcome, self.client)
    end
    -- Forgotten meanwhile, or somebody else has had the answer: look again.
  end
end

--- { allowed, state, enabled, health, name, service_id, stale }, a table of the caller's own; or nil
-- and an error.
function methods:check(request)
  local key = read_request(request)
  if not key then
    return invalid(self, problem_of_request(self, request))
  end
  local entry = self.store:read(key)
  if entry and self.clock() < entry.fresh_until then
    return entry_of.answer(entry, self.client)
  end
  return ask(self, key, request)
end

--- Forgets what is known of a connection: what was asked before is not used any more.
function methods:forget(request)
  local key = read_request(request)
  if not key then
    return invalid(self, problem_of_request(self, request))
  end
  return self.store:forget(key)
end

local function forget_one(self, consumer_id, unified_api, service_id)
  local key = read_request {
    consumer_id = consumer_id,
    unified_api = unified_api,
    service_id = service_id,
  }
  return self.store:forget(key) -- nil: something is missing, so everything
end

--- Forgets what a webhook's event is about, and everything where it does not say. Returns whether it
-- was an event of a connection.
function methods:handle(event)
  if type(event) ~= "table" then
    return invalid(self, fields.wrong_type("event", "table", event))
  end
  if type(event.event_type) ~= "string" or not find(event.event_type, "^vault%.connection%.") then
    return false
  end
  local entity = type(event.entity) == "table" and event.entity or {}
  local _, err = forget_one(self, entity.consumer_id, entity.unified_api, entity.service_id)
  if type(entity.migrated_from) == "string" then -- the connection that it was before
    local _, other = forget_one(self, entity.consumer_id, entity.unified_api, entity.migrated_from)
    err = err or other
  end
  return true, err
end

return guard
