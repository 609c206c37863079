-- One request and response over a real socket, and the faults of a server.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local socket = require "socket"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local UPDATE = { service_id = "pipedrive", unified_api = "crm", connection = { enabled = true } }
local JSON = { { "content-type", "application/json" } }
local DONE = { headers = JSON, body = '{"data":{"ok":true}}' }
local CONNECTION_LOST = { raw = "", finish = "close" }

describe("a transfer", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  local function client_of(responses, config)
    return hosts.client_of(host, responses, config)
  end

  local function failure(name, response, config, operation, request)
    config = config or {}
    config.retries = config.retries or false
    local client, peer = client_of({ response }, config)
    local started = socket.gettime()
    local err = expect.error(name, client.connections[operation or "get"], request or PIPEDRIVE)
    return err, (socket.gettime() - started) * 1000, peer
  end

  local function unused_port()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    listener:close()
    return port
  end

  describe("that gets no connection", function()
    it("is refused: ConnectionError, code refused", function()
      local port = unused_port()
      local url = "http://127.0.0.1:" .. port
      local client = host:client({ url = url }, { retries = false })
      local err = expect.error("ConnectionError", client.connections.list)
      assert.equal("refused", err.code)
      expect.says(err.message, "127.0.0.1:" .. port, "refused")
      expect.says(tostring(err), " [refused, 1 attempt]")
      assert.equal(url .. "/vault/connections", err.url)
      assert.equal("vault.connections.list", err.operation)
      assert.is_nil(err.status_code)
      expect.says(tostring(err), "ConnectionError in vault.connections.list: ")
    end)

    it("is retried when refused, also PATCH and POST", function()
      local client = host:client { url = "http://127.0.0.1:" .. unused_port() }
      for operation, request in pairs { get = PIPEDRIVE, token = PIPEDRIVE, update = UPDATE } do
        local err = expect.error("ConnectionError", client.connections[operation], request)
        assert.equal(4, err.attempts)
      end
    end)

    it("cannot resolve the host: ConnectionError, code dns", function()
      -- A label of more than 63 bytes (RFC 1035, 2.3.4) is refused without a DNS query.
      local name = ("a"):rep(64) .. ".invalid"
      local client = host:client({ url = "https://" .. name }, { timeout_ms = 3000, proxy = "" })
      for operation, request in pairs { get = PIPEDRIVE, update = UPDATE } do
        local err = expect.error("ConnectionError", client.connections[operation], request)
        assert.equal("dns", err.code)
        expect.says(err.message, name)
        assert.equal(4, err.attempts)
      end
    end)

    it("waits no longer than connect_timeout_ms: RequestTimeoutError, phase connect", function()
      -- A listener with a full queue drops connections: they neither fail nor succeed.
      local listener = assert(socket.bind("127.0.0.1", 0, 0))
      local _, port = listener:getsockname()
      local waiting = {}
      for i = 1, 4 do
        waiting[i] = socket.tcp()
        waiting[i]:settimeout(0)
        waiting[i]:connect("127.0.0.1", port)
      end
      socket.sleep(0.05)
      for _, limits in ipairs {
        { connect_timeout_ms = 150 },
        { timeout_ms = 150, connect_timeout_ms = 10000 },
      } do
        limits.retries = false
        local client = host:client({ url = "http://127.0.0.1:" .. port }, limits)
        local started = socket.gettime()
        local err = expect.error("RequestTimeoutError", client.connections.list)
        local ms = (socket.gettime() - started) * 1000
        assert.equal("connect", err.phase)
        assert.is_true(ms >= 140 and ms < 2000, ms)
      end
      for _, one in ipairs(waiting) do
        one:close()
      end
      listener:close()
    end)
  end)

  describe("that loses its connection before the head is complete", function()
    it("is a ConnectionError: reset", function()
      local err = failure("ConnectionError", { raw = "", finish = "reset" })
      assert.equal("reset", err.code)
      assert.is_nil(err.status_code)
    end)

    it("is a ConnectionError: closed, or cut within the head", function()
      for _, response in ipairs {
        CONNECTION_LOST,
        { raw = "HTTP/1.1 2", finish = "close" },
        { body = "{}", cut_head = 20, finish = "close" },
        { body = "{}", cut_head = 20, finish = "reset" },
        { status = 500, headers = JSON, body = "{}", cut_head = 40, finish = "close" },
      } do
        local err = failure("ConnectionError", response)
        assert.is_nil(err.status_code)
        assert.equal("string", type(err.code))
        assert.is_true(#err.message > 0)
      end
    end)

    it("is a ConnectionError where the response is not HTTP", function()
      local raw = "this is no HTTP at all\r\n\r\n"
      local err = failure("ConnectionError", { raw = raw, finish = "close" })
      assert.equal("protocol", err.code)
    end)

    it("is retried for GET, not for PATCH", function()
      local client, peer = client_of { CONNECTION_LOST, DONE }
      local _, response = client.connections.get(PIPEDRIVE)
      assert.equal(2, response.attempts)
      assert.equal(2, #peer:requests())
      for _, finish in ipairs { "close", "reset" } do
        client, peer = client_of { { raw = "", finish = finish }, DONE }
        local err = expect.error("ConnectionError", client.connections.update, UPDATE)
        assert.equal(1, err.attempts)
        assert.equal(1, #peer:requests())
      end
    end)

    it("does not end the process by SIGPIPE", function()
      local request = { service_id = "s", unified_api = "crm" }
      request.connection = { metadata = { blob = ("x"):rep(4 * 1024 * 1024) } }
      local response = { read_body = false, raw = "", finish = "reset" }
      local err = failure("ConnectionError", response, {}, "update", request)
      assert.equal("reset", err.code)
    end)
  end)

  describe("that is cut after the head", function()
    local long = '{"data":{"text":"' .. ("abcdefgh"):rep(64) .. '"}}'
    it("is a ResponseValidationError where it is a 2xx, retried for GET only", function()
      local response = { headers = JSON, body = long, cut_body = 100, finish = "close" }
      local client, peer = client_of { response, DONE }
      assert.is_true(client.connections.get(PIPEDRIVE).data.ok)
      assert.equal(2, #peer:requests())
      client, peer = client_of { response, DONE }
      expect.error("ResponseValidationError", client.connections.update, UPDATE)
      assert.equal(1, #peer:requests())
    end)

    it("within gzip, with the announced length: a ResponseValidationError", function()
      local response = { body = long, encoding = "gzip", cut_body = 100, length = 100 }
      assert.equal(200, failure("ResponseValidationError", response).status_code)
    end)

    it("is the status's error, with the received part of the body, where it is no 2xx", function()
      for status, name in pairs { [404] = "NotFoundResponse", [501] = "APIError" } do
        for _, finish in ipairs { "close", "reset" } do
          local err = failure(name, {
            status = status,
            headers = JSON,
            body = '{"message":"cut off here"}',
            cut_body = 15,
            finish = finish,
            between_ms = 30,
          })
          assert.equal(status, err.status_code)
          assert.equal('{"message":"cut', err.body)
          assert.equal("application/json", err.headers["content-type"])
        end
      end
    end)

    it("does not count as success for DELETE either", function()
      local response = { headers = JSON, body = long, cut_body = 0, finish = "close" }
      local err = failure("ResponseValidationError", response, {}, "delete")
      assert.equal(200, err.status_code)
    end)
  end)

  it("is not retried where the whole response is not JSON", function()
    local client, peer = client_of { { body = "oops" }, DONE }
    expect.error("ResponseValidationError", client.connections.get, PIPEDRIVE)
    assert.equal(1, #peer:requests())
  end)

  describe("that takes too long", function()
    local function timed_out(response, config, operation, request)
      config = config or {}
      config.timeout_ms = config.timeout_ms or 150
      local err, ms, peer = failure("RequestTimeoutError", response, config, operation, request)
      assert.is_true(ms >= 140 and ms < 2000, ms)
      assert.is_true(err.elapsed_ms >= 140 and err.elapsed_ms < 2000, err.elapsed_ms)
      return err, peer
    end

    it("waits for the first byte: phase first_byte", function()
      local err = timed_out { before_ms = 4000, body = "{}" }
      assert.equal("first_byte", err.phase)
      assert.is_nil(err.status_code)
      assert.equal(1, err.attempts)
    end)

    it("names the phase and the limit once, not the time it took", function()
      local err = timed_out { before_ms = 4000, body = "{}" }
      expect.says(err.message, ": no complete response within 150 ms")
      assert.is_nil(err.message:find("phase", 1, true))
      assert.equal(1, select(2, tostring(err):gsub("first_byte", "")))
      expect.says(tostring(err), " within 150 ms [phase first_byte, 1 attempt]")
      err = timed_out({ before_ms = 4000, body = "{}" }, { connect_timeout_ms = 100 })
      expect.says(err.message, " within 150 ms")
    end)

    it("stalls within the head", function()
      timed_out { body = "{}", cut_head = 20, finish = "stall" }
    end)

    it("stalls within the body: phase body, whatever the status", function()
      for _, status in ipairs { 200, 404, 503 } do
        local err = timed_out { status = status, body = '{"a":1}', cut_body = 3, finish = "stall" }
        assert.equal("body", err.phase)
      end
    end)

    it("trickles byte by byte: phase body", function()
      local err = timed_out { body = '{"data":"' .. ("x"):rep(200) .. '"}', step_ms = 20 }
      assert.equal("body", err.phase)
    end)

    it("cannot send its body: phase send", function()
      local request = { service_id = "s", unified_api = "crm" }
      request.connection = { metadata = { blob = ("x"):rep(24 * 1024 * 1024) } }
      local response = { read_body = false, raw = "", before_ms = 2000 }
      local err = failure("RequestTimeoutError", response, { timeout_ms = 400 }, "update", request)
      assert.equal("send", err.phase)
    end)

    it("waits for a TLS handshake: phase tls", function()
      local url = host:server():listener({ finish = "stall" }):gsub("^http:", "https:")
      local client = host:client({ url = url }, { timeout_ms = 150, retries = false })
      local err = expect.error("RequestTimeoutError", client.connections.list)
      assert.equal("tls", err.phase)
      client = host:client({ url = url }, { connect_timeout_ms = 150, retries = false })
      err = expect.error("RequestTimeoutError", client.connections.list)
      assert.equal("tls", err.phase)
      expect.says(err.message, " within 150 ms")
    end)

    it("takes timeout_ms of the call over the client's", function()
      local client = client_of({ { before_ms = 4000, body = "{}" } }, { timeout_ms = 9000 })
      local started = socket.gettime()
      local options = { timeout_ms = 100, retries = false }
      expect.error("RequestTimeoutError", client.connections.list, {}, options)
      assert.is_true(socket.gettime() - started < 2)
    end)

    it("is retried for GET, each attempt with its own timeout, not for PATCH", function()
      local slow = { before_ms = 400, body = "{}" }
      local client, peer = client_of({ slow, slow, DONE }, { timeout_ms = 100 })
      local _, response = client.connections.get(PIPEDRIVE)
      assert.equal(3, response.attempts)
      assert.equal(3, #peer:requests())
      assert.is_true(response.elapsed_ms >= 190)
      client, peer = client_of({ slow, DONE }, { timeout_ms = 100 })
      local err = expect.error("RequestTimeoutError", client.connections.update, UPDATE)
      assert.equal(1, err.attempts)
      assert.equal(1, #peer:requests())
    end)

    it("is not retried after max_elapsed_time, but may finish", function()
      local client, peer = client_of({ { before_ms = 250, status = 503 }, DONE }, {
        retries = { backoff = { initial_interval = 1, max_elapsed_time = 100 } },
      })
      local err = expect.error("APIError", client.connections.list)
      assert.equal(503, err.status_code)
      assert.equal(1, err.attempts)
      assert.equal(1, #peer:requests())
    end)

    it("succeeds within its timeout", function()
      local response = { body = '{"data":{"a":1}}', step_ms = 8 }
      local client = client_of({ response }, { timeout_ms = 3000 })
      assert.equal(1, client.connections.list().data.a)
    end)
  end)

  describe("that receives too much", function()
    it("stops at max_response_bytes", function()
      local big = { headers = JSON, body = "0123456789", repeat_body = 300000 }
      local err = failure("ResponseValidationError", big, { max_response_bytes = 1000000 })
      assert.equal(200, err.status_code)
      assert.is_true(#err.body <= 65536)
    end)

    it("stops at max_response_bytes of the decompressed body", function()
      local err, ms = failure(
        "ResponseValidationError",
        { bomb = 20000000 },
        { max_response_bytes = 100000 }
      )
      assert.equal(200, err.status_code)
      assert.is_true(#err.body <= 65536)
      assert.is_true(ms < 3000, ms)
    end)

    it("stops at 32 MiB by default", function()
      local err = failure("ResponseValidationError", { bomb = 34 * 1024 * 1024 })
      assert.equal(200, err.status_code)
      expect.says(err.message, "max_response_bytes (33554432)")
    end)

    it("is still the status's error where it is no 2xx", function()
      local big = { status = 500, body = "0123456789", repeat_body = 300000 }
      local err = failure("APIError", big, { max_response_bytes = 100000 })
      assert.equal(500, err.status_code)
      assert.equal(("0123456789"):rep(6554):sub(1, 65536), err.body)
    end)

    it("does not count for the exchanges after it", function()
      local big = { body = "0123456789", repeat_body = 3000 }
      local client = client_of({ big, CONNECTION_LOST, DONE }, {
        max_response_bytes = 1000,
        retries = false,
      })
      expect.error("ResponseValidationError", client.connections.list)
      expect.error("ConnectionError", client.connections.list)
      assert.is_true(client.connections.list().data.ok)
    end)

    it("in its head is counted for each exchange by itself", function()
      local headers = { { "x-pad", ("x"):rep(20 * 1024) } }
      local client = client_of { { headers = headers, body = "{}" } }
      for _ = 1, 20 do -- 400 KB; one may have 256 KB
        client.connections.list()
      end
    end)

    it("is not retried", function()
      local big = { body = "0123456789", repeat_body = 3000 }
      local client, peer = client_of({ big, DONE }, { max_response_bytes = 1000 })
      expect.error("ResponseValidationError", client.connections.list)
      assert.equal(1, #peer:requests())
    end)

    it("in the head ends with an error", function()
      local headers = {}
      for i = 1, 40 do
        headers[i] = { "x-pad-" .. i, ("x"):rep(32 * 1024) }
      end
      failure("ConnectionError", { headers = headers, body = "{}" })
    end)
  end)

  describe("reads", function()
    local function read(response)
      return client_of({ response }).connections.get(PIPEDRIVE)
    end

    it("chunks, also of one byte", function()
      assert.is_true(read({ headers = JSON, body = DONE.body, chunk = 7 }).data.ok)
      assert.is_true(read({ headers = JSON, body = DONE.body, chunk = 1 }).data.ok)
    end)

    it("chunks with trailers, which are no headers", function()
      local raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        .. "2\r\n{}\r\n0\r\nx-trailer: 1\r\n\r\n"
      local client = client_of { { raw = raw, finish = "close" } }
      local _, response = client.connections.list()
      assert.is_nil(response.headers["x-trailer"])
    end)

    it("a body delimited by the end of the connection", function()
      assert.is_true(read({ body = DONE.body, length = false, finish = "close" }).data.ok)
    end)

    it("gzip and deflate", function()
      assert.is_true(read({ body = DONE.body, encoding = "gzip" }).data.ok)
      assert.is_true(read({ body = DONE.body, encoding = "deflate" }).data.ok)
    end)

    it("interim responses, and skips them", function()
      local interim = "HTTP/1.1 103 Early Hints\r\nlink: </early>\r\n\r\n"
        .. "HTTP/1.1 100 Continue\r\n\r\n"
      local statuses = {}
      local client = client_of({ { interim = interim, headers = JSON, body = DONE.body } }, {
        hooks = {
          after_response = function(event)
            statuses[#statuses + 1] = event.status
          end,
        },
      })
      local result, response = client.connections.list()
      assert.is_true(result.data.ok)
      assert.equal(200, response.status)
      assert.is_nil(response.headers.link)
      assert.same({ 200 }, statuses)
    end)

    it("megabytes", function()
      local rows = '{"data":["' .. ("x"):rep(1000) .. '"' .. (',"y"'):rep(500000) .. "]}"
      assert.equal(500001, #read({ headers = JSON, body = rows }).data)
    end)

    it("several headers of one name, and stores no cookies", function()
      local headers = { { "X-Twice", "a" }, { "x-twice", "b" }, { "set-cookie", "s=1; Path=/" } }
      local client, peer = client_of { { headers = headers, body = "{}" }, DONE }
      local _, response = client.connections.list()
      assert.equal("a, b", response.headers["x-twice"])
      client.connections.list()
      for _, request in ipairs(peer:requests()) do
        assert.is_nil(request:header "cookie")
      end
    end)

    it("the version of HTTP", function()
      local client = client_of { DONE }
      local _, response = client.connections.list()
      assert.equal("1.1", response.http_version)
      client = client_of({ DONE }, { http_version = "1.1" })
      _, response = client.connections.list()
      assert.equal("1.1", response.http_version)
    end)
  end)

  it("does not follow a redirect, and shows its headers to no other server", function()
    local target = host:script { { echo = true } }
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      for operation, request in pairs { get = PIPEDRIVE, update = UPDATE } do
        local headers = { { "location", target.url .. "/elsewhere" } }
        local response = { status = status, headers = headers }
        local err = failure("APIError", response, {}, operation, request)
        assert.equal(status, err.status_code)
      end
    end
    assert.equal(0, #target:requests())
  end)

  it("takes no key from a .netrc", function()
    local peer = host:script { DONE }
    local home = os.tmpname()
    os.remove(home)
    os.execute("mkdir " .. home)
    local file = assert(io.open(home .. "/.netrc", "w"))
    file:write "machine 127.0.0.1 login somebody password else\n"
    file:close()
    local code = ([[
      local client = require("vault").new { server_url = %q, proxy = "" }
      print(client.connections.list().data.ok)
    ]]):format(peer.url)
    local output = child.run(code, { HOME = home })
    os.execute("rm -r " .. home)
    assert.equal("true\n", output)
    assert.is_nil(peer:requests()[1]:header "authorization")
  end)

  it("is an error object in every case", function()
    local client = client_of({ CONNECTION_LOST }, { retries = false })
    local returned, err = pcall(client.connections.list)
    assert.is_false(returned)
    assert.is_true(vault.is_error(err, "ConnectionError"))
  end)
end)
