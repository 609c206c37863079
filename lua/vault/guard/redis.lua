--- guard.redis { ... }: a cache that several machines share, each with an nginx.
--
-- A store of this machine stands in front (a shared dict, or the memory of each worker): what it has
-- is served without asking Redis. Of those that miss there, one asks Redis; of the machines that
-- find nothing there, one asks Apideck, and the others wait for its message. A forget deletes in
-- Redis and is published, and every worker forgets in its own store. After messages may have been
-- missed, that store is emptied. Without Redis each machine goes by its own store.
local entry_of = require "vault.guard.entry"
local link_of = require "vault.guard.redis_link"
local memory = require "vault.guard.memory"
local nginx_loop = require "vault.loop.nginx"
local redis_options = require "vault.guard.redis_options"
local scripts = require "vault.guard.redis_scripts"
local semaphore = require "ngx.semaphore"
local shared_dict = require "vault.guard.shared_dict"
local subscription_of = require "vault.guard.redis_subscription"
local unique = require "vault.guard.unique"

local ngx = rawget(_G, "ngx")

local LOCK_MARGIN_MS = 500 -- beyond the time in which a call ends
local EPOCH_MARGIN_MS = 60000 -- beyond the time of the last value
local POLL_MS = 50 -- between two looks for the answer of another machine; its message is faster
local SLICE_MS = 100
local MOST_PENDING = 1000
local UNUSED_MS = 10000

local redis = {}
redis.__index = redis

local store = {}
store.__index = store

function redis.new(options)
  return setmetatable({ given = options, stores = {} }, redis)
end

-- Checks and completes the options; at the first guard, whose client makes the error.
local function prepare(self, guard)
  local options, problem = redis_options.read(self.given, guard.client._nearest)
  if not options then
    error(guard:_new_error("InvalidRequestError", problem), 0)
  end
  self.options, self.clock, self.client = options, guard.clock, guard.client
  self.local_store = options.dict and shared_dict.new(options.dict) or memory.new()
  -- A channel belongs to all databases of a Redis.
  self.channel = options.prefix .. "events" .. (options.database > 0 and options.database or "")
  self.link = link_of.new(options, self, self.clock)
  self.used_at = 0
  self.pending = {} -- forgets, as { store, key }, that Redis has not been told
  self.own = {} -- the ids of messages that will come back
end

local begin

function redis:attach(scope, guard)
  if not self.options then
    prepare(self, guard)
  end
  local attached = self.stores[scope]
  if attached then
    return attached
  end
  local local_store = self.local_store:attach(scope .. "\nredis " .. self.options.prefix, guard)
  attached = setmetatable({
    cache = self,
    local_store = local_store,
    flights = local_store.flights,
    clock = guard.clock,
    name = ngx.md5(scope),
    awaiting_machines = {}, -- flights that wait for another machine
  }, store)
  function attached.turn(flight)
    begin(attached, flight)
  end
  self.stores[scope] = attached
  return attached
end

local function forget_everything(self)
  for _, attached in pairs(self.stores) do
    attached.local_store:forget(nil)
  end
end

--- In each worker once, before it reads anything: begins to listen. What a shared dict has may be from
-- a worker that has ended, and nobody may have listened since.
function redis:start()
  if ngx.get_phase() == "init" then -- the configuration is being read
    return
  elseif ngx.worker.exiting() then
    self.started = true
    return
  end
  forget_everything(self)
  self.used_at = self.clock()
  self.started = subscription_of.new(self.options, self.channel, self, self.clock):start()
end

-- The names in Redis of a connection's keys; of the store's epoch for nil.
local function names(self, run_id, key)
  local prefix = ("%s%s:%s:"):format(self.cache.options.prefix, run_id, self.name)
  if not key then
    return prefix .. "epoch"
  end
  return prefix .. "epoch",
    prefix .. "epoch:" .. key,
    prefix .. "value:" .. key,
    prefix .. "lock:" .. key
end

--- As other caches do: see memory.lua.

function store.reason_not_to_wait()
  return nginx_loop.check()
end

function store:read(key)
  local cache = self.cache
  cache.used = true
  if not cache.started then
    cache:start()
  end
  return self.local_store:read(key)
end

function store:epoch(key)
  return self.local_store:epoch(key)
end

function store:is_current(key, epoch)
  return self.local_store:is_current(key, epoch)
end

function store:acquire(flight)
  self.local_store:acquire(flight, self.turn)
end

-- Without Redis, or without waiting for it any longer.
local function ask_alone(flight)
  if not flight.finished and not flight.asked then
    flight:ask()
  end
end

local function entry_of_reply(self, text, left, fresh, epochs)
  local entry = text ~= "" and entry_of.decode(text) or nil
  if entry then
    local now = self.clock()
    entry.redis_epochs = epochs
    entry.fresh_until, entry.stale_until = now + fresh, now + left
  end
  return entry
end

local function message(self, kind, id, key)
  return ("%s %s %s %s"):format(self.name, kind, id, key or "")
end

-- Writes the value (nil: none) and lets go of the lock.
local function send_finish(self, flight, entry)
  local left, fresh, text = 0, 0, ""
  if entry then
    local now = self.clock()
    left, fresh = math.floor(entry.stale_until - now), math.floor(entry.fresh_until - now)
    text = left > 0 and entry_of.encode(entry) or ""
  end
  local epochs, id, key = flight.redis_epochs, flight.redis_id, flight.key
  local channel, notice = self.cache.channel, message(self, "finished", id, key)
  self.cache.link:send(function(run_id)
    local store_epoch, epoch, value, lock = names(self, run_id, key)
    return {
      "eval",
      scripts.finish,
      4,
      store_epoch,
      epoch,
      value,
      lock,
      epochs,
      id,
      text,
      left,
      math.max(fresh, 0),
      channel,
      notice,
    }
  end, function() end)
end

-- The last answer that may be served in place of an error: Redis's, or that of this machine, which
-- may have missed a forget, unless it was got under the same epochs.
local function newest(own, other, epochs)
  if own and own.redis_epochs ~= epochs then
    own = nil
  end
  if other and (other.error or (own and own.stale_until > other.stale_until)) then
    other = nil
  end
  return other or own
end

-- What Redis says about a flight that has begun there.
local function take(self, flight, reply)
  local epochs, verdict, text, left, fresh = reply[1], reply[2], reply[3], reply[4], reply[5]
  local entry = entry_of_reply(self, text, left, fresh, epochs)
  if verdict == "ask" then
    flight.redis_epochs = epochs
  end
  if flight.finished or flight.asked then
    -- It was too late. The answer is written when it comes; the lock is not needed any more.
    if verdict == "ask" and flight.finished then
      send_finish(self, flight)
    end
  elseif verdict == "fresh" and entry then
    flight.asked = true -- by the machine that has written it
    self.local_store:finish(flight, entry)
    flight:wake(entry)
  elseif verdict == "wait" then
    self.awaiting_machines[flight] = self.clock() + POLL_MS
  else
    flight.last = newest(flight.last, entry, epochs)
    flight:ask()
  end
end

function begin(self, flight)
  local cache = self.cache
  self.awaiting_machines[flight] = nil
  cache:flush()
  flight.redis_id = flight.redis_id or unique(self.clock)
  flight.signal = flight.signal or semaphore.new()
  local guard = flight.guard
  local lock_ms = guard.timeout_ms + LOCK_MARGIN_MS
  local epoch_ms = guard.stale_ms + guard.ttl_ms + 2 * lock_ms + EPOCH_MARGIN_MS
  local fresh_text = unique(self.clock)
  local sent = cache.link:send(function(run_id)
    local store_epoch, epoch, value, lock = names(self, run_id, flight.key)
    return {
      "eval",
      scripts.begin,
      4,
      store_epoch,
      epoch,
      value,
      lock,
      fresh_text,
      flight.redis_id,
      math.ceil(lock_ms),
      math.ceil(epoch_ms),
    }
  end, function(reply)
    flight.redis_deadline = nil
    if reply then
      take(self, flight, reply)
    else
      ask_alone(flight)
    end
  end)
  if sent then
    flight.redis_deadline = self.clock() + cache.options.timeout_ms
  else
    ask_alone(flight)
  end
end

--- Waits for Redis, another worker or another machine.
function store:wait(flight, left)
  if self.local_store:is_waiting(flight) then
    return self.local_store:wait(flight, left)
  end
  local now = self.clock()
  local deadline = flight.redis_deadline
  local limit = math.min(left, deadline and math.max(deadline - now, 1) or SLICE_MS)
  local notified, problem = flight.signal:wait(limit / 1000)
  if notified or flight.asked then
    return nil
  elseif problem ~= "timeout" then
    return "UnexpectedClientError", "nginx cannot wait: " .. tostring(problem)
  elseif flight.redis_deadline and self.clock() >= flight.redis_deadline then
    flight.redis_deadline = nil
    self.cache.link:fail "timeout"
    ask_alone(flight)
  end
end

function store:finish(flight, entry)
  self.awaiting_machines[flight] = nil
  if entry then
    entry.redis_epochs = flight.redis_epochs or entry.redis_epochs
  end
  self.local_store:finish(flight, entry)
  if flight.redis_epochs then
    send_finish(self, flight, entry)
  end
end

-- Has Redis forget, and publish it. `told(problem)` is called once that has been done, or not.
local function send_forget(self, key, told)
  local id = unique(self.clock)
  self.local_store:is_news(id) -- the message comes back, too
  self.cache.own[id] = self.cache.listening or nil
  local notice = message(self, "forget", id, key)
  local channel = self.cache.channel
  return self.cache.link:send(function(run_id)
    local store_epoch, epoch, value = names(self, run_id, key)
    if key then
      return { "eval", scripts.forget, 2, epoch, value, channel, notice }
    end
    return { "eval", scripts.forget, 1, store_epoch, channel, notice }
  end, function(_, problem)
    -- Another worker may have got the old value from Redis in the meantime.
    self.local_store:forget(key)
    told(problem)
  end)
end

local function add_pending(cache, owner, key)
  cache.pending[#cache.pending + 1] = { owner, key }
end

-- Keeps a forget until Redis can be told; of too many it is everything that is to be forgotten.
local function remember(self, key)
  local cache = self.cache
  if #cache.pending < MOST_PENDING then
    return add_pending(cache, self, key)
  end
  cache.pending = {}
  for _, attached in pairs(cache.stores) do
    add_pending(cache, attached, nil)
  end
end

--- Before anything else is asked of a Redis that can be used again: the forgets that it has missed.
function redis:flush()
  if not self.pending[1] or self.link:is_down() then
    return
  end
  local pending = self.pending
  self.pending = {}
  for _, forgotten in ipairs(pending) do
    local owner, key = forgotten[1], forgotten[2]
    local function told(problem)
      if problem then
        remember(owner, key)
      end
    end
    if not send_forget(owner, key, told) then
      remember(owner, key)
    end
  end
end

local function unreachable(self, problem)
  return (
    self.cache.client:_new_error(
      "ConnectionError",
      "Redis cannot be reached, so other machines are told when it can be: " .. tostring(problem)
    )
  )
end

--- Returns true once Redis has been told, as far as this place can wait for it.
function store:forget(key)
  self.local_store:forget(key)
  local outcome = { done = false }
  local signal = semaphore.new()
  local function told(problem)
    outcome.done, outcome.problem = true, problem
    if problem then
      remember(self, key)
    end
    signal:post()
  end
  self.cache:flush()
  if not send_forget(self, key, told) then
    remember(self, key)
    return nil, unreachable(self, "it has failed a moment ago")
  end
  if nginx_loop.check() then
    return true
  end
  if not outcome.done then
    signal:wait(2 * self.cache.options.timeout_ms / 1000)
  end
  if not outcome.done or outcome.problem then
    return nil, unreachable(self, outcome.problem or "timeout")
  end
  return true
end

-- What the link and the subscription ask of their owner. -----------------------------------------

--- Whether their timers are to end: with the worker; or, beside other Lua states of the process, when
-- nobody has asked for a while. With `lua_code_cache off` a state is a request's, and lives as long
-- as its timers.
function redis:is_over()
  if ngx.worker.exiting() then
    return true
  elseif not self.client:_has_other_states() then
    return false
  end
  local now = self.clock()
  if self.used then
    self.used, self.used_at = false, now
  end
  return now - self.used_at > UNUSED_MS
end

--- Nobody listens from now on, until the next check.
function redis:ended()
  self.started = false
end

function redis:is_busy()
  if self.pending[1] then
    return true
  end
  for _, attached in pairs(self.stores) do
    if next(attached.awaiting_machines) then
      return true
    end
  end
  return false
end

--- Looks again for what other machines have not told of.
function redis:tick()
  self:flush()
  local now = self.clock()
  for _, attached in pairs(self.stores) do
    for flight, due in pairs(attached.awaiting_machines) do
      if flight.finished then
        attached.awaiting_machines[flight] = nil
      elseif now >= due then
        begin(attached, flight)
      end
    end
  end
end

--- Messages may have been missed: nothing that is known on this machine counts any more.
function redis:subscribed()
  self.listening = true
  forget_everything(self)
end

function redis:unsubscribed()
  self.listening, self.own = false, {}
end

function redis:send_heartbeat()
  local channel = self.channel
  self.link:send(function()
    return { "publish", channel, "heartbeat" }
  end, function() end)
end

local function hear_forget(self, attached, id, key)
  if self.own[id] then
    self.own[id] = nil
  elseif attached.local_store:is_news(id) then
    attached.local_store:forget(key)
  end
end

local function hear_finished(attached, key)
  for flight in pairs(attached.awaiting_machines) do
    if flight.key == key then
      begin(attached, flight)
    end
  end
end

function redis:hear(text)
  local name, kind, id, key = text:match "^(%x+) (%l+) (%S+) (.*)$"
  for _, attached in pairs(name and self.stores or {}) do
    if attached.name == name and kind == "forget" then
      hear_forget(self, attached, id, key ~= "" and key or nil)
    elseif attached.name == name and kind == "finished" then
      hear_finished(attached, key)
    end
  end
end

return redis
