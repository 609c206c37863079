--- The luv adapter: one poll handle for the state, active only while somebody
-- waits, so that uv.run() returns when nothing else is left to do.

local loop = require "vault.loop"
local uv = require "luv"

local adapter = {}

-- The coroutines that wait, as { thread, woken, timer }, and a list of those to be resumed.
local waiting, ready = {}, {}
-- The poll handle, and what it was made for: a forked child has other descriptors.
local handle, handle_descriptor, handle_process
-- While somebody waits: one of their clients, which collects for all of them.
local collector
local flush_timer

--- Hears of what nobody else could: an error that a callback of a job raised, or
-- that ended a coroutine (then `thread` is that one). To be replaced at will.
function adapter.on_error(problem, thread)
  local trace = thread and debug.traceback(thread, tostring(problem)) or tostring(problem)
  io.stderr:write("vault.loop.luv: ", trace, "\n")
end

-- Stock luv ends the process when an error leaves a callback: none does.
local function report(problem, thread)
  local heard, second = pcall(adapter.on_error, problem, thread)
  if not heard then
    io.stderr:write("vault.loop.luv: on_error raised: ", tostring(second), "\n")
  end
end

local function resume(thread)
  if coroutine.status(thread) ~= "suspended" then -- closed meanwhile
    return
  end
  local resumed, problem = coroutine.resume(thread)
  if not resumed then
    report(problem, thread)
  end
end

local function flush()
  while ready[1] do
    local batch = ready
    ready = {}
    for _, waiter in ipairs(batch) do
      resume(waiter.thread)
    end
  end
end

-- A debug hook may have ended a coroutine at any point: its waiter is in `waiting` or not, and the
-- handle is active or not.
local function stop_if_unused()
  if handle and next(waiting) == nil then
    uv.poll_stop(handle)
    collector = nil
  end
end

-- Never resumes by itself: it may run inside a call of the program's to poll,
-- which is no place for the rest of a coroutine.
local function wake(waiter)
  if not waiter.woken then
    waiter.woken = true
    waiting[waiter] = nil
    if waiter.timer then
      uv.close(waiter.timer)
    end
    stop_if_unused()
    ready[#ready + 1] = waiter
    flush_timer = flush_timer or uv.new_timer()
    uv.timer_start(flush_timer, 0, 0, flush)
  end
end

local function collect()
  local collected, problem = pcall(collector.poll, collector, 0)
  if not collected then
    report(problem)
  end
  stop_if_unused()
  flush()
end

local function watch(client)
  collector = client
  local descriptor, process = client:pollfd(), uv.os_getpid()
  if handle and (descriptor ~= handle_descriptor or process ~= handle_process) then
    uv.close(handle)
    handle = nil
  end
  if not handle then
    handle = uv.new_poll(descriptor)
    handle_descriptor, handle_process = descriptor, process
  elseif uv.is_active(handle) then
    return
  end
  uv.poll_start(handle, "r", collect)
end

local function start_timer(waiter, seconds)
  waiter.timer = uv.new_timer()
  uv.update_time() -- the loop's clock stands still while Lua runs
  uv.timer_start(waiter.timer, math.ceil(seconds * 1000), 0, function()
    wake(waiter)
  end)
end

-- On plain Lua 5.1 the function called by coxpcall's pcall is a coroutine of its own,
-- and the loop must resume the outermost.
local function running()
  local coxpcall = package.loaded.coxpcall
  return (coxpcall and coxpcall.running or coroutine.running)()
end

function adapter.suspend(client, job, seconds)
  if not loop.can_suspend() then
    return job:_block(seconds and seconds * 1000)
  end
  local waiter = { thread = running() }
  local function notice()
    wake(waiter)
  end
  job:_notify(notice)
  waiting[waiter] = true
  watch(client)
  if seconds then
    start_timer(waiter, seconds)
  end
  repeat
    coroutine.yield()
  until waiter.woken
  job:_ignore(notice)
end

return adapter
