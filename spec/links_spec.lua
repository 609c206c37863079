-- Links, nonces and the confirmation script: src/lua/links.c.
local internal = require "vault_internal"
local safe = require "vault.safe"
local vault = require "vault"

local BACK = "https://app.example/back?tab=1&x=%20#top"
local ENCODED = "https%3A%2F%2Fapp.example%2Fback%3Ftab%3D1%26x%3D%2520%23top"

describe("vault.authorize_url", function()
  local function link(url, options)
    return vault.authorize_url({ authorize_url = url }, options or { redirect_uri = BACK })
  end

  local rows = {
    { "https://a.example/x", "https://a.example/x?redirect_uri=" .. ENCODED },
    { "https://a.example/x?state=1", "https://a.example/x?state=1&redirect_uri=" .. ENCODED },
    { "https://a.example/x?", "https://a.example/x?redirect_uri=" .. ENCODED },
    { "https://a.example/x?a=1&", "https://a.example/x?a=1&redirect_uri=" .. ENCODED },
    { "https://a.example/x#f?g", "https://a.example/x?redirect_uri=" .. ENCODED .. "#f?g" },
    { "https://a.example/x?a=1#f", "https://a.example/x?a=1&redirect_uri=" .. ENCODED .. "#f" },
    { "https://a.example", "https://a.example?redirect_uri=" .. ENCODED },
    { "HTTPS://a.example/", "HTTPS://a.example/?redirect_uri=" .. ENCODED },
    { "http://localhost:8080/x", "http://localhost:8080/x?redirect_uri=" .. ENCODED },
    { "http://127.0.0.1/x", "http://127.0.0.1/x?redirect_uri=" .. ENCODED },
  }
  for _, row in ipairs(rows) do
    it("adds to " .. row[1], function()
      assert.equal(row[2], link(row[1]))
    end)
  end

  it("adds nonce and scope", function()
    assert.equal(
      "https://a.example/?redirect_uri=r&nonce=n%26&scope=a%20b",
      link("https://a.example/", { redirect_uri = "r", nonce = "n&", scope = "a b" })
    )
    assert.equal(
      "https://a.example/?redirect_uri=r&scope=a%20b%2Fc%20d",
      link("https://a.example/", { redirect_uri = "r", scope = { "a", "b/c", "d" } })
    )
  end)

  it("returns nil and a reason where the connection cannot be authorized", function()
    local reasons = {
      ["http://a.example/x"] = "authorize_url: is not https",
      ["http://localhost.example/x"] = "authorize_url: is not https",
      ["javascript:alert(1)"] = "authorize_url: ",
      ["data:text/html,x"] = "authorize_url: ",
      ["//a.example/x"] = "authorize_url: ",
      ["https://"] = "authorize_url: ",
      ["https://user:secret@a.example/"] = "authorize_url: must not contain a user name or password",
      ["https://a.example/\0x"] = "authorize_url: is not a URL",
      ["https://a.example/\nx"] = "authorize_url: must not contain spaces or control characters",
      [""] = "authorize_url: the connection has none",
    }
    for url, reason in pairs(reasons) do
      local text, why = link(url)
      assert.is_nil(text, url)
      assert.matches(reason, why, 1, true)
      assert.is_nil(why:find("secret", 1, true))
    end
    for _, absent in ipairs { vault.null, false, 1 } do
      local text, why = link(absent)
      assert.is_nil(text)
      assert.matches("the connection has none", why, 1, true)
    end
    assert.is_nil((vault.authorize_url({}, { redirect_uri = "r" })))
  end)

  it("refuses wrong arguments with InvalidRequestError", function()
    local row = { authorize_url = "https://a.example/" }
    local wrong = {
      { nil, { redirect_uri = "r" }, "connection: expected a table, got nil" },
      { "x", { redirect_uri = "r" }, "connection: expected a table, got a string" },
      { row, nil, "expected a table with redirect_uri, got nil" },
      { row, "https://x", "expected a table with redirect_uri, got a string" },
      { row, {}, "redirect_uri: required field is missing" },
      { row, { redirect_uri = "" }, "redirect_uri: must not be empty" },
      { row, { redirect_uri = 1 }, "redirect_uri: expected a string, got a number" },
      { row, { redirectUri = "r" }, "unknown field 'redirectUri'; did you mean 'redirect_uri'?" },
      {
        row,
        { redirect_uri = "r", state = "s" },
        "unknown field 'state'; authorize_url takes redirect_uri, nonce, scope",
      },
      { row, { redirect_uri = "r", nonce = "" }, "nonce: must not be empty" },
      { row, { redirect_uri = "r", nonce = {} }, "nonce: expected a string, got a table" },
      { row, { redirect_uri = "r", scope = {} }, "scope: must not be empty" },
      {
        row,
        { redirect_uri = "r", scope = { "a", 1 } },
        "scope[2]: expected a string, got a number",
      },
      {
        row,
        { redirect_uri = "r", scope = 1 },
        "scope: expected a list of strings, or a string with spaces",
      },
      { row, { "r" }, "takes named options" },
    }
    for _, case in ipairs(wrong) do
      local built, err = pcall(vault.authorize_url, case[1], case[2])
      assert.is_false(built, case[3])
      assert.is_true(vault.is_error(err, "InvalidRequestError"))
      assert.matches(case[3], err.message, 1, true)
    end
    local built, err = safe.authorize_url(row, {})
    assert.is_nil(built)
    assert.is_true(safe.is_error(err, "InvalidRequestError"))
  end)
end)

describe("vault.revoke_url", function()
  it("adds redirect_uri", function()
    local row = { revoke_url = "https://a.example/revoke?state=1" }
    assert.equal(
      "https://a.example/revoke?state=1&redirect_uri=" .. ENCODED,
      vault.revoke_url(row, { redirect_uri = BACK })
    )
  end)

  it("accepts no nonce", function()
    local built, err = pcall(vault.revoke_url, {}, { redirect_uri = "r", nonce = "n" })
    assert.is_false(built)
    assert.equal("unknown field 'nonce'; revoke_url takes redirect_uri", err.message)
  end)

  it("returns nil and a reason where the connection has no such URL", function()
    local text, why = vault.revoke_url({ authorize_url = "https://a" }, { redirect_uri = "r" })
    assert.is_nil(text)
    assert.matches("revoke_url: the connection has none", why, 1, true)
  end)
end)

describe("vault.nonce", function()
  it("returns 32 hex digits, different each time", function()
    local seen = {}
    for _ = 1, 1000 do
      local nonce = vault.nonce()
      assert.matches("^%x+$", nonce)
      assert.equal(32, #nonce)
      assert.is_nil(seen[nonce])
      seen[nonce] = true
    end
  end)

  it("has a random digit at every position", function()
    local first, varies = vault.nonce(), {}
    for _ = 1, 100 do
      local nonce = vault.nonce()
      for position = 1, #nonce do
        varies[position] = varies[position] or nonce:byte(position) ~= first:byte(position)
      end
    end
    for position = 1, #first do
      assert.is_true(varies[position], position)
    end
  end)
end)

describe("vault.secure_compare", function()
  it("compares strings", function()
    assert.is_true(vault.secure_compare("abc", "abc"))
    assert.is_true(vault.secure_compare("a\0b", "a\0b"))
    for _, other in ipairs { "abd", "bbc", "ab", "abcd", "", "a\0c" } do
      assert.is_false(vault.secure_compare("abc", other))
    end
  end)

  it("returns false for nil", function()
    assert.is_false(vault.secure_compare(nil, nil))
    assert.is_false(vault.secure_compare("", nil))
    assert.is_false(vault.secure_compare(nil, ""))
  end)

  it("refuses other values", function()
    local compared, err = pcall(vault.secure_compare, "1", 1)
    assert.is_false(compared)
    assert.is_true(vault.is_error(err, "InvalidRequestError"))
  end)
end)

describe("vault.confirm_script", function()
  it("is short, and contains nothing that ends its script element", function()
    local _, lines = vault.confirm_script:gsub("\n", "")
    assert.is_true(lines <= 20)
    assert.is_nil(vault.confirm_script:find("</", 1, true))
    assert.is_nil(vault.confirm_script:find("<!--", 1, true))
  end)

  it("has the hash that a Content Security Policy needs", function()
    local hex = internal.sha256(vault.confirm_script)
    local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    local bits = hex:gsub("%x", function(digit)
      local value, text = tonumber(digit, 16), ""
      for bit = 3, 0, -1 do
        text = text .. math.floor(value / 2 ^ bit) % 2
      end
      return text
    end)
    local base64 = (bits .. "00"):gsub(("[01]"):rep(6), function(group)
      local index = tonumber(group, 2) + 1
      return alphabet:sub(index, index)
    end)
    assert.equal(("'sha256-%s='"):format(base64), vault.confirm_script_hash)
  end)
end)
