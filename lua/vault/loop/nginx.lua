--- The nginx adapter: one timer of the worker (the reader) reads wakeup bytes from the background
-- thread, and each call waits for a semaphore of its own.
--
-- nginx's Lua can only wait for sockets that it has connected itself, not for a descriptor of
-- another library. So the module listens on a unix socket until the reader has connected to it.

local loop = require "vault.loop"
local semaphore = require "ngx.semaphore"

local adapter = {}

-- Phases in which nginx's Lua can suspend a coroutine: NGX_HTTP_LUA_CONTEXT_YIELDABLE in
-- lua-nginx-module 0.10.32, NGX_STREAM_LUA_CONTEXT_YIELDABLE in stream-lua-nginx-module, by the
-- names that ngx.get_phase gives them.
local can_wait = {
  rewrite = true,
  server_rewrite = true,
  access = true,
  precontent = true,
  content = true,
  timer = true,
  preread = true,
  -- Only with OpenResty's patches of nginx; without them the handshake fails.
  ssl_cert = true,
  ssl_client_hello = true,
  ssl_session_fetch = true,
  proxy_ssl_cert = true,
  proxy_ssl_verify = true,
}
-- Phases without ngx.timer.at: a job that is started there is collected when the reader starts.
local has_no_timer = { init = true, exit_worker = true }

local CONNECT_LIMIT = 1 -- seconds
local LONG = 24 * 60 * 60 -- seconds; longer waits are repeated
local slice_ms = 1 -- how long to decode responses before other requests of the worker run
local PAUSE = 0.001 -- seconds between slices; an nginx without OpenResty's patches logs a warning for sleep(0)
local LONG_MS = LONG * 1000
local ORPHAN_INTERVAL = 0.02 -- seconds between two searches for calls whose coroutine has ended

local NO_READER = "nginx did not start this module's timer within a second:"
  .. " all of lua_max_running_timers are in use; raise that directive"

-- The reader of this Lua state, which is the worker's or, with `lua_code_cache off`, the request's:
-- { client, connected, stopping, since, problem, idle, call_started }
local current

-- The jobs of the waiting plain calls, by semaphore.
local calls = {}

-- Whether nginx has closed the connections of this worker, which is ending. From then on no call
-- can wait.
local shutdown = false
local SHUTDOWN = "this worker is ending, and worker_shutdown_timeout has passed"

-- What to do instead of waiting in a phase that cannot wait.
local default_advice = "start it without waiting: client.async.<group>.<operation>(request,"
  .. " { callback = ... }), or call it in a timer: ngx.timer.at(0, function() ... end)"
local phase_advice = {
  init = "call it later: in a timer that init_worker_by_lua starts with ngx.timer.at(0, ...),"
    .. " or while a request is served",
  exit_worker = "call it earlier: this worker is ending",
}

--- The reason why a call cannot wait here, or nil. Where LuaJIT cannot yield, no function of
-- ngx_lua may be asked to wait: it marks the coroutine as waiting before the yield raises an error,
-- and the next one that waits crashes the worker.
function adapter.check()
  local phase = ngx.get_phase()
  if can_wait[phase] then
    return shutdown and SHUTDOWN or loop.check()
  end
  local advice = phase_advice[phase] or default_advice
  return ("nginx cannot wait in the phase '%s'; %s"):format(phase, advice)
end

-- To be called after a hook, or another function that a client calls, has asked ngx_lua to wait (a
-- cosocket, ngx.sleep, a coroutine). LuaJIT could not yield, but ngx_lua has marked the running
-- coroutine as waiting, or another one as running, and the worker may crash at the next wait. A
-- yield marks this coroutine as running again, and ngx.sleep clears the pending operation
-- (ngx_http_lua_run_thread, ngx_http_lua_cleanup_pending_operation).
local function clear_refused_yield()
  if adapter.check() == nil then
    coroutine.yield()
    ngx.sleep(PAUSE)
  end
end

function adapter.on_start_failed(client)
  if client:_take_refused_yield() then
    clear_refused_yield()
  end
end

local function has_tried_to_yield(problem)
  return type(problem) == "string" and problem:find("yield across", 1, true)
end

-- Collects the finished jobs, a slice at a time: between slices the worker serves other requests.
local function collect(client)
  repeat
    local collected, result = pcall(client._collect, client, slice_ms)
    if not collected then
      ngx.log(ngx.ERR, "vault: a callback raised: ", tostring(result))
    end
    if client:_take_refused_yield() or (not collected and has_tried_to_yield(result)) then
      slice_ms = 0 -- from now on one job at a time: two refused yields cannot be cleared at once
      clear_refused_yield()
    end
    local is_all = collected and result
    if not is_all then
      ngx.sleep(PAUSE)
    end
  until is_all
end

-- Returns the socket that gets a byte whenever a job can be collected; or nil and the reason.
local function connect(client)
  local path, problem = client:_listen()
  if not path then
    return nil, "cannot listen for the background thread: " .. problem
  end
  local socket = ngx.socket.tcp()
  socket:settimeouts(CONNECT_LIMIT * 1000, LONG_MS, LONG_MS)
  local connected
  connected, problem = socket:connect("unix:" .. path)
  if not client:_accept() then
    return nil, "cannot connect to the background thread: " .. (problem or "refused")
  elseif not connected then
    return nil, "cannot connect to the background thread: " .. problem
  end
  return socket
end

-- When the worker exits, the reader stops as soon as no call is under way. It also does so when the
-- process has other Lua states with calls: with `lua_code_cache off` each request has a state,
-- which lives as long as its timers.
local function may_stop(reader)
  return (reader.stopping or reader.client:_has_other_states() or ngx.worker.exiting())
    and not reader.client:_is_busy()
end

-- Cancels the calls whose coroutine has ended: it was killed, or its request ended early. ngx_lua
-- only takes such a coroutine out of the queue of the semaphore; a semaphore with a waiting
-- coroutine has the count -1.
local function cancel_orphans()
  local orphans = {}
  for done, job in pairs(calls) do
    if done:count() >= 0 then
      orphans[#orphans + 1] = job
      calls[done] = nil
    end
  end
  for _, job in ipairs(orphans) do
    local cancelled, problem = pcall(job.cancel, job)
    if not cancelled then
      ngx.log(ngx.ERR, "vault: a call of a light thread that has ended: ", tostring(problem))
    end
  end
end

-- Runs in a light thread of the reader.
local function watch_calls(reader)
  while true do
    if next(calls) then
      ngx.sleep(ORPHAN_INTERVAL)
      cancel_orphans()
    else
      reader.idle = true
      reader.call_started:wait(LONG)
      reader.idle = false
    end
  end
end

-- Returns whether nginx has closed the socket.
local function read(reader, socket)
  while true do
    collect(reader.client)
    if reader ~= current or may_stop(reader) then
      return false
    end
    local bytes, problem = socket:receiveany(256)
    if not bytes and problem ~= "timeout" then
      return true
    end
  end
end

-- worker_shutdown_timeout closes every connection of the worker. Ends all calls, so that their
-- coroutines continue and the worker can exit.
local function abort_all(client)
  shutdown = true
  client:_abort_all()
  collect(client)
end

-- A timer that nginx ends early (premature) when the worker begins to exit, which waits for the
-- reader.
local function watch_exit(premature, reader)
  if premature then
    reader.stopping = true
    reader.client:_wakeup()
  elseif reader == current then
    ngx.timer.at(LONG, watch_exit, reader)
  end
end

local ensure_reader

local function run(_, reader)
  if reader ~= current then -- the timer was so late that another reader has been started
    return
  end
  local socket
  socket, reader.problem = connect(reader.client)
  if not socket then
    ngx.log(ngx.ERR, "vault: ", reader.problem)
    current = nil
    return
  end
  reader.connected = true
  if not ngx.worker.exiting() and not reader.client:_has_other_states() then
    watch_exit(false, reader)
  end
  reader.call_started = semaphore.new()
  local watching = ngx.thread.spawn(watch_calls, reader)
  local lost = read(reader, socket)
  if lost and reader == current and ngx.worker.exiting() then
    abort_all(reader.client)
  end
  ngx.thread.kill(watching)
  socket:close()
  if reader == current then
    current = nil
    -- If this file was loaded again, the connection may already be that of the other copy's reader.
    if reader.client:_is_busy() and not reader.client:_is_connected() then
      ensure_reader(reader.client)
    end
  end
end

local function is_alive(reader)
  if reader.connected then
    return reader.client:_is_connected()
  end
  return reader.client._monotonic_ms() - reader.since < CONNECT_LIMIT * 1000
end

-- Returns the reader, and starts it if there is none or worker_shutdown_timeout has ended it. Or
-- nil and the reason.
function ensure_reader(client)
  if current and is_alive(current) then
    return current
  end
  if client:_is_connected() then -- by the reader of an earlier copy of this file
    current = { client = client, connected = true }
    return current
  end
  local reader = { client = client, since = client._monotonic_ms() }
  local started, problem = ngx.timer.at(0, run, reader)
  if not started then
    return nil, ("nginx cannot start a timer: %s (see lua_max_pending_timers)"):format(problem)
  end
  current = reader
  return reader
end

--- Makes sure that the jobs of this state are collected even if no coroutine waits for them.
function adapter.on_job_started(client)
  if shutdown then
    client:_abort_all()
    client:poll(0)
  elseif not has_no_timer[ngx.get_phase()] then
    local _, problem = ensure_reader(client)
    if problem then
      ngx.log(ngx.ERR, "vault: ", problem)
    end
  end
end

-- Waits until the job is done, at most that many seconds (nil: no limit). If it cannot wait,
-- returns the reason.
local function wait(client, job, done, reader, seconds)
  local now = client._monotonic_ms
  local deadline = seconds and now() + seconds * 1000 or math.huge
  local limit = CONNECT_LIMIT
  repeat
    local left = math.max(math.ceil(deadline - now()), 1) / 1000
    local step = math.min(left, limit)
    local notified, problem = done:wait(step)
    if problem == "timeout" then
      if step == CONNECT_LIMIT and not reader.connected then
        return reader.problem or NO_READER
      end
    elseif not notified and problem then
      return problem
    end
    limit = LONG
  until job:done() or now() >= deadline
end

-- A function of its own, so that the closure has the semaphore as a closed upvalue and not a slot
-- of the waiting coroutine's stack: nginx may kill that coroutine and reuse its stack.
local function new_on_done(done)
  return function()
    done:post()
  end
end

local function register_call(reader, done, job)
  calls[done] = job
  if reader.idle then
    reader.idle = false
    reader.call_started:post()
  end
end

--- Waits for the job. If that is not possible, returns the reason.
function adapter.suspend(client, job, seconds, own)
  local reader, problem = ensure_reader(client)
  if not reader then
    return problem
  end
  local done = semaphore.new()
  local on_done = new_on_done(done)
  job:_add_waiter(on_done)
  if own then
    register_call(reader, done, job)
  end
  problem = wait(client, job, done, reader, seconds)
  calls[done] = nil
  if not job:done() then
    job:_remove_waiter(on_done)
  end
  return problem
end

return adapter
