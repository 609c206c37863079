--- The cqueues adapter. Each waiting coroutine waits for a condition of its own. While there are
-- any, one more coroutine of the same controller polls the descriptor for all of them: when one
-- waiting coroutine fails, for instance by an error of a debug hook, the others are still resumed.

local condition = require "cqueues.condition"
local cqueues = require "cqueues"
local loop = require "vault.loop"

local adapter = {}

-- By controller: its waiters, whether poll_for_group runs, and a condition that is signalled when a
-- waiter leaves.
local groups = setmetatable({}, { __mode = "k" })

local function group_of(controller)
  local group = groups[controller]
  if not group then
    group = { waiting = {}, polling = false, left = condition.new() }
    groups[controller] = group
  end
  return group
end

-- An error that a callback of a job raises is raised in one of the waiting coroutines.
local function poll_for_group(group)
  if group.polling then
    return
  end
  group.polling = true
  local waiter = next(group.waiting)
  while waiter do
    local client = waiter.client
    -- A table with pollfd and events is cqueues' protocol for foreign objects.
    cqueues.poll({ pollfd = client:pollfd(), events = "r" }, group.left)
    local collected, problem = pcall(client.poll, client, 0)
    if not collected then
      waiter.failed, waiter.problem = true, problem
      waiter.done:signal()
    end
    waiter = next(group.waiting)
  end
  group.polling = false
end

local function wait(waiter, job, seconds)
  local deadline = seconds and cqueues.monotime() + seconds
  local left = seconds
  while not (job:done() or waiter.failed or (left and left <= 0)) do
    waiter.done:wait(left)
    left = deadline and deadline - cqueues.monotime()
  end
end

--- Outside of a controller the calls block.
function adapter.check()
  return cqueues.running() and loop.check() or nil
end

function adapter.suspend(client, job, seconds)
  local controller = cqueues.running()
  if not controller or not loop.can_suspend() then
    return job:_wait_blocking(seconds and seconds * 1000)
  end
  local group = group_of(controller)
  local waiter = { client = client, done = condition.new() }
  local function on_done()
    group.waiting[waiter] = nil
    waiter.done:signal()
  end
  job:_add_waiter(on_done)
  group.waiting[waiter] = true
  if not group.polling then
    controller:wrap(poll_for_group, group)
  end
  wait(waiter, job, seconds)
  group.waiting[waiter] = nil
  job:_remove_waiter(on_done)
  group.left:signal()
  if waiter.failed then
    error(waiter.problem, 0)
  end
end

return adapter
