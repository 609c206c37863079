--- Listeners of the fault server without HTTP: the same for every connection. The fields of a BEHAVIOUR,
-- all optional:
--   read      what to wait for: "something" (the first bytes), "head" (of HTTP/1.1); nothing by default
--   raw, endless, finish   as in fault_server_response.lua; finish is "close" by default
local response = require "spec.support.fault_server_response"

local raw = {}

local readers = {}

function readers.nothing()
  return true
end

function readers.something(connection)
  return connection:read(-4096)
end

function readers.head(connection)
  repeat
    local line = connection:read "*L"
  until not line or line == "\r\n"
  return true
end

--- Applies `behaviour` to `connection`, which the caller closes.
function raw.serve(connection, behaviour)
  if not readers[behaviour.read or "nothing"](connection) then
    return
  end
  if behaviour.raw then
    connection:write(behaviour.raw)
    connection:flush()
  end
  if behaviour.endless then
    response.send_endless(connection, behaviour.endless)
  end
  response.finish(connection, behaviour.finish or "close")
end

return raw
