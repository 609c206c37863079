-- The URL of a request: server_url, path and query as they arrive.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local function byte_by_byte(keep)
  local plain, encoded = {}, {}
  for byte = 1, 127 do
    local character = string.char(byte)
    plain[#plain + 1] = character
    encoded[#encoded + 1] = character:find("^[A-Za-z0-9" .. keep .. "]$") and character
      or ("%%%02X"):format(byte)
  end
  return table.concat(plain), table.concat(encoded)
end

for _, host in ipairs(hosts.all()) do
  describe("URLs over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    -- The target that arrives, after the part that selects the peer.
    local function target(suffix, request, operation)
      local peer = host:script { { echo = true } }
      local client = host:client(peer, { server_url = peer.url .. suffix })
      local _, response = client.connections[operation or "list"](request)
      local path = peer:requests()[1].path
      assert.equal(peer.url .. path, response.url)
      return path
    end

    local function id(service_id)
      return target("", { service_id = service_id, unified_api = "crm" }, "get"):match "^/vault/connections/crm/(.*)$"
    end

    it("keep a path prefix, without trailing slashes", function()
      for suffix, expected in pairs {
        [""] = "/vault/connections",
        ["/"] = "/vault/connections",
        ["///"] = "/vault/connections",
        ["/proxy/v1"] = "/proxy/v1/vault/connections",
        ["/proxy/v1/"] = "/proxy/v1/vault/connections",
        ["/proxy/v1//"] = "/proxy/v1/vault/connections",
        ["/proxy/../v1/./x"] = "/proxy/../v1/./x/vault/connections",
      } do
        assert.equal(expected, target(suffix))
      end
    end)

    it("keep a query before the operation's", function()
      local list = { api = "crm" }
      assert.equal(
        "/proxy/v1/vault/connections?tenant=7&api=crm",
        target("/proxy/v1//?tenant=7", list)
      )
      assert.equal("/vault/connections?tenant=7", target("?tenant=7"))
      assert.equal(
        "/vault/connections?a=1&b=%2F&api=crm&configured=true",
        target("/?a=1&b=%2F", { api = "crm", configured = true })
      )
      local one = { service_id = "s", unified_api = "crm" }
      assert.equal("/vault/connections/crm/s?tenant=7", target("?tenant=7", one, "get"))
    end)

    it("percent-encode path segments byte by byte except A-Z a-z 0-9 - _ . ! ~ * ' ( )", function()
      local plain, encoded = byte_by_byte "%-_.!~*'()"
      assert.equal(encoded, id(plain))
      assert.equal("%00", id "\0")
      assert.equal("%C3%A9%F0%9F%98%80", id "\195\169\240\159\152\128")
      assert.equal("a%2Fb%3Fc%23d%25e%20f", id "a/b?c#d%e f")
      assert.equal("..%2F..%2Fetc", id "../../etc")
      assert.equal("...", id "...")
      assert.equal("%252e%252e", id "%2e%2e")
    end)

    it("percent-encode the unified_api too", function()
      local request = { service_id = "s", unified_api = "c/r m" }
      assert.equal("/vault/connections/c%2Fr%20m/s", target("", request, "get"))
    end)

    it("percent-encode the query, also '", function()
      local plain, encoded = byte_by_byte "%-_.!~*()"
      assert.equal("/vault/connections?api=" .. encoded, target("", { api = plain }))
      assert.equal("/vault/connections?api=a%26b%3Dc%2Bd", target("", { api = "a&b=c+d" }))
      assert.equal("/vault/connections?api=%C3%A9", target("", { api = "\195\169" }))
    end)
  end)
end

describe("server_url", function()
  local function response()
    return { status = 200, headers = {}, body = '{"data":[]}' }
  end

  local function url_of(config)
    local seen
    config.transport = function(request)
      seen = request
      return response()
    end
    vault.new(config).connections.list()
    return seen.url, seen.headers
  end

  it("is Apideck's by default", function()
    assert.equal("https://unify.apideck.com/vault/connections", (url_of { api_key = "k" }))
    local url = url_of { api_key = "k", server_url = "" }
    assert.equal("https://unify.apideck.com/vault/connections", url)
  end)

  it("is refused where it is not an http or https URL", function()
    for _, url in ipairs {
      "nonsense",
      "ftp://127.0.0.1/",
      "file:///etc/passwd",
      "http://",
      "https://",
      "http:///path",
      "//127.0.0.1/",
      "http://127.0.0.1:99999/",
      "http://127.0.0.1:port/",
      "http://127.0.0.1/\r\nx",
      "http://127.0.0.1/a b",
      "http://[::1/",
    } do
      local returned = pcall(vault.new, { server_url = url })
      assert.is_false(returned, url)
      expect.invalid("server_url", vault.new, { server_url = url })
    end
    expect.invalid("server_url", vault.new, { server_url = 5 })
  end)

  local LOOPBACK = {
    "http://127.0.0.1",
    "http://127.0.0.1:8080",
    "http://127.9.9.9",
    "http://127.255.255.254:1/x",
    "http://[::1]",
    "http://[::1]:8080",
    "http://localhost",
    "http://LocalHost:80",
    "http://vault.localhost",
    "http://a.b.localhost:5",
    "HTTP://localhost",
  }
  local ELSEWHERE = {
    "http://example.com",
    "http://unify.apideck.com",
    "http://10.0.0.1",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://[::2]",
    "http://[::]",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "http://notlocalhost",
    "http://127.example.com",
    "http://127.0.0.1@example.com",
    "http://127.0.0.1:80@example.com",
    "http://localhost:80@example.com/",
    "http://example.com/@127.0.0.1",
    "http://example.com?@127.0.0.1",
    "http://example.com#@127.0.0.1",
    "http://example.com\\@127.0.0.1",
  }

  it("may be plain http to a loopback host", function()
    for _, url in ipairs(LOOPBACK) do
      local _, headers = url_of { api_key = "k", server_url = url }
      assert.equal("Bearer k", headers.authorization)
    end
  end)

  it("must not be plain http to another host where a key is sent", function()
    for _, url in ipairs(ELSEWHERE) do
      local sent = 0
      local err = expect.error("InvalidRequestError", function()
        local client = vault.new {
          api_key = "k",
          server_url = url,
          transport = function()
            sent = sent + 1
            return response()
          end,
        }
        client.connections.list()
      end)
      assert.equal(0, sent)
      assert.truthy(err.message)
    end
  end)

  it("of a call is checked as well", function()
    local client =
      vault.new { api_key = "k", server_url = "http://localhost", transport = response }
    local list = client.connections.list
    expect.invalid("allow_insecure", list, {}, { server_url = "http://example.com" })
    assert.same({}, list({}, { server_url = "http://127.0.0.1" }).data)
  end)

  it("may be plain http where no secret is sent, or with allow_insecure", function()
    local url = url_of { api_key = "", server_url = "http://example.com" }
    assert.equal("http://example.com/vault/connections", url)
    url = url_of { api_key = "k", server_url = "http://example.com", allow_insecure = true }
    assert.equal("http://example.com/vault/connections", url)
  end)

  it("may be https to any host", function()
    local url = url_of { api_key = "k", server_url = "https://example.com/x/" }
    assert.equal("https://example.com/x/vault/connections", url)
  end)
end)
