--- Runs busted inside a request of nginx, so that the specs' plain calls suspend the request and not
-- the worker: busted_in_nginx(output, results, files), as report.lua writes them.

-- Raised by busted's os.exit, which must not end the worker.
local ENDED = {}

local function exit_run()
  error(ENDED, 0)
end

return function(output, results, files)
  local arguments =
    { [-1] = "luajit", [0] = "busted", "-o", "spec/support/report.lua", "-Xoutput", results }
  for _, file in ipairs(files) do
    arguments[#arguments + 1] = file
  end
  rawset(_G, "arg", arguments)
  local exit = os.exit
  os.exit = exit_run -- luacheck: ignore
  io.output(output)
  local passed, problem = pcall(function()
    require "busted.runner" { standalone = false }
  end)
  io.output():close()
  io.output(io.stdout)
  os.exit = exit -- luacheck: ignore
  -- After failures busted raises nil on Lua 5.1, for a status other than zero.
  if not passed and problem ~= nil and problem ~= ENDED then
    error(problem, 0)
  end
end
