-- The strings of JSON text: src/json/json_string.c.
local support = require "spec.support.json"

local FFFD = "\239\191\189"
local item, read, refused = support.item, support.read, support.unreadable

describe("strings that are read", function()
  it("have every escape decoded", function()
    assert.equal('"\\/\b\f\n\r\t', item [["\"\\\/\b\f\n\r\t"]])
    assert.equal("\0a\31", item [["\u0000a\u001F"]])
    assert.equal("\194\128\223\191\224\160\128\239\191\191", item [["\u0080\u07FF\u0800\uFFFF"]])
    assert.equal("\195\169\226\130\172", item [["\u00E9\u20ac"]])
  end)

  it("are independent of preceding ones", function()
    local value = read [==[{"a\n":"b\n","c\n":["d\u00e9","e","\t"]}]==]
    assert.equal("b\n", value["a\n"])
    assert.equal("d\195\169", value["c\n"][1])
    assert.equal("e", value["c\n"][2])
    assert.equal("\t", value["c\n"][3])
  end)

  it("have surrogate pairs combined", function()
    assert.equal("\240\144\128\128", item [["\ud800\udc00"]])
    assert.equal("\244\143\191\191", item [["\uDBFF\uDFFF"]])
    assert.equal("a\240\159\152\128b", item [["a\uD83D\uDE00b"]])
  end)

  for _, row in ipairs {
    { [["\ud800"]], FFFD },
    { [["\udc00"]], FFFD },
    { [["\ud800x"]], FFFD .. "x" },
    { [["\ud800\n"]], FFFD .. "\n" },
    { [["\ud800\u0041"]], FFFD .. "A" },
    { [["\ud800\ud800\udc00"]], FFFD .. "\240\144\128\128" },
    { [["\udc00\ud800"]], FFFD .. FFFD },
    { [["\udc00\udc00"]], FFFD .. FFFD },
    { [["\ud800\ud800"]], FFFD .. FFFD },
    { '"\\ud800\255"', FFFD .. FFFD },
    { '"x\255y"', "x" .. FFFD .. "y" },
    { '"\255\254"', FFFD .. FFFD },
    { '"\192\128"', FFFD .. FFFD },
    { '"\237\160\128"', FFFD .. FFFD .. FFFD },
    { '"\244\144\128\128"', FFFD .. FFFD .. FFFD .. FFFD },
    { '"\226\130"', FFFD },
    { '"\226\130x"', FFFD .. "x" },
    { '"\240\159\152\195\169"', FFFD .. "\195\169" },
    { '"\128"', FFFD },
    { '"\195"', FFFD },
  } do
    it("have U+FFFD for what is no character: " .. row[1]:gsub("[\128-\255]", function(c)
      return ("<%02X>"):format(c:byte())
    end), function()
      assert.equal(row[2], item(row[1]))
      assert.equal(row[2], (next(read("{" .. row[1] .. ":1}"))))
    end)
  end

  it("with a malformed escape after a surrogate are refused", function()
    refused '["\\ud800\\u12"]'
    refused '["\\ud800\\x"]'
    refused '["\\ud800\\'
  end)

  it("contain no control character but DEL", function()
    for byte = 0, 31 do
      for before = 0, 18 do
        refused(
          '["' .. ("a"):rep(before) .. string.char(byte) .. 'bcd"]',
          "control character in a string",
          before + 2
        )
      end
    end
    assert.equal("\127", item '"\127"')
  end)

  it("end at their quote, whatever their length and the text behind", function()
    for length = 0, 70 do
      local plain = ("x"):rep(length)
      assert.equal(plain, read('"' .. plain .. '"'))
      assert.equal(plain, read('["' .. plain .. '","' .. ("y"):rep(40) .. '"]')[1])
      for at = 0, length, 3 do
        for escape, character in pairs {
          ["\\n"] = "\n",
          ["\195\169"] = "\195\169",
          ["\255"] = FFFD,
          ['\\"'] = '"',
          ["\127"] = "\127",
        } do
          local text = plain:sub(1, at) .. escape .. plain:sub(at + 1)
          local expected = plain:sub(1, at) .. character .. plain:sub(at + 1)
          assert.equal(expected, read('"' .. text .. '"'))
        end
      end
    end
  end)

  it("may be long, with escapes and without", function()
    local plain = ("0123456789"):rep(30000)
    assert.equal(plain, item('"' .. plain .. '"'))
    assert.equal("\n" .. plain .. "\t", item('"\\n' .. plain .. '\\t"'))
    assert.equal(("\n"):rep(100000), item('"' .. ("\\n"):rep(100000) .. '"'))
    assert.equal(FFFD:rep(100000), item('"' .. ("\255"):rep(100000) .. '"'))
    assert.equal(("\195\169"):rep(100000), item('"' .. ("\195\169"):rep(100000) .. '"'))
  end)
end)
