-- vault.wait_all(jobs [, timeout_ms]). Compiled into the module, so that no file is needed.
-- The chunk's arguments: the monotonic clock in milliseconds, and a check of the arguments that
-- returns how many jobs there are.
local now, check = ...

-- Waits as the job's client does: with a loop only the running coroutine is suspended.
local function wait(job, timeout_ms)
  local suspend = job._suspend or job._wait_blocking
  suspend(job, timeout_ms)
end

return function(jobs, timeout_ms)
  local count = check(jobs, timeout_ms)
  local deadline = timeout_ms and now() + timeout_ms
  for i = 1, count do
    local job = jobs[i]
    if job:done() then
      wait(job, 0) -- its callback may be due
    else
      local left = deadline and deadline - now()
      wait(job, left and left < 0 and 0 or left)
      if not job:done() then
        return nil, "timeout"
      end
    end
  end
  return true
end
