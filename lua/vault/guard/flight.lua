--- One question to Apideck and all who wait for its answer.
--
-- A flight belongs to its store and to no caller: it ends by its job's callback, whichever coroutine
-- collects that, or by the first caller that sees its deadline pass. A killed request leaves it as
-- it is.
local entry_of = require "vault.guard.entry"
local loop = require "vault.loop"

local OPERATION = "vault.connections.get"

-- Not kept, and no reason to serve the last answer: the request, or the client, is at fault.
local OWN_ERRORS = { InvalidRequestError = true }
-- Not kept: it says nothing about the connection.
local PASSING_ERRORS = { InvalidRequestError = true, RequestAbortedError = true }

local flight = {}
flight.__index = flight

--- `last`: the entry that may be served where Apideck cannot be asked, or nil.
function flight.new(guard, key, request, last)
  local store, now = guard.store, guard.clock()
  local self = setmetatable({
    guard = guard,
    store = store,
    key = key,
    request = request,
    last = last,
    epoch = store:epoch(key),
    deadline = now + guard.timeout_ms,
    finished = false,
  }, flight)
  store.flights[key] = self
  store:acquire(self, self.ask)
  return self
end

--- Whether a caller that comes now may wait for it.
function flight:may_be_joined(now)
  return not self.finished and now < self.deadline and self:is_current()
end

--- Whether nobody has forgotten the connection since it began.
function flight:is_current()
  return self.store:is_current(self.key, self.epoch)
end

local function leave_store(self)
  if self.store.flights[self.key] == self then
    self.store.flights[self.key] = nil
  end
end

-- Wakes all who wait in the store for this flight: the count of an ngx.semaphore is minus their number.
local function notify(self)
  local signal = self.signal
  local waiting = signal and -signal:count() or 0
  if waiting > 0 then
    signal:post(waiting)
  end
end

-- The last answer, served anew; nil where there is none that may be.
local function stale_entry(self, fresh_until, now)
  local last = self.last
  if last and not last.error and now < last.stale_until then
    return entry_of.as_stale(last, fresh_until)
  end
end

-- For how long an error is kept: a server that asks for a pause gets it, up to the time for which
-- an answer would be kept.
local function error_ttl(guard, err)
  local asked = type(err.retry_after_ms) == "number" and err.retry_after_ms or 0
  return math.max(guard.error_ttl_ms, math.min(asked, guard.ttl_ms))
end

local function entry_of_error(self, err, now)
  local fresh_until = now + error_ttl(self.guard, err)
  local stale = not OWN_ERRORS[err.name] and stale_entry(self, fresh_until, now)
  if stale then
    return stale
  end
  local kept = entry_of.of_error(err)
  kept.fresh_until, kept.stale_until = fresh_until, fresh_until
  return kept
end

local function entry_of_answer(self, kept, now)
  local guard = self.guard
  local callable = kept.enabled and kept.state == "callable"
  kept.fresh_until = now + (callable and guard.ttl_ms or guard.negative_ttl_ms)
  kept.stale_until = math.max(kept.fresh_until, now + guard.stale_ms)
  return kept
end

--- Ends it with what Apideck has answered.
function flight:settle(result, err)
  if self.finished then
    return
  end
  self.finished = true
  leave_store(self)
  local guard, now = self.guard, self.guard.clock()
  local kept
  if err and err.name == "NotFoundResponse" then
    kept = entry_of.of_absence(self.request.service_id)
  elseif not err then
    kept = entry_of.of_result(result, self.request.service_id)
    err = not kept
        and guard:_new_error(
          "ResponseValidationError",
          "the response has no 'data' object",
          OPERATION
        )
      or nil
  end
  if kept then
    self.outcome = entry_of_answer(self, kept, now)
  else
    self.outcome = entry_of_error(self, err, now)
  end
  -- Where another worker or machine has asked, its answer is not overwritten.
  local kept_by_store = self.asked and not (err and PASSING_ERRORS[err.name])
  self.store:finish(self, kept_by_store and self.outcome or nil)
  notify(self)
end

--- Ends it with an entry that somebody else has got; nil: those who wait look for themselves.
function flight:wake(entry)
  if not self.finished then
    self.finished = true
    self.outcome = entry
    leave_store(self)
    notify(self)
  end
end

-- Made by a function of its own: nginx may kill the coroutine that runs `ask`, and use its stack,
-- where the closure's upvalues would be, for another one.
local function new_callback(self)
  return function(result, err)
    self:settle(result, err)
  end
end

--- Sends the request. The store calls it when it is this flight's turn.
function flight:ask()
  self.asked = true
  local guard = self.guard
  local start = guard.client.async.connections.get
  local left = math.max(math.ceil(self.deadline - guard.clock()), 1)
  local returned, job, err = pcall(start, self.request, {
    timeout_ms = left,
    retries = false, -- one call, however it ends; the next one is for the next entry
    callback = new_callback(self),
  })
  if returned and job then
    self.job = not self.finished and job or nil
    notify(self)
    return
  end
  err = err or job
  if type(err) ~= "table" then
    err = guard:_new_error("UnexpectedClientError", tostring(err), OPERATION)
  end
  self:settle(nil, err)
end

--- Ends it if its time is over.
function flight:expire(now)
  if self.finished or now < self.deadline then
    return
  end
  local message = ("no response within %g ms (timeout_ms of the guard)"):format(
    self.guard.timeout_ms
  )
  local job = self.job
  self:settle(nil, self.guard:_new_error("RequestTimeoutError", message, OPERATION))
  if job then
    pcall(job.cancel, job) -- runs hooks of the client
  end
end

-- Until something has changed, at most so many milliseconds.
local function wait_once(self, left)
  if self.job then
    return loop.wait(self.guard.client, self.job, left)
  elseif self.store.wait then
    return self.store:wait(self, left)
  end
  -- A hook has suspended the coroutine that was starting the job.
  leave_store(self)
  return "UnexpectedClientError", "the call could not be started"
end

--- Suspends the running coroutine until it has ended, or that time has come. Returns nil, or the name
-- and the message of an error.
function flight:wait(until_ms)
  local clock = self.guard.clock
  local limit = math.min(until_ms, self.deadline)
  local now = clock()
  while not self.finished and now < limit do
    local name, message = wait_once(self, math.ceil(limit - now))
    if name then
      return name, message
    end
    now = clock()
  end
  self:expire(now)
end

return flight
