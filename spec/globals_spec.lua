-- The module in programs that restrict global variables, or have removed some.
local child = require "spec.support.child"
local nginx = require "spec.support.nginx"

-- Loads and uses all files of the module. Other libraries are loaded before.
local USE = [[
  local names = { "vault", "vault.safe", "vault.schema", "vault.loop", "vault.sandbox", "vault.guard" }
  for _, loop in ipairs { "cqueues", "luv", "copas" } do
    if package.loaded[loop] then
      names[#names + 1] = "vault.loop." .. loop
    end
  end
  for _, name in ipairs(names) do
    local loaded, problem = pcall(require, name)
    if not loaded then
      error(name .. ": " .. tostring(problem), 0)
    end
  end
  local vault = require "vault"
  local sandbox = require("vault.sandbox").new()
  local config = {
    api_key = "sandbox-key", app_id = "sandbox-app", consumer_id = "sandbox-consumer",
    transport = sandbox:transport(),
    hooks = { before_request = function() end },
    debug_logger = function() end,
  }
  local request = { unified_api = "crm", service_id = "pipedrive" }
  local client = vault.new(config)
  assert(client.connections.get(request).status_code == 200)
  assert(client.async.connections.get(request):wait().status_code == 200)
  local job = client.async.connections.list()
  assert(vault.wait_all { job } and job:result().status_code == 200)
  assert(not pcall(client.connections.get, {}))
  assert(#tostring(select(2, pcall(vault.new, { apikey = "k" }))) > 0)
  assert(not pcall(vault.new, { loop = "none of these" }))
  assert(require("vault.safe").new(config).connections.list().status_code == 200)
  local guard = require "vault.guard"
  local connections = guard.new { client = client, cache = guard.memory() }
  request.consumer_id = "sandbox-consumer"
  assert(connections:check(request).allowed == false)
  assert(connections:forget(request))
  assert(not connections:check {})
  assert(not pcall(guard.new, {}))
  assert(client:close() == nil)
  for _, loop in ipairs { "cqueues", "luv", "copas" } do
    if package.loaded[loop] then
      config.loop = loop
      local other = vault.new(config)
      assert(other.connections.list().status_code == 200) -- in the main coroutine
      other:close()
    end
  end
  print "done"
]]

local LOAD_OTHERS = [[
  for _, name in ipairs { "cjson", "cqueues", "cqueues.condition", "luv", "copas", "socket" } do
    pcall(require, name)
  end
]]

local GUARDS = {
  ["an _G that raises for undefined names"] = [[
    setmetatable(_G, {
      __index = function(_, name) error("undefined global '" .. tostring(name) .. "'", 2) end,
      __newindex = function(_, name) error("assignment to '" .. tostring(name) .. "'", 2) end,
    })
  ]],
  ["an _G that has a value for every name"] = [[
    setmetatable(_G, { __index = function() return setmetatable({}, {
      __index = function() return function() error("called") end end,
    }) end })
  ]],
  ["an _G whose metatable cannot be read"] = [[
    setmetatable(_G, {
      __metatable = false,
      __index = function(_, name) error("undefined global '" .. tostring(name) .. "'", 2) end,
    })
  ]],
}

describe("the module under", function()
  for name, guard in pairs(GUARDS) do
    it(name .. " loads and works", function()
      assert.equal("done\n", (child.run(LOAD_OTHERS .. guard .. USE)))
    end)
  end

  it("without the global require, arrays of a loaded cjson are recognised", function()
    local code = [[
      local loaded = package.loaded
      loaded.cjson = { array_mt = {}, empty_array = {}, empty_array_mt = {} }
      local path
      for template in package.cpath:gmatch "[^;]+" do
        local file = io.open((template:gsub("?", "vault")))
        path = path or file and template:gsub("?", "vault")
      end
      _G.require = nil
      local vault = assert(package.loadlib(path, "luaopen_vault"))()
      print(getmetatable(vault.array()) == loaded.cjson.array_mt)
    ]]
    assert.equal("true\n", (child.run(code)))
  end)

  if nginx.is_here() then
    it("an _G that raises for undefined names works inside nginx", function()
      local host = require("spec.support.nginx_host").new()
      local here = host:start {
        http = [[
          init_worker_by_lua_block {
            setmetatable(_G, {
              __index = function(_, name) error("undefined global '" .. tostring(name) .. "'", 2) end,
            })
          }
        ]],
        server = [[
          location = /call {
            content_by_lua_block {
              package.loaded["vault.safe"] = nil
              package.loaded["vault.loop"], package.loaded["vault.loop.nginx"] = nil, nil
              local safe = require "vault.safe"
              local other = safe.new(config)
              ngx.say(client.connections.list().status, " ", other.connections.list().status)
              ngx.say(select(2, other.connections.get({})).name)
            }
          }
        ]],
      }
      assert.equal("OK OK\nInvalidRequestError\n", (select(2, here:get "/call")))
      host:finish()
      host:stop()
    end)
  end
end)
