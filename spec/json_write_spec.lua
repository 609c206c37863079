-- Lua values → JSON text: src/json/json_write.c.
local cjson = require "cjson"
local documents = require "spec.support.json_documents"
local json = require("vault_internal").json
local support = require "spec.support.json"

local refused, written = support.unwritable, support.written

-- The values of json_documents as a program would pass them.
local function given(value)
  if value == documents.null then
    return json.null
  end
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, member in pairs(value) do
    copy[key] = given(member)
  end
  return getmetatable(value) == documents.array and json.array(copy) or copy
end

local function nested(levels, make)
  local value = "x"
  for _ = 1, levels do
    value = make(value)
  end
  return value
end

describe("json_write", function()
  describe("against lua-cjson", function()
    local oracle = cjson.new()
    oracle.decode_invalid_numbers(false)

    for _, seed in ipairs { 2, 30, 400 } do
      it("writes what cjson reads as the same value, seed " .. seed, function()
        for number, source, value in documents.each(seed, 250) do
          local text = written { given(value) }
          assert.same(oracle.decode("[" .. source .. "]"), oracle.decode(text), number)
        end
      end)
    end

    it("writes what json_read reads as the same value", function()
      for number, _, value in documents.each(9, 250) do
        local text = written { given(value) }
        local again = json.decode(text, { keep_nulls = true })
        assert.same(oracle.decode(text), oracle.decode(written(again)), number)
      end
    end)

    it("accepts what cjson decodes", function()
      local text = '{"a":[1,2.5,{"b":null}],"c":"\\u00e9\\n","d":{},"e":true}'
      assert.same(oracle.decode(text), oracle.decode(written(oracle.decode(text))))
    end)

    it("escapes every character so that it reads back the same", function()
      for byte = 0, 127 do
        local character = string.char(byte)
        for before = 0, 17 do
          local text = ("a"):rep(before) .. character .. "b"
          assert.equal(text, oracle.decode(written { text })[1])
          assert.equal(text, json.decode(written(text)))
        end
      end
    end)
  end)

  describe("scalars", function()
    it("are strings, numbers, booleans and null", function()
      assert.equal("true", written(true))
      assert.equal("false", written(false))
      assert.equal("null", written(json.null))
      assert.equal("null", written(cjson.null))
      assert.equal('"text"', written "text")
      assert.equal('""', written "")
    end)

    it("use the short escapes, and \\u00XX for other control characters", function()
      assert.equal([["\"\\/\b\f\n\r\t"]], written '"\\/\b\f\n\r\t')
      assert.equal([["\u0000\u0001\u001f]] .. '\127"', written "\0\1\31\127")
      assert.equal('"\226\128\168"', written "\226\128\168")
    end)

    it("may be long", function()
      local plain = ("0123456789"):rep(20000)
      assert.equal('"' .. plain .. '"', written(plain))
      assert.equal('"' .. ("\\n"):rep(50000) .. '"', written(("\n"):rep(50000)))
      assert.equal('"' .. ("\195\169"):rep(50000) .. '"', written(("\195\169"):rep(50000)))
    end)

    it("must be UTF-8", function()
      for _, text in ipairs { "\255", "a\192\128", "\237\160\128", "\244\144\128\128", "x\226\130" } do
        refused("value: the text is not valid UTF-8", text)
        refused("value[1]: the text is not valid UTF-8", { text })
      end
    end)

    it("cannot be of another type", function()
      refused("value: expected a JSON value, got a function", print)
      refused("value: expected a JSON value, got a userdata", io.stdout)
      refused("value: expected a JSON value, got a thread", coroutine.create(function() end))
      refused("value: expected a JSON value, got nothing", nil)
      refused("value.a: expected a JSON value, got a function", { a = print })
    end)
  end)

  describe("tables", function()
    it("without keys are {}, or [] if marked", function()
      assert.equal("{}", written {})
      assert.equal("[]", written(json.array()))
      assert.equal('{"a":[]}', written { a = json.array() })
      assert.equal("[{},[]]", written { {}, json.array() })
    end)

    it("with the keys 1 to n are arrays", function()
      assert.equal("[1,2,3]", written { 1, 2, 3 })
      assert.equal('["a",null,true]', written { "a", json.null, true })
      assert.equal("[[1],[2]]", written { { 1 }, { 2 } })
      assert.equal("[1]", written(json.array { 1 }))
      local sparse = {}
      for i = 100, 1, -1 do
        sparse[i] = i
      end
      assert.equal(100, #json.decode(written(sparse)))
    end)

    it("with names are objects", function()
      assert.equal('{"a":1}', written { a = 1 })
      assert.equal('{"":1}', written { [""] = 1 })
      assert.equal('{"1":1}', written { ["1"] = 1 })
      assert.equal('{"a\\nb":1}', written { ["a\nb"] = 1 })
    end)

    it("must have no holes", function()
      refused("value[2]: is missing in the array; use vault.null for an empty item", { 1, nil, 3 })
      refused("value[1]: is missing in the array; use vault.null for an empty item", { [2] = 1 })
      refused("value.a[3]: is missing in the array; use vault.null for an empty item", {
        a = { 1, 2, nil, 4 },
      })
      refused("value[1]: is missing in the array; use vault.null for an empty item", {
        [1000000000] = 1,
      })
    end)

    it("must be either arrays or objects", function()
      local mixed = "is neither an array nor an object: it has both positions and named fields"
      refused("value: " .. mixed, { 1, a = 2 })
      refused("value.t: " .. mixed, { t = { 1, 2, 3, name = true } })
      refused("value: is marked as an array but has named fields", json.array { a = 1 })
      local named = { [1000] = 1 } -- so many names that one of them most likely comes first
      for i = 1, 100 do
        named["name" .. i] = i
      end
      refused("value: " .. mixed, named)
    end)

    it("must have names or positions for keys", function()
      local no_position = "value: has a number key that is not a position (1, 2, 3, ...)"
      refused(no_position, { [0] = 1 })
      refused(no_position, { [-1] = 1 })
      refused(no_position, { [1.5] = 1 })
      local no_key = "value: has a key that is neither a string nor a position"
      refused(no_key, { [true] = 1 })
      refused(no_key, { [{}] = 1 })
      refused(no_key, { [json.null] = 1 })
    end)

    it("must have names in UTF-8", function()
      refused('value["a?"]: the name is not valid UTF-8', { ["a\255"] = 1 })
    end)

    it("are read without metamethods", function()
      local metatable = {}
      for _, event in ipairs { "__index", "__len", "__pairs", "__ipairs", "__tostring", "__eq" } do
        metatable[event] = function()
          error(event .. " was run")
        end
      end
      assert.equal("[1]", written(setmetatable({ 1 }, metatable)))
      assert.equal(
        '{"enabled":true}',
        written(setmetatable({ enabled = true }, metatable), "Connection")
      )
      metatable.__index = { target_service_id = "x" }
      refused(
        "data.target_service_id: required field is missing",
        setmetatable({}, metatable),
        "ConnectionMigrateData",
        "data"
      )
    end)

    it("may nest 1000 levels deep, and no deeper", function()
      local function array(value)
        return { value }
      end
      local function object(value)
        return { a = value }
      end
      assert.equal(("["):rep(1000) .. '"x"' .. ("]"):rep(1000), written(nested(1000, array)))
      assert.equal(('{"a":'):rep(1000) .. '"x"' .. ("}"):rep(1000), written(nested(1000, object)))
      for _, make in ipairs { array, object } do
        for _, levels in ipairs { 1001, 5000 } do
          local text, message = json.encode(nested(levels, make), nil, "deep")
          assert.is_nil(text)
          assert.truthy(message:find("^deep.*: nests too deep$"))
          assert.is_true(#message < 200)
        end
      end
    end)

    it("may have many siblings", function()
      local rows = {}
      for i = 1, 2000 do
        rows[i] = { a = { i } }
      end
      assert.equal(2000, #json.decode(written(rows)))
    end)

    it("must not contain themselves", function()
      local cycle = { a = {} }
      cycle.a.b = cycle
      refused("value.a.b: the table contains itself", cycle)
      local list = {}
      list[1] = list
      refused("value[1]: the table contains itself", list)
      local inner = {}
      inner.x = { inner }
      refused("value.t.x[1]: the table contains itself", { t = inner })
    end)

    it("may occur more than once", function()
      local shared = { 1 }
      assert.equal("[[1],[1],[[1]]]", written { shared, shared, { shared } })
    end)
  end)
end)
