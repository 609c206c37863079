--- The copas adapter, for every copas from 1 to 4: to copas each waiting coroutine
-- reads from a socket, an object of its own that has what LuaSocket's select asks
-- for (getfd, dirty) and what copas.receive does.
--
-- All these objects have the port's descriptor. When that becomes readable, select
-- names one of them; its coroutine collects for all, and the objects whose jobs are
-- done are "dirty" (have something buffered), so that the next step resumes them.

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

-- Not only when its notice has been called: that runs in whichever coroutine collects, whose debug
-- hook may raise.
function waiter:dirty()
  return self.woken or self.job:done() or (self.deadline and self.now() >= self.deadline) or false
end

-- What copas.receive calls, at first and whenever select has named the object.
-- A callback's error is kept: copas' books are only right when nothing is raised here.
function waiter:receive()
  if not self.woken then
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

-- copas closes what its coroutines read from; the descriptor is not ours to close.
function waiter.close()
  return true
end

function waiter.settimeout()
  return true
end

-- copas 1 resumes coroutines by sockets only, and the timers of later ones tick ten
-- times a second: the background engine keeps the time instead.
local function set_deadline(self, seconds)
  local milliseconds = math.ceil(seconds * 1000)
  self.now = self.client._monotonic_ms -- not socket.gettime, which follows the wall clock
  self.deadline = self.now() + milliseconds
  return self.client:_timer(milliseconds)
end

function adapter.suspend(client, job, seconds)
  if not loop.can_suspend() then
    return job:_block(seconds and seconds * 1000)
  end
  local self = setmetatable({ client = client, job = job, descriptor = client:pollfd() }, waiter)
  local function notice()
    self.woken = true
    self.client, self.job = nil, nil -- copas may hold the object of a thread that was removed
  end
  job:_notify(notice)
  local timer = seconds and set_deadline(self, seconds)
  repeat
    -- A copas that limits reads may give up early: then it reads again.
    copas.receive(self)
  until self:dirty() or self.failed
  if timer then
    timer:cancel()
  end
  job:_ignore(notice)
  notice() -- copas may still hold the object
  if self.failed then
    error(self.problem, 0)
  end
end

return adapter
