--- guard.shared_dict(name): a cache that all workers of an nginx share.
--
-- Nothing here compares and sets. A value is written together with the epochs of its connection and
-- of its store, under which it was asked for, and a reader takes it only where both are those of
-- now. A forget deletes an epoch. One that is missing, also because the dict was full, is made anew
-- from a text that has never been used: old values do not come back.
local entry_of = require "vault.guard.entry"
local nginx_loop = require "vault.loop.nginx"
local semaphore = require "ngx.semaphore"
local start_timer = require "vault.guard.timer"
local unique = require "vault.guard.unique"

local ngx = rawget(_G, "ngx")

local MEMO_ENTRIES = 10000
local POLL = 0.004 -- seconds between two looks for the answers of other workers
local POLL_EACH, LONGEST_POLL = 0.00002, 0.05 -- seconds more for each flight, at most
local POLLS_PER_FULL_CHECK = 10
local SLICE_MS = 100 -- after which a waiting coroutine looks for itself
local LOCK_MARGIN_MS = 500 -- beyond the time in which a call ends
local MESSAGE_SECONDS = 60 -- in which all workers have heard a message
local ESRCH = 3 -- errno(3): no such process

local shared_dict = {}
shared_dict.__index = shared_dict

local store = {}
store.__index = store

function shared_dict.new(name)
  return setmetatable({ name = name, stores = {} }, shared_dict)
end

-- Returns the dict, or nil and what is wrong.
local function find_dict(name)
  if type(name) ~= "string" then
    return nil,
      ("guard.shared_dict: expected the name of a lua_shared_dict, got %s"):format(type(name))
  end
  local dict = ngx.shared[name]
  if not dict then
    return nil,
      (
        "guard.shared_dict: nginx has no shared dict of that name; add 'lua_shared_dict %s 10m;' to the"
        .. " http block"
      ):format(name)
  end
  return dict
end

function shared_dict:attach(scope, guard)
  local attached = self.stores[scope]
  if attached then
    return attached
  end
  local dict, problem = find_dict(self.name)
  if not dict then
    error(guard:_new_error("InvalidRequestError", problem), 0)
  end
  local prefix = "vault1:" .. ngx.md5(scope) .. ":" -- the 1 is the format's
  attached = setmetatable({
    flights = {},
    dict = dict,
    clock = guard.clock,
    prefix = prefix,
    epoch_key = prefix .. "e",
    memo = {}, -- by key: the names in the dict, and the text that was read last with what it says
    memo_count = 0,
    waiting = {}, -- the flights of this worker for which another worker asks
  }, store)
  self.stores[scope] = attached
  return attached
end

local function memo_of(self, key)
  local memo = self.memo[key]
  if memo then
    return memo
  end
  if self.memo_count >= MEMO_ENTRIES then
    self.memo, self.memo_count = {}, 0
  end
  local prefix = self.prefix
  memo = {
    value_key = prefix .. "v" .. key,
    epoch_key = prefix .. "e" .. key,
  }
  self.memo[key], self.memo_count = memo, self.memo_count + 1
  return memo
end

-- The text: both epochs, both times, the entry.
local function decode(memo, text)
  memo.text, memo.entry = text, nil
  local store_epoch, epoch, fresh, stale, start = text:match "^(%S+) (%S+) (%S+) (%S+) ()"
  local entry = start and entry_of.decode(text, start)
  if entry then
    entry.fresh_until, entry.stale_until = tonumber(fresh), tonumber(stale)
    memo.entry, memo.store_epoch, memo.epoch = entry, store_epoch, epoch
  end
end

function store:read(key)
  local memo, dict = memo_of(self, key), self.dict
  local text = dict:get(memo.value_key)
  if not text then
    return nil
  elseif text ~= memo.text then
    decode(memo, text)
  end
  if
    memo.entry
    and dict:get(memo.epoch_key) == memo.epoch
    and dict:get(self.epoch_key) == memo.store_epoch
  then
    return memo.entry
  end
end

local function ensure_epoch(self, name)
  local epoch = self.dict:get(name)
  if not epoch then
    self.dict:add(name, unique(self.clock))
    epoch = self.dict:get(name)
  end
  return epoch
end

--- nil where the dict has no room for an epoch: then nothing is kept.
function store:epoch(key)
  local of_store = ensure_epoch(self, self.epoch_key)
  local epoch = ensure_epoch(self, memo_of(self, key).epoch_key)
  return of_store and epoch and of_store .. " " .. epoch
end

function store:is_current(key, epoch)
  local dict = self.dict
  local of_store, of_key = dict:get(self.epoch_key), dict:get(memo_of(self, key).epoch_key)
  return epoch == (of_store and of_key and of_store .. " " .. of_key)
end

--- A client may have another loop, but here a coroutine also waits for other workers.
function store.reason_not_to_wait()
  return nginx_loop.check()
end

-- Whether the worker that has set this lock still runs.
local is_alive = function()
  return true
end
local has_ffi, ffi = pcall(require, "ffi")
if has_ffi and pcall(ffi.cdef, "int kill(int pid, int sig);") then
  function is_alive(lock)
    local pid = tonumber(lock:match "^%d+")
    return not pid or ffi.C.kill(pid, 0) == 0 or ffi.errno() ~= ESRCH
  end
end

-- Whether another worker still asks for that flight; `checks_process`: and has not died meanwhile.
local function is_locked(self, flight, checks_process)
  local lock = self.dict:get(flight.lock_key)
  if lock and checks_process and not is_alive(lock) then
    self.dict:delete(flight.lock_key)
    return false
  end
  return lock ~= nil
end

-- `full_check`: also whether the other worker lives, and nobody has forgotten the connection.
local function look(self, flight, full_check)
  if
    flight.finished
    or not is_locked(self, flight, full_check)
    or (full_check and not flight:is_current())
  then
    self.waiting[flight] = nil
    flight:wake()
  end
end

-- The one coroutine of this worker that looks for what others have asked; the rest wait for it.
local function poll(_, self)
  local looks = 0
  while next(self.waiting) do
    looks = (looks + 1) % POLLS_PER_FULL_CHECK
    local count = 0
    for flight in pairs(self.waiting) do
      count = count + 1
      look(self, flight, looks == 0)
    end
    ngx.sleep(math.min(POLL + count * POLL_EACH, LONGEST_POLL))
  end
  self.polling = false
end

local function wait_for_others(self, flight)
  flight.signal = semaphore.new()
  self.waiting[flight] = true
  -- Where no timer can be started, those who wait look for themselves.
  self.polling = self.polling or start_timer(0, poll, self)
end

--- The lock is one of this epoch: what was asked before a forget does not keep others from asking.
function store:acquire(flight, turn)
  local lock = ("%d %s"):format(ngx.worker.pid(), unique(self.clock))
  local seconds = (flight.guard.timeout_ms + LOCK_MARGIN_MS) / 1000
  flight.lock_key = ("%sl%s %s"):format(self.prefix, flight.epoch or "", flight.key)
  local added, problem = self.dict:add(flight.lock_key, lock, seconds)
  if not added and problem == "exists" then
    return wait_for_others(self, flight)
  end
  flight.lock = added and lock or nil
  turn(flight)
end

--- Whether it is another worker that asks for this flight.
function store:is_waiting(flight)
  return self.waiting[flight] ~= nil
end

--- Waits for another worker. Returns nil, or the name and the message of an error.
function store:wait(flight, left)
  local notified, problem = flight.signal:wait(math.min(left, SLICE_MS) / 1000)
  if notified then
    return nil
  elseif problem ~= "timeout" then
    return "UnexpectedClientError", "nginx cannot wait: " .. tostring(problem)
  elseif self.waiting[flight] then
    look(self, flight, true)
  end
end

local function write(self, flight, entry)
  local left = entry.stale_until - self.clock()
  if left <= 0 or not flight.epoch or not self:is_current(flight.key, flight.epoch) then
    return
  end
  local text = ("%s %.3f %.3f %s"):format(
    flight.epoch,
    entry.fresh_until,
    entry.stale_until,
    entry_of.encode(entry)
  )
  self.dict:set(memo_of(self, flight.key).value_key, text, left / 1000)
end

local function unlock(self, flight)
  if flight.lock and self.dict:get(flight.lock_key) == flight.lock then
    self.dict:delete(flight.lock_key)
  end
end

function store:finish(flight, entry)
  if entry then
    write(self, flight, entry)
  end
  unlock(self, flight)
end

function store:forget(key)
  if key then
    local memo = memo_of(self, key)
    self.dict:delete(memo.epoch_key)
    self.dict:delete(memo.value_key)
  else
    self.dict:delete(self.epoch_key)
  end
  return true
end

--- Whether this is the first worker that is told of the message with this id.
function store:is_news(id)
  local _, problem = self.dict:add(self.prefix .. "m" .. id, true, MESSAGE_SECONDS)
  return problem ~= "exists"
end

return shared_dict
