--- ngx.timer.at where it may be called.
local ngx = rawget(_G, "ngx")

local phases_without_timers = { init = true, exit_worker = true }

--- Returns whether the timer was started.
return function(seconds, f, argument)
  return not phases_without_timers[ngx.get_phase()] and ngx.timer.at(seconds, f, argument) ~= nil
end
