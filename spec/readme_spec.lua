-- Runs every Lua block of README.md and of the reference, each with a sandbox of its own.
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

-- The blocks, with their line numbers.
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

-- The module, except that its clients use the sandbox.
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

-- The globals of the blocks. `printed` collects the lines that they print.
local function environment_of(sandbox, printed)
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
  return environment
end

-- GitHub's names of headings.
local function anchors_of(text)
  local anchors = {}
  for heading in ("\n" .. text):gmatch "\n#+ ([^\n]+)" do
    anchors[heading:lower():gsub("[^%w%s_-]", ""):gsub("%s", "-")] = true
  end
  return anchors
end

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

for path, minimum in pairs { ["README.md"] = 6, ["lua/vault/REFERENCE.md"] = 3 } do
  describe(path, function()
    local blocks = lua_blocks(read(path))

    it("has examples", function()
      assert.is_true(#blocks >= minimum)
    end)

    for _, block in ipairs(blocks) do
      it("runs the example of line " .. block.line, function()
        local printed = {}
        run(block.code, "=" .. path, environment_of(sandbox_module.new(), printed))

        if block.code:find("print(", 1, true) then
          assert.is_true(#printed > 0)
        end
        for _, line in ipairs(printed) do
          assert.is_nil(line:find("nil", 1, true), "an example prints nil: " .. line)
        end
      end)
    end
  end)
end

describe("the documentation", function()
  it("has no broken link", function()
    local seen = 0
    for _, path in ipairs { "README.md", "CONTRIBUTING.md", "lua/vault/REFERENCE.md" } do
      local text = read(path):gsub("\n```.-\n```\n", "\n"):gsub("<!%-%-.-%-%->", "")
      for target, anchor in text:gmatch "%]%(([^)#]*)#?([^)]*)%)" do
        if not target:find "^https?:" then
          seen = seen + 1
          local file = target == "" and path or (path:match "^(.*/)" or "") .. target
          assert.is_true(exists(file), path .. " links to " .. target)
          if anchor ~= "" then
            assert.is_true(anchors_of(read(file))[anchor], path .. " links to #" .. anchor)
          end
        end
      end
    end
    assert.is_true(seen > 60)
  end)

  it("names existing functions only", function()
    local text = read "README.md"
    for _, operation in ipairs(require("vault.schema").operations) do
      local mention = ("| `%s.%s` |"):format(operation.group, operation.name)
      assert.is_truthy(text:find(mention, 1, true), mention)
    end
  end)
end)
