--- The nginx adapter: one timer for the worker reads wake bytes from the engine,
-- and each call waits for a semaphore of its own.
--
-- A worker cannot watch a descriptor of ours, only sockets that its Lua has
-- connected: so the port listens on a unix socket for as long as it takes to connect.

local loop = require "vault.loop"
local semaphore = require "ngx.semaphore"

local adapter = {}

-- Phases in which nginx's Lua can suspend a coroutine: NGX_HTTP_LUA_CONTEXT_YIELDABLE in
-- lua-nginx-module 0.10.32, NGX_STREAM_LUA_CONTEXT_YIELDABLE in stream-lua-nginx-module, by the names
-- that ngx.get_phase gives them.
local can_wait = {
  rewrite = true,
  server_rewrite = true,
  access = true,
  precontent = true,
  content = true,
  timer = true,
  preread = true,
  -- Only with OpenResty's patches of nginx: without them a handshake that waits fails.
  ssl_cert = true,
  ssl_client_hello = true,
  ssl_session_fetch = true,
  proxy_ssl_cert = true,
  proxy_ssl_verify = true,
}
-- Phases without ngx.timer.at: a job that is started there is collected later.
local has_no_timer = { init = true, exit_worker = true }

local CONNECT_LIMIT = 1 -- seconds
local LONG = 24 * 60 * 60 -- seconds; waits without end are renewed
local slice_ms = 1 -- for which responses are decoded before the worker serves others
local PAUSE = 0.001 -- seconds for others; an nginx without OpenResty's patches warns of each sleep(0)
local LONG_MS = LONG * 1000
local CHECK = 0.02 -- seconds between two looks for calls whose coroutine is gone

local NO_READER = "nginx did not start this module's timer within a second:"
  .. " all of lua_max_running_timers are in use; raise that directive"

-- The reader of this Lua state: the worker's, or with `lua_code_cache off` the
-- request's. { client, connected, leaving, since, problem, calls_begun }
local current

-- The jobs of the plain calls that wait, by their semaphores.
local calls = {}

-- Whether nginx has closed the connections of this worker, which is ending. Then nothing waits.
local shutdown = false
local SHUTDOWN = "this worker is ending, and worker_shutdown_timeout has passed"

-- The ways out of a phase that cannot wait.
local elsewhere = "start it without waiting: client.async.<group>.<operation>(request,"
  .. " { callback = ... }), or call it in a timer: ngx.timer.at(0, function() ... end)"
local in_phase = {
  init = "call it later: in a timer that init_worker_by_lua starts with ngx.timer.at(0, ...),"
    .. " or while a request is served",
  exit_worker = "call it earlier: this worker is ending",
}

--- Why a call cannot wait here, or nil. Where LuaJIT cannot yield, nothing of ngx_lua's may be asked
-- to wait: it would have put the coroutine down as waiting before the yield raises, and the next
-- one that waits would crash the worker.
function adapter.check()
  local phase = ngx.get_phase()
  if can_wait[phase] then
    return shutdown and SHUTDOWN or loop.check()
  end
  local way_out = in_phase[phase] or elsewhere
  return ("nginx cannot wait in the phase '%s'; %s"):format(phase, way_out)
end

-- For after a hook, or another function that a client calls, has asked ngx_lua to wait (a cosocket,
-- ngx.sleep, a coroutine): LuaJIT could not yield, but ngx_lua has the running coroutine down as
-- waiting for that, or another one as running, and the worker may crash when it waits for anything
-- else. A yield gives control back to this coroutine, and ngx.sleep clears what is pending
-- (ngx_http_lua_run_thread, ngx_http_lua_cleanup_pending_operation).
local function settle()
  if adapter.check() == nil then
    coroutine.yield()
    ngx.sleep(PAUSE)
  end
end

--- A job could not be started.
function adapter.settle(client)
  if client:_has_refused_yield() then
    settle()
  end
end

local function has_tried_to_yield(problem)
  return type(problem) == "string" and problem:find("yield across", 1, true)
end

-- Collects what is finished, a slice at a time: between slices the worker serves others.
local function collect(client)
  repeat
    local collected, result = pcall(client._collect, client, slice_ms)
    if not collected then
      ngx.log(ngx.ERR, "vault: a callback raised: ", tostring(result))
    end
    if client:_has_refused_yield() or (not collected and has_tried_to_yield(result)) then
      slice_ms = 0 -- from now on one job at a time: two at once could not be settled
      settle()
    end
    local all = collected and result
    if not all then
      ngx.sleep(PAUSE)
    end
  until all
end

-- The socket on which the engine tells of finished tasks; or nil and why not.
local function connect(client)
  local path, problem = client:_listen()
  if not path then
    return nil, "no socket for the background thread's notices: " .. problem
  end
  local socket = ngx.socket.tcp()
  socket:settimeouts(CONNECT_LIMIT * 1000, LONG_MS, LONG_MS)
  local connected
  connected, problem = socket:connect("unix:" .. path)
  if not client:_accept() then
    return nil, "the background thread's notices cannot be received: " .. (problem or "refused")
  elseif not connected then
    return nil, "the background thread's notices cannot be received: " .. problem
  end
  return socket
end

-- At the worker's end the reader goes when nothing is under way any more. So does one
-- beside other states of the process: with `lua_code_cache off` the state is a
-- request's, and lives as long as its timers.
local function may_go(reader)
  return (reader.leaving or reader.client:_is_one_of_many() or ngx.worker.exiting())
    and not reader.client:_is_busy()
end

-- Cancels the calls whose coroutine is gone: killed, or its request has ended early. ngx_lua takes
-- such a coroutine out of the semaphore's queue, and tells nobody; a semaphore that is waited for
-- counts -1.
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

-- Runs in a light thread of the reader's.
local function watch_calls(reader)
  while true do
    if next(calls) then
      ngx.sleep(CHECK)
      cancel_orphans()
    else
      reader.idle = true
      reader.calls_begun:wait(LONG)
      reader.idle = false
    end
  end
end

-- Returns whether nginx has closed the socket.
local function read(reader, socket)
  while true do
    collect(reader.client)
    if reader ~= current or may_go(reader) then
      return false
    end
    local bytes, problem = socket:receiveany(256)
    if not bytes and problem ~= "timeout" then
      return true
    end
  end
end

-- worker_shutdown_timeout closes every connection of the worker: what is under way ends, so that
-- those who wait for it go on, and the worker can end.
local function abort_all(client)
  shutdown = true
  client:_abort_all()
  collect(client)
end

-- Fires early when the worker begins to exit, which waits for the reader.
local function watch(premature, reader)
  if premature then
    reader.leaving = true
    reader.client:_wake()
  elseif reader == current then
    ngx.timer.at(LONG, watch, reader)
  end
end

local ensure_reader

local function run(_, reader)
  if reader ~= current then -- nginx was so late that another has been started
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
  if not ngx.worker.exiting() and not reader.client:_is_one_of_many() then
    watch(false, reader)
  end
  reader.calls_begun = semaphore.new()
  local watching = ngx.thread.spawn(watch_calls, reader)
  local lost = read(reader, socket)
  if lost and reader == current and ngx.worker.exiting() then
    abort_all(reader.client)
  end
  ngx.thread.kill(watching)
  socket:close()
  if reader == current then
    current = nil
    -- Where this file has been loaded anew, its reader has taken over: there is one connection.
    if reader.client:_is_busy() and not reader.client:_is_watched() then
      ensure_reader(reader.client)
    end
  end
end

local function is_alive(reader)
  if reader.connected then
    return reader.client:_is_watched()
  end
  return reader.client._monotonic_ms() - reader.since < CONNECT_LIMIT * 1000
end

-- Returns the reader, started where there is none: none yet, or one that
-- worker_shutdown_timeout has ended. Or nil and why not.
function ensure_reader(client)
  if current and is_alive(current) then
    return current
  end
  if client:_is_watched() then -- by the reader of this file as it was loaded before
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

--- Has the jobs of this state collected, whether anybody waits for them or not.
function adapter.attend(client)
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

-- Waits until the job is done, or that many seconds (nil: any number) have passed.
-- Returns what keeps it from waiting, if so.
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

-- Made by a function of its own, so that the closure holds the semaphore itself and
-- not a slot of the waiting coroutine's stack: nginx may kill that coroutine and use
-- its stack for another one.
local function new_notice(done)
  return function()
    done:post()
  end
end

local function call_begins(reader, done, job)
  calls[done] = job
  if reader.idle then
    reader.idle = false
    reader.calls_begun:post()
  end
end

--- Waits for the job. Returns why that is not possible, if so.
function adapter.suspend(client, job, seconds, own)
  local reader, problem = ensure_reader(client)
  if not reader then
    return problem
  end
  local done = semaphore.new()
  local notice = new_notice(done)
  job:_notify(notice)
  if own then
    call_begins(reader, done, job)
  end
  problem = wait(client, job, done, reader, seconds)
  calls[done] = nil
  if not job:done() then
    job:_ignore(notice)
  end
  return problem
end

return adapter
