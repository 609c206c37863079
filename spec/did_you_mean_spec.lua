-- "Did you mean" of src/base/did_you_mean.c.
local suggest = require("vault_internal").did_you_mean

local CONFIG = {
  "api_key",
  "app_id",
  "consumer_id",
  "server_url",
  "timeout_ms",
  "connect_timeout_ms",
  "headers",
  "retries",
  "retry_codes",
  "user_agent",
  "proxy",
  "tls",
  "http_version",
}

describe("did_you_mean", function()
  it("recognises a name in another case style", function()
    for given, meant in pairs {
      apiKey = "api_key",
      ApiKey = "api_key",
      APIKEY = "api_key",
      ["api-key"] = "api_key",
      ["Api Key"] = "api_key",
      API_KEY = "api_key",
      apikey = "api_key",
      timeoutMs = "timeout_ms",
      connectTimeoutMs = "connect_timeout_ms",
      TLS = "tls",
      _proxy = "proxy",
    } do
      local best, how = suggest(given, CONFIG)
      assert.equal(meant, best)
      assert.equal("spelling", how)
    end
  end)

  it("corrects typing mistakes", function()
    for given, meant in pairs {
      configurd = "configured",
      configuerd = "configured",
      confgured = "configured",
      conffigured = "configured",
      confihured = "configured",
      Configurd = "configured",
    } do
      local best, how = suggest(given, { "api", "configured" })
      assert.equal(meant, best)
      assert.equal("near", how)
    end
  end)

  it("completes the first words of a name", function()
    for given, meant in pairs {
      timeout = "timeout_ms",
      consumer = "consumer_id",
      server = "server_url",
      http = "http_version",
    } do
      local best, how = suggest(given, CONFIG)
      assert.equal(meant, best)
      assert.equal("near", how)
    end
  end)

  it("returns the nearest of several", function()
    assert.equal("retry_codes", (suggest("retry_code", { "retries", "retry_codes", "retry" })))
    assert.equal("app_id", (suggest("appId", { "api_id", "app_id" })))
  end)

  it("returns the first of equally near names", function()
    assert.equal("cat", (suggest("cot", { "cat", "cut" })))
  end)

  it("returns nothing when no name is near", function()
    for _, given in ipairs { "zzzzzzzz", "", "x", "ap", "banana", "tlsx_config", ("a"):rep(10000) } do
      local _, how = suggest(given, CONFIG)
      assert.is_nil(how)
    end
  end)

  it("returns nothing without candidates", function()
    local best, how = suggest("api", {})
    assert.is_nil(best)
    assert.is_nil(how)
  end)

  it("completes whole words only", function()
    for _, given in ipairs { "serv", "timeou", "connect_time" } do
      local _, how = suggest(given, { "server_url", "timeout_ms", "connect_timeout_ms" })
      assert.is_nil(how, given)
    end
  end)

  it("corrects at most three mistakes, however long the name is", function()
    assert.equal("near", select(2, suggest("xonnect_xxmeout_ms", { "connect_timeout_ms" })))
    assert.is_nil(select(2, suggest("xonnect_xxmeout_xs", { "connect_timeout_ms" })))
  end)

  it("corrects at most one mistake in short names", function()
    assert.equal("near", select(2, suggest("abc", { "abd" })))
    assert.equal("near", select(2, suggest("aip", { "api" })))
    assert.is_nil(select(2, suggest("abc", { "xbd" })))
    assert.is_nil(select(2, suggest("app", { "app_id" })))
    assert.is_nil(select(2, suggest("proxyab", { "proxy" })))
    assert.is_nil(select(2, suggest("id", { "ab" })))
  end)
end)
