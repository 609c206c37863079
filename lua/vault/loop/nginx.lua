--- The nginx adapter: one timer for the worker reads wake bytes from the engine,
-- and each call waits for a semaphore of its own.
--
-- A worker cannot watch a descriptor of ours, only sockets that its Lua has
-- connected: so the port listens on a unix socket for as long as it takes to connect.

local semaphore = require "ngx.semaphore"

local adapter = {}

-- Phases in which nginx's Lua can suspend a coroutine (ngx.semaphore's manual); in the last two with
-- OpenResty's patches of nginx only: without them whoever sleeps there ends the handshake.
local can_wait = {
  rewrite = true,
  server_rewrite = true,
  access = true,
  content = true,
  timer = true,
  preread = true,
  ssl_cert = true,
  ssl_client_hello = true,
  ssl_session_fetch = true,
}
-- Phases without ngx.timer.at: a job that is started there is collected later.
local has_no_timer = { init = true, exit_worker = true }

local CONNECT_LIMIT = 1 -- seconds
local LONG = 24 * 60 * 60 -- seconds; waits without end are renewed
local SLICE_MS = 1 -- for which answers are decoded before the worker serves others
local PAUSE = 0.001 -- seconds for others; an nginx without OpenResty's patches warns of each sleep(0)
local LONG_MS = LONG * 1000

local NO_READER = "nginx did not start this module's timer within a second:"
  .. " all of lua_max_running_timers are in use; raise that directive"

-- The reader of this Lua state: the worker's, or with `lua_code_cache off` the
-- request's. { client, connected, leaving, since, problem }
local current

-- The ways out of a phase that cannot wait.
local elsewhere = "start it without waiting: client.async.<group>.<operation>(request,"
  .. " { callback = ... }), or call it in a timer: ngx.timer.at(0, function() ... end)"
local in_phase = {
  init = "call it later: in a timer that init_worker_by_lua starts with ngx.timer.at(0, ...),"
    .. " or while a request is served",
  exit_worker = "call it earlier: this worker is ending",
}

--- Why a call cannot wait here, or nil.
function adapter.check()
  local phase = ngx.get_phase()
  if can_wait[phase] then
    return nil
  end
  local way_out = in_phase[phase] or elsewhere
  return ("nginx cannot wait in the phase '%s'; %s"):format(phase, way_out)
end

-- Collects what is finished, a slice at a time: between slices the worker serves others.
local function collect(client)
  repeat
    local collected, result = pcall(client._collect, client, SLICE_MS)
    if not collected then
      ngx.log(ngx.ERR, "vault: a callback raised: ", tostring(result))
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

local function read(reader, socket)
  while true do
    collect(reader.client)
    if reader ~= current or may_go(reader) then
      return
    end
    local bytes, problem = socket:receiveany(256)
    if not bytes and problem ~= "timeout" then
      return
    end
  end
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
  read(reader, socket)
  socket:close()
  if reader == current then
    current = nil
    -- worker_shutdown_timeout closes every socket, but timers go on and may be waiting.
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
  return ngx.now() - reader.since < CONNECT_LIMIT
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
  local reader = { client = client, since = ngx.now() }
  local started, problem = ngx.timer.at(0, run, reader)
  if not started then
    return nil, ("nginx cannot start a timer: %s (see lua_max_pending_timers)"):format(problem)
  end
  current = reader
  return reader
end

--- Has the jobs of this state collected, whether anybody waits for them or not.
function adapter.attend(client)
  if not has_no_timer[ngx.get_phase()] then
    local _, problem = ensure_reader(client)
    if problem then
      ngx.log(ngx.ERR, "vault: ", problem)
    end
  end
end

-- Waits until the job is done, or that many seconds (nil: any number) have passed.
-- Returns what keeps it from waiting, if so.
local function wait(job, done, reader, seconds)
  local left = seconds or math.huge
  local limit = CONNECT_LIMIT
  repeat
    local step = math.min(left, limit)
    local notified, problem = done:wait(step)
    if not notified then
      if problem ~= "timeout" then
        return problem
      elseif not reader.connected and step == CONNECT_LIMIT then
        return reader.problem or NO_READER
      end
      left = left - step
    end
    limit = LONG
  until job:done() or left <= 0
end

-- Made by a function of its own, so that the closure holds the semaphore itself and
-- not a slot of the waiting coroutine's stack: nginx may kill that coroutine and use
-- its stack for another one.
local function new_notice(done)
  return function()
    done:post()
  end
end

--- Waits for the job. Returns why that is not possible, if so.
function adapter.suspend(client, job, seconds)
  local reader, problem = ensure_reader(client)
  if not reader then
    return problem
  end
  local done = semaphore.new()
  local notice = new_notice(done)
  job:_notify(notice)
  problem = wait(job, done, reader, seconds)
  if not job:done() then
    job:_ignore(notice)
  end
  return problem
end

return adapter
