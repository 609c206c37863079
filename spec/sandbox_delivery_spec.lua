-- The command line's options for webhooks and confirmation: lua/vault/sandbox/delivery.lua and main.lua.
local process = require "spec.support.sandbox_process"
local socket = require "socket"
local vault = require "vault"

local GITHUB = { service_id = "github", unified_api = "issue-tracking" }

describe("the sandbox as a command", function()
  local server

  after_each(function()
    server:stop()
  end)

  local function client_of()
    return vault.new {
      api_key = "sandbox-key",
      app_id = "sandbox-app",
      consumer_id = "sandbox-consumer",
      server_url = server.url,
      retries = false,
    }
  end

  -- One request of a webhook, which gets the response.
  local function receive(listener, status)
    local connection = assert(listener:accept())
    connection:settimeout(5)
    local request = { line = assert(connection:receive "*l"), headers = {} }
    for line in
      function()
        return assert(connection:receive "*l")
      end
    do
      if line == "" then
        break
      end
      local name, value = line:match "^([^:]+):%s*(.*)$"
      request.headers[name:lower()] = value
    end
    request.body = assert(connection:receive(tonumber(request.headers["content-length"])))
    connection:send("HTTP/1.1 " .. status .. " x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    connection:close()
    return request
  end

  local function listen()
    local listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(5)
    local _, port = listener:getsockname()
    return listener, ("http://127.0.0.1:%d/hook?a=1"):format(port)
  end

  it("sends signed webhook events to a URL", function()
    local listener, hook_url = listen()
    server = process.start("--webhook '" .. hook_url .. "' --webhook-secret s3cret")
    local client = client_of()
    client.connections.update {
      service_id = "github",
      unified_api = "issue-tracking",
      connection = { enabled = true },
    }
    local request = receive(listener, 204)
    assert.equal("POST /hook?a=1 HTTP/1.1", request.line)
    local event = vault.webhook.parse {
      body = request.body,
      headers = request.headers,
      secret = "s3cret",
    }
    assert.equal("vault.connection.created", event.event_type)

    client.connections.delete(GITHUB)
    receive(listener, 500)
    client.connections.list()
    local said
    for _ = 1, 100 do
      said = server:printed()
      if said:find("webhook", 1, true) then
        break
      end
      socket.sleep(0.02)
    end
    assert.matches(
      "webhook: vault.connection.deleted to http://127.0.0.1:%d+/hook%?a=1: status 500",
      said
    )
    client:close()
    listener:close()
  end)

  it("confirms connections as its options say", function()
    local first, second = "https://app.example/a", "https://app.example/b"
    server = process.start(
      ("--confirmation required --redirect-uri %s --redirect-uri=%s"):format(first, second)
    )
    local client = client_of()
    local connection =
      client.connections.get({ service_id = "pipedrive", unified_api = "crm" }).data
    local function status(options)
      local page_url = vault.authorize_url(connection, options)
      local http = assert(socket.tcp())
      assert(http:connect("127.0.0.1", server.port))
      http:settimeout(5)
      http:send(
        "GET "
          .. page_url:match "^http://[^/]+(.*)$"
          .. " HTTP/1.1\r\nhost: 127.0.0.1:"
          .. server.port
          .. "\r\n\r\n"
      )
      local line = assert(http:receive "*l")
      http:close()
      return tonumber(line:match " (%d+)")
    end
    assert.equal(422, status { redirect_uri = first })
    assert.equal(200, status { redirect_uri = first, nonce = "n" })
    assert.equal(200, status { redirect_uri = second, nonce = "n" })
    assert.equal(422, status { redirect_uri = "https://evil.example/", nonce = "n" })
    client:close()
  end)
end)
