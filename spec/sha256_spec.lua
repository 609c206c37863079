-- SHA-256 and HMAC-SHA256: src/base/sha256.c.
local internal = require "vault_internal"
local webhook = require("vault").webhook

local function bytes(hex)
  return (hex:gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

describe("sha256", function()
  -- FIPS 180-4's examples (NIST, Cryptographic Standards and Guidelines, SHA256.pdf), and its long one.
  local digests = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    {
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    },
    {
      ("a"):rep(1000000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    },
  }

  -- By sha256sum(1): around the length that leaves no room for the padding, and a whole block.
  local padded = {
    { ("a"):rep(55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
    { ("a"):rep(63), "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
    { ("a"):rep(64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
  }

  for _, row in ipairs(padded) do
    it(("has the same digest as sha256sum for %d bytes"):format(#row[1]), function()
      assert.equal(row[2], internal.sha256(row[1]))
    end)
  end

  for _, row in ipairs(digests) do
    it(("has the digest of NIST's message of %d bytes"):format(#row[1]), function()
      assert.equal(row[2], internal.sha256(row[1]))
    end)
  end

  it("has the same digest for a message in pieces", function()
    local digits = ("0123456789"):rep(20)
    for length = 0, 200 do
      local message = digits:sub(1, length)
      local whole = internal.sha256(message)
      for _, piece in ipairs { 1, 3, 55, 56, 63, 64, 65 } do
        assert.equal(whole, internal.sha256(message, piece), length)
      end
    end
  end)
end)

describe("hmac_sha256", function()
  -- RFC 4231 section 4: number, key, data, HMAC-SHA-256. Case 5 is truncated, which is not supported here.
  local cases = {
    {
      1,
      ("\11"):rep(20),
      "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    },
    {
      2,
      "Jefe",
      "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    },
    {
      3,
      ("\170"):rep(20),
      ("\221"):rep(50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    },
    {
      4,
      bytes "0102030405060708090a0b0c0d0e0f10111213141516171819",
      ("\205"):rep(50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    },
    {
      6,
      ("\170"):rep(131),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    },
    {
      7,
      ("\170"):rep(131),
      "This is a test using a larger than block-size key and a larger than block-size data. The key needs"
        .. " to be hashed before being used by the HMAC algorithm.",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    },
  }

  for _, case in ipairs(cases) do
    it(("has the code of RFC 4231's test case %d"):format(case[1]), function()
      assert.equal(case[4], webhook.sign(case[3], case[2]))
    end)
  end

  it("uses a key of exactly one block unhashed", function()
    -- openssl dgst -sha256 -hmac: keys of 64 and 65 bytes.
    assert.equal(
      webhook.sign("x", ("k"):rep(65)),
      webhook.sign("x", bytes(internal.sha256(("k"):rep(65))))
    )
    assert.not_equal(
      webhook.sign("x", ("k"):rep(64)),
      webhook.sign("x", bytes(internal.sha256(("k"):rep(64))))
    )
  end)
end)
