-- Requests that a server has not processed are sent again, whatever their verb; and failures of the system are named.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local socket = require "socket"

local BODY = '{"data":{"ok":true}}'
local DONE = { headers = { { "content-type", "application/json" } }, body = BODY }
local GONE = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
local UPDATE = { service_id = "pipedrive", unified_api = "crm", connection = { enabled = true } }
local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }

local drivers = {
  ["blocking"] = function(client, operation, request)
    return client.connections[operation](request)
  end,
  ["asynchronously"] = function(client, operation, request)
    return client.async.connections[operation](request):wait()
  end,
}

describe("a kept connection on which the server has said 408", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  local function client_of(peer)
    return host:client(peer, {
      retries = false,
      proxy = "",
      tls = { ca_file = host:server().authority_file },
    })
  end

  for name, call in pairs(drivers) do
    for _, listener in ipairs { "http", "good" } do
      it(
        ("does not use that as the response of a PATCH or POST (%s, %s)"):format(name, listener),
        function()
          for operation, request in pairs { update = UPDATE, token = PIPEDRIVE } do
            local idle = { body = BODY, later = GONE, later_ms = 20, finish = "close" }
            local peer = host:server():script({ idle, DONE }, listener)
            local client = client_of(peer)
            call(client, "list")
            socket.sleep(0.1)
            local result = call(client, operation, request)
            assert.is_true(result.data.ok)
            assert.equal(2, #peer:requests())
            client:close()
          end
        end
      )
    end

    it(("still returns the response of a PATCH that precedes it (%s)"):format(name), function()
      local peer = host:server():script { DONE, { raw = GONE, finish = "close" }, DONE }
      local client = client_of(peer)
      call(client, "list")
      local err = expect.error("APIError", function()
        call(client, "update", UPDATE)
      end)
      assert.equal(408, err.status_code)
      assert.equal(2, #peer:requests())
      client:close()
    end)
  end
end)

describe("a stream that the server refuses", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  local HEAD = { 1, 4, "\136" } -- HEADERS, END_HEADERS, ":status: 200" (RFC 7541, appendix A)
  local WHOLE = { 0, 1, BODY } -- DATA, END_STREAM
  local REFUSED = { 3, 0, "\0\0\0\7" } -- RST_STREAM, REFUSED_STREAM
  local GOAWAY = { 7, 0, "\0\0\0\1\0\0\0\0", true } -- streams after the first were not processed
  local RESET = { 3, 0, "\0\0\0\2" } -- RST_STREAM, INTERNAL_ERROR

  -- The server's frames for each request, over all of its connections.
  local function client_of(turns)
    local url = host:server():listener { http2 = true, turns = turns }
    return host:client({ url = url }, {
      retries = { max_attempts = 1 },
      proxy = "",
      tls = { ca_file = host:server().authority_file },
    })
  end

  -- libcurl 7.81 does not report a GOAWAY.
  local function tells_of_goaway()
    local peer = host:server():script { DONE }
    host:client(peer).connections.list()
    local agent = peer:requests()[1]:header "user-agent"
    return not agent:find "libcurl/7%.8[1-7]"
  end

  for name, call in pairs(drivers) do
    for title, refusal in pairs { REFUSED_STREAM = REFUSED, GOAWAY = GOAWAY } do
      it(("is sent again on a new connection: %s (%s)"):format(title, name), function()
        if title == "GOAWAY" and not tells_of_goaway() then
          pending "this libcurl cannot do it"
          return
        end
        for operation, request in pairs { update = UPDATE, token = PIPEDRIVE, get = PIPEDRIVE } do
          local client = client_of { { HEAD, WHOLE }, { refusal }, { HEAD, WHOLE } }
          call(client, "list")
          assert.is_true(call(client, operation, request).data.ok)
          client:close()
        end
      end)
    end

    it(("is not treated as refused when it is reset (%s)"):format(name), function()
      local client = client_of { { HEAD, WHOLE }, { RESET }, { HEAD, WHOLE } }
      call(client, "list")
      expect.error("ConnectionError", function()
        call(client, "update", UPDATE)
      end)
      client:close()
    end)

    it(("is an error that says so when it is refused again (%s)"):format(name), function()
      local client = client_of { { REFUSED } }
      local err = expect.error("ConnectionError", function()
        call(client, "update", UPDATE)
      end)
      expect.says(err.message, "the server refused the request without processing it")
      client:close()
    end)
  end
end)

describe("a URL with its scheme in capitals", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  for name, call in pairs(drivers) do
    it(("has its HTTP/2 connection kept (%s)"):format(name), function()
      local url = host:server():listener { http2 = true, counted = true }
      local client = host:client({ url = (url:gsub("^https", "HTTPS")) }, {
        tls = { ca_file = host:server().authority_file },
        http_version = "2",
        proxy = "",
      })
      for _ = 1, 3 do
        local result, response = call(client, "update", UPDATE)
        assert.equal("2", response.http_version)
        assert.equal(1, result.data.connection)
      end
      client:close()
    end)
  end
end)

describe("a process without free descriptors", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  it("gets an error that names the cause", function()
    local peer = host:server():script { DONE }
    local code = ([[
      local vault = require "vault"
      local clients = {}
      for _, url in ipairs { %q, "http://localhost:1", %q } do
        clients[#clients + 1] = vault.new {
          server_url = url, api_key = "k", retries = false, proxy = "", tls = { ca_file = %q },
        }
      end
      pcall(clients[2].connections.list)
      local kept = {}
      repeat
        kept[#kept + 1] = io.open "/dev/null"
      until not kept[#kept + 1] and not io.open "/dev/null"
      for _, client in ipairs(clients) do
        local ok, err = pcall(client.connections.list)
        print(ok, err.name, err.code, err.message)
      end
    ]]):format(peer.url, host:server().urls.good, host:server().authority_file)
    local path = host:server():file(code)
    local pipe = io.popen(("ulimit -n 40; %s %s 2>&1"):format(child.interpreter(), path))
    local output = pipe:read "*a"
    pipe:close()
    local count = 0
    for line in output:gmatch "[^\n]+" do
      count = count + 1
      expect.says(
        line,
        "false\tConnectionError\tresources",
        "no file descriptor is left",
        "ulimit -n"
      )
    end
    assert.equal(3, count, output)
    assert.equal(0, #peer:requests())
  end)
end)
