--- fork(2) for the specs:
--
--   fork.run(f)   calls f in a forked child, which then ends without finalizers or exit handlers;
--                 returns what f returned as text, or what it raised
local process = require("vault_internal").process
local fork = {}

function fork.run(f)
  local path = os.tmpname()
  local child = process.fork()
  if child == 0 then
    local _, response = pcall(f)
    local file = io.open(path, "w")
    file:write(tostring(response))
    file:close()
    process.exit(0)
  end
  assert(child > 0, "no child")
  process.wait(child)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  os.remove(path)
  return text
end

return fork
