--- Plain calls that suspend only the running coroutine of an event loop.
--
-- An adapter (vault.loop.cqueues, .luv, .copas, .nginx) has one function:
--
--     adapter.suspend(client, job, seconds, own)
--
-- which returns when the job is done, or when that many seconds (nil: without
-- end) have passed, and lets the loop run meanwhile. It may return the reason why
-- it cannot wait any longer. `own`: the job is a plain call's, and nobody else has it.
-- And where there is need for them:
--
--     adapter.check()         the reason why the caller cannot wait where it is, or nil;
--                             loop.check by default
--     adapter.attend(client)  a job has been started that nobody may wait for
--     adapter.settle(client)  a job could not be started; with attend only

local loop = {}

local is_yieldable -- of every client

local NOT_YIELDABLE = "the running coroutine cannot be suspended here: a C function (require,"
  .. " table.sort, string.gsub, a hook of a client, ...) or a metamethod has called this one. Call"
  .. " from outside of it; or start client.async.<group>.<operation>(request) here, and wait for"
  .. " the job outside"

--- Whether the running coroutine can be suspended: it is not the main one, and no C function that
-- cannot continue after a yield is between its start and here. Lua 5.1 and 5.2 do not tell that
-- of a finalizer or a debug hook, and 5.1 not of a metamethod.
function loop.can_suspend()
  return is_yieldable()
end

--- Why the running coroutine cannot be suspended, or nil. In the main one nil: there nobody else
-- could run meanwhile, and adapters block.
function loop.check()
  if is_yieldable() then
    return nil
  end
  local thread, main = coroutine.running()
  return thread and not main and NOT_YIELDABLE or nil
end

-- Starts a job, and tells the adapter so.
local function attended(start, client, adapter)
  return function(request, options)
    local returned, job, err = pcall(start, request, options)
    if returned and job then
      adapter.attend(client)
      return job
    end
    adapter.settle(client)
    if not returned then
      error(job, 0)
    end
    return nil, err
  end
end

--- Returns what a client with a loop uses instead of its blocking functions:
-- job:wait, the same without the outcome, and what makes a group of operations.
function loop.bind(client, name)
  is_yieldable = client._is_yieldable
  local adapter = require("vault.loop." .. name)
  local check = adapter.check or loop.check

  -- Returned where the client is one of vault.safe, else raised.
  local function fail(kind, message, operation)
    local err, safe = client:_error(kind, message, operation)
    if safe then
      return nil, err
    end
    error(err, 0)
  end

  -- Both: nil, or the name and the message of an error.
  local function suspend_checked(job, seconds, own)
    if job:done() then
      job:_block(0) -- its callback may still be due, as after cancel
      return nil
    end
    local problem = adapter.suspend(client, job, seconds, own)
    return problem and "UnexpectedClientError", problem
  end

  local function try_to_suspend(job, timeout_ms)
    local seconds = client._seconds(job, timeout_ms) -- checks both
    local reason = not job:done() and check()
    if reason then
      return "InvalidRequestError", reason
    end
    return suspend_checked(job, seconds, false)
  end

  local function suspend(job, timeout_ms)
    local kind, message = try_to_suspend(job, timeout_ms)
    if kind then
      error((client:_error(kind, message)), 0)
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

  -- The plain operations of a group, of the table of its asynchronous ones.
  local function plain_group(group, operations)
    local result = {}
    for operation, start in pairs(operations) do
      if adapter.attend then
        start = attended(start, client, adapter)
        operations[operation] = start
      end
      result[operation] = plain(start, ("vault.%s.%s"):format(group, operation))
    end
    return result
  end

  return wait, suspend, plain_group
end

--- Makes the module's own operations those of a client that the first call makes:
-- inside nginx, where they must not block.
function loop.bind_module(module)
  local client
  local function call(group, operation, request, options)
    if not client then
      local made, err = module.new()
      if not made then -- only with vault.safe
        return nil, err
      end
      client = made
    end
    return client[group][operation](request, options)
  end
  for group, operations in pairs(module) do
    if type(operations) == "table" then
      for operation in pairs(operations) do
        operations[operation] = function(request, options)
          return call(group, operation, request, options)
        end
      end
    end
  end
end

return loop
