-- Connections over a real socket: kept ones, TLS, proxies.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local sandbox_process = require "spec.support.sandbox_process"
local socket = require "socket"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local MIGRATE = {
  service_id = "pipedrive",
  unified_api = "crm",
  connection_migrate_data = { target_service_id = "t" },
}
local UPDATE = { service_id = "pipedrive", unified_api = "crm", connection = { enabled = true } }
local JSON = { { "content-type", "application/json" } }
local DONE = { headers = JSON, body = '{"data":{"ok":true}}' }

describe("a kept connection", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  local function client_of(responses, config)
    return hosts.client_of(host, responses, config)
  end

  it("carries the next call after a response without a body", function()
    local client, peer = client_of { { status = 204 }, { status = 404 }, DONE }
    client.connections.delete(PIPEDRIVE)
    expect.error("NotFoundResponse", client.connections.get, PIPEDRIVE)
    assert.is_true(client.connections.list().data.ok)
    local seen, connections = peer:requests()
    assert.equal(3, #seen)
    assert.equal(1, connections)
  end)

  it("that the server closes on the next GET does not use up an attempt", function()
    for _, operation in ipairs { "get", "delete" } do
      local responses = { DONE, { raw = "", finish = "close" }, DONE }
      local client, peer = client_of(responses, { retries = false })
      client.connections.list()
      local result, response = client.connections[operation](PIPEDRIVE)
      assert.is_true(result.data.ok)
      assert.equal(1, response.attempts)
      local seen, connections = peer:requests()
      assert.equal(3, #seen)
      assert.equal(2, connections)
    end
  end)

  it("that the server closes on a PATCH or POST does not cause a second send", function()
    local requests = { update = UPDATE, token = PIPEDRIVE, migrate = MIGRATE }
    for operation, request in pairs(requests) do
      for _, finish in ipairs { "close", "reset" } do
        local responses = { DONE, { raw = "", finish = finish }, DONE }
        local client, peer = client_of(responses, { retries = false })
        client.connections.list()
        local err = expect.error("ConnectionError", client.connections[operation], request)
        assert.equal(1, err.attempts)
        assert.equal(2, #peer:requests())
      end
    end
  end)

  it("closed by the server meanwhile is not used for the next call", function()
    for operation, request in pairs { update = UPDATE, token = PIPEDRIVE, get = PIPEDRIVE } do
      local closing = { headers = JSON, body = DONE.body, finish = "close" }
      local client, peer = client_of({ closing, DONE }, { retries = false })
      client.connections.list()
      socket.sleep(0.05)
      local result, response = client.connections[operation](request)
      assert.is_true(result.data.ok)
      assert.equal(1, response.attempts)
      assert.equal(2, #peer:requests())
    end
  end)

  it("is closed after a response with connection: close", function()
    local headers = { { "connection", "close" } }
    local client, peer = client_of { { headers = headers, body = "{}", finish = "close" }, DONE }
    client.connections.list()
    assert.is_true(client.connections.list().data.ok)
    local _, connections = peer:requests()
    assert.equal(2, connections)
  end)

  it("is not reused after a response that was cut or timed out", function()
    local client, peer = client_of({
      { body = '{"a":1}', cut_body = 2, finish = "stall" },
      DONE,
    }, { timeout_ms = 100, retries = false })
    expect.error("RequestTimeoutError", client.connections.list)
    assert.is_true(client.connections.list().data.ok)
    local _, connections = peer:requests()
    assert.equal(2, connections)
  end)
end)

describe("TLS", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  local function client_of(listener, tls, name, config)
    local server = host:server()
    local peer = server:script({ DONE }, listener)
    config = config or {}
    config.tls = tls
    config.proxy = ""
    local url = peer.url:gsub("127%.0%.0%.1", name or "127.0.0.1")
    return host:client({ url = url }, config), peer
  end

  local WRONG = { "unknown_authority", "self_signed", "wrong_host", "expired", "not_yet_valid" }

  it("is verified by default: an unknown authority is refused", function()
    local client, peer = client_of("good", nil)
    local err = expect.error("ConnectionError", client.connections.list)
    assert.equal("tls", err.code)
    assert.equal(1, err.attempts)
    expect.says(err.message, "127.0.0.1", "certificate")
    assert.equal(0, #peer:requests())
  end)

  it("trusts the certificates of ca_file and of ca_pem", function()
    local server = host:server()
    for _, name in ipairs { "127.0.0.1", "localhost" } do
      for _, tls in ipairs {
        { ca_file = server.authority_file },
        { ca_pem = server.authority_pem },
        { ca_pem = server.authority_pem, verify = true },
      } do
        local client, peer = client_of("good", tls, name)
        local result, response = client.connections.list()
        assert.is_true(result.data.ok)
        assert.equal("1.1", response.http_version)
        assert.equal("Bearer sandbox-key", peer:requests()[1]:header "authorization")
      end
    end
  end)

  for _, listener in ipairs(WRONG) do
    it("refuses a certificate that is " .. listener, function()
      local server = host:server()
      for _, tls in ipairs {
        { ca_file = server.authority_file },
        { ca_pem = server.authority_pem },
      } do
        local client, peer = client_of(listener, tls)
        for operation, request in pairs { get = PIPEDRIVE, update = UPDATE } do
          local err = expect.error("ConnectionError", client.connections[operation], request)
          assert.equal("tls", err.code)
          assert.equal(1, err.attempts)
          expect.says(err.message, "127.0.0.1")
        end
        assert.equal(0, #peer:requests())
      end
    end)

    it("accepts a certificate that is " .. listener .. " with verify = false only", function()
      local client, peer = client_of(listener, { verify = false })
      assert.is_true(client.connections.list().data.ok)
      assert.equal(1, #peer:requests())
    end)
  end

  it("settings of one client do not affect another", function()
    local loose = client_of("unknown_authority", { verify = false })
    assert.is_true(loose.connections.list().data.ok)
    local strict = client_of("unknown_authority", nil)
    local err = expect.error("ConnectionError", strict.connections.list)
    assert.equal("tls", err.code)
  end)

  it("presents a client certificate where the server requests one", function()
    local server = host:server()
    local with = {
      ca_file = server.authority_file,
      cert_file = server.client_certificate_file,
      key_file = server.client_key_file,
    }
    assert.is_true(client_of("mutual", with).connections.list().data.ok)
    local trusting = { ca_file = server.authority_file }
    local without = client_of("mutual", trusting, nil, { retries = false })
    expect.error("ConnectionError", without.connections.list)
  end)

  it("with a server that speaks plain http is a ConnectionError, code tls", function()
    local url = host:server().http:gsub("^http:", "https:")
    local client = host:client({ url = url }, { retries = false, proxy = "" })
    local err = expect.error("ConnectionError", client.connections.list)
    assert.equal("tls", err.code)
  end)

  it("with a missing ca_file is refused or fails", function()
    local returned, err = pcall(function()
      local missing = { ca_file = "/nonexistent/ca.pem" }
      return client_of("good", missing, nil, { retries = false }).connections.list()
    end)
    assert.is_false(returned)
    expect.says(tostring(err), "/nonexistent/ca.pem")
  end)
end)

describe("HTTP/2", function()
  local host = hosts.wire()
  local secure, plain
  setup(function()
    secure = sandbox_process.start "--tls --http2"
    plain = sandbox_process.start()
  end)
  teardown(function()
    secure:stop()
    plain:stop()
    host:stop()
  end)

  local function client_of(sandbox, http_version)
    return host:client({ url = sandbox.url }, {
      tls = sandbox.certificate_pem and { ca_pem = sandbox.certificate_pem },
      http_version = http_version,
      proxy = "",
    })
  end

  it("is used where TLS negotiates it, or where it is configured", function()
    for _, given in ipairs { false, "2" } do
      local requests = { list = {}, update = UPDATE, get = PIPEDRIVE }
      for operation, request in pairs(requests) do
        local client = client_of(secure, given or nil)
        local result, response = client.connections[operation](request)
        assert.equal(200, result.status_code)
        assert.equal("2", response.http_version)
      end
    end
  end)

  it("is not used where 1.1 is configured, or over plain http by default", function()
    local _, response = client_of(secure, "1.1").connections.list()
    assert.equal("1.1", response.http_version)
    _, response = client_of(plain).connections.list()
    assert.equal("1.1", response.http_version)
  end)

  it("supports every verb, and responses without a body", function()
    for _, sandbox in ipairs { secure, plain } do
      local function call(operation, request)
        return client_of(sandbox, "2").connections[operation](request)
      end
      assert.is_true(call("update", UPDATE).data.enabled)
      local result, response = call("delete", PIPEDRIVE)
      assert.same({ status_code = 204, status = "No Content" }, result)
      assert.equal("2", response.http_version)
      local err = expect.error("NotFoundResponse", call, "delete", PIPEDRIVE)
      assert.equal("ConnectionNotFoundError", err.type_name)
      expect.says(err.headers["content-type"], "application/json")
    end
  end)
end)

describe("a proxy", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  it("receives the absolute form", function()
    local peer = host:script { DONE }
    local url = "http://localhost:1/" .. peer.name
    local client = host:client({ url = url }, { proxy = host:server().http })
    assert.is_true(client.connections.list().data.ok)
    assert.equal(url .. "/vault/connections", peer:requests()[1].target)
  end)

  it("is asked for a tunnel to https, and receives no key", function()
    local server = host:server()
    local tunnel = server:script({ { tunnel = true } }, "http", "connect")
    local peer = server:script({ DONE }, "good")
    local client = host:client(peer, {
      proxy = server.http,
      tls = { ca_file = server.authority_file },
    })
    local result, response = client.connections.list()
    assert.is_true(result.data.ok)
    assert.equal(200, response.status)
    local asked = tunnel:requests()
    assert.equal(1, #asked)
    assert.equal("CONNECT", asked[1].method)
    assert.equal(peer.root:match "//(.*)$", asked[1].target)
    assert.is_nil(asked[1]:header "authorization")
    assert.is_nil(asked[1]:header "x-apideck-app-id")
    assert.equal("Bearer sandbox-key", peer:requests()[1]:header "authorization")
  end)

  it("that refuses the tunnel causes a ConnectionError", function()
    local server = host:server()
    server:script({ { status = 502, body = "no" } }, "http", "connect")
    local peer = server:script({ DONE }, "good")
    local client = host:client(peer, { proxy = server.http, retries = false })
    local err = expect.error("ConnectionError", client.connections.list)
    assert.is_nil(err.status_code)
    assert.equal(0, #peer:requests())
  end)

  it("transports plain http beyond loopback only with allow_insecure", function()
    local peer = host:script { DONE, DONE }
    local url = "http://vault.invalid/" .. peer.name
    local proxy = host:server().http
    expect.error("InvalidRequestError", function()
      host:client({ url = url }, { proxy = proxy }).connections.list()
    end)
    assert.equal(0, #peer:requests())
    local client = host:client({ url = url }, { proxy = proxy, allow_insecure = true })
    assert.is_true(client.connections.list().data.ok)
    assert.equal(url .. "/vault/connections", peer:requests()[1].target)
  end)

  local CALL = [[
    local vault = require "vault"
    local client = vault.new { server_url = %q, api_key = "k", retries = false, proxy = %s }
    local ok, result = pcall(client.connections.list)
    print(ok and result.data.ok or result.name)
  ]]

  it("of the environment is used", function()
    local peer = host:script { DONE }
    local url = "http://localhost:1/" .. peer.name
    local output = child.run(CALL:format(url, "nil"), { http_proxy = host:server().http })
    assert.equal("true\n", output)
    assert.equal(url .. "/vault/connections", peer:requests()[1].target)
  end)

  it("of the environment is turned off by proxy = ''", function()
    local peer = host:script { DONE }
    local dead = { http_proxy = "http://127.0.0.1:1" }
    assert.equal("ConnectionError\n", (child.run(CALL:format(peer.url, "nil"), dead)))
    assert.equal("true\n", (child.run(CALL:format(peer.url, "''"), dead)))
    assert.equal(1, #peer:requests())
  end)
end)
