-- Many Lua states in one process, on many threads, in a program that links the module statically.
local hosts = require "spec.support.hosts"

local program = package.searchpath and package.searchpath("vault_internal", package.cpath)
program = program and program:gsub("[^/]*$", "many_states")
local file = program and io.open(program, "rb")
if not file then
  return
end
file:close()

describe("a process with many Lua states", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  it("can use a client in each, on 8 threads", function()
    local peer = host:script { { body = '{"status_code":200,"status":"OK","data":{}}' } }
    local pipe = io.popen(("'%s' %s 1000 8 2>&1; echo exit=$?"):format(program, peer.url))
    local text = pipe:read "*a"
    pipe:close()
    assert.equal("1000 states, 0 failed\nexit=0\n", text)
  end)
end)
