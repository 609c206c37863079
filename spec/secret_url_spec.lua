-- Secrets in URLs: src/redact/secret_url.c.
local redaction = require("vault_internal").redaction

describe("a URL in a message", function()
  local function shown(url, secrets, link)
    return (redaction.url(url, secrets or {}, link))
  end

  it("has the values of secret parameters replaced", function()
    assert.equal(
      "https://h/p?tenant=7&api_key=[redacted]&x",
      shown "https://h/p?tenant=7&api_key=abc&x"
    )
    local link = "/p?code=1&state=2&nonce=3#token=4"
    assert.equal("/p?code=[redacted]&state=[redacted]&nonce=[redacted]", shown(link, {}, true))
    assert.equal("/p?code=1&state=2&nonce=3", shown(link))
    assert.equal("https://h?sig=[redacted]", shown "https://h?sig=abc")
    assert.equal("https://h/?token=&key", shown "https://h/?token=&key")
  end)

  it("has no user name, password or fragment", function()
    assert.equal("https://host:8443/p", shown "https://user:p@ss@host:8443/p#x")
    assert.equal("//host/p", shown "//user:pass@host/p")
    assert.equal("https://[::1]:8443/a@b", shown "https://u@[::1]:8443/a@b")
  end)

  it("keeps its host, whatever the secrets are", function()
    local secrets = { "unify", "apideck.com", "unify.apideck.com", "pipedrive" }
    local url = "https://unify.apideck.com/vault/pipedrive?a=unify"
    assert.equal("https://unify.apideck.com/vault/[redacted]?a=[redacted]", shown(url, secrets))
  end)
end)
