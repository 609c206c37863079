-- Numbers, read and written: src/json/json_number.c.
local child = require "spec.support.child"
local documents = require "spec.support.json_documents"
local json = require("vault_internal").json
local support = require "spec.support.json"

local INTEGERS = math.type ~= nil -- Lua 5.3 and later
local NAN = 0 / 0
local item, refused, written = support.item, support.unwritable, support.written

describe("numbers that are read", function()
  it("without fraction or exponent are integers where Lua has them", function()
    for text, printed in pairs {
      ["0"] = "0",
      ["-0"] = "0",
      ["-0.0"] = "0",
      ["0e5"] = "0",
      ["0.000e-999999999999"] = "0",
      ["1.0"] = "1",
      ["-1.000"] = "-1",
      ["1e3"] = "1000",
      ["1E+3"] = "1000",
      ["1200e-2"] = "12",
      ["1.5e1"] = "15",
      ["0.00123e5"] = "123",
      ["100e-2"] = "1",
      ["1615563533390"] = "1615563533390",
      ["123456789012345"] = "123456789012345",
      ["1234567890123456"] = "1234567890123456",
      ["9007199254740991"] = "9007199254740991",
    } do
      local value = item(text)
      assert.equal(printed, ("%.0f"):format(value):gsub("^%-0$", "0"), text)
      if INTEGERS then
        assert.equal("integer", math.type(value), text)
        assert.equal(printed, tostring(value))
      end
    end
  end)

  it("are exact to 64 bits where Lua has integers", function()
    for text, exact in pairs {
      ["9007199254740993"] = "9007199254740993",
      ["9.007199254740993e15"] = "9007199254740993",
      ["9223372036854775807"] = "9223372036854775807",
      ["9223372036854775807.000"] = "9223372036854775807",
      ["922337203685477580.7e1"] = "9223372036854775807",
      ["-9223372036854775808"] = "-9223372036854775808",
      ["-9223372036854775808e0"] = "-9223372036854775808",
      ["1000000000000000000"] = "1000000000000000000",
      ["1e18"] = "1000000000000000000",
      ["9e18"] = "9000000000000000000",
      ["-9223372036854775807"] = "-9223372036854775807",
      ["1234567890123456789"] = "1234567890123456789",
    } do
      local value = item(text)
      if INTEGERS then
        assert.equal("integer", math.type(value), text)
        assert.equal(exact, ("%d"):format(value), text)
      else
        assert.equal(tonumber(exact), value, text)
      end
    end
  end)

  it("beyond 64 bits, or with a fraction, are floats", function()
    for _, text in ipairs {
      "9223372036854775808",
      "-9223372036854775809",
      "18446744073709551616",
      "99999999999999999999",
      "1e19",
      "123456789012345678901234567890",
      "0.5",
      "1.5",
      "-2.25",
      "1e-1",
      "9223372036854775807.5",
      "1e300",
    } do
      local value = item(text)
      assert.equal(tonumber(text) + 0.0, value, text)
      if INTEGERS then
        assert.equal("float", math.type(value), text)
      end
    end
  end)

  it("keep the sign of zero where there are no integers", function()
    assert.equal(INTEGERS and math.huge or -math.huge, 1 / item "-0")
    assert.equal(INTEGERS and math.huge or -math.huge, 1 / item "-0.0")
  end)

  it("beyond a double are infinite", function()
    for text, value in pairs {
      ["1e309"] = math.huge,
      ["-1e309"] = -math.huge,
      ["1e999999999999999999999999"] = math.huge,
      ["-1E+400"] = -math.huge,
      [("9"):rep(400)] = math.huge,
      ["1.7976931348623159e308"] = math.huge,
    } do
      assert.equal(value, item(text))
    end
  end)

  it("with an exponent of any length are infinite or zero", function()
    for length = 10, 60 do
      local exponent = ("9"):rep(length)
      assert.equal(math.huge, item("1e" .. exponent))
      assert.equal(0, item("1e-" .. exponent))
    end
  end)

  it("too small for a double are zero", function()
    for _, text in ipairs { "1e-400", "-1e-400", "2e-324", "1e-99999999999999999999" } do
      assert.equal(0, item(text))
    end
  end)

  it("are the nearest double in hard cases", function()
    for text, hexadecimal in pairs {
      ["1.7976931348623157e308"] = "0x1.fffffffffffffp+1023",
      ["1.7976931348623158e308"] = "0x1.fffffffffffffp+1023",
      ["2.2250738585072014e-308"] = "0x1p-1022",
      ["2.2250738585072011e-308"] = "0x0.fffffffffffffp-1022",
      ["5e-324"] = "0x0.0000000000001p-1022",
      ["2.4703282292062328e-324"] = "0x0.0000000000001p-1022",
      ["9007199254740993.5"] = "0x1.0000000000001p+53",
      ["0.500000000000000166533453693773481063544750213623046875"] = "0x1.0000000000002p-1",
      ["3.518437208883201171875e13"] = "0x1.0000000000002p+45",
      ["62.5364939768271845828"] = "0x1.f44abd5aa7ca4p+5",
      ["8.10109172351e-10"] = "0x1.bd5cbaef0fd0cp-31",
      ["1.50000000000000011102230246251565"] = "0x1.8p+0",
      ["9007199254740991.4999999999999999999999999999999995"] = "0x1.fffffffffffffp+52",
    } do
      -- Only some versions read hexadecimal fractions, and some only 32 bits at a time.
      local whole, fraction, exponent = hexadecimal:match "^0x(%d)%.?(%x*)p([+-]%d+)$"
      local mantissa = tonumber(whole)
      for position = 1, #fraction do
        mantissa = mantissa + tonumber(fraction:sub(position, position), 16) / 16 ^ position
      end
      assert.equal(mantissa * 2 ^ tonumber(exponent), item(text), text)
    end
  end)

  it("are the nearest double, also where the last of many digits decides", function()
    -- Half way between 1 and the next double: exact, then just above and below.
    local half = "1.00000000000000011102230246251565404236316680908203125"
    assert.equal(1, item(half))
    assert.equal(1, item(half .. ("0"):rep(2000)))
    assert.equal(1 + 2 ^ -52, item(half .. ("0"):rep(2000) .. "1"))
    assert.equal(1, item(half:sub(1, -2) .. "4" .. ("9"):rep(2000)))
    local whole = "9007199254740993"
    assert.equal(2 ^ 53 + 2, item(whole .. ("0"):rep(900) .. "1e-901"))
    assert.equal(2 ^ 53, item("9007199254740992" .. ("9"):rep(900) .. "e-900"))
  end)

  -- The digits of integer * 5^1075: of integer * 2^-1075, apart from the exponent.
  local function exact_digits(integer)
    local digits = { integer } -- the lowest first, to the base of 10^7
    for _ = 1, 1075 do
      local carry = 0
      for i = 1, #digits do
        local product = digits[i] * 5 + carry
        digits[i] = product % 10000000
        carry = math.floor(product / 10000000)
      end
      if carry > 0 then
        digits[#digits + 1] = carry
      end
    end
    local text = {}
    for i = #digits, 1, -1 do
      text[#text + 1] = ("%07d"):format(digits[i])
    end
    return (table.concat(text):gsub("^0+", ""))
  end

  it("are the nearest double, also where the last possible digit decides", function()
    -- Half way between two neighbours: goes to the even one.
    local rows = { { 1, 0 }, { 3, 2 }, { 5, 2 }, { 6666667, 3333334 }, { 2 ^ 50 - 1, 2 ^ 49 } }
    for _, row in ipairs(rows) do
      local digits = exact_digits(row[1])
      local smallest = 2 ^ -1074
      local above = (row[1] + 1) / 2 * smallest
      local below = (row[1] - 1) / 2 * smallest
      assert.is_true(#digits > 750)
      assert.equal(row[2] * smallest, item(digits .. "e-1075"))
      assert.equal(above, item(digits .. "0001e-1079"))
      assert.equal(below, item(digits:sub(1, -2) .. "4e-1075"))
      assert.equal(below, item(digits:sub(1, -2) .. "49999e-1079"))
    end
  end)

  it("agree with Lua's tonumber on random numerals", function()
    local random = documents.generator(11)
    for _ = 1, 3000 do
      local digits = {}
      for i = 1, random(25) do
        digits[i] = tostring(random(10) - 1)
      end
      local whole = tostring(random(9)) .. table.concat(digits)
      local text = whole .. "." .. random(1000000) .. "e" .. (random(660) - 330)
      assert.equal(tonumber(text) + 0.0, item(text) + 0.0, text)
      assert.equal(-tonumber(text) + 0.0, item("-" .. text) + 0.0, text)
    end
  end)

  it("may have any number of digits", function()
    assert.equal(math.huge, item("1" .. ("0"):rep(300000)))
    assert.equal(1, item("1" .. ("0"):rep(300000) .. "e-300000"))
    assert.equal(1, item("0." .. ("0"):rep(299999) .. "1e300000"))
    assert.equal(1, item("1." .. ("0"):rep(300000)))
    assert.equal(1 / 3, item("0." .. ("3"):rep(300000)))
    assert.equal(7, item("7e" .. ("0"):rep(300000)))
    assert.equal(0, item("0." .. ("0"):rep(300000)))
  end)
end)

describe("numbers that are written", function()
  it("with an integral value below 2^53 are integer digits", function()
    for text, number in pairs {
      ["0"] = 0,
      ["1"] = 1.0,
      ["-1"] = -1.0,
      ["1000"] = 1e3,
      ["100000000000000"] = 1e14,
      ["1000000000000000"] = 1e15,
      ["123456789012345"] = 123456789012345,
      ["9007199254740991"] = 2 ^ 53 - 1,
      ["-9007199254740991"] = -(2 ^ 53) + 1,
      ["9007199254740992"] = 2 ^ 53,
    } do
      assert.equal(text, written(number))
    end
  end)

  it("from Lua integers are exact", function()
    if INTEGERS then
      assert.equal("9223372036854775807", written(math.maxinteger))
      assert.equal("-9223372036854775808", written(math.mininteger))
      assert.equal("9007199254740993", written(tonumber "9007199254740993"))
    else
      assert.equal("9007199254740992", written(2 ^ 53 + 1))
    end
  end)

  it("are otherwise the shortest form that reads back the same", function()
    for text, number in pairs {
      ["0.1"] = 0.1,
      ["-0.1"] = -0.1,
      ["0.5"] = 0.5,
      ["1.5"] = 1.5,
      ["10.5"] = 10.5,
      ["123.456"] = 123.456,
      ["0.0001"] = 0.0001,
      ["1e-5"] = 0.00001,
      ["1.5e-7"] = 1.5e-7,
      ["0.30000000000000004"] = 0.1 + 0.2,
      ["0.3333333333333333"] = 1 / 3,
      ["3.141592653589793"] = math.pi,
      ["123456789.125"] = 123456789.125,
      ["4503599627370495.5"] = 2 ^ 52 - 0.5,
      ["1e16"] = 1e16,
      ["1e23"] = 1e23,
      ["1e300"] = 1e300,
      ["-1e300"] = -1e300,
      ["1.7976931348623157e308"] = 1.7976931348623157e308,
      ["2.2250738585072014e-308"] = 2.2250738585072014e-308,
      ["2.225073858507201e-308"] = 2.225073858507201e-308,
      ["5e-324"] = 5e-324,
      ["1e-323"] = 1e-323,
      ["1.2e-322"] = 1.18e-322,
      ["1.1805916207174113e21"] = 2 ^ 70,
      ["9223372036854775807"] = INTEGERS and math.maxinteger or nil,
      ["9.223372036854776e18"] = 2 ^ 63,
      ["-9.223372036854776e18"] = -(2 ^ 63),
      ["1152921504606846976"] = 2 ^ 60,
      ["-1152921504606846976"] = -(2 ^ 60),
      ["1e18"] = 1e18,
      ["-1.2e16"] = -1.2e16,
    } do
      assert.equal(text, written(number))
    end
  end)

  it("with a few decimals have exactly those", function()
    local random = documents.generator(29)
    for _ = 1, 3000 do
      local decimals = random(8)
      local format = "%d.%0" .. decimals .. "d"
      local text =
        format:format(random(10 ^ random(7)) - 1, random(10 ^ decimals) - 1):gsub("0+$", "")
      if not text:find "%.$" and tonumber(text) >= 1e-4 then
        assert.equal(text, written(tonumber(text)))
        assert.equal("-" .. text, written(-tonumber(text)))
      end
    end
    for _, text in ipairs { "0.001", "0.0009999", "0.000999999", "999999999.999999", "1000000000.5" } do
      assert.equal(text, written(tonumber(text)))
    end
  end)

  it("keep the sign of zero", function()
    assert.equal("-0", written(-1 / math.huge))
    assert.equal("0", written(1 / math.huge))
  end)

  it("read back the same, in the shortest form that does", function()
    local random = documents.generator(31)
    for _ = 1, 2000 do
      local mantissa = 1 + (random(2 ^ 26) - 1) / 2 ^ 26 + (random(2 ^ 26) - 1) / 2 ^ 52
      local number = mantissa * 2 ^ (random(2040) - 1060)
      local text = written(number)
      assert.equal(number, tonumber(text) + 0.0)
      local digits = text:gsub("e.*$", ""):gsub("%.", ""):gsub("^0+", "")
      local exact = number >= 2 ^ 53 and number < 2 ^ 63
      if #digits > 1 and not exact then
        local shorter = ("%%.%de"):format(#digits - 2):format(number)
        assert.are_not.equal(number, tonumber(shorter) + 0.0, text .. " " .. shorter)
      end
    end
  end)

  it("as floats beyond 2^53 read back equal, as integers too", function()
    local random = documents.generator(37)
    for _ = 1, 2000 do
      local digits = random(9999) * 10 ^ (random(8) + 11) + random(2 ^ 26)
      local number = (random(2) == 1 and -1.0 or 1.0) * math.min(digits, 2 ^ 63 - 2048)
      local text = written(number)
      assert.equal(number, tonumber(text))
      assert.is_true(json.decode(text) == number, text)
      assert.is_true(#text <= 20)
    end
  end)

  it("must be finite", function()
    for _, number in ipairs { NAN, math.huge, -math.huge } do
      refused("value: NaN and infinity are not valid in JSON", number)
      refused("c.expires_in: NaN and infinity are not valid in JSON", {
        expires_in = number,
      }, "ConnectionImportDataCredentials", "c")
    end
  end)
end)

it("numbers are read and written independently of the locale", function()
  -- Debian's image has no locale with a decimal comma, but the tool that creates one.
  local locales = os.tmpname()
  os.remove(locales)
  local made = locales .. "/de_DE.UTF-8"
  os.execute(("mkdir -p %s; localedef -i de_DE -f UTF-8 %s 2>/dev/null"):format(locales, made))
  local code = [[
    local json = require("vault_internal").json
    local _ = os.setlocale "de_DE.UTF-8" or os.setlocale "fr_FR.UTF-8"
    local text = "[0.5,1.2345678901234567891,2e-5,123456789.123456789123,5e-324,1e300]"
    print(json.encode(json.decode(text)))
    print(json.encode { 1 / 3, 0.1, 2 ^ 70 })
  ]]
  local output, status = child.run(code, { LOCPATH = locales })
  os.execute("rm -rf " .. locales)
  local text = "[0.5,1.2345678901234567,2e-5,123456789.12345679,5e-324,1e300]\n"
  assert.equal(text .. "[0.3333333333333333,0.1,1.1805916207174113e21]\n", output)
  assert.equal("0", status)
end)
