-- The configuration of a client: accepted and refused values, and the environment.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local function f() end

-- what is wrong, config, what the message says
local REFUSED = {
  { "camelCase", { apiKey = "k" }, { "apiKey", "did you mean 'api_key'?" } },
  { "camelCase", { serverURL = "u" }, { "serverURL", "server_url" } },
  { "a misspelling", { consumer = "c", time_out_ms = 5 }, {} },
  { "a misspelling", { timeout_mss = 5 }, { "timeout_mss", "did you mean 'timeout_ms'?" } },
  { "an unknown field", { zzzzzzzz = 1 }, { "zzzzzzzz", "known are", "max_connections" } },
  { "a number as field", { "k" }, { "a number as a key" } },
  { "a boolean as field", { [true] = "k" }, { "a boolean as a key" } },
  { "a number as key", { api_key = 5 }, { "api_key" } },
  { "a number as app_id", { app_id = 5 }, { "app_id" } },
  { "a boolean as consumer_id", { consumer_id = true }, { "consumer_id" } },
  { "a string as time", { timeout_ms = "5" }, { "timeout_ms" } },
  { "a negative time", { timeout_ms = -1 }, { "timeout_ms" } },
  { "no time at all", { timeout_ms = 0 }, { "timeout_ms", "above 0" } },
  { "more than a month as time", { timeout_ms = 2 ^ 31 }, { "timeout_ms", "below 2^31" } },
  { "NaN as time", { timeout_ms = 0 / 0 }, { "timeout_ms" } },
  { "a string as connect time", { connect_timeout_ms = "5" }, { "connect_timeout_ms" } },
  { "a negative connect time", { connect_timeout_ms = -5 }, { "connect_timeout_ms" } },
  { "text as headers", { headers = "x: y" }, { "headers" } },
  { "a number as header", { headers = { ["x-a"] = {} } }, { "headers" } },
  { "a header without a name", { headers = { "x" } }, { "headers", "header names as keys" } },
  {
    "a header of the transfer's",
    { headers = { ["Content-Length"] = "1" } },
    { "content-length" },
  },
  { "text that is no PEM", { tls = { ca_pem = "x" } }, { "tls.ca_pem", "PEM" } },
  { "a directory that is not there", { tls = { ca_path = "/nonexistent" } }, { "tls.ca_path" } },
  { "a logger without a method", { debug_logger = {} }, { "debug_logger" } },
  { "a thread as logger", { debug_logger = coroutine.create(f) }, { "debug_logger" } },
  { "a thread as transport", { transport = coroutine.create(f) }, { "transport", "a thread" } },
  { "a file as transport", { transport = io.stdout }, { "transport", "a userdata" } },
  {
    "a light userdata as hook",
    { hooks = { on_error = vault.null } },
    { "hooks.on_error", "null" },
  },
  { "text as retries", { retries = "backoff" }, { "retries" } },
  { "an unknown strategy", { retries = { strategy = "linear" } }, { "retries.strategy" } },
  {
    "an unknown field of retries",
    { retries = { zzzzzzzz = 1 } },
    { "retries.zzzzzzzz", "backoff, max_attempts" },
  },
  {
    "camelCase in retries",
    { retries = { maxAttempts = 1 } },
    { "retries.maxAttempts", "max_attempts" },
  },
  { "no attempts", { retries = { max_attempts = 0 } }, { "retries.max_attempts" } },
  { "a fraction of an attempt", { retries = { max_attempts = 1.5 } }, { "retries.max_attempts" } },
  { "text as backoff", { retries = { backoff = "fast" } }, { "retries.backoff" } },
  {
    "camelCase in backoff",
    { retries = { backoff = { initialInterval = 5 } } },
    { "retries.backoff.initialInterval", "initial_interval" },
  },
  {
    "text as interval",
    { retries = { backoff = { initial_interval = "5" } } },
    { "retries.backoff.initial_interval" },
  },
  {
    "a negative interval",
    { retries = { backoff = { max_interval = -1 } } },
    { "retries.backoff.max_interval" },
  },
  {
    "text as exponent",
    { retries = { backoff = { exponent = {} } } },
    { "retries.backoff.exponent" },
  },
  {
    "text as max_elapsed_time",
    { retries = { backoff = { max_elapsed_time = "x" } } },
    { "retries.backoff.max_elapsed_time" },
  },
  { "text as flag", { retries = { unsafe = "yes" } }, { "retries.unsafe" } },
  {
    "text as flag",
    { retries = { retry_connection_errors = 1 } },
    { "retries.retry_connection_errors" },
  },
  { "text as retry_codes", { retry_codes = "503" }, { "retry_codes" } },
  { "names in retry_codes", { retry_codes = { a = "503" } }, { "retry_codes", "a list" } },
  { "a hole in retry_codes", { retry_codes = { [2] = "503" } }, { "retry_codes", "a list" } },
  { "no code", { retry_codes = { "abc" } }, { "retry_codes" } },
  { "half a code", { retry_codes = { "50" } }, { "retry_codes" } },
  { "a number as user agent", { user_agent = 5 }, { "user_agent" } },
  { "a number as proxy", { proxy = 5 }, { "proxy" } },
  { "a proxy that is no URL", { proxy = "nonsense://x y" }, { "proxy" } },
  { "text as tls", { tls = "off" }, { "tls" } },
  { "text as verify", { tls = { verify = "no" } }, { "tls.verify" } },
  { "a misspelling in tls", { tls = { cafile = "x" } }, { "tls.cafile", "ca_file" } },
  {
    "a file name with a NUL",
    { tls = { ca_file = "/dev/null\0.pem" } },
    { "tls.ca_file", "NUL character" },
  },
  { "a number as ca_file", { tls = { ca_file = 5 } }, { "tls.ca_file" } },
  { "text as max_response_bytes", { max_response_bytes = "1" }, { "max_response_bytes" } },
  { "a negative max_response_bytes", { max_response_bytes = -1 }, { "max_response_bytes" } },
  { "an unknown http_version", { http_version = "3" }, { "http_version" } },
  { "a number as http_version", { http_version = 2 }, { "http_version" } },
  { "text as keep_nulls", { keep_nulls = "yes" }, { "keep_nulls" } },
  { "text as allow_insecure", { allow_insecure = "yes" }, { "allow_insecure" } },
  { "text as max_connections", { max_connections = "5" }, { "max_connections" } },
  { "no lifetime", { connection_lifetime_ms = 0 }, { "connection_lifetime_ms", "above 0" } },
  { "text as lifetime", { connection_lifetime_ms = "5" }, { "connection_lifetime_ms" } },
  { "a number as debug_logger", { debug_logger = 5 }, { "debug_logger" } },
  { "an object without debug", { debug_logger = { info = f } }, { "debug_logger" } },
  { "text as debug_secrets", { debug_secrets = "yes" }, { "debug_secrets" } },
  { "a function as hooks", { hooks = f }, { "hooks" } },
  { "an unknown hook", { hooks = { before = f } }, { "hooks.before" } },
  { "camelCase of a hook", { hooks = { beforeRequest = f } }, { "before_request" } },
  { "text as hook", { hooks = { on_error = "x" } }, { "hooks.on_error" } },
  { "text as transport", { transport = "curl" }, { "transport" } },
  { "an unknown loop", { loop = "zzzzzzzz" }, { "loop" } },
}

describe("vault.new refuses", function()
  for number, row in ipairs(REFUSED) do
    it(("%s (%d)"):format(row[1], number), function()
      local err = expect.invalid(row[3], vault.new, row[2])
      assert.is_nil(err.operation)
      assert.is_nil(err.attempts)
    end)
  end

  it("values other than tables", function()
    expect.invalid({}, vault.new, "api key")
    expect.invalid({}, vault.new, 5)
  end)
end)

it("headers that frame the message, which only the transfer may set", function()
  for _, name in ipairs {
    "Content-Length",
    "transfer-encoding",
    "Connection",
    "TE",
    "trailer",
    "upgrade",
    "Expect",
  } do
    local err = expect.invalid(name:lower(), vault.new, { headers = { [name] = "x" } })
    expect.says(err.message, "is set by libcurl; leave it out")
  end
end)

it("a plain call refuses a callback", function()
  local client = vault.new { api_key = "k", server_url = "http://127.0.0.1:1" }
  expect.invalid("callback", client.connections.list, {}, { callback = f })
end)

describe("vault.new accepts", function()
  it("no argument", function()
    assert.truthy(vault.new())
    assert.truthy(vault.new {})
  end)

  it("every field of the contract", function()
    local client = vault.new {
      api_key = "k",
      consumer_id = "c",
      app_id = "a",
      server_url = "https://127.0.0.1/",
      timeout_ms = 1000,
      connect_timeout_ms = 500,
      headers = { ["x-a"] = "b" },
      retries = {
        strategy = "backoff",
        backoff = { initial_interval = 1, max_interval = 2, exponent = 2, max_elapsed_time = 3 },
        retry_connection_errors = true,
        max_attempts = 2,
        unsafe = false,
      },
      retry_codes = { "503", "5XX" },
      user_agent = "u",
      proxy = "",
      tls = { verify = true },
      max_response_bytes = 1024,
      http_version = "1.1",
      keep_nulls = false,
      max_connections = 5,
      connection_lifetime_ms = 60000,
      allow_insecure = false,
      debug_logger = f,
      debug_secrets = false,
      hooks = { before_request = f, after_response = f, on_error = f, on_retry = f },
      loop = "none",
      transport = f,
    }
    assert.truthy(client.connections.list)
    assert.truthy(vault.new { http_version = "2", retries = false, api_key = f })
  end)

  it("a table, of which later changes have no effect", function()
    local seen
    local config = {
      api_key = "k",
      headers = { ["x-a"] = "before" },
      transport = function(request)
        seen = request
        return { status = 200, headers = {}, body = "{}" }
      end,
    }
    local client = vault.new(config)
    config.api_key, config.headers["x-a"] = "changed", "after"
    client.connections.list()
    assert.equal("Bearer k", seen.headers.authorization)
    assert.equal("before", seen.headers["x-a"])
  end)
end)

describe("the environment", function()
  local SHOW = [[
    local vault = require "vault"
    local function show(request)
      local h = request.headers
      print(request.url, h.authorization, h["x-apideck-app-id"], h["x-apideck-consumer-id"])
      return { status = 200, headers = {}, body = '{"data":[]}' }
    end
    local config = CONFIG
    config.transport = show
    vault.new(config).connections.list()
  ]]

  local function shown(environment, config)
    return (child.run(SHOW:gsub("CONFIG", config or "{}"), environment))
  end

  local ALL = {
    APIDECK_API_KEY = "env-key",
    APIDECK_APP_ID = "env-app",
    APIDECK_CONSUMER_ID = "env-consumer",
    APIDECK_SERVER_URL = "http://127.0.0.1:9/env/",
  }

  it("supplies what the configuration leaves out", function()
    assert.equal(
      "http://127.0.0.1:9/env/vault/connections\tBearer env-key\tenv-app\tenv-consumer\n",
      shown(ALL)
    )
  end)

  it("is overridden by the configuration", function()
    local config =
      [[{ api_key = "k", app_id = "a", consumer_id = "c", server_url = "http://127.0.0.1:8" }]]
    assert.equal("http://127.0.0.1:8/vault/connections\tBearer k\ta\tc\n", shown(ALL, config))
  end)

  it("supplies no key where api_key is empty", function()
    local nothing = "http://127.0.0.1:9/env/vault/connections\tnil\tenv-app\tenv-consumer\n"
    assert.equal(nothing, shown(ALL, [[{ api_key = "" }]]))
  end)

  it("counts as unset where it is empty", function()
    local empty = {
      APIDECK_API_KEY = "",
      APIDECK_APP_ID = "",
      APIDECK_CONSUMER_ID = "",
      APIDECK_SERVER_URL = "",
    }
    local nothing = "https://unify.apideck.com/vault/connections\tnil\tnil\tnil\n"
    assert.equal(nothing, shown(empty))
    assert.equal(nothing, shown {})
  end)

  it("turns the default logger on with APIDECK_DEBUG = 1 or true", function()
    for _, value in ipairs { "1", "true" } do
      local output = shown { APIDECK_DEBUG = value, APIDECK_API_KEY = "env-xplanted" }
      local lines = output:gsub("https://unify[^\n]*Bearer env%-xplanted[^\n]*\n", "", 1)
      expect.says(lines, "GET", "/vault/connections", "200")
      expect.silent_about(lines, "env-xplanted")
    end
  end)

  it("leaves it off with 0, false or nothing", function()
    for _, value in ipairs { "0", "false", "" } do
      local output = shown { APIDECK_DEBUG = value }
      assert.equal("https://unify.apideck.com/vault/connections\tnil\tnil\tnil\n", output)
    end
  end)

  describe("the environment configures the default client", function()
    local host = hosts.wire()
    teardown(function()
      host:stop()
    end)

    it("of vault.connections, at the first call", function()
      local peer = host:script { { echo = true } }
      local output = child.run(
        [[
          local vault = require "vault"
          print(vault.connections.list({ api = "crm" }).data.method)
          print(vault.connections.get({ service_id = "s", unified_api = "crm" }).data.method)
        ]],
        { APIDECK_SERVER_URL = peer.url, APIDECK_API_KEY = "env-key", APIDECK_APP_ID = "env-app" }
      )
      assert.equal("GET\nGET\n", output)
      local seen, connections = peer:requests()
      assert.equal(2, #seen)
      assert.equal(1, connections)
      assert.equal("/vault/connections?api=crm", seen[1].path)
      assert.equal("Bearer env-key", seen[1]:header "authorization")
      assert.equal("env-app", seen[1]:header "x-apideck-app-id")
    end)

    it("and a wrong variable is an error of that call, not of require", function()
      local output = child.run(
        [[
          local vault = require "vault"
          print(vault.connections ~= nil)
          local ok, err = pcall(vault.connections.list)
          print(ok, vault.is_error(err, "InvalidRequestError"))
        ]],
        { APIDECK_SERVER_URL = "nonsense" }
      )
      assert.equal("true\nfalse\ttrue\n", output)
    end)

    it("of vault.safe as well", function()
      local peer = host:script { { status = 404, body = '{"message":"gone"}' } }
      local output = child.run(
        [[
          local safe = require "vault.safe"
          local result, err = safe.connections.list()
          print(result, err.name, err.message)
        ]],
        { APIDECK_SERVER_URL = peer.url }
      )
      assert.equal("nil\tNotFoundResponse\tgone\n", output)
    end)
  end)
end)
