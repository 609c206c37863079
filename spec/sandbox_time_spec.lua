-- lua/vault/sandbox/time.lua and base64url.lua.
local base64url = require "vault.sandbox.base64url"
local time = require "vault.sandbox.time"

describe("times of the sandbox", function()
  it("are formatted and parsed", function()
    for text, ms in pairs {
      ["1970-01-01T00:00:00.000Z"] = 0,
      ["2000-02-29T12:00:00.001Z"] = 951825600001,
      ["2023-11-14T22:13:20.123Z"] = 1700000000123,
      ["2100-03-01T00:00:00.000Z"] = 4107542400000,
    } do
      assert.equal(text, time.format(ms))
      assert.equal(ms, time.parse(text))
      assert.equal(text:sub(1, 19) .. "Z", time.format_seconds(ms))
    end
  end)

  it(
    "are parsed with offsets, fractions, small letters and a space (RFC 3339, section 5.6)",
    function()
      assert.equal(1700000000000, time.parse "2023-11-15T00:13:20+02:00")
      assert.equal(1700000000000, time.parse "2023-11-14T17:43:20.000-04:30")
      assert.equal(1700000000500, time.parse "2023-11-14t22:13:20.5z")
      assert.equal(1700000000000, time.parse "2023-11-14 22:13:20Z")
    end
  )

  it("are not parsed from other text", function()
    for _, text in ipairs { "", "2023-11-14", "2023-11-14T22:13:20", "x" } do
      assert.is_nil(time.parse(text), text)
    end
    assert.is_nil(time.parse(5))
  end)
end)

describe("base64url", function()
  it("encodes without padding (RFC 4648, section 10)", function()
    for text, encoded in pairs {
      [""] = "",
      f = "Zg",
      fo = "Zm8",
      foo = "Zm9v",
      foob = "Zm9vYg",
      fooba = "Zm9vYmE",
      foobar = "Zm9vYmFy",
      ["\255\239\190"] = "_---",
    } do
      assert.equal(encoded, base64url.encode(text))
    end
  end)
end)
