-- null, arrays and their markers: src/json/json_array.c.
local cjson = require "cjson"
local internal = require "vault_internal"

-- The module, loaded again with another lua-cjson.
local function reopened(fake)
  package.loaded.cjson = fake
  package.loaded.vault_internal = nil
  return require("vault_internal").json
end

-- The extensions of OpenResty's fork of lua-cjson, as far as Lua can
-- create them: its empty_array is a light userdata.
local function openresty(empty_array)
  return {
    null = cjson.null,
    array_mt = { openresty = "array_mt" },
    empty_array_mt = { openresty = "empty_array_mt" },
    empty_array = empty_array,
  }
end

describe("json_array", function()
  local json = internal.json

  teardown(function()
    reopened(cjson)
    package.loaded.vault_internal = internal
  end)

  it("has cjson's null", function()
    assert.equal(cjson.null, json.null)
  end)

  describe("with a lua-cjson that marks no arrays", function()
    setup(function()
      json = reopened { null = cjson.null, decode = cjson.decode }
    end)

    it("marks with a metatable of its own", function()
      local array = json.array()
      assert.is_true(json.is_array(array))
      assert.equal("array", getmetatable(array).__jsontype)
      assert.equal("vault.array", getmetatable(array).__name)
      assert.equal(json.array_metatable(), getmetatable(array))
      assert.equal(json.array_metatable(), getmetatable(json.decode "[]"))
    end)

    it("returns the table that it marks", function()
      local given = { 1, 2 }
      assert.equal(given, json.array(given))
      assert.is_true(json.is_array(given))
      assert.equal(given, json.array(given))
    end)

    it("creates a table without an argument and for nil", function()
      assert.is_true(json.is_array(json.array()))
      assert.is_true(json.is_array(json.array(nil)))
      assert.are_not.equal(json.array(), json.array())
    end)

    it("refuses values other than tables", function()
      for _, value in ipairs { 1, "x", true, print, io.stdout, json.null } do
        assert.is_false((pcall(json.array, value)))
      end
    end)

    it("refuses to replace another metatable", function()
      local metatable = { __index = {} }
      local object = setmetatable({}, metatable)
      local ok, message = pcall(json.array, object)
      assert.is_false(ok)
      assert.truthy(tostring(message):find("metatable", 1, true))
      assert.equal(metatable, getmetatable(object))
    end)

    it("recognises arrays of dkjson", function()
      assert.is_true(json.is_array(setmetatable({}, { __jsontype = "array" })))
      assert.is_false(json.is_array(setmetatable({}, { __jsontype = "object" })))
      assert.is_false(json.is_array(setmetatable({}, { __jsontype = 1 })))
    end)

    it("calls no metamethod", function()
      local metatable = setmetatable({}, {
        __index = function()
          error "was run"
        end,
      })
      assert.is_false(json.is_array(setmetatable({}, metatable)))
    end)

    it("recognises nothing else", function()
      for _, value in ipairs { {}, { 1 }, 5, "x", true, print, json.null } do
        assert.is_false(json.is_array(value))
      end
    end)
  end)

  describe("with OpenResty's lua-cjson", function()
    -- Any light userdata that is not NULL does; the specs can reach one only
    -- through cjson itself, so empty_array has specs of its own below.
    local fake = openresty(nil)

    setup(function()
      json = reopened(fake)
    end)

    it("marks what it reads with array_mt", function()
      assert.equal(fake.array_mt, json.array_metatable())
      local value = json.decode '{"a":[[]]}'
      assert.equal(fake.array_mt, getmetatable(value.a))
      assert.equal(fake.array_mt, getmetatable(value.a[1]))
      assert.is_nil(getmetatable(value))
      assert.equal(fake.array_mt, getmetatable(json.array()))
    end)

    it("recognises array_mt", function()
      assert.is_true(json.is_array(setmetatable({}, fake.array_mt)))
      assert.equal("[]", json.encode(setmetatable({}, fake.array_mt)))
      assert.equal("[1]", json.encode(setmetatable({ 1 }, fake.array_mt)))
    end)

    it("recognises empty_array_mt on an empty table only", function()
      assert.is_true(json.is_array(setmetatable({}, fake.empty_array_mt)))
      assert.is_false(json.is_array(setmetatable({ a = 1 }, fake.empty_array_mt)))
      assert.equal("[]", json.encode(setmetatable({}, fake.empty_array_mt)))
      assert.equal('{"a":1}', json.encode(setmetatable({ a = 1 }, fake.empty_array_mt)))
      assert.equal("[1]", json.encode(setmetatable({ 1 }, fake.empty_array_mt)))
    end)

    it("accepts a table marked by cjson in array()", function()
      local array = setmetatable({}, fake.array_mt)
      assert.equal(array, json.array(array))
      local emptied = setmetatable({ 1 }, fake.empty_array_mt)
      assert.equal(emptied, json.array(emptied))
      assert.equal(fake.array_mt, getmetatable(emptied))
    end)

    it("recognises arrays that were marked before cjson was loaded", function()
      local before = reopened({}).array()
      json = reopened(fake)
      assert.is_true(json.is_array(before))
    end)
  end)

  describe("with cjson.empty_array", function()
    local marker = internal.light_userdata

    setup(function()
      json = reopened(openresty(marker))
    end)

    it("writes it as an empty array", function()
      assert.are_not.equal(json.null, marker)
      assert.is_true(json.is_array(marker))
      assert.equal("[]", json.encode(marker))
      assert.equal('{"configuration":[]}', json.encode({ configuration = marker }, "Connection"))
    end)

    it("gives no other value that meaning", function()
      local _, message = json.encode({ settings = marker }, "Connection", "connection")
      assert.equal("connection.settings: expected an object, got an array", message)
    end)

    it("does not recognise it where cjson has none", function()
      json = reopened(openresty(nil))
      assert.is_false(json.is_array(marker))
      local _, message = json.encode({ x = marker })
      assert.truthy(message:find("value.x: expected a JSON value", 1, true))
    end)
  end)

  describe("without lua-cjson", function()
    it("marks with a metatable of its own", function()
      local preload = package.preload.cjson
      package.preload.cjson = function()
        error "not installed"
      end
      json = reopened(nil)
      package.preload.cjson = preload
      assert.equal("vault.array", getmetatable(json.decode "[]").__name)
    end)

    it("ignores another module of that name", function()
      for _, fake in ipairs {
        true,
        "cjson",
        { array_mt = "x", empty_array_mt = 5, empty_array = {} },
      } do
        json = reopened(fake)
        assert.equal("vault.array", getmetatable(json.decode "[]").__name)
        assert.equal("[]", json.encode(json.array()))
        assert.equal("{}", json.encode {})
      end
    end)
  end)
end)
