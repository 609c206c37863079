-- The annotations of lua/vault/types.lua have exactly what the module's tables have.
local schema = require "vault.schema"

-- class name -> { fields = { name = optional }, parent = class name }; alias name -> its text; "group.name" -> true.
local function read_annotations()
  local classes, aliases, functions = {}, {}, {}
  local class, alias
  local groups = {}
  for _, operation in ipairs(schema.operations) do
    groups[operation.group] = true
  end
  for line in io.lines "lua/vault/types.lua" do
    local name, parent = line:match "^%-%-%-@class ([%w_.]+)%s*:?%s*([%w_.]*)"
    local field, optional = line:match "^%-%-%-@field ([%w_]+)(%??) "
    local alias_name, alias_text = line:match "^%-%-%-@alias ([%w_.]+)%s*(.*)"
    local group, method = line:match "^function ([%w_]+)%.([%w_]+)%(request, options%) end$"
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
    elseif groups[group] then
      functions[group .. "." .. method] = true
    end
  end
  return classes, aliases, functions
end

local function camel(name)
  return (name:gsub("^%l", string.upper):gsub("_(%l)", string.upper))
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

  for name, object in pairs(schema.schemas) do
    it("has exactly the fields of " .. name, function()
      local class = assert(classes["vault." .. name], "no class vault." .. name)
      local known = {}
      for _, row in ipairs(object.fields) do
        known[row.name] = true
        local expected = row.required and "required" or "optional"
        assert.equal(expected, class.fields[row.name], row.name)
      end
      for given in pairs(class.fields) do
        assert.is_truthy(known[given], "unknown field " .. given)
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
      assert.is_true(functions[operation.group .. "." .. operation.name])
      local class_name = "vault." .. camel(operation.group) .. camel(operation.name)
      assert.equal(operation.data ~= nil, classes[class_name .. "Result"] ~= nil)
      class_name = class_name .. "Request"
      assert.is_table(classes[class_name], "no class " .. class_name)
      assert.equal(operation.application, field(class_name, "app_id") ~= nil)
      local takes_consumer = operation.consumer or operation.path:find "{consumer_id}" ~= nil
      assert.equal(takes_consumer, field(class_name, "consumer_id") ~= nil)
      assert.is_truthy(classes["vault.Groups"].fields[operation.group])
      assert.is_truthy(classes["vault.Async"].fields[operation.group])
      local async = classes["vault.Async" .. camel(operation.group)]
      assert.is_truthy(async.fields[operation.name])
      for _, parameter in ipairs(operation.parameters) do
        local expected = parameter.required and "required" or "optional"
        assert.equal(expected, field(class_name, parameter.name), parameter.name)
      end
    end)
  end

  it("is generated from a table that has the schema of every body by its name", function()
    local bodies = 0
    for _, operation in ipairs(schema.operations) do
      for _, parameter in ipairs(operation.parameters) do
        if parameter.location == "body" then
          bodies = bodies + 1
          assert.equal(parameter.schema, schema.schemas[parameter.schema.name])
        end
      end
    end
    assert.is_true(bodies >= 4)
  end)

  it("describes no operation that does not exist", function()
    for _, operation in ipairs(schema.operations) do
      functions[operation.group .. "." .. operation.name] = nil
      if operation.pages then
        assert.is_truthy(functions[operation.group .. ".each"])
        functions[operation.group .. ".each"] = nil
      end
    end
    assert.is_nil(next(functions))
  end)

  local function text_of(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    return text
  end

  it("refers to no undefined class or alias", function()
    local seen = 0
    for line in io.lines "lua/vault/types.lua" do
      local kind = line:match "^%-%-%-@field [%w_]+%?? (.+)"
        or line:match "^%-%-%-@param [%w_]+%?? (.+)"
        or line:match "^%-%-%-@return (.+)"
        or line:match "^%-%-%-@class [%w_.]+ : (.+)"
        or line:match "^%-%-%-@alias [%w_.]+ (.+)"
      for name in (kind or ""):gmatch "%f[%w]vault%.%u%w*" do
        seen = seen + 1
        assert.is_truthy(classes[name] or aliases[name], name .. " in " .. line)
      end
    end
    assert.is_true(seen > 100)
  end)

  it("has only lines that language servers understand", function()
    for line in io.lines "lua/vault/types.lua" do
      local tag = line:match "^%-%-%-@(%w+)"
      if tag then
        local known = "class field alias param return generic meta"
        assert.is_truthy(known:find("%f[%w]" .. tag .. "%f[%W]"), line)
        for open, close in ("() <> {} []"):gmatch "(.)(.)%s?" do
          local _, opened = line:gsub("%" .. open, "")
          local _, closed = line:gsub("%" .. close, "")
          assert.equal(opened, closed, line)
        end
      end
    end
  end)

  -- The options in the C sources, by the name of their table.
  local function option_rows(path, name)
    local block = text_of(path):match("struct option " .. name .. "%[%] = (%b{})")
    local rows = {}
    for option in assert(block, name):gmatch '{"([%w_]+)", ' do
      rows[#rows + 1] = option
    end
    return rows
  end

  for class_name, source in pairs {
    Config = { "src/lua/config.c", "client_rows" },
    AsyncOptions = { "src/lua/config.c", "call_rows" },
    Tls = { "src/lua/config.c", "tls_rows" },
    Hooks = { "src/lua/config.c", "hooks_rows" },
    Retries = { "src/lua/config_retries.c", "retries_rows" },
    Backoff = { "src/lua/config_retries.c", "backoff_rows" },
  } do
    it("has the fields of " .. class_name .. " that the module accepts", function()
      local name, rows, inherited = "vault." .. class_name, option_rows(source[1], source[2]), 0
      for _, option in ipairs(rows) do
        assert.is_truthy(field(name, option), option)
      end
      local class = classes[name]
      while class do
        for _ in pairs(class.fields) do
          inherited = inherited + 1
        end
        class = classes[class.parent]
      end
      assert.equal(#rows, inherited)
    end)
  end

  local function described(owner)
    local names = {}
    for line in io.lines "lua/vault/types.lua" do
      local name = line:match("^function " .. owner .. "[.:]([%w_]+)%(")
      if name then
        names[#names + 1] = name
      end
    end
    table.sort(names)
    return names
  end

  local function public_functions(object)
    local names = {}
    for name, value in pairs(object) do
      if type(value) == "function" and not name:find "^_" then
        names[#names + 1] = name
      end
    end
    table.sort(names)
    return names
  end

  it("has the functions of the module, of clients, jobs and sandboxes", function()
    local vault = require "vault"
    local sandbox = require("vault.sandbox").new()
    local client = vault.new {
      api_key = "sandbox-key",
      app_id = "sandbox-app",
      transport = sandbox:transport(),
    }
    local job = client.async.connections.list()
    local function methods_of(object)
      local index = debug.getmetatable(object).__index
      if type(index) == "table" then
        return index
      end
      for position = 1, 3 do -- the client's is a function that has them as an upvalue
        local _, value = debug.getupvalue(index, position)
        if type(value) == "table" then
          return value
        end
      end
    end
    assert.same(public_functions(vault), described "vault")
    for owner, object in pairs { client = client, job = job } do
      for _, name in ipairs(described(owner)) do
        assert.equal("function", type(object[name]), name)
      end
      if methods_of(object) then -- 5.1 and LuaJIT do not show the upvalues of C functions
        local names = public_functions(methods_of(object))
        if owner == "client" then
          names[#names + 1] = "request" -- made when it is first used
          table.sort(names)
        end
        assert.same(names, described(owner))
      end
    end
    local functions_of_sandbox = public_functions(methods_of(sandbox))
    for index = #functions_of_sandbox, 1, -1 do
      if functions_of_sandbox[index] == "refuse" then -- of the server
        table.remove(functions_of_sandbox, index)
      end
    end
    assert.same(functions_of_sandbox, described "sandbox")
    client:close()
  end)
end)
