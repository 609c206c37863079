-- An unencrypted key stays on this machine, and a proxy's password is never shown.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local socket = require "socket"

local DONE = { headers = { { "content-type", "application/json" } }, body = '{"data":{"ok":true}}' }
local ELSEWHERE = "http://proxy.invalid:3128"

-- An address of this machine other than loopback stands for another host.
local function outer_address()
  local probe = socket.udp()
  probe:setpeername("192.0.2.1", 9) -- TEST-NET-1 (RFC 5737); UDP sends nothing by that
  local address = probe:getsockname()
  probe:close()
  return address and not address:find "^127%." and address ~= "0.0.0.0" and address or nil
end

-- Counts the connections that come to an address.
local function listen(address)
  local listener = socket.bind(address, 0)
  if not listener then
    return nil
  end
  listener:settimeout(0)
  local _, port = listener:getsockname()
  return ("http://%s:%d"):format(address, port),
    function()
      local bytes = ""
      local connection = listener:accept()
      if connection then
        connection:settimeout(0.05)
        bytes = select(3, connection:receive "*a") or ""
        connection:close()
      end
      return bytes
    end
end

local CALL = [[
  local vault = require "vault"
  local client = vault.new {
    server_url = %q, api_key = "k", retries = false, timeout_ms = 5000, %s
  }
  local ok, result = pcall(client.connections.list)
  print(ok and result.data.ok or result.name)
  print(ok or result.message)
]]

describe("a key that is not encrypted", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  it("is not sent to a proxy on another host, set by the option", function()
    for _, proxy in ipairs { ELSEWHERE, "proxy.invalid:3128", "socks5h://10.0.0.1", "192.0.2.1" } do
      local client = host:client({ url = "http://localhost:1" }, { proxy = proxy })
      local err = expect.error("InvalidRequestError", client.connections.list)
      expect.says(err.message, "proxy", "allow_insecure")
      expect.error("InvalidRequestError", client.async.connections.list)
      client:close()
    end
  end)

  it("is not sent to a proxy on another host, set by the environment", function()
    for _, name in ipairs { "http_proxy", "all_proxy", "ALL_PROXY" } do
      local output = child.run(CALL:format("http://127.0.0.1:1", ""), { [name] = ELSEWHERE })
      expect.says(output, "InvalidRequestError", "http_proxy")
    end
  end)

  it("is sent in spite of variables that libcurl ignores", function()
    local peer = host:script { DONE }
    for name, value in pairs { HTTP_PROXY = ELSEWHERE, https_proxy = ELSEWHERE, http_proxy = "" } do
      assert.equal("true\ntrue\n", (child.run(CALL:format(peer.url, ""), { [name] = value })))
    end
  end)

  it("is sent directly to a host in no_proxy, and to any with proxy = ''", function()
    local peer = host:script { DONE }
    local environment = { http_proxy = ELSEWHERE, no_proxy = "example.com,127.0.0.1" }
    assert.equal("true\ntrue\n", (child.run(CALL:format(peer.url, ""), environment)))
    environment.no_proxy = nil
    assert.equal("true\ntrue\n", (child.run(CALL:format(peer.url, "proxy = ''"), environment)))
  end)

  it("is sent to a proxy on this machine, or with allow_insecure", function()
    local peer = host:script { DONE }
    for _, config in ipairs {
      { proxy = host:server().http },
      { proxy = host:server().http:gsub("127%.0%.0%.1", "localhost") },
    } do
      local client = host:client({ url = "http://localhost:1/" .. peer.name }, config)
      assert.is_true(client.connections.list().data.ok)
    end
    local client = host:client({ url = "http://localhost:1" }, {
      proxy = ELSEWHERE,
      allow_insecure = true,
      retries = false,
    })
    assert.equal("proxy", expect.error("ConnectionError", client.connections.list).code)
  end)

  it("is protected when a hook changes the URL", function()
    local client = host:client({ url = "https://localhost:1" }, {
      proxy = ELSEWHERE,
      hooks = {
        before_request = function(event)
          event.url = "http://localhost:1/"
        end,
      },
    })
    expect.error("InvalidRequestError", client.connections.list)
  end)

  it("is not sent to another host that libcurl would connect to, whatever the reason", function()
    local address = outer_address()
    local proxy, received
    if address then
      proxy, received = listen(address)
    end
    if not proxy then
      pending "this machine has no other address"
      return
    end
    -- no_proxy names another host: libcurl decides whether it applies.
    local output = child.run(
      CALL:format("http://localhost:1", ""),
      { http_proxy = proxy, no_proxy = "example.com" }
    )
    expect.says(output, "InvalidRequestError", "allow_insecure")
    assert.equal("", received())
  end)

  it("is not sent over a connection that a client with allow_insecure has opened", function()
    local address = outer_address()
    local peer = host:script { DONE }
    local proxy = address and host:server():outer(address)
    if not proxy then
      pending "this machine has no other address"
      return
    end
    local code = ([[
      local vault = require "vault"
      local function list(allow)
        local client = vault.new {
          server_url = "http://localhost:1/%s", api_key = "k", retries = false, allow_insecure = allow,
        }
        local ok, result = pcall(function()
          return client.async.connections.list():wait()
        end)
        print(ok and result.data.ok or result.name)
      end
      list(true)
      list(false)
    ]]):format(peer.name)
    local output = child.run(code, { http_proxy = proxy, no_proxy = "example.com" })
    assert.equal("true\nInvalidRequestError\n", output)
    assert.equal(1, #peer:requests())
  end)
end)

describe("a proxy's password", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  it("is in no message, whatever the proxy's fault", function()
    local url = host:server().urls.good
    for _, proxy in ipairs {
      "ftp://user:Fv17planted@localhost:1",
      "http://user:Fv17planted@local host:1",
      "http://user:Fv17planted@localhost:port",
      "http://user:Fv17planted@localhost:99999",
      "gopher://us er:Fv17 pl@nted@localhost",
      "http://user:" .. ("Fv17planted"):rep(40) .. "@local host",
      "http://user:Fv17planted@" .. ("a"):rep(64) .. ".invalid",
      "user:Fv17planted@localhost:1",
    } do
      for _, name in ipairs { "https_proxy", "HTTPS_PROXY", "ALL_PROXY" } do
        local output = child.run(CALL:format(url, ""), { [name] = proxy })
        expect.says(output, "ConnectionError")
        expect.silent_about(output, "Fv17")
      end
    end
  end)

  it("that is invalid does not cause a retry", function()
    local code = CALL:gsub("retries = false, ", ""):gsub("result.message", "result.attempts")
    local environment = { https_proxy = "ftp://user:secret@localhost:1" }
    local output = child.run(code:format(host:server().urls.good, ""), environment)
    assert.equal("ConnectionError\n1\n", output)
  end)
end)
