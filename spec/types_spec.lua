-- The annotations of lua/vault/types.lua against the tables that the module works from: neither may know more.
local schema = require "vault.schema"

-- class name -> { fields = { name = optional }, parent = class name }; alias name -> its text.
local function read_annotations()
  local classes, aliases, functions = {}, {}, {}
  local class, alias
  for line in io.lines "lua/vault/types.lua" do
    local name, parent = line:match "^%-%-%-@class ([%w_.]+)%s*:?%s*([%w_.]*)"
    local field, optional = line:match "^%-%-%-@field ([%w_]+)(%??) "
    local alias_name, alias_text = line:match "^%-%-%-@alias ([%w_.]+)%s*(.*)"
    local method = line:match "^function connections%.([%w_]+)%(request, options%) end$"
    if name then
      class = { fields = {}, parent = parent ~= "" and parent or nil }
      classes[name] = class
    elseif field then
      class.fields[field] = optional == "?" and "optional" or "required"
    elseif alias_name then
      alias = alias_name
      aliases[alias] = alias_text
    elseif line:find "^%-%-%-| " then
      aliases[alias] = aliases[alias] .. line
    elseif method then
      functions[method] = true
    end
  end
  return classes, aliases, functions
end

local function capitalised(name)
  return name:sub(1, 1):upper() .. name:sub(2)
end

describe("lua/vault/types.lua", function()
  local classes, aliases, functions = read_annotations()

  local function field(class_name, name)
    local class = classes[class_name]
    while class do
      if class.fields[name] then
        return class.fields[name]
      end
      class = classes[class.parent]
    end
  end

  -- Fields that the server sends although its document does not have them.
  local extra = {
    FormField = { value = true, default_value = true, mask = true, target = true, filter = true },
  }

  for name, object in pairs(schema.schemas) do
    it("has every field of " .. name .. " and no other", function()
      local class = assert(classes["vault." .. name], "no class vault." .. name)
      local known = {}
      for _, row in ipairs(object.fields) do
        known[row.name] = true
        local expected = row.required and "required" or "optional"
        assert.equal(expected, class.fields[row.name], row.name)
      end
      for given in pairs(class.fields) do
        assert.is_truthy(known[given] or (extra[name] or {})[given], "unknown field " .. given)
      end
    end)

    it("has every value of the enumerations in " .. name, function()
      for _, row in ipairs(object.fields) do
        local alias = row.schema.name and aliases["vault." .. row.schema.name]
        for _, value in ipairs(alias and row.schema.enumeration or {}) do
          assert.is_truthy(alias:find('"' .. value .. '"', 1, true), value)
        end
      end
    end)
  end

  it("has an alias for every enumeration of more than two values", function()
    local seen = 0
    for _, object in pairs(schema.schemas) do
      for _, row in ipairs(object.fields) do
        if row.schema.enumeration and #row.schema.enumeration > 2 then
          seen = seen + 1
          assert.is_string(aliases["vault." .. row.schema.name], row.schema.name)
        end
      end
    end
    assert.is_true(seen > 5)
  end)

  for _, operation in ipairs(schema.operations) do
    it("describes " .. operation.id, function()
      assert.is_true(functions[operation.name])
      local class_name = "vault." .. capitalised(operation.name) .. "Request"
      assert.is_table(classes[class_name], "no class " .. class_name)
      for _, parameter in ipairs(operation.parameters) do
        local expected = parameter.required and "required" or "optional"
        assert.equal(expected, field(class_name, parameter.name), parameter.name)
      end
    end)
  end

  it("describes no operation that is not there", function()
    for _, operation in ipairs(schema.operations) do
      functions[operation.name] = nil
    end
    assert.is_nil(next(functions))
  end)
end)
