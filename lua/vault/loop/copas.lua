--- The copas adapter, for copas 1 to 4. Each waiting coroutine calls copas.receive on an object of
-- its own that looks like a socket: it has the methods that LuaSocket's select (getfd, dirty) and
-- copas.receive call.
--
-- All these objects have the client's descriptor. When that becomes readable, select returns one of
-- them; its coroutine collects for all, and the objects whose jobs are done are "dirty" (have
-- buffered data), so that the next step of copas resumes their coroutines.

local copas = require "copas"
local loop = require "vault.loop"

local adapter = {}

local waiter = {}
waiter.__index = waiter

function waiter.__tostring()
  return "vault job"
end

function waiter:getfd()
  return self.descriptor
end

-- Not only when on_done has been called: that runs in the coroutine that collects, whose debug hook
-- may raise.
function waiter:dirty()
  return self.finished
    or self.job:done()
    or (self.deadline and self.now() >= self.deadline)
    or false
end

-- Called by copas.receive, at first and whenever select returns the object. The error of a callback
-- is kept for adapter.suspend: raised here, it would leave the lists of copas inconsistent.
function waiter:receive()
  if not self.finished then
    local collected, problem = pcall(self.client.poll, self.client, 0)
    if not collected then
      self.failed, self.problem = true, problem
      return true
    end
  end
  if self:dirty() then
    return true
  end
  return nil, "timeout"
end

-- copas closes the sockets of its coroutines; the descriptor belongs to the module.
function waiter.close()
  return true
end

function waiter.settimeout()
  return true
end

-- copas 1 resumes coroutines by sockets only, and the timers of later versions have a resolution of
-- 0.1 s, so the background thread runs the timer.
local function set_deadline(self, seconds)
  local milliseconds = math.ceil(seconds * 1000)
  self.now = self.client._monotonic_ms -- not socket.gettime: the wall clock may be set
  self.deadline = self.now() + milliseconds
  return self.client:_timer(milliseconds)
end

function adapter.suspend(client, job, seconds)
  if not loop.can_suspend() then
    return job:_wait_blocking(seconds and seconds * 1000)
  end
  local self = setmetatable({ client = client, job = job, descriptor = client:pollfd() }, waiter)
  local function on_done()
    self.finished = true
    self.client, self.job = nil, nil -- copas may keep the object of a thread that was removed
  end
  job:_add_waiter(on_done)
  local timer = seconds and set_deadline(self, seconds)
  repeat
    -- copas.receive may return early, where copas limits the time of a read.
    copas.receive(self)
  until self:dirty() or self.failed
  if timer then
    timer:cancel()
  end
  job:_remove_waiter(on_done)
  on_done() -- copas may still keep the object
  if self.failed then
    error(self.problem, 0)
  end
end

return adapter
