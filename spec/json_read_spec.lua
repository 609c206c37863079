-- JSON text → Lua values: src/json/json_read.c and json_names.c.
local cjson = require "cjson"
local documents = require "spec.support.json_documents"
local json = require("vault_internal").json
local support = require "spec.support.json"

local KEEP = { keep_nulls = true }
local difference, read, refused = support.difference, support.read, support.unreadable

describe("json_read", function()
  describe("against lua-cjson", function()
    local oracle = cjson.new()
    oracle.decode_invalid_numbers(false)

    for _, seed in ipairs { 1, 20, 300, 4000 } do
      it("reads the same values from generated documents, seed " .. seed, function()
        for number, text, value in documents.each(seed, 250) do
          for _, options in ipairs { {}, KEEP } do
            local got = read("[" .. text .. "]", options)
            local problem = difference(
              setmetatable({ value }, documents.array),
              got,
              options.keep_nulls,
              true
            ) or difference(
              oracle.decode("[" .. text .. "]"),
              got,
              options.keep_nulls,
              false
            )
            assert.is_nil(problem, ("document %d: %s\n%s"):format(number, tostring(problem), text))
          end
        end
      end)
    end

    it("gives values that cjson.encode writes like its own", function()
      for number, text in documents.each(77, 200) do
        local ours = cjson.encode(read("[" .. text .. "]", KEEP))
        local its = cjson.encode(oracle.decode("[" .. text .. "]"))
        local problem = difference(oracle.decode(its), read(ours, KEEP), true, false)
        assert.is_nil(problem, number)
      end
    end)

    it("refuses what cjson refuses", function()
      for _, text in ipairs {
        "",
        " ",
        "[",
        "]",
        "{",
        "}",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "[1,,2]",
        '{"a"',
        '{"a":',
        '{"a":1',
        '{"a":1,',
        '{"a":1,}',
        '{,"a":1}',
        '{"a" 1}',
        '{"a":1 "b":2}',
        '{"a":1]',
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{null:1}",
        "[tru]",
        "[nul]",
        "[truely]",
        "[TRUE]",
        "[nil]",
        "[undefined]",
        "[NaN]",
        "[-NaN]",
        "[Infinity]",
        "[-Infinity]",
        "[inf]",
        "[01]",
        "[-01]",
        "[00]",
        "[0x10]",
        "[+1]",
        "[--1]",
        "[1e]",
        "[1e+]",
        "[-]",
        "[.]",
        '["a]',
        '["a\\"]',
        '["\\x41"]',
        '["\\u12"]',
        '["\\u12g4"]',
        '["\\U0041"]',
        '["\\',
        '["\\u',
        '["\\"',
        "['a']",
        "[1] 2",
        "[1]]",
        "[1],",
        "1 // comment",
        "/* comment */ 1",
        "\0[1]",
        "[\0]",
        "[1\f]",
        "[1\194\160]",
      } do
        assert.is_false((pcall(oracle.decode, text)), "cjson takes " .. text)
        refused(text)
      end
    end)

    it("refuses what cjson accepts but RFC 8259 does not", function()
      for _, text in ipairs {
        "[1]\0",
        "[1.]",
        "[-.5]",
        "[1.e5]",
        '["\t"]',
        '["\n"]',
        '["a\31"]',
        "[-0.e1]",
      } do
        assert.is_true((pcall(oracle.decode, text)), "cjson refuses " .. text)
        refused(text)
      end
    end)
  end)

  describe("the text", function()
    it("may be any value", function()
      assert.equal(1, read "1")
      assert.equal("a", read ' "a" ')
      assert.is_true(read "true")
      assert.is_false(read "false\n")
      assert.equal(json.null, read "null")
    end)

    it("may have whitespace anywhere between tokens", function()
      local value = read ' \t\r\n{ \n"a" \t: [ 1 , 2 ] , "b" : { } , "c" : [ ] } \r'
      assert.same({ 1, 2 }, { value.a[1], value.a[2] })
      assert.is_nil(next(value.b))
      assert.is_true(json.is_array(value.c))
    end)

    it("may start with a byte order mark, once", function()
      assert.equal(1, read "\239\187\1911")
      assert.equal(1, read "\239\187\191 1")
      refused("\239\187\191\239\187\1911", "expected a value", 3)
      refused " \239\187\1911"
      refused "\239\187"
      refused "\239\187\191"
    end)

    it("is refused with a reason and an offset", function()
      refused("[1,", "unexpected end of the text", 3)
      refused("", "unexpected end of the text", 0)
      refused('{"a":1', "unexpected end of the text", 6)
      refused('{"a', "unterminated string", 3)
      refused('["a\nb"]', "control character in a string", 3)
      refused('["a\0b"]', "control character in a string", 3)
      refused('["a\\xb"]', "malformed escape in a string", 3)
      refused("[1 2]", "expected ',' or ']' in an array", 3)
      refused('{"a":1 2}', "expected ',' or '}' in an object", 7)
      refused('{"a" 1}', "expected ':' after a field name", 5)
      refused("{a:1}", "expected a field name in quotes", 1)
      refused("[1] x", "unexpected text after the value", 4)
      refused("[tru]", "expected a value", 1)
      refused("[-]", "malformed number", 1)
    end)

    it("is refused wherever it is cut", function()
      local text = '{"a":[1,-2.5e3,"x\\u00e9\195\169"],"b":{"c":null,"d":true,"e":false}}'
      read(text)
      for length = 0, #text - 1 do
        refused(text:sub(1, length))
      end
    end)

    it("may have any byte changed without a crash", function()
      local text = '{"a":[1,-2.5e3,"x\\u00e9\195\169\\ud83d\\ude00"],"b":{"c":null,"d":true}}'
      local taken, turned_down = 0, 0
      for at = 1, #text do
        for byte = 0, 255 do
          local changed = text:sub(1, at - 1) .. string.char(byte) .. text:sub(at + 1)
          local value, message = json.decode(changed)
          assert.is_true(value == nil or message == nil)
          if message then
            turned_down = turned_down + 1
          else
            taken = taken + 1
          end
        end
      end
      assert.is_true(taken > 1000 and turned_down > 1000)
    end)
  end)

  describe("null", function()
    it("is an absent member", function()
      assert.same({}, read '{"a":null}')
      assert.same({ b = 1 }, read '{"a":null,"b":1,"c":null}')
      assert.same({ a = { c = 1 } }, read '{"a":{"b":null,"c":1}}')
    end)

    it("is vault.null in an array, which is cjson.null", function()
      assert.equal(cjson.null, json.null)
      local array = read '[null,1,{"a":null},null]'
      assert.equal(4, #array)
      assert.equal(json.null, array[1])
      assert.equal(json.null, array[4])
      assert.is_nil(next(array[3]))
    end)

    it("is vault.null everywhere with keep_nulls", function()
      local value = read('{"a":null,"b":{"c":null},"d":[null]}', KEEP)
      assert.equal(json.null, value.a)
      assert.equal(json.null, value.b.c)
      assert.equal(json.null, value.d[1])
    end)
  end)

  describe("the last of equal names wins:", function()
    local long = ("n"):rep(200)
    for _, row in ipairs {
      { '{"a":1,"a":2}', 2 },
      { '{"a":1,"b":5,"a":2,"a":3}', 3 },
      { '{"a":1,"\\u0061":2}', 2 },
      { '{"\\u0061":1,"a":2}', 2 },
      { '{"a":1,"a":null}', nil, json.null },
      { '{"a":null,"a":1}', 1 },
      { '{"a":1,"a":null,"a":3}', 3 },
      { '{"a":1,"\\u0061":null}', nil, json.null },
      { '{"a":[1],"x":2,"a":false}', false },
    } do
      it(row[1], function()
        local expected = row[2]
        assert.equal(expected, read(row[1]).a)
        if row[3] ~= nil then
          expected = row[3]
        end
        assert.equal(expected, read(row[1], KEEP).a)
      end)
    end

    it("for names of any length", function()
      assert.equal(2, read('{"' .. long .. '":1,"' .. long .. '":2}')[long])
      assert.equal(2, read('{"":1,"":2}')[""])
    end)

    it("for names far apart, and after more names than are interned", function()
      for _, size in ipairs { 100, 127, 128, 129, 255, 256, 257, 600, 3000 } do
        local members = {}
        for i = 1, size do
          members[i] = ('"k%d":%d'):format(i, i)
        end
        members[size + 1] = '"k1":"first"'
        members[size + 2] = ('"k%d":null'):format(size)
        local value = read("{" .. table.concat(members, ",") .. "}")
        assert.equal("first", value.k1)
        assert.is_nil(value["k" .. size])
        for i = 2, size - 1 do
          assert.equal(i, value["k" .. i])
        end
      end
    end)
  end)

  describe("arrays", function()
    it("are marked, empty ones and nested ones too", function()
      local value = read '{"a":[],"b":[[],[{}]],"c":{}}'
      assert.is_true(json.is_array(value.a))
      assert.is_true(json.is_array(value.b))
      assert.is_true(json.is_array(value.b[1]))
      assert.is_true(json.is_array(value.b[2]))
      assert.is_false(json.is_array(value.b[2][1]))
      assert.is_false(json.is_array(value.c))
      assert.is_false(json.is_array(value))
    end)

    it("have every item in its place, however many", function()
      for _, size in ipairs { 1, 2, 15, 16, 17, 127, 128, 129, 511, 512, 513, 1025, 5000, 70001 } do
        local items = {}
        for i = 1, size do
          items[i] = tostring(i)
        end
        local text = "[" .. table.concat(items, ",") .. "]"
        for _, depth in ipairs { 0, 3, 20 } do
          local value = read(("["):rep(depth) .. text .. ("]"):rep(depth))
          for _ = 1, depth do
            value = value[1]
          end
          assert.equal(size, #value)
          for i = 1, size do
            if value[i] ~= i then
              error(("item %d of %d at depth %d is %s"):format(i, size, depth, tostring(value[i])))
            end
          end
        end
      end
    end)
  end)

  describe("objects", function()
    it("have every member, however many and however deep", function()
      for _, size in ipairs { 1, 7, 8, 9, 64, 65, 255, 256, 257, 1000, 5000 } do
        local members = {}
        for i = 1, size do
          members[i] = ('"name_%d":%d'):format(i, i)
        end
        local text = "{" .. table.concat(members, ",") .. "}"
        for _, depth in ipairs { 0, 3, 20, 70 } do
          local value = read(('{"o":'):rep(depth) .. text .. ("}"):rep(depth))
          for _ = 1, depth do
            value = value.o
          end
          local count = 0
          for name, number in pairs(value) do
            assert.equal("name_" .. number, name)
            count = count + 1
          end
          assert.equal(size, count)
        end
      end
    end)

    it("may have empty and unusual names", function()
      local value = read '{"":1," ":2,"a b":3,"\\u0000":4,"\195\169":5,"1":6,"true":7}'
      local expected = { [""] = 1, [" "] = 2, ["a b"] = 3, ["\0"] = 4 }
      expected["\195\169"], expected["1"], expected["true"] = 5, 6, 7
      assert.same(expected, value)
    end)

    it("distinguish names with a common prefix", function()
      local members = {}
      for length = 120, 1, -1 do
        members[#members + 1] = ('"%s":%d'):format(("n"):rep(length), length)
      end
      local value =
        read("[{" .. table.concat(members, ",") .. "},{" .. table.concat(members, ",") .. "}]")
      for length = 1, 120 do
        assert.equal(length, value[1][("n"):rep(length)])
        assert.equal(length, value[2][("n"):rep(length)])
      end
    end)

    it("distinguish names that differ in one byte", function()
      local members, names = {}, {}
      for length = 1, 20 do
        for at = 1, length do
          local name = ("a"):rep(at - 1) .. "b" .. ("a"):rep(length - at)
          names[#names + 1] = name
          members[#members + 1] = ('"%s":%d'):format(name, #names)
        end
      end
      local half = math.floor(#members / 2)
      for _, text in ipairs {
        table.concat(members, ","),
        table.concat(members, ",", half),
        table.concat(members, ",", 1, half),
      } do
        for name, number in pairs(read("{" .. text .. "}")) do
          assert.equal(names[number], name)
        end
      end
    end)
  end)

  describe("nesting", function()
    local function nested(levels, open, middle, close)
      return open:rep(levels) .. middle .. close:rep(levels)
    end

    it("of 1000 levels is accepted", function()
      for _, row in ipairs { { "[", "", "]" }, { '{"a":', "1", "}" }, { "[", "1,2", "]" } } do
        read(nested(1000, row[1], row[2], row[3]))
      end
      local value = read(nested(1000, "[", "7", "]"))
      for _ = 1, 1000 do
        value = value[1]
      end
      assert.equal(7, value)
    end)

    it("of more is refused, with another status than a syntax error", function()
      for _, levels in ipairs { 1001, 1002, 100000 } do
        for _, row in ipairs { { "[", "", "]" }, { '{"a":', "1", "}" }, { "[", "1", "" } } do
          local value, message, _, too_deep = json.decode(nested(levels, row[1], row[2], row[3]))
          assert.is_nil(value)
          assert.equal("nests too deep", message)
          assert.is_true(too_deep)
        end
      end
    end)

    it("is counted in levels, not in containers", function()
      assert.equal(2000, #read("[" .. ("[],"):rep(1999) .. "[]]"))
      assert.equal(2000, #read("[" .. ("{},"):rep(1999) .. "{}]"))
      read("[" .. nested(999, "[", "", "]") .. "," .. nested(999, "[", "", "]") .. "]")
    end)

    it("may be combined with many members at every level", function()
      local wide = ("1,"):rep(600)
      local value = read(nested(900, "[" .. wide, "2", "]"))
      for level = 1, 899 do
        assert.equal(601, #value, level)
        value = value[601]
      end
      local members = ""
      for i = 1, 300 do
        members = members .. ('"k%d":%d,'):format(i, i)
      end
      local object = read(nested(900, "{" .. members .. '"o":', "2", "}"))
      for _ = 1, 899 do
        assert.equal(300, object.k300)
        object = object.o
      end
      assert.equal(2, object.o)
    end)

    it("has the same limit in a coroutine, and deep in the stack", function()
      local text = nested(1000, "[", "", "]")
      local ok = coroutine.wrap(function()
        local function deeper(levels)
          if levels > 0 then
            return (deeper(levels - 1))
          end
          return #read(text)
        end
        return deeper(100)
      end)()
      assert.equal(1, ok)
    end)
  end)
end)
