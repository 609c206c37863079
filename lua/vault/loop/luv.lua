--- The luv adapter: one poll handle for the Lua state, active only while a coroutine waits, so that
-- uv.run() returns when nothing else is left to do.

local loop = require "vault.loop"
local uv = require "luv"

local adapter = {}

-- The waiting coroutines, as { thread, scheduled, timer }, and the list of those to resume.
local waiting, ready = {}, {}
-- The poll handle, its descriptor and its process: a forked child has other descriptors.
local handle, handle_descriptor, handle_process
-- The client of one of the waiting coroutines; it collects for all of them. nil while none waits.
local polled_client
local flush_timer

--- Called with an error that has no caller to go to: a callback of a job raised it, or it ended a
-- coroutine (`thread`). Programs may replace this function.
function adapter.on_error(problem, thread)
  local trace = thread and debug.traceback(thread, tostring(problem)) or tostring(problem)
  io.stderr:write("vault.loop.luv: ", trace, "\n")
end

-- luv ends the process when a callback raises an error, so none of ours may.
local function report(problem, thread)
  local reported, second = pcall(adapter.on_error, problem, thread)
  if not reported then
    io.stderr:write("vault.loop.luv: on_error raised: ", tostring(second), "\n")
  end
end

local function resume(thread)
  if coroutine.status(thread) ~= "suspended" then -- closed by coroutine.close
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

-- A debug hook may have ended a coroutine at any point, so `waiting` and the state of the handle
-- need not agree.
local function stop_if_unused()
  if handle and next(waiting) == nil then
    uv.poll_stop(handle)
    polled_client = nil
  end
end

-- Does not resume the coroutine itself: it may run inside the program's own call of client:poll(),
-- which must not run the rest of another coroutine.
local function schedule(waiter)
  if not waiter.scheduled then
    waiter.scheduled = true
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
  local collected, problem = pcall(polled_client.poll, polled_client, 0)
  if not collected then
    report(problem)
  end
  stop_if_unused()
  flush()
end

local function watch(client)
  polled_client = client
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
  uv.update_time() -- the loop reads its clock only once in an iteration
  uv.timer_start(waiter.timer, math.ceil(seconds * 1000), 0, function()
    schedule(waiter)
  end)
end

-- On plain Lua 5.1 coxpcall.pcall runs its function in a coroutine of its own; the loop must resume
-- the outermost.
local function running()
  local coxpcall = package.loaded.coxpcall
  return (coxpcall and coxpcall.running or coroutine.running)()
end

function adapter.suspend(client, job, seconds)
  if not loop.can_suspend() then
    return job:_wait_blocking(seconds and seconds * 1000)
  end
  local waiter = { thread = running() }
  local function on_done()
    schedule(waiter)
  end
  job:_add_waiter(on_done)
  waiting[waiter] = true
  watch(client)
  if seconds then
    start_timer(waiter, seconds)
  end
  repeat
    coroutine.yield()
  until waiter.scheduled
  job:_remove_waiter(on_done)
end

return adapter
