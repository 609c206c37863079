-- Injection: ids, header values and URLs that try to change another part of the request.
local expect = require "spec.support.expect"
local sandbox_process = require "spec.support.sandbox_process"
local vault = require "vault"

local ANSWER = { status = 200, headers = {}, body = '{"data":{}}' }

-- A client whose requests are recorded, not sent.
local function watched(config)
  local seen = {}
  config.api_key = config.api_key or "k"
  config.retries = false
  config.transport = function(request)
    seen[#seen + 1] = request
    return ANSWER
  end
  return vault.new(config), seen
end

local function decoded(segment)
  return (
    segment:gsub("%%(%x%x)", function(digits)
      return string.char(tonumber(digits, 16))
    end)
  )
end

describe("an id", function()
  local HOSTILE = {
    "../..",
    "a/../../secrets",
    "..%2f..%2fsecrets",
    "%2e%2e",
    "..\\..\\secrets",
    "a?x=1",
    "a#b",
    "a&b=c",
    "a;b",
    "a b",
    "a\0b",
    "a\r\nx-injected: 1",
    "a HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "@evil.example",
    "//evil.example",
    "http://evil.example/",
    "{service_id}",
    "%",
    "%00",
    "\226\128\165", -- U+2025, two dots in one
    "\239\188\142\239\188\142\226\136\149", -- full-width dots, and a division slash
  }

  it("is one segment of the path, whatever its characters", function()
    local client, seen = watched { server_url = "https://vault.example/base" }
    for _, id in ipairs(HOSTILE) do
      client.connections.get { service_id = id, unified_api = "crm" }
      client.connections.delete { service_id = "s", unified_api = id }
    end
    for i, id in ipairs(HOSTILE) do
      local first, second = seen[2 * i - 1].url, seen[2 * i].url
      local service =
        first:match "^https://vault%.example/base/vault/connections/crm/([^/?#%s%c]+)$"
      local api = second:match "^https://vault%.example/base/vault/connections/([^/?#%s%c]+)/s$"
      assert(service and api, first .. " " .. second)
      assert.equal(id, decoded(service))
      assert.equal(id, decoded(api))
    end
  end)

  it("of any bytes is one segment, or is refused for not being UTF-8", function()
    local client, seen = watched { server_url = "https://vault.example" }
    local state = 20240229 -- the same ids in every run (a linear congruential generator)
    local function random(limit)
      state = (state * 1103515245 + 12345) % 2147483648
      return math.floor(state / 65536) % limit
    end
    local sent = 0
    for _ = 1, 2000 do
      local bytes = {}
      for i = 1, 1 + random(6) do
        bytes[i] = string.char(random(4) == 0 and random(256) or random(128))
      end
      local id = table.concat(bytes)
      local request = { service_id = id, unified_api = "crm" }
      local returned, err = pcall(client.connections.get, request)
      if returned then
        sent = sent + 1
        local segment =
          seen[sent].url:match "^https://vault%.example/vault/connections/crm/([%w%%%-_.!~*'()]+)$"
        assert.equal(id, decoded(assert(segment, seen[sent].url)))
      else
        assert.is_true(vault.is_error(err, "InvalidRequestError"))
      end
    end
    assert.is_true(sent > 500 and sent < 2000)
  end)
end)

describe("a header set by a hook", function()
  local function left(name, value)
    local client, seen = watched {
      hooks = {
        before_request = function(event)
          event.headers[name] = value
        end,
      },
    }
    return client, seen
  end

  it("cannot contain a line break", function()
    for _, value in ipairs { "a\r\nx: y", "a\nb", "a\rb", "a\0b", "a\tb", "\127", "\255" } do
      local client, seen = left("x-own", value)
      expect.error("InvalidRequestError", client.connections.list)
      assert.equal(0, #seen)
    end
    for _, name in ipairs { "a b", "a:b", "a\r\nx", "", "\255", "a\0" } do
      local client, seen = left(name, "v")
      expect.error("InvalidRequestError", client.connections.list)
      assert.equal(0, #seen)
    end
  end)
end)

describe("a server_url", function()
  it("that only looks like loopback receives no key over plain http", function()
    for _, host in ipairs {
      "localhost.evil.example",
      "evil-localhost",
      "127.0.0.1.evil.example",
      "127.0.0.999",
      "127.0.0.1evil.example",
      "127.evil.example",
      "0.0.0.0",
      "[::]",
      "[::ffff:10.0.0.1]",
      "10.0.0.1",
      "%6c%6f%63%61%6c%68%6f%73%74.evil.example",
    } do
      local returned, err = pcall(function()
        local client, seen = watched { server_url = "http://" .. host }
        client.connections.list()
        return #seen
      end)
      assert.is_false(returned, host)
      assert.is_true(vault.is_error(err, "InvalidRequestError"), host)
    end
  end)

  it("must be http or https with a host", function()
    for _, url in ipairs {
      "https://user@vault.example",
      "https://user:secret-word@vault.example",
      "https://:secret-word@vault.example",
      "https://127.0.0.1@evil.example",
      "https://vault.example#@evil.example",
      "https://vault.example/#fragment",
      "javascript:alert(1)",
      "javascript://vault.example/%0aalert(1)",
      "data:text/html,x",
      "gopher://vault.example/",
      "dict://vault.example/",
      "ldap://vault.example/",
      "smb://vault.example/",
      "unix:/var/run/vault.sock",
      "file://localhost/etc/passwd",
      "https:vault.example",
      "https:\\\\vault.example",
      "https://vault.example\r\nhost: evil.example",
      "https://vault.example\0.evil.example",
      "https://vault example",
      "\thttps://vault.example",
    } do
      local err =
        expect.error("InvalidRequestError", vault.new, { server_url = url, api_key = "k" })
      expect.says(err.message, "server_url")
      expect.silent_about(tostring(err), "secret-word")
      local client, seen = watched {}
      expect.error("InvalidRequestError", client.connections.list, {}, { server_url = url })
      assert.equal(0, #seen)
    end
  end)
end)

describe("the sandbox's server", function()
  it("listens on 127.0.0.1 and nowhere else", function()
    if not io.open "/proc/net/tcp6" then
      pending "only Linux tells who listens where"
      return
    end
    local sandbox = sandbox_process.start()
    local addresses = {}
    for _, file in ipairs { "/proc/net/tcp", "/proc/net/tcp6" } do
      for line in io.lines(file) do
        -- sl local_address rem_address st; 0A is TCP_LISTEN
        local address, port, state = line:match "^%s*%d+: (%x+):(%x+) %x+:%x+ (%x+)"
        if state == "0A" and tonumber(port, 16) == sandbox.port then
          addresses[#addresses + 1] = address
        end
      end
    end
    sandbox:stop()
    assert.same({ "0100007F" }, addresses)
  end)
end)
