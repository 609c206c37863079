local json = require "vault.sandbox.json"
local process = require "spec.support.sandbox_process"
local socket = require "socket"

local HEADERS = {
  "authorization: Bearer sandbox-key",
  "x-apideck-app-id: sandbox-app",
  "x-apideck-consumer-id: sandbox-consumer",
}

describe("vault.sandbox's server", function()
  local server

  setup(function()
    server = process.start()
  end)

  teardown(function()
    server:stop()
  end)

  local function connect()
    local connection = assert(socket.tcp())
    connection:settimeout(5)
    assert(connection:connect("127.0.0.1", server.port))
    return connection
  end

  local function request(connection, method, path, more, body)
    local lines = { method .. " " .. path .. " HTTP/1.1", "host: 127.0.0.1:" .. server.port }
    for _, line in ipairs(HEADERS) do
      lines[#lines + 1] = line
    end
    for _, line in ipairs(more or {}) do
      if line:find("^host:") then
        table.remove(lines, 2)
      end
      lines[#lines + 1] = line
    end
    if body then
      lines[#lines + 1] = "content-type: application/json"
      lines[#lines + 1] = "content-length: " .. #body
    end
    local head = table.concat(lines, "\r\n") .. "\r\n\r\n"
    assert(connection:send(head .. (body or "")))
  end

  -- The response on the wire: status, headers, the received part of the body, and why it ended.
  local function response(connection)
    local line, problem = connection:receive("*l")
    if not line then
      return nil, problem
    end
    local result = { status = tonumber(line:match("^HTTP/1%.1 (%d+)")), headers = {} }
    repeat
      line = assert(connection:receive("*l"))
      local name, value = line:match("^([^:]+):%s*(.*)$")
      if name then
        result.headers[name:lower()] = value
      end
    until line == ""
    local length = tonumber(result.headers["content-length"] or 0)
    -- LuaSocket waits for a byte even when it is to read none.
    if length > 0 then
      local body, partial
      body, result.problem, partial = connection:receive(length)
      result.body = body or partial
    end
    return result
  end

  local function exchange(...)
    local connection = connect()
    request(connection, ...)
    local result, problem = response(connection)
    connection:close()
    return result, problem
  end

  local function fault(text)
    return exchange("GET", "/vault/connections", { "x-sandbox-fault: " .. text })
  end

  it("listens on 127.0.0.1, and prints its URL and credentials", function()
    assert.matches("^http://127%.0%.0%.1:%d+$", server.url)
    local printed = server:printed()
    assert.matches("^vault sandbox listening on http://127%.0%.0%.1:%d+\n", printed)
    assert.matches("sandbox%-key", printed)
    assert.matches("sandbox%-app", printed)
    assert.matches("Stop it with Ctrl%-C", printed)
    -- No other address of this machine: 127.0.0.2 is loopback as well, and would accept a connection
    -- if the socket was bound to every address.
    local other = assert(socket.tcp())
    other:settimeout(5)
    assert.is_nil(other:connect("127.0.0.2", server.port))
    other:close()
  end)

  it("serves the page of a session", function()
    local result = exchange("POST", "/vault/sessions", nil, "{}")
    local session_uri = json.decode(result.body).data.session_uri
    assert.equal(server.url .. "/session/", session_uri:match("^.+/session/"))
    local page = exchange("GET", session_uri:sub(#server.url + 1))
    assert.equal(200, page.status)
    assert.equal("text/html; charset=utf-8", page.headers["content-type"])
    assert.matches("Pipedrive %(crm%)", page.body)
  end)

  it("serves several requests on a connection", function()
    local connection = connect()
    local id = "/vault/connections/crm/pipedrive"
    request(connection, "PATCH", id, nil, '{"enabled":true}')
    assert.equal("added", json.decode(response(connection).body).data.state)
    request(connection, "GET", id)
    local second = response(connection)
    assert.equal("added", json.decode(second.body).data.state)
    assert.matches("^req_", second.headers["x-apideck-request-id"])
    request(connection, "DELETE", id)
    assert.equal(204, response(connection).status)
    request(connection, "GET", "/vault/connections?api=crm")
    assert.equal(200, response(connection).status)
    connection:close()
  end)

  it("uses its own address in authorize_url", function()
    local result = exchange("GET", "/vault/connections/crm/pipedrive")
    local authorize_url = json.decode(result.body).data.authorize_url
    local start = server.url .. "/vault/authorize/pipedrive/sandbox-app?state="
    assert.equal(start, authorize_url:sub(1, #start))
    local path = authorize_url:sub(#server.url + 1) .. "&redirect_uri=https%3A%2F%2Fapp.example"
    local page = exchange("GET", path)
    assert.equal(200, page.status)
    assert.equal("text/html; charset=utf-8", page.headers["content-type"])
  end)

  it("refuses hosts that are not its own", function()
    for host, status in pairs {
      ["evil.example"] = 421,
      ["evil.example:" .. server.port] = 421,
      ["127.0.0.1.evil.example:" .. server.port] = 421,
      ["127.0.0.1:1"] = 421,
      ["localhost"] = 421,
      ["localhost:" .. server.port] = 200,
      ["[::1]:" .. server.port] = 200,
      ["LOCALHOST:" .. server.port] = 200,
    } do
      local result = exchange("GET", "/vault/connections", { "host: " .. host })
      assert.equal(status, result.status, host)
      assert.matches("^req_", result.headers["x-apideck-request-id"])
    end
  end)

  it("refuses bodies that are too large", function()
    local connection = connect()
    local head = "PATCH /vault/connections/crm/pipedrive HTTP/1.1\r\nhost: localhost:"
      .. server.port
      .. "\r\ncontent-length: 9000000\r\n\r\n"
    connection:send(head .. ("x"):rep(1100000))
    assert.equal(413, response(connection).status)
    connection:close()
  end)

  it("survives malformed requests", function()
    local own_host = "\r\nhost: localhost:" .. server.port .. "\r\n"
    for _, text in ipairs {
      "",
      "GET /va",
      "\0\255\r\n\r\n",
      "POST /x HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 100\r\n\r\nabc",
      "PATCH /x HTTP/1.1" .. own_host .. "content-length: 100\r\n\r\nabc",
      "PATCH /x HTTP/1.1" .. own_host .. "content-length: -5\r\n\r\nabc",
      "PATCH /x HTTP/1.1" .. own_host .. "transfer-encoding: chunked\r\n\r\nzz\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" .. ("\255"):rep(60),
    } do
      local connection = connect()
      connection:send(text)
      connection:close()
      assert.equal(200, exchange("GET", "/vault/connections").status)
    end
    -- A server that still waits for the refused request would not respond now.
    socket.sleep(0.1)
    local start = socket.gettime()
    assert.equal(200, exchange("GET", "/vault/connections").status)
    assert.is_true(socket.gettime() - start < 5)
  end)

  it("supports expect: 100-continue", function()
    local connection = connect()
    local body = '{"enabled":true}'
    local more = {
      "expect: 100-continue",
      "content-type: application/json",
      "content-length: " .. #body,
    }
    request(connection, "PATCH", "/vault/connections/crm/salesforce", more)
    assert.equal(100, response(connection).status)
    connection:send(body)
    assert.equal(200, response(connection).status)
    connection:close()
  end)

  describe("faults", function()
    it("delay one response only", function()
      local slow = connect()
      local start = socket.gettime()
      request(slow, "GET", "/vault/connections", { "x-sandbox-fault: delay-ms=2000" })
      assert.equal(200, exchange("GET", "/vault/connections").status)
      assert.is_true(socket.gettime() - start < 2)
      assert.equal(200, response(slow).status)
      assert.is_true(socket.gettime() - start >= 2)
      slow:close()
    end)

    it("cut the body before its announced length", function()
      local result = fault "cut-body=10"
      assert.equal(200, result.status)
      assert.is_true(tonumber(result.headers["content-length"]) > 1000)
      assert.equal('{"data":[{', result.body)
      assert.equal("closed", result.problem)
    end)

    it("reset the connection before the head", function()
      local connection = connect()
      request(connection, "GET", "/vault/connections", { "x-sandbox-fault: reset" })
      local result, problem = response(connection)
      assert.is_nil(result)
      assert.equal("closed", problem)
      -- After RST the connection is gone; after FIN this would still be sent.
      assert.is_nil((connection:send("x")))
      connection:close()
    end)

    it("reset the connection after the head", function()
      local result = fault "reset=after-head"
      assert.equal(200, result.status)
      assert.equal("", result.body)
      assert.is_truthy(result.problem)
      assert.not_equal("timeout", result.problem)
    end)

    it("set status and headers", function()
      local result = fault "status=429; retry-after=1.5"
      assert.equal(429, result.status)
      assert.equal("1.5", result.headers["retry-after"])
      assert.equal("ConnectorRateLimitError", json.decode(result.body).type_name)
    end)
  end)
end)

describe("vault.sandbox's command line", function()
  it("ends on SIGTERM and on SIGINT, and closes its connections", function()
    for _, signal in ipairs { "TERM", "INT" } do
      local server = process.start()
      local connection = assert(socket.connect("127.0.0.1", server.port))
      local said = server:stop(signal)
      assert.matches("Stop it with Ctrl%-C or SIGTERM%.\n$", said)
      connection:settimeout(5)
      assert.is_nil((connection:receive(1)))
      connection:close()
      assert.is_nil((socket.connect("127.0.0.1", server.port)))
    end
  end)

  it("ends with the process that started it", function()
    local server = process.start()
    server.pid = nil
    server:stop()
    assert.is_nil((socket.connect("127.0.0.1", server.port)))
  end)

  it("accepts its options", function()
    local server = process.start("--api-key k --app-id=a --quota 1 --seed 1 --empty")
    local connection = assert(socket.connect("127.0.0.1", server.port))
    connection:settimeout(5)
    connection:send(table.concat({
      "GET /vault/connections HTTP/1.0",
      "host: 127.0.0.1:" .. server.port,
      "authorization: Bearer k",
      "x-apideck-app-id: a",
      "x-apideck-consumer-id: c",
      "\r\n",
    }, "\r\n"))
    local text = connection:receive("*a")
    connection:close()
    server:stop()
    assert.matches(" 200 OK\r\n", text)
    assert.is_nil(text:find('"state":"callable"', 1, true))
  end)

  it("names invalid options", function()
    for arguments, message in pairs {
      ["--prot 1"] = "unknown option %-%-prot",
      ["--port"] = "%-%-port needs a value",
      ["--port many"] = "%-%-port needs a value",
      ["--port 70000"] = "port must be an integer from 0 to 65535",
    } do
      assert.error_matches(function()
        process.start(arguments)
      end, message)
    end
  end)

  it("reports that the port is in use", function()
    local server = process.start()
    assert.error_matches(function()
      process.start("--port " .. server.port)
    end, "cannot listen on 127%.0%.0%.1:%d+: Address already in use")
    server:stop()
  end)

  it("creates a certificate for localhost and 127.0.0.1", function()
    local server = process.start("--tls")
    assert.matches("^https://", server.url)
    assert.matches("^%-%-%-%-%-BEGIN CERTIFICATE", server.certificate_pem)
    server:stop()
  end)
end)

describe("vault.sandbox's server with the client", function()
  local vault = require "vault"

  local function client_of(server, more)
    local config = {
      server_url = server.url,
      api_key = "sandbox-key",
      app_id = "sandbox-app",
      consumer_id = "sandbox-consumer",
      retries = false,
    }
    for name, value in pairs(more or {}) do
      config[name] = value
    end
    return vault.new(config)
  end

  local function update(client)
    return client.connections.update {
      service_id = "pipedrive",
      unified_api = "crm",
      connection = { enabled = true, metadata = { list = vault.array() } },
    }
  end

  local function reset_error(client)
    local request = { service_id = "pipedrive", unified_api = "crm" }
    local options = { headers = { ["x-sandbox-fault"] = "reset" } }
    local _, err = pcall(client.connections.get, request, options)
    assert.is_true(vault.is_error(err, "ConnectionError"))
    return err
  end

  it("speaks HTTP/1.1", function()
    local server = process.start()
    local client = client_of(server)
    local result, response = update(client)
    local err = reset_error(client)
    server:stop()
    assert.equal("added", result.data.state)
    assert.equal("1.1", response.http_version)
    assert.equal("reset", err.code)
  end)

  it("speaks TLS with HTTP/1.1 and HTTP/2, to clients that trust its certificate", function()
    local server = process.start "--tls --http2"
    local tls = { ca_pem = server.certificate_pem }
    for _, version in ipairs { "1.1", "2" } do
      local client = client_of(server, { tls = tls, http_version = version })
      local result, response = update(client)
      assert.equal("added", result.data.state)
      assert.equal(version, response.http_version)
      reset_error(client)
    end
    local _, err = pcall(update, client_of(server))
    server:stop()
    assert.is_true(vault.is_error(err, "ConnectionError"))
    assert.equal("tls", err.code)
  end)
end)
