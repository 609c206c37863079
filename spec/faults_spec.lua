-- The faults of spec/faults/*.lua, one after the other, over the blocking driver and over jobs. On Lua 5.4 and LuaJIT
-- only, since none depends on the version of Lua; and not under Valgrind, which is too slow for their timeouts.
-- This takes half a minute: 800 calls, of which 90 run into a timeout. That is 150 ms, the least that leaves a loaded
-- machine the time for a TLS handshake.
if os.getenv "VAULT_SPEC_SLOW" or not (jit or _VERSION == "Lua 5.4") then
  return
end

local fault_server = require "spec.support.fault_server_process"
local faults = require "spec.support.faults"
local results = require "spec.support.results"

for _, theme in ipairs { "connection", "head", "body", "document", "http2", "tls", "proxy" } do
  local rows = require("spec.faults." .. theme)
  describe("a fault of " .. rows.title, function()
    local server
    local tried = 0
    setup(function()
      server = fault_server.start()
      faults.calibrate(server)
    end)
    teardown(function()
      server:stop()
      results.add("secrets", "texts of errors, tracebacks and logs searched", faults.searched)
      faults.searched = 0
      results.add("faults", ("of %s, over each driver"):format(rows.title), tried)
    end)
    for _, row in ipairs(rows) do
      for _, driver in ipairs(faults.drivers) do
        it(("%s (%s)"):format(row[1], driver.name), function()
          if row.needs and not row.needs(server) then
            pending "this machine cannot do it"
            return
          end
          faults.try(row, driver, server)
          tried = tried + 1 / #faults.drivers
        end)
      end
    end
  end)
end
