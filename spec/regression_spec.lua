-- Fixed bugs: each case failed before its fix.
local expect = require "spec.support.expect"
local fault_server = require "spec.support.fault_server_process"
local vault = require "vault"

local JSON = { ["content-type"] = "application/json" }
local GET = { service_id = "pipedrive", unified_api = "crm" }

-- A client that receives these responses in turn, the last one repeatedly; and its log.
local function client_of(responses, config)
  local log, sent = {}, 0
  config = config or {}
  config.api_key = config.api_key or "key-of-the-client"
  config.retries = config.retries or false
  config.debug_logger = function(line)
    log[#log + 1] = line
  end
  config.transport = function()
    sent = math.min(sent + 1, #responses)
    local response = responses[sent]
    if type(response) == "function" then
      return response()
    end
    return response
  end
  return vault.new(config), log
end

local function update(client, settings)
  local request = { service_id = "s", unified_api = "crm", connection = { settings = settings } }
  return expect.error("BadRequestResponse", client.connections.update, request)
end

describe("the log", function()
  it("hides secrets that JSON writes with escapes", function()
    local body = '{"message":"bad ab\\"cd1234 and -----BEGIN-----\\nMIIEsecret"}'
    local client, log = client_of({ { status = 400, headers = JSON, body = body } })
    update(client, { password = 'ab"cd1234', pem = "-----BEGIN-----\nMIIEsecret" })
    local text = table.concat(log, "\n")
    assert.is_nil(text:find("cd1234", 1, true))
    assert.is_nil(text:find("MIIEsecret", 1, true))
    assert.is_truthy(text:find("bad", 1, true))
  end)

  it("hides a secret at the end of a cut body", function()
    local body = '{"message":"' .. ("x"):rep(4070) .. ' pw_9f8e7d6c5b4a"}'
    local client, log = client_of({ { status = 400, headers = JSON, body = body } })
    update(client, { password = "pw_9f8e7d6c5b4a" })
    assert.is_nil(table.concat(log, "\n"):find("pw_9f8e", 1, true))
  end)

  it("has no control characters in its lines", function()
    local client, log = client_of({
      function()
        return nil, "line1\nline2\194\133line3\226\128\168line4"
      end,
    })
    expect.error("ConnectionError", client.connections.list)
    for _, line in ipairs(log) do
      assert.is_nil(line:find "%c")
      assert.is_nil(line:find("\194\133", 1, true))
      assert.is_nil(line:find("\226\128\168", 1, true))
    end
  end)

  it("shows a pause of any length", function()
    local response = { status = 429, headers = { ["retry-after"] = "5000000" } }
    local client, log = client_of({ response }, {
      retries = { backoff = { max_elapsed_time = 1e13 } },
      hooks = {
        on_retry = function()
          error "enough"
        end,
      },
    })
    expect.error("UnexpectedClientError", client.connections.list)
    assert.is_truthy(table.concat(log, "\n"):find("in 5000000000 ms", 1, true))
  end)
end)

it("hides a long number of the settings as JSON writes it", function()
  local body = '{"message":"account 1234567890123456 is wrong"}'
  local client = client_of { { status = 400, headers = JSON, body = body } }
  local err = update(client, { account = 1234567890123456 })
  assert.equal("account [redacted] is wrong", err.message)
end)

describe("an event", function()
  it("of a call that sent nothing has no response of the previous call", function()
    local events = {}
    local client = client_of({ { status = 200, headers = JSON, body = "{}" } }, {
      hooks = {
        on_error = function(event)
          events[#events + 1] = event
        end,
      },
    })
    client.connections.list()
    expect.error("InvalidRequestError", client.connections.get, { service_id = "x" })
    assert.equal(1, #events)
    assert.is_nil(events[1].status)
    assert.is_nil(events[1].error.attempts)
  end)

  it("of an attempt that was not sent has no response of the previous attempt", function()
    local seen
    local client = client_of({ { status = 503 } }, {
      retries = { backoff = { initial_interval = 1 } },
      hooks = {
        before_request = function(event)
          if event.attempt == 2 then
            error "no more"
          end
        end,
        on_error = function(event)
          seen = event
        end,
      },
    })
    local err = expect.error("UnexpectedClientError", client.connections.list)
    assert.is_nil(seen.status)
    assert.equal(1, err.attempts)
  end)
end)

it("a hook replaces a header by one in another case", function()
  for _ = 1, 8 do
    local received
    local client = vault.new {
      api_key = "old",
      hooks = {
        before_request = function(event)
          event.headers["Authorization"] = "Bearer new"
        end,
      },
      transport = function(request)
        received = request.headers.authorization
        return { status = 200, body = "{}" }
      end,
    }
    client.connections.list()
    assert.equal("Bearer new", received)
  end
end)

describe("on the wire", function()
  local server, peer
  setup(function()
    server = fault_server.start()
  end)
  teardown(function()
    server:stop()
  end)

  local function received(before_request, operation, request)
    peer = server:script { { echo = true } }
    local client = vault.new { server_url = peer.url, hooks = { before_request = before_request } }
    client.connections[operation](request)
    return peer:requests()[1]
  end

  it("a header that a hook removes is not sent", function()
    local request = received(function(event)
      event.headers["content-type"], event.headers.accept = nil, nil
    end, "update", { service_id = "s", unified_api = "crm", connection = { enabled = true } })
    assert.is_nil(request:header "content-type")
    assert.is_nil(request:header "accept")
  end)

  it("a body that a hook adds is sent as JSON", function()
    local request = received(function(event)
      event.body = '{"a":1}'
    end, "delete", GET)
    assert.equal("application/json", request:header "content-type")
  end)
end)

it("a redirect's message shows no fragment and no password", function()
  local location = "https://user:hidden@h.example/x?a=1#access_token=hiddentoo"
  local client = client_of { { status = 302, headers = { location = location } } }
  local err = expect.error("APIError", client.connections.list)
  assert.is_truthy(err.message:find("https://h.example/x?a=1", 1, true))
  expect.silent_about(tostring(err), "hidden")
  assert.equal(location, err.headers.location)
end)

it("wait_all counts jobs that had finished before", function()
  local reported = 0
  local client = client_of { { status = 200, headers = JSON, body = "{}" } }
  local job = client.async.connections.list({}, {
    callback = function()
      reported = reported + 1
    end,
  })
  job:cancel()
  assert.is_true(vault.wait_all { job })
  assert.equal(1, reported)
end)

it("an empty request id header is ignored", function()
  local headers = { ["x-apideck-request-id"] = "", ["request-id"] = "r2" }
  local client = client_of { { status = 200, headers = headers, body = "{}" } }
  local _, response = client.connections.list()
  assert.equal("r2", response.request_id)
end)

it("a transport may return header values that HTTP allows", function()
  local headers = { ["x-tab"] = "a\tb", ["x-latin"] = "\228" }
  local client = client_of { { status = 200, headers = headers, body = "{}" } }
  local _, response = client.connections.list()
  assert.equal("a\tb", response.headers["x-tab"])
  assert.equal("\228", response.headers["x-latin"])
end)

it("an error body of null gives no data", function()
  local client = client_of { { status = 500, headers = JSON, body = "null" } }
  local err = expect.error("APIError", client.connections.list)
  assert.is_nil(err.data)
end)

it("a loop whose library is missing is an invalid option", function()
  local loaded, preload = package.loaded["vault.loop.luv"], package.preload["vault.loop.luv"]
  package.loaded["vault.loop.luv"] = nil
  package.preload["vault.loop.luv"] = function()
    error("module 'luv' not found:\n\tno file", 0)
  end
  local ok, err = pcall(vault.new, { loop = "luv" })
  package.loaded["vault.loop.luv"], package.preload["vault.loop.luv"] = loaded, preload
  assert.is_false(ok)
  assert.is_true(vault.is_error(err, "InvalidRequestError"))
  expect.says(err.message, "loop")
end)

it("a header whose value begins on a folded line has no leading blank", function()
  local server = fault_server.start()
  local peer = server:script {
    {
      raw = "HTTP/1.1 200 OK\r\nx-folded:\r\n after\r\ncontent-length: 2\r\n\r\n{}",
      finish = "close",
    },
  }
  local client = vault.new { server_url = peer.url, api_key = "k", retries = false }
  local called, result, response = pcall(client.connections.list)
  client:close()
  server:stop()
  assert.is_true(called, result)
  assert.equal("after", response.headers["x-folded"])
end)
