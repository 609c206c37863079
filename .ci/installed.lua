-- installed.lua FILE: checks that this Lua finds the module FILE, and that it works.
local vault = require "vault"

local wanted = assert(arg[1], "usage: installed.lua FILE")
local found
for path in package.cpath:gmatch "[^;]+" do
  path = path:gsub("%?", "vault")
  local file = not found and io.open(path)
  if file then
    file:close()
    found = path
  end
end
assert(found == wanted, ("vault was loaded from %s, not %s"):format(tostring(found), wanted))

local client = vault.new {
  api_key = "sandbox-key",
  app_id = "sandbox-app",
  consumer_id = "sandbox-consumer",
  transport = require("vault.sandbox").new():transport(),
}
local connections = client.connections.list({ api = "crm" }).data
assert(require("vault.safe")._VERSION == vault._VERSION and #connections > 0)

-- Through libcurl, to a closed port.
local unreachable =
  vault.new { api_key = "key", server_url = "http://127.0.0.1:1", retries = false }
local ok, err = pcall(unreachable.connections.list)
assert(not ok and err.name == "ConnectionError" and err.code == "refused", tostring(err))

local lua = type(jit) == "table" and jit.version or _VERSION
print(("%s: vault %s, %d connections"):format(lua, vault._VERSION, #connections))
