--- Texts that have never been used before, on any machine: for epochs and locks inside nginx.
local ngx = rawget(_G, "ngx")

local instance, counter = tostring({}):match "%x+$", 0

--- Of this process, its clocks (`clock` gives milliseconds) and a counter; without blanks.
return function(clock)
  counter = counter + 1
  return ("%s-%d-%x-%.0f-%d"):format(instance, ngx.worker.pid(), ngx.time(), clock() * 1e6, counter)
end
