--- guard.memory(): a cache in this Lua state.
--
-- What a guard asks of a cache (memory, shared_dict, redis):
--
--     cache:attach(scope, guard)   a store for the guards of one application; the same for each of them
--     store.flights                the calls under way of this Lua state, by key
--     store:read(key)              the entry, or nil: whatever was asked before the last forget is nil
--     store:epoch(key)             stands for the time since the last forget; for is_current
--     store:is_current(key, epoch)
--     store:reason_not_to_wait(client)    why the running coroutine cannot wait for an answer, or nil
--     store:acquire(flight, turn)  calls turn(flight), now or later; or flight:wake() when somebody
--                                  else has asked
--     store:wait(flight, ms)       waits for the turn or the wake, at most so long; only where acquire
--                                  may put it off
--     store:finish(flight, entry)  keeps the entry (nil: nothing) under the flight's epoch
--     store:forget(key)            nil: everything of this store. Returns true; or nil and an error
--                                  where Redis cannot be reached. A store in front of Redis also has
--                                  is_waiting(flight) and is_news(id)
local loop = require "vault.loop"

local memory = {}
memory.__index = memory

local DEFAULT_ENTRIES = 10000

local store = {}
store.__index = store

-- Weak values: an epoch lasts as long as an entry or a flight has it.
local function new_epochs()
  return setmetatable({}, { __mode = "v" })
end

local function new_store(entries)
  return setmetatable({
    flights = {},
    epochs = new_epochs(),
    -- The entries used lately, and those before them: dropped when there are as many new ones.
    young = {},
    old = {},
    young_count = 0,
    generation = math.ceil(entries / 2),
  }, store)
end

--- `options`: { max_entries = 10000 }, about how many connections are kept.
function memory.new(options)
  return setmetatable({
    max_entries = options and options.max_entries or DEFAULT_ENTRIES,
    stores = {},
  }, memory)
end

function memory:attach(scope)
  local attached = self.stores[scope] or new_store(self.max_entries)
  self.stores[scope] = attached
  return attached
end

local function put(self, key, kept)
  if self.young[key] == nil then
    if self.young_count >= self.generation then
      self.old, self.young, self.young_count = self.young, {}, 0
    end
    self.young_count = self.young_count + 1
  end
  self.young[key] = kept
end

function store.reason_not_to_wait(_, client)
  return loop.reason(client)
end

function store:read(key)
  local kept = self.young[key]
  if kept then
    return kept.entry
  end
  kept = self.old[key]
  if kept then
    self.old[key] = nil
    put(self, key, kept)
    return kept.entry
  end
end

function store:epoch(key)
  local epoch = self.epochs[key]
  if not epoch then
    epoch = {}
    self.epochs[key] = epoch
  end
  return epoch
end

function store:is_current(key, epoch)
  return self.epochs[key] == epoch
end

function store.acquire(_, flight, turn)
  turn(flight)
end

function store.is_waiting()
  return false
end

function store:finish(flight, entry)
  if entry and self:is_current(flight.key, flight.epoch) then
    put(self, flight.key, { entry = entry, epoch = flight.epoch })
  end
end

function store:forget(key)
  if key then
    self.young_count = self.young_count - (self.young[key] and 1 or 0)
    self.epochs[key], self.young[key], self.old[key] = nil, nil, nil
  else
    self.epochs, self.young, self.old, self.young_count = new_epochs(), {}, {}, 0
  end
  return true
end

--- Other Lua states have a memory of their own, and are told by themselves.
function store.is_news()
  return true
end

return memory
