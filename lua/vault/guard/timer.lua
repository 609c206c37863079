--- ngx.timer.at where it may be called: these phases have none.
local ngx = rawget(_G, "ngx")

local without = { init = true, exit_worker = true }

--- Returns whether the timer was started.
return function(seconds, f, argument)
  return not without[ngx.get_phase()] and ngx.timer.at(seconds, f, argument) ~= nil
end
