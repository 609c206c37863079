--- elapsed_ms(f, ...): the milliseconds that f(...) takes, by the wall clock.
local socket = require "socket"

return function(f, ...)
  local began = socket.gettime()
  f(...)
  return (socket.gettime() - began) * 1000
end
