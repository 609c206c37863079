-- The path of a value in a request: src/json/json_path.c.
local json = require("vault_internal").json

describe("paths in messages", function()
  local function path_of(key)
    local _, message = json.encode({ [key] = { [key] = print } }, nil, "r")
    return message:match "^r(.*): expected"
  end

  it("show names that are no identifiers in brackets and quotes", function()
    for key, shown in pairs {
      plain = ".plain",
      _a1 = "._a1",
      ["odd key"] = '["odd key"]',
      ["1a"] = '["1a"]',
      [""] = '[""]',
      ["a.b"] = '["a.b"]',
      ['a"b\\'] = '["a\\"b\\\\"]',
      ["a\nb\127\194\133"] = '["a?b??"]',
      ["caf\195\169"] = '["caf\195\169"]',
    } do
      assert.equal(shown .. shown, path_of(key))
    end
  end)

  it("cut long names, between characters", function()
    local shown = ("a"):rep(60)
    assert.equal("." .. shown .. "." .. shown, path_of(shown))
    local cut = '["' .. shown .. '..."]'
    assert.equal(cut .. cut, path_of(("a"):rep(5000)))
    local long = path_of(("\226\130\172"):rep(100)):match '^%["(.-)%.%.%."%]'
    assert.equal(("\226\130\172"):rep(20), long)
  end)

  it("leave out the middle when they are very deep", function()
    local value = { last = print }
    for i = 40, 1, -1 do
      value = { ["k" .. i] = value }
    end
    local _, message = json.encode(value, nil, "r")
    assert.equal(
      "r.k1.k2.k3.k4.k5.k6.k7[...].k34.k35.k36.k37.k38.k39.k40.last:"
        .. " expected a JSON value, got a function",
      message
    )
  end)

  it("never contain a value", function()
    local secret = "sk_secret"
    for _, value in ipairs {
      { enabled = secret },
      { settings = { secret, 2 } },
      { settings = { token = secret .. "\255" } },
      { configuration = { { resource = { secret } } } },
      { custom_mappings = secret },
      { settings = { [1] = secret, x = secret } },
      { customMappings = secret },
    } do
      local text, message = json.encode(value, "Connection", "connection")
      assert.is_nil(text)
      assert.is_nil(message:find(secret, 1, true), message)
    end
  end)
end)
