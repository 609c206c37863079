-- Runs every block of README.md that is marked as Lua, each against a sandbox of its own.
local vault = require "vault"
local sandbox_module = require "vault.sandbox"

local credentials = {
  api_key = "sandbox-key",
  app_id = "sandbox-app",
  consumer_id = "sandbox-consumer",
}

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- The blocks with the line that each begins on.
local function lua_blocks(text)
  local blocks, line = {}, 1
  local position = 1
  while true do
    local first, last, code = text:find("\n```lua\n(.-)\n```\n", position)
    if not first then
      return blocks
    end
    local _, newlines = text:sub(position, first + 1):gsub("\n", "")
    line = line + newlines
    blocks[#blocks + 1] = { code = code, line = line }
    local _, inside = text:sub(first + 2, last - 1):gsub("\n", "")
    line, position = line + inside, last
  end
end

-- The module as a reader's program meets it, except that the clients it makes talk to the sandbox.
local function redirected(module, sandbox)
  local function new(config)
    local changed = {}
    for name, value in pairs(config or {}) do
      changed[name] = value
    end
    for name, value in pairs(credentials) do
      changed[name] = value
    end
    changed.transport = changed.transport or sandbox:transport()
    return module.new(changed)
  end
  return setmetatable({ new = new }, { __index = module })
end

local function run(code, name, environment)
  local chunk
  if setfenv then
    chunk = assert(loadstring(code, name))
    setfenv(chunk, environment)
  else
    chunk = assert(load(code, name, "t", environment))
  end
  return chunk()
end

describe("README.md", function()
  local blocks = lua_blocks(read "README.md")

  it("has examples", function()
    assert.is_true(#blocks >= 6)
  end)

  for _, block in ipairs(blocks) do
    it("runs the example of line " .. block.line, function()
      local sandbox = sandbox_module.new()
      local printed = {}
      local environment = setmetatable({
        print = function(...)
          local texts = {}
          for index = 1, select("#", ...) do
            texts[index] = tostring((select(index, ...)))
          end
          printed[#printed + 1] = table.concat(texts, "\t")
        end,
        io = {
          stderr = {
            write = function()
              return true
            end,
          },
        },
        vault = redirected(vault, sandbox),
        require = function(name)
          local module = require(name)
          if name == "vault" or name == "vault.safe" then
            return redirected(module, sandbox)
          end
          return module
        end,
      }, { __index = _G })
      environment.client = environment.vault.new()

      run(block.code, "=README.md", environment)

      if block.code:find("print(", 1, true) then
        assert.is_true(#printed > 0)
      end
      for _, line in ipairs(printed) do
        assert.is_nil(line:find("nil", 1, true), "an example prints nil: " .. line)
      end
    end)
  end

  it("names the functions that there are", function()
    local text = read "README.md"
    for _, operation in ipairs(require("vault.schema").operations) do
      local mention = ("| `%s.%s` |"):format(operation.group, operation.name)
      assert.is_truthy(text:find(mention, 1, true), mention)
    end
  end)
end)
