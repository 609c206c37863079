-- The module's own operations share one client, which the first call creates.
local expect = require "spec.support.expect"
local loop = require "vault.loop"
local safe = require "vault.safe"
local vault = require "vault"

-- The operations keep the client in the first upvalue of the C function, which is the first upvalue of
-- the function in vault.safe.
local function holder_of(operation)
  local _, value = debug.getupvalue(operation, 1)
  if type(value) == "function" then
    return holder_of(value)
  end
  return value
end

-- Lua 5.1 shows no upvalues of C functions; inside nginx bind_module has replaced them. There
-- config_spec counts the connections of the default client.
local shown = type(holder_of(vault.connections.get)) == "table"
  and holder_of(vault.connections.get) == holder_of(vault.connections.list)

for name, module in pairs { vault = vault, ["vault.safe"] = safe } do
  (shown and it or pending)(name .. " makes its default client once, for all operations", function()
    local holder = holder_of(module.connections.get)
    pcall(module.connections.get, {})
    local client = holder[1]
    assert.equal("userdata", type(client))
    for _, operation in pairs(module.connections) do
      assert.equal(holder, holder_of(operation))
      pcall(operation, { zzzzzzzz = 1 })
      assert.is_true(rawequal(client, holder[1]))
    end
    expect.says(tostring(client), "vault.client")
  end)
end

describe("a module bound to a loop", function()
  it("keeps the functions that make no call", function()
    local module = { new = print, connections = { list = print }, webhook = { verify = print } }
    loop.bind_module(module, { connections = true })
    assert.equal(print, module.webhook.verify)
    assert.not_equal(print, module.connections.list)
  end)

  local function bound(new)
    local module = { new = new, connections = { list = print, get = print }, null = vault.null }
    loop.bind_module(module, { connections = true })
    return module
  end

  it("creates its default client once, at the first call", function()
    local made, seen = 0, {}
    local module = bound(function()
      made = made + 1
      local function operation(request, options)
        seen[#seen + 1] = { request, options }
        return "result", "response"
      end
      return { connections = { list = operation, get = operation } }
    end)
    assert.equal(0, made)
    for _, operation in ipairs { "list", "get", "list" } do
      assert.same({ "result", "response" }, { module.connections[operation]("r", "o") })
    end
    assert.equal(1, made)
    assert.same({ { "r", "o" }, { "r", "o" }, { "r", "o" } }, seen)
  end)

  it("tries again when the first call could not create it", function()
    local made = 0
    local module = bound(function()
      made = made + 1
      return nil, "no memory"
    end)
    assert.same({ nil, "no memory" }, { module.connections.list() })
    assert.same({ nil, "no memory" }, { module.connections.list() })
    assert.equal(2, made)
  end)
end)
