-- The replacement of secrets in texts: src/redact/secret_replace.c and secret_set.c.
local redaction = require("vault_internal").redaction

local function replaced(text, secrets, host)
  return (redaction.replace(text, secrets, host))
end

describe("in a text", function()
  it("a secret of 8 to 15 characters is replaced within words too", function()
    for length = 8, 15 do
      local secret = ("kq7wz0xv3mb9rtc"):sub(1, length)
      assert.equal("a[redacted]b", replaced("a" .. secret .. "b", { secret }))
      assert.equal("id_[redacted]2", replaced("id_" .. secret .. "2", { secret }))
      assert.equal("[redacted]", replaced(secret, { secret }))
    end
  end)

  it("a secret of 4 to 7 characters is replaced as a whole word only", function()
    for length = 4, 7 do
      local secret = ("kq7wz0x"):sub(1, length)
      local text = ("%s, a%s %s_b (%s)"):format(secret, secret, secret, secret)
      local expected = ("[redacted], a%s %s_b ([redacted])"):format(secret, secret)
      assert.equal(expected, replaced(text, { secret }))
    end
  end)

  it("a secret of less than 4 characters is not replaced", function()
    assert.equal("abc crm 1", replaced("abc crm 1", { "abc", "crm", "1" }))
  end)

  it("the first and longest match is replaced", function()
    local secrets = { "abcdefgh", "abcdefghijkl", "abcdefghijklmnop", "ijklmnopqrst" }
    assert.equal("[redacted]mnoX", replaced("abcdefghijklmnoX", secrets))
    assert.equal("[redacted]qrst", replaced("abcdefghijklmnopqrst", secrets))
    assert.equal("[redacted]X", replaced("abcdefghX", secrets))
    assert.equal("[redacted][redacted]", replaced("abcdefghabcdefgh", secrets))
  end)

  it("a shorter secret is replaced where a longer one is no whole word", function()
    assert.equal("[redacted]-xyz1", replaced("abcd-xyz1", { "abcd", "abcd-xy" }))
    assert.equal("[redacted] 1", replaced("abcd-xy 1", { "abcd", "abcd-xy" }))
  end)

  it("secrets with a common prefix are distinguished", function()
    local secrets, text, expected = {}, {}, {}
    for i = 1, 500 do
      secrets[i] = ("sk_live_%03d_%s"):format(i, ("z"):rep(i % 90))
      text[i], expected[i] = secrets[i] .. ".", "[redacted]."
    end
    assert.equal(table.concat(expected), replaced(table.concat(text), secrets))
    assert.equal("sk_live_", replaced("sk_live_", secrets))
    assert.equal("sk_live_501_zz", replaced("sk_live_501_zz", secrets))
  end)

  it("the start of a long secret is replaced", function()
    local secret = ("0123456789abcdefghij"):rep(10)
    local other = secret:sub(1, 100) .. ("-other"):rep(20)
    assert.equal("[redacted]!", replaced(secret .. "!", { secret, other }))
    assert.equal("[redacted]!", replaced(other .. "!", { secret, other }))
    for _, length in ipairs { 64, 65, 99, 100, 101, 150 } do
      assert.equal(
        "cut: [redacted]...",
        replaced("cut: " .. secret:sub(1, length) .. "...", { secret, other })
      )
    end
    local short = secret:sub(1, 63)
    assert.equal(short .. "!", replaced(short .. "!", { secret }))
  end)

  it("anything in the shape of a token is replaced", function()
    local token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_"
    assert.equal("a [redacted] b", replaced("a " .. token .. " b", {}))
    assert.equal("Bearer [redacted], x", replaced("Bearer 0123456789abcdef, x", {}))
    assert.equal("eyJ and Bearer short", replaced("eyJ and Bearer short", {}))
  end)

  it("secrets are replaced in every encoding", function()
    local secret = 'p/q"r\\s &t\195\169'
    for _, written in ipairs {
      secret,
      'p/q\\"r\\\\s &t\195\169',
      'p\\/q\\"r\\\\s &t\195\169',
      'p/q\\"r\\\\s &t\\u00e9',
      "p%2Fq%22r%5Cs%20%26t%C3%A9",
      "p%2fq%22r%5cs%20%26t%c3%a9",
      "p%2Fq%22r%5Cs+%26t%C3%A9",
      "p/q&quot;r\\s &amp;t\195\169",
    } do
      assert.equal("<[redacted]>", replaced("<" .. written .. ">", { secret }))
    end
    assert.equal('"[redacted]"', replaced('"\\ud83d\\ude00-face"', { "\240\159\152\128-face" }))
  end)

  it("the called host is kept, whole and in parts", function()
    local host = "unify.apideck.com"
    for _, secret in ipairs { "unify", "apideck", "apideck.com", host } do
      for _, text in ipairs {
        "https://unify.apideck.com/vault",
        "unify.apideck.com:443: connection refused",
        "could not resolve unify.apideck.com",
        "see unify.apideck.com.",
      } do
        assert.equal(text, replaced(text, { secret }, host))
      end
    end
    assert.equal("[redacted] is wrong", replaced("unify is wrong", { "unify" }, host))
    assert.equal(
      "https://unify.apideck.com/[redacted]",
      replaced("https://unify.apideck.com/unify", { "unify" }, host)
    )
    assert.equal(
      "[redacted]",
      replaced("https://unify.apideck.com/a", { "https://unify.apideck.com/a" }, host)
    )
    for _, other in ipairs { "not-unify.%s.com", "unify.%s.community", "unify.%s.com.org" } do
      assert.equal(other:format "[redacted]", replaced(other:format "apideck", { "apideck" }, host))
    end
  end)

  it("a short secret is kept in other hosts, and a longer one is replaced there", function()
    assert.equal(
      "https://login.crm-app.com:443/[redacted]",
      replaced("https://login.crm-app.com:443/login", { "login" })
    )
    assert.equal(
      "https://[redacted].example.com/",
      replaced("https://acme-corp-7.example.com/", { "acme-corp-7" })
    )
    assert.equal("https://user:[redacted]@host/", replaced("https://user:passw@host/", { "passw" }))
    assert.equal("https://[redacted]@host/", replaced("https://login@host/", { "login" }))
    assert.equal("https://[redacted]:x1@host/", replaced("https://login:x1@host/", { "login" }))
  end)
end)

describe("the search for many secrets", function()
  -- Searches one secret after the other, at every byte.
  local function plainly(text, secrets)
    local out, at = {}, 1
    local function is_word(position)
      return text:sub(position, position):find "[%w_]" ~= nil
    end
    local function counts(secret)
      local last = at + #secret - 1
      return text:sub(at, last) == secret
        and (#secret >= 8 or (not is_word(at - 1) and not is_word(last + 1)))
    end
    while at <= #text do
      local longest = 0
      for _, secret in ipairs(secrets) do
        if #secret > longest and counts(secret) then
          longest = #secret
        end
      end
      out[#out + 1] = longest > 0 and "[redacted]" or text:sub(at, at)
      at = at + math.max(longest, 1)
    end
    return table.concat(out)
  end

  -- Few different letters, so that secrets have common prefixes, contain each other and overlap in the text.
  local state = 20240229
  local function random(most)
    state = (state * 1103515245 + 12345) % 2147483648
    return math.floor(state / 65536) % most + 1
  end
  local function letters(length)
    local text = {}
    for i = 1, length do
      text[i] = ("ab_-"):sub(random(4)):sub(1, 1)
    end
    return table.concat(text)
  end

  it("finds the same as a search for one after the other", function()
    local found = 0
    for _ = 1, 300 do
      local secrets, parts = {}, {}
      for i = 1, random(30) do
        secrets[i] = letters(3 + random(10))
      end
      for i = 1, 20 do
        parts[i] = random(2) == 1 and secrets[random(#secrets)] or letters(random(8))
        parts[i] = parts[i] .. (random(3) == 1 and " " or "")
      end
      local text = table.concat(parts)
      local expected = plainly(text, secrets)
      assert.equal(expected, replaced(text, secrets))
      found = found + (expected ~= text and 1 or 0)
    end
    assert.is_true(found > 200)
  end)
end)

-- Measured in bytes that are read, not in time.
describe("the cost of redaction", function()
  local function many(format)
    local secrets = {}
    for i = 1, 1000 do
      secrets[i] = format:format(i)
    end
    return secrets
  end
  local nested = {}
  for i = 1, 300 do
    nested[i] = ("a"):rep(8 + i) .. "b"
  end
  local CASES = {
    { "ordinary text", ("lorem ipsum dolor "):rep(100), many "%d-secret-value" },
    { "secrets that begin alike", ("secret-"):rep(250), many "secret-%d-value" },
    { "secrets that almost match everywhere", ("a"):rep(1800), nested },
    {
      "long secrets that almost match",
      ("a"):rep(1800),
      { ("a"):rep(100000) .. "b", ("a"):rep(63) .. "b" },
    },
    { "tokens", ("eyJ"):rep(600), {} },
    { "words that announce tokens", ("bearer "):rep(250), {} },
    { "hosts", ("http://a:"):rep(200), many "%d-secret-value" },
    { "its own host", ("aaaa-"):rep(360), many "%d-secret-value", ("aaaa-"):rep(40) .. "b" },
  }
  for _, case in ipairs(CASES) do
    it("is linear in the text: " .. case[1], function()
      local function steps(times)
        local text = case[2]:rep(times)
        local _, count = redaction.replace(text, case[3], case[4])
        assert.is_true(count >= 0 and count <= 1000 * #text)
        return count
      end
      local once, tenfold, hundredfold = steps(1), steps(10), steps(100)
      assert.is_true(tenfold <= 12 * once + 1e6 and hundredfold <= 120 * once + 1e6)
      assert.is_true(hundredfold <= 11 * tenfold, ("%d, %d, %d"):format(once, tenfold, hundredfold))
    end)
  end

  it("does not grow with the number of secrets for ordinary text", function()
    local text = ("lorem ipsum dolor "):rep(1000)
    local function steps(count)
      local secrets = {}
      for i = 1, count do
        secrets[i] = ("%d-secret-value"):format(i)
      end
      return select(2, redaction.replace(text, secrets))
    end
    assert.is_true(steps(10000) <= 2 * steps(10))
  end)

  it("is limited to the part of a body that is shown", function()
    local function steps(size)
      local body = '{"message":"' .. ("lorem ipsum "):rep(size) .. '"}'
      return select(2, redaction.body(body, { "secret-1" }))
    end
    assert.equal(steps(1000), steps(100000))
  end)
end)
