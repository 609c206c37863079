-- UTF-8 (RFC 3629): src/base/utf8.c.
local utf8 = require("vault_internal").utf8

local function bytes(...)
  return string.char(...)
end

-- An independent implementation of RFC 3629 section 3: the code point of these
-- bytes, or nil.
local function decoded(text)
  local lead = text:byte()
  local length, code
  if lead < 0x80 then
    length, code = 1, lead
  elseif lead >= 0xC0 and lead < 0xE0 then
    length, code = 2, lead - 0xC0
  elseif lead >= 0xE0 and lead < 0xF0 then
    length, code = 3, lead - 0xE0
  elseif lead >= 0xF0 and lead < 0xF8 then
    length, code = 4, lead - 0xF0
  end
  if length == nil or #text < length then
    return nil
  end
  for i = 2, length do
    local byte = text:byte(i)
    if byte < 0x80 or byte > 0xBF then
      return nil
    end
    code = code * 64 + byte - 0x80
  end
  local smallest = { 0, 0x80, 0x800, 0x10000 }
  local surrogate = code >= 0xD800 and code <= 0xDFFF
  if code < smallest[length] or surrogate or code > 0x10FFFF then
    return nil
  end
  return length
end

describe("utf8_valid_length", function()
  it("is the length of a valid text", function()
    for _, text in ipairs { "", "a", "caf\195\169", ("x"):rep(100), "\240\159\152\128\0\127" } do
      assert.equal(#text, utf8.valid_length(text))
    end
  end)

  it("agrees with the definition for every sequence of two bytes", function()
    for first = 0, 255 do
      for second = 0, 255 do
        local text = bytes(first, second)
        local length = decoded(text)
        if length == 1 then
          length = 1 + (decoded(text:sub(2)) or 0)
        end
        assert.equal(length or 0, utf8.valid_length(text))
      end
    end
  end)

  it("agrees with the definition for longer sequences at every boundary", function()
    local edges = { 0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF }
    for lead = 0xE0, 0xFF do
      for _, second in ipairs(edges) do
        for _, third in ipairs(edges) do
          local three = bytes(lead, second, third)
          local four = bytes(lead, second, third, 0x80)
          assert.equal(decoded(three) or 0, utf8.valid_length(three))
          local length = decoded(four)
          assert.equal(
            length or 0,
            length == 3 and utf8.valid_length(three) or utf8.valid_length(four)
          )
        end
      end
    end
  end)

  it("stops at the first invalid byte, wherever it is", function()
    for before = 0, 20 do
      local text = ("a"):rep(before)
      assert.equal(before, utf8.valid_length(text .. "\255" .. ("b"):rep(20)))
      assert.equal(before, utf8.valid_length(text .. "\226\130"))
      assert.equal(before + 3, utf8.valid_length(text .. "\226\130\172\128"))
    end
  end)
end)

describe("utf8_character_length", function()
  -- Unicode 15.0, section 3.9, tables 3-8 to 3-11: what one U+FFFD replaces.
  it("is the maximal subpart of invalid bytes", function()
    for _, row in ipairs {
      { "\192\175", { 1, 1 } },
      { "\224\128\191", { 1, 1, 1 } },
      { "\240\129\130", { 1, 1, 1 } },
      { "\237\160\128\237\191\191\237\175", { 1, 1, 1, 1, 1, 1, 1, 1 } },
      { "\244\145\146\147\255A\128\191B", { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
      { "\225\128\226\240\145\146\241\191A", { 2, 1, 3, 2, 1 } },
    } do
      local at, lengths = 1, {}
      while at <= #row[1] do
        lengths[#lengths + 1] = utf8.character_length(row[1]:sub(at))
        at = at + lengths[#lengths]
      end
      assert.same(row[2], lengths)
    end
  end)

  it("distinguishes characters from invalid bytes", function()
    for _, row in ipairs {
      { "A", 1, true },
      { "\195\169x", 2, true },
      { "\226\130\172x", 3, true },
      { "\244\143\191\191x", 4, true },
      { "\128", 1, false },
      { "\226\130", 2, false },
      { "\240\159\152", 3, false },
    } do
      local length, valid = utf8.character_length(row[1])
      assert.equal(row[2], length)
      assert.equal(row[3], valid)
    end
  end)
end)

describe("utf8_encode", function()
  it("writes the shortest form", function()
    for _, row in ipairs {
      { 0, "\0" },
      { 0x7F, "\127" },
      { 0x80, "\194\128" },
      { 0x7FF, "\223\191" },
      { 0x800, "\224\160\128" },
      { 0xFFFD, "\239\191\189" },
      { 0xFFFF, "\239\191\191" },
      { 0x10000, "\240\144\128\128" },
      { 0x10FFFF, "\244\143\191\191" },
    } do
      assert.equal(row[2], utf8.encode(row[1]))
    end
  end)
end)
