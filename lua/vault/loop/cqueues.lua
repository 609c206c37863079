--- The cqueues adapter. Of the coroutines that wait in one controller, one polls
-- the port's descriptor; the others wait for a condition of their own, so that an
-- answer wakes the coroutine it is for and not all of them.

local condition = require "cqueues.condition"
local cqueues = require "cqueues"
local loop = require "vault.loop"

local adapter = {}

-- By controller, the conditions of its waiting coroutines and whether one of them
-- is polling.
local groups = setmetatable({}, { __mode = "k" })

local function group_of(controller)
  local group = groups[controller]
  if not group then
    group = { waiting = {}, polling = false }
    groups[controller] = group
  end
  return group
end

-- Polls for the whole group until something can be collected, or somebody else has
-- collected the caller's job, or the time has passed. False and the error when a
-- callback raised one.
local function poll(group, done, client, left)
  group.polling = true
  -- A table with pollfd and events is cqueues' protocol for foreign objects.
  cqueues.poll({ pollfd = client:pollfd(), events = "r" }, done, left)
  group.polling = false
  return pcall(client.poll, client, 0)
end

local function wait(group, done, client, job, seconds)
  local deadline = seconds and cqueues.monotime() + seconds
  local left = seconds
  repeat
    if group.polling then
      done:wait(left)
    else
      local collected, problem = poll(group, done, client, left)
      if not collected then
        return problem
      end
    end
    left = deadline and deadline - cqueues.monotime()
  until job:done() or (left and left <= 0)
  return nil
end

--- Outside of a controller the calls block.
function adapter.check()
  return cqueues.running() and loop.check() or nil
end

function adapter.suspend(client, job, seconds)
  local controller = cqueues.running()
  if not controller or not loop.can_suspend() then
    return job:_block(seconds and seconds * 1000)
  end
  local group = group_of(controller)
  local done = condition.new()
  local function notice()
    done:signal()
  end
  job:_notify(notice)
  group.waiting[done] = true
  local problem = wait(group, done, client, job, seconds)
  group.waiting[done] = nil
  job:_ignore(notice)
  -- Whoever stops polling passes it on.
  local heir = next(group.waiting)
  if heir and not group.polling then
    heir:signal()
  end
  if problem ~= nil then
    error(problem, 0)
  end
end

return adapter
