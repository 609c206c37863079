--- Plain calls that suspend only the running coroutine of an event loop.
--
-- An adapter (vault.loop.cqueues, .luv, .copas, .nginx) has one function:
--
--     adapter.suspend(client, job, seconds, own)
--
-- It returns when the job is done or after that many seconds (nil: no limit); the loop runs
-- meanwhile. If it cannot wait any longer, it returns the reason. `own` is true for the job of a
-- plain call, which no other code can reach. Optional functions:
--
--     adapter.check()                  the reason why the caller cannot wait here, or nil; default: loop.check
--     adapter.on_job_started(client)   called after each start of a job, as no coroutine may wait for it
--     adapter.on_start_failed(client)  called when a job could not be started; only with on_job_started

local loop = {}

local is_yieldable -- the function client._is_yieldable; the same for every client

-- The adapters of the clients that have one.
local adapters = setmetatable({}, { __mode = "k" })

local NOT_YIELDABLE = "the running coroutine cannot be suspended here: a C function (require,"
  .. " table.sort, string.gsub, a hook of a client, ...) or a metamethod is on its call stack. Make"
  .. " the call outside of it; or start client.async.<group>.<operation>(request) here, and wait for"
  .. " the job outside"

--- Whether the running coroutine can be suspended: it is not the main one, and its call stack has
-- no C function that cannot continue after a yield. Lua 5.1 and 5.2 cannot detect a finalizer or a
-- debug hook, and 5.1 cannot detect a metamethod.
function loop.can_suspend()
  return is_yieldable()
end

--- The reason why the running coroutine cannot be suspended, or nil. Returns nil in the main
-- coroutine, where adapters block.
function loop.check()
  if is_yieldable() then
    return nil
  end
  local thread, main = coroutine.running()
  return thread and not main and NOT_YIELDABLE or nil
end

--- Why the running coroutine cannot wait for a job of this client, or nil.
function loop.reason(client)
  local adapter = adapters[client]
  return adapter and (adapter.check or loop.check)()
end

--- Whether this client's jobs are collected without anybody waiting or polling.
function loop.is_attended(client)
  local adapter = adapters[client]
  return adapter ~= nil and adapter.on_job_started ~= nil
end

--- Waits until the job is done, or that many milliseconds have passed. Returns nil, or the name and
-- the message of an error; its outcome stays with the job.
function loop.wait(client, job, timeout_ms)
  local adapter = adapters[client]
  if not adapter then
    job:_wait_blocking(timeout_ms)
    return nil
  end
  if job:done() then
    job:_wait_blocking(0) -- its callback may still be due, as after cancel
    return nil
  end
  local reason = loop.reason(client)
  if reason then
    return "InvalidRequestError", reason
  end
  local problem = adapter.suspend(client, job, timeout_ms / 1000, false)
  if problem then
    return "UnexpectedClientError", problem
  end
end

-- Wraps the function that starts a job: the adapter is notified of each start.
local function with_notification(start, client, adapter)
  return function(request, options)
    local returned, job, err = pcall(start, request, options)
    if returned and job then
      adapter.on_job_started(client)
      return job
    end
    adapter.on_start_failed(client)
    if not returned then
      error(job, 0)
    end
    return nil, err
  end
end

--- Returns the functions that replace the blocking ones of a client with a loop: job:wait,
-- job:_suspend (the same without the result), and plain_group, which makes the plain operations of
-- a group.
function loop.bind(client, name)
  is_yieldable = client._is_yieldable
  local adapter = require("vault.loop." .. name)
  adapters[client] = adapter
  local check = adapter.check or loop.check

  -- Returns nil and the error for a client of vault.safe, else raises it.
  local function fail(kind, message, operation)
    local err, safe = client:_new_error(kind, message, operation)
    if safe then
      return nil, err
    end
    error(err, 0)
  end

  -- suspend_checked and try_to_suspend return nil, or the name and the message of an error.
  local function suspend_checked(job, seconds, own)
    if job:done() then
      job:_wait_blocking(0) -- runs its callback if that is still due, as after job:cancel()
      return nil
    end
    local problem = adapter.suspend(client, job, seconds, own)
    return problem and "UnexpectedClientError", problem
  end

  local function try_to_suspend(job, timeout_ms)
    local seconds = client._check_timeout(job, timeout_ms)
    local reason = not job:done() and check()
    if reason then
      return "InvalidRequestError", reason
    end
    return suspend_checked(job, seconds, false)
  end

  local function suspend(job, timeout_ms)
    local kind, message = try_to_suspend(job, timeout_ms)
    if kind then
      error((client:_new_error(kind, message)), 0)
    end
  end

  local function wait(job, timeout_ms)
    local kind, message = try_to_suspend(job, timeout_ms)
    if kind then
      return fail(kind, message)
    end
    if job:done() then
      return job:result()
    end
    return nil, "timeout"
  end

  local function plain(start, operation)
    return function(request, options)
      local reason = check()
      if reason then
        return fail("InvalidRequestError", reason, operation)
      end
      local job, err = start(request, options)
      if not job then -- only with vault.safe
        return nil, err
      end
      local kind, message = suspend_checked(job, nil, true)
      if kind then
        job:cancel()
        return fail(kind, message, operation)
      end
      return job:result()
    end
  end

  -- Makes the plain operations of a group from its asynchronous ones. client.request has no group.
  local function plain_group(group, operations)
    local result = {}
    for operation, start in pairs(operations) do
      if adapter.on_job_started then
        start = with_notification(start, client, adapter)
        operations[operation] = start
      end
      local id = group and ("vault.%s.%s"):format(group, operation) or operation
      result[operation] = plain(start, id)
    end
    return result
  end

  return wait, suspend, plain_group
end

--- Inside nginx: replaces the module's own operations, which would block, by those of a default
-- client, made by the first call.
function loop.bind_module(module, groups)
  local client
  local function call(group, operation, request, options)
    if not client then
      local new, err = module.new()
      if not new then -- only with vault.safe
        return nil, err
      end
      client = new
    end
    return client[group][operation](request, options)
  end
  for group in pairs(groups) do
    local operations = module[group]
    for operation in pairs(operations) do
      operations[operation] = function(request, options)
        return call(group, operation, request, options)
      end
    end
  end
end

return loop
