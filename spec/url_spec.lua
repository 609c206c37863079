-- Base URLs, percent-encoding and proxies: src/http/url.c.
local url = require("vault_internal").url

describe("a base URL", function()
  it("is split into the parts before and after the operation's path", function()
    local base = url.base "http://h:8080/proxy/v1//?tenant=7"
    assert.equal("http://h:8080/proxy/v1", base.prefix)
    assert.equal("tenant=7", base.query)
    assert.equal("h", base.host)
    base = url.base "https://unify.apideck.com"
    assert.equal("https://unify.apideck.com", base.prefix)
    assert.equal("", base.query)
    assert.is_true(base.secure)
    base = url.base "http://h?x=1"
    assert.equal("http://h", base.prefix)
    assert.equal("x=1", base.query)
  end)

  it("has its bytes outside ASCII percent-encoded", function()
    assert.equal("http://h/%C3%A4", url.base("http://h/\195\164").prefix)
  end)

  it("is recognised as loopback", function()
    local here = {
      "127.0.0.1",
      "127.255.255.254",
      "localhost",
      "LOCALHOST",
      "a.localhost",
      "[::1]",
      "127.1",
      "2130706433",
      "0x7f000001",
    }
    for _, host in ipairs(here) do
      assert.is_true(url.base("http://" .. host .. "/").loopback, host)
    end
    local elsewhere = {
      "128.0.0.1",
      "localhost.example.com",
      "notlocalhost",
      "[::2]",
      "127.0.0.1.example.com",
      "127.999.0.1", -- a name: no part of an address is above 255
      "127.0.999.1",
      "127.0.0.999",
      "10.0.0.1",
      "0.0.0.0",
    }
    for _, host in ipairs(elsewhere) do
      assert.is_false(url.base("http://" .. host .. "/").loopback, host)
    end
  end)

  it("is refused without quoting it", function()
    for _, text in ipairs {
      "",
      "h",
      "ftp://h",
      "http://",
      "http:///p",
      "http:/h", -- libcurl would take it
      "https:/0:/hidden?x://y", -- found by fuzzing: the second "://" was taken for the scheme's
      "http://?x",
      "http://user:hidden@h/",
      "http://h/#hidden",
      "http://h/ hidden",
      "http://h/\nhidden",
      "http://h\0hidden",
    } do
      local base, problem = url.base(text)
      assert.is_nil(base, text)
      assert.is_nil(problem:find("hidden", 1, true))
    end
  end)
end)

it("percent-encoding keeps what encodeURIComponent keeps, and encodes ' in a query", function()
  local plain = "AZaz09-_.!~*()"
  assert.equal(plain .. "'", url.segment(plain .. "'"))
  assert.equal(plain .. "%27", url.query(plain .. "'"))
  for byte = 0, 255 do
    local c = string.char(byte)
    if not c:find "^[%w]$" and not (plain .. "'"):find(c, 1, true) then
      assert.equal(("%%%02X"):format(byte), url.segment(c))
      assert.equal(("%%%02X"):format(byte), url.query(c))
    end
  end
end)

it("a proxy is host:port or a URL of a proxy scheme", function()
  for _, proxy in ipairs { "localhost:3128", "http://u:p@h:1", "socks5h://h", "https://h" } do
    assert.is_nil(url.check_proxy(proxy), proxy)
  end
  for _, proxy in ipairs { "ftp://h", "nonsense://x y", "http://" } do
    assert.is_string(url.check_proxy(proxy), proxy)
  end
end)
