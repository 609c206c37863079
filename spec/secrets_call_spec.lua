-- Which secrets calls hide in errors and log lines, and what they show: names, numbers, URLs, hosts.
-- spec/secrets_spec.lua checks every text over every host.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local internal = require "vault_internal"
local vault = require "vault"

local JSON = { ["content-type"] = "application/json" }

-- A client that receives this response for every request, the lines of its log, and its requests.
local function client_of(response, config)
  local lines, requests = {}, {}
  config = config or {}
  config.api_key = config.api_key or "key-of-the-client"
  config.server_url = config.server_url or "https://unify.apideck.com"
  config.retries = config.retries or false
  config.debug_logger = function(line)
    lines[#lines + 1] = line
  end
  config.transport = function(request)
    requests[#requests + 1] = request
    if type(response) == "function" then
      return response(request)
    end
    response.status = response.status or 200
    response.headers = response.headers or JSON
    return response
  end
  return vault.new(config), lines, requests
end

local function update_request(settings)
  return { service_id = "pipedrive", unified_api = "crm", connection = { settings = settings } }
end

local function bad_request(body, settings, config)
  local client, lines = client_of({ status = 400, body = body }, config)
  local request = update_request(settings)
  return expect.error("BadRequestResponse", client.connections.update, request), lines
end

describe("the log of a call", function()
  it("hides secrets wherever they are in a line, and short ones under their names", function()
    local client, lines = client_of({ body = "{}" }, {
      headers = { ["x-note"] = "of key-of-the-client", ["x-token"] = "abc" },
    })
    client.connections.list()
    local log = table.concat(lines, "\n")
    expect.says(log, "x-note: of [redacted]", "x-token: [redacted]")
    expect.silent_about(log, "key-of-the-client", "abc")
  end)

  it("hides headers whose names are secret, of the request and of the response", function()
    local client, lines = client_of({
      headers = {
        ["x-auth"] = "response-auth",
        ["set-cookie"] = "response-cookie",
        ["x-session-id"] = "response-session",
        ["x-monkey"] = "seen-monkey",
      },
      body = "{}",
    }, {
      headers = {
        ["x-auth"] = "planted-auth",
        ["x-access-key"] = "planted-access",
        ["X-Session"] = "planted-session",
        cookie = "planted-cookie",
        ["x-keyboard"] = "seen-keyboard",
        ["x-author"] = "seen-author",
      },
    })
    client.connections.list()
    local log = table.concat(lines, "\n")
    expect.silent_about(log, "planted", "response-")
    expect.says(log, "x-auth: [redacted]", "x-access-key: [redacted]", "x-session: [redacted]")
    expect.says(log, "x-keyboard: seen-keyboard", "x-author: seen-author", "x-monkey: seen-monkey")
  end)

  it("hides members of bodies whose names are secret, in any spelling", function()
    local client, lines = client_of {
      body = [[{"data":{"access_key":"planted-1","passphrase":"planted-2","apiKey":"planted-3",
        "session_uri":"https://vault.apideck.com/session/planted-4","nested":[{"authToken":"planted-5"}]}}]],
    }
    client.connections.list()
    local log = table.concat(lines, "\n")
    expect.silent_about(log, "planted")
    expect.says(
      log,
      '"access_key":"[redacted]"',
      '"session_uri":"https://vault.apideck.com/[redacted]"'
    )
  end)

  it("shows what is not secret: dates, flags, enumerations, names of settings", function()
    local shown = '"credentials_expire_at":1700000000,"auth_type":"oauth2",'
      .. '"settings_required_for_authorization":["instance_url"],"has_guide":true,"key_set":false'
    local client, lines = client_of { body = '{"data":{' .. shown .. "}}" }
    client.connections.list()
    expect.says(table.concat(lines, "\n"), shown)
  end)

  it("hides secrets in URLs in headers, and keeps their hosts", function()
    local location = "https://user:planted-1@login.example.com/a?token=planted-2&page=3#planted-3"
    local client, lines = client_of { status = 302, headers = { location = location } }
    local err = expect.error("APIError", client.connections.list)
    expect.silent_about(table.concat(lines, "\n"), "planted")
    expect.says(lines[2], "location: https://login.example.com/a?token=[redacted]&page=3}")
    expect.says(err.message, "redirects to https://login.example.com/a?token=[redacted]&page=3, ")
    assert.equal(location, err.headers.location)
  end)

  it("allocates no Lua memory for a response's values or its secrets", function()
    local rows = {}
    for i = 1, 400 do
      rows[i] = ('{"id":"crm+%d","settings":{"a":"value-%d-x","b":[%d.5,"v%d"]},"label":"l%d"}'):format(
        i,
        i,
        i,
        i,
        i
      )
    end
    local body = '{"data":[' .. table.concat(rows, ",") .. "]}"
    local function allocations(logger)
      local client = vault.new {
        api_key = "key-of-the-client",
        server_url = "https://unify.apideck.com",
        debug_logger = logger,
        transport = function()
          return { status = 200, headers = JSON, body = body }
        end,
      }
      client.connections.list()
      collectgarbage()
      return internal.count_allocations(client.connections.list)
    end
    local silent = allocations(nil)
    local logged = allocations(function() end)
    assert.is_true(silent > 1000, silent)
    assert.is_true(logged - silent < 100, ("%d and %d"):format(logged, silent))
  end)
end)

describe("a secret number", function()
  it("is hidden in every spelling", function()
    local said = "0.1234567890123456, 0.12345678901234559, 0.123456789012346, 0.12345678901235, "
      .. "98765.25, 1.2345e-7, 1.2345e-07, 12345678, "
      .. "12345678.0, 5e20, 500000000000000000000, -0.00025, 5432"
    local err, lines = bad_request('{"message":"bad ' .. said .. '"}', {
      a = 0.1234567890123456,
      b = 98765.25,
      c = { 1.2345e-7, { x = 12345678 } },
      d = 5e20,
      e = -0.00025,
      port = 5432,
    })
    for _, text in ipairs { err.message, tostring(err), table.concat(lines, "\n") } do
      expect.silent_about(text, "0.1234", "98765", "2345", "12345678", "5e20", "00025", "5432")
    end
    expect.says(err.message, "bad [redacted], [redacted], ")
  end)

  it("of the response is hidden in the response's spelling, too", function()
    local err, lines = bad_request(
      '{"message":"values 1.50, 1e+06, 1000000, 77777.70 and 77777.7",'
        .. '"data":{"settings":{"a":1.50,"b":1e+06,"c":77777.70}}}',
      {}
    )
    expect.silent_about(err.message, "1.50", "1e+06", "1000000", "77777")
    expect.silent_about(table.concat(lines, "\n"), "1.50", "1e+06", "1000000", "77777")
  end)

  it("is hidden in a body written by a hook", function()
    local err = bad_request('{"message":"value 98765.2500 is wrong"}', {}, {
      hooks = {
        before_request = function(event)
          event.body = '{"settings":{"a":98765.2500}}'
        end,
      },
    })
    assert.equal("value [redacted] is wrong", err.message)
  end)

  it("is hidden in other fields, as a number or a member's name", function()
    local err = bad_request(
      '{"message":"m","downstream_errors":[{"detail":98765.25,"98765.25":1,"code":7}],"ref":"r-98765.25"}',
      { a = 98765.25 }
    )
    assert.same({ { detail = "[redacted]", ["[redacted]"] = 1, code = 7 } }, err.downstream_errors)
    assert.equal("r-[redacted]", err.ref)
    assert.equal(98765.25, err.data.downstream_errors[1].detail)
  end)

  it("is hidden whatever the decimal point of the locale", function()
    local locales = os.tmpname()
    os.remove(locales)
    local made = locales .. "/de_DE.UTF-8"
    os.execute(("mkdir -p %s; localedef -i de_DE -f UTF-8 %s 2>/dev/null"):format(locales, made))
    local output, status = child.run(
      [[
      print(os.setlocale "de_DE.UTF-8" or os.setlocale "fr_FR.UTF-8")
      local vault = require "vault"
      local client = vault.new {
        api_key = "key-of-the-client",
        retries = false,
        transport = function()
          local body = '{"message":"98765.25 and 98765,25 and 0.1234567890123456"}'
          return { status = 400, headers = {}, body = body }
        end,
      }
      local settings = { a = 98765.25, b = 0.1234567890123456 }
      local request = { service_id = "s", unified_api = "crm", connection = { settings = settings } }
      local _, err = pcall(client.connections.update, request)
      print(err.message)
    ]],
      { LOCPATH = locales }
    )
    os.execute("rm -rf " .. locales)
    assert.equal("0", status)
    assert.equal("[redacted] and [redacted] and [redacted]", output:match "\n([^\n]*)\n$", output)
  end)
end)

describe("a secret of the settings", function()
  it("is hidden in every spelling that a server may use", function()
    local secret = 'p/q"r\\s&t xyz'
    for _, said in ipairs {
      [[p\/q\"r\\s&t xyz]],
      [[p/q\\\"r\\\\s&t xyz]],
      [[\u0070/q\u0022r\\s\u0026t xyz]],
      "p%2Fq%22r%5Cs%26t%20xyz",
      "p%2Fq%22r%5Cs%26t+xyz",
      [[p/q&quot;r\\s&amp;t xyz]],
    } do
      local err, lines = bad_request('{"message":"bad <' .. said .. '>"}', { a = secret })
      assert.equal("bad <[redacted]>", err.message)
      for _, line in ipairs(lines) do
        expect.silent_about(line, "xyz")
      end
    end
  end)

  it("of 8 to 15 characters is hidden within words, too", function()
    for length = 8, 15 do
      local secret = ("kq7wz0xv3mb9rtc"):sub(1, length)
      local err, lines = bad_request('{"message":"no user_' .. secret .. '2 here"}', { a = secret })
      assert.equal("no user_[redacted]2 here", err.message)
      expect.silent_about(table.concat(lines, "\n"), secret)
    end
  end)

  it("is hidden, if it is long, where only its start is repeated", function()
    local secret = ("0123456789abcdef"):rep(20)
    local err = bad_request('{"message":"bad ' .. secret:sub(1, 200) .. '..."}', { a = secret })
    assert.equal("bad [redacted]...", err.message)
  end)
end)

describe("a host", function()
  it("is shown whole, whatever the secrets are", function()
    for _, key in ipairs { "unify", "apideck", "apideck.com", "unify.apideck.com" } do
      local client, lines = client_of(function()
        return nil, "unify.apideck.com: connection refused"
      end, { api_key = key })
      local err = expect.error("ConnectionError", client.connections.list)
      assert.equal("unify.apideck.com: connection refused", err.message)
      assert.equal("https://unify.apideck.com/vault/connections", err.url)
      expect.says(lines[1], " > GET https://unify.apideck.com/vault/connections attempt 1 ")
      expect.silent_about(lines[1], "Bearer")
    end
  end)

  it("of another URL is shown whole although a part of it is a short secret", function()
    local err =
      bad_request('{"message":"login at https://login.example.com/login"}', { a = "login" })
    assert.equal("[redacted] at https://login.example.com/[redacted]", err.message)
  end)
end)

describe("a secret in the URL of a request", function()
  local function failing(config)
    local client, lines, requests =
      client_of({ status = 400, body = '{"message":"no key planted-1"}' }, config)
    return expect.error("BadRequestResponse", client.connections.list, { api = "crm" }),
      lines,
      requests
  end

  it("is sent, and hidden in err.url, message and log", function()
    local err, lines, requests = failing {
      server_url = "https://unify.apideck.com/p?tenant=7&api_key=planted-1",
    }
    assert.equal(
      "https://unify.apideck.com/p/vault/connections?tenant=7&api_key=planted-1&api=crm",
      requests[1].url
    )
    assert.equal(
      "https://unify.apideck.com/p/vault/connections?tenant=7&api_key=[redacted]&api=crm",
      err.url
    )
    assert.equal("no key [redacted]", err.message)
    expect.silent_about(table.concat(lines, "\n"), "planted")
    expect.says(lines[1], "?tenant=7&api_key=[redacted]&api=crm attempt 1")
  end)

  it("is shown where only links treat the parameter as secret", function()
    local err = failing { server_url = "https://unify.apideck.com/?state=callable&code=planted-1" }
    assert.equal("no key planted-1", err.message)
    expect.says(err.url, "?state=callable&code=planted-1&api=crm")
  end)

  it("is hidden where a hook has added it", function()
    local seen = {}
    local err, lines = failing {
      hooks = {
        before_request = function(event)
          event.url = event.url .. "&session=planted-1"
        end,
        after_response = function(event)
          seen[#seen + 1] = event.url
        end,
        on_error = function(event)
          seen[#seen + 1] = event.error.url
        end,
      },
    }
    expect.says(err.url, "?api=crm&session=[redacted]")
    expect.silent_about(table.concat(lines, "\n"), "planted")
    expect.says(seen[1], "&session=planted-1")
    expect.says(seen[2], "&session=[redacted]")
  end)

  it("is hidden in the error of a hook that raises with it", function()
    local client = client_of({ body = "{}" }, {
      server_url = "https://unify.apideck.com/?token=planted-1",
      hooks = {
        before_request = function(event)
          error("cannot use " .. event.url, 0)
        end,
      },
    })
    local err = expect.error("UnexpectedClientError", client.connections.list)
    expect.silent_about(err.message, "planted")
    expect.silent_about(err.cause, "planted")
    expect.says(err.message, "https://unify.apideck.com/vault/connections?token=[redacted]")
  end)
end)

it("the password of a proxy is in no message, neither encoded nor decoded", function()
  for _, said in ipairs {
    "cannot reach user:planted%2Fpass@proxy:1",
    "proxy refused planted/pass",
    "407 for planted%2Fpass",
  } do
    local client, lines = client_of(function()
      return nil, said
    end, { proxy = "http://user:planted%2Fpass@proxy:1" })
    local err = expect.error("ConnectionError", client.connections.list)
    expect.silent_about(err.message .. table.concat(lines), "planted")
  end
end)

it("secrets of an attempt are hidden in the messages of that attempt", function()
  local keys, count = { "first-planted-key", "second-planted-key", "third-planted-key" }, 0
  local messages = {}
  local client, lines = client_of(function(request)
    local body = '{"message":"no ' .. request.headers.authorization:match "%S+$" .. '"}'
    return { status = 503, headers = { ["content-type"] = "application/json" }, body = body }
  end, {
    api_key = function()
      count = count + 1
      return keys[count]
    end,
    retries = { backoff = { initial_interval = 1, max_interval = 1 }, max_attempts = 3 },
    hooks = {
      on_retry = function(event)
        messages[#messages + 1] = event.error.message
      end,
    },
  })
  local err = expect.error("APIError", client.connections.list)
  assert.equal(3, count)
  assert.same({ "no [redacted]", "no [redacted]" }, messages)
  assert.equal("no [redacted]", err.message)
  expect.silent_about(table.concat(lines, "\n"), "planted")
end)

it("secrets of an attempt are hidden where a hook raises with them", function()
  local count = 0
  local client = client_of({ status = 503, body = "{}" }, {
    api_key = function()
      count = count + 1
      return "planted-key-" .. count
    end,
    retries = { backoff = { initial_interval = 1, max_interval = 1 } },
    hooks = {
      before_request = function(event)
        if count == 2 then
          error(event.headers.authorization:match "%S+$", 0)
        end
      end,
    },
  })
  local err = expect.error("UnexpectedClientError", client.connections.list)
  assert.equal(2, count)
  assert.equal("[redacted]", err.cause)
  assert.equal("the before_request hook raised: [redacted]", err.message)
end)

it("secrets in the headers of a response are hidden where its message repeats them", function()
  local client, lines = client_of {
    status = 400,
    headers = { ["content-type"] = "application/json", ["x-session-id"] = "planted-session" },
    body = '{"message":"session planted-session has ended"}',
  }
  local err = expect.error("BadRequestResponse", client.connections.list)
  assert.equal("session [redacted] has ended", err.message)
  assert.equal("planted-session", err.headers["x-session-id"])
  expect.silent_about(table.concat(lines), "planted")
end)

describe("err.detail", function()
  local function failing(detail)
    local body = ('{"message":"Unauthorized Request","detail":%s}'):format(detail)
    local client, lines = client_of { status = 401, body = body }
    local err = expect.error("UnauthorizedResponse", client.connections.list)
    expect.says(lines[#lines], tostring(err))
    return err
  end

  it("is unchanged, and has no secrets in the text of the error", function()
    local err = failing '"Unknown API key key-of-the-client"'
    assert.equal("Unknown API key key-of-the-client", err.detail)
    assert.equal(
      "UnauthorizedResponse (401) in vault.connections.list: Unauthorized Request: "
        .. "Unknown API key [redacted] [1 attempt]",
      tostring(err)
    )
    expect.silent_about(
      table.concat(expect.strings_of(err, { data = true, body = true, detail = true })),
      "key-of"
    )
  end)
end)

it("an error hides the client's key although a hook has sent another", function()
  local client = client_of({ status = 400, body = '{"message":"not key-of-the-client"}' }, {
    hooks = {
      before_request = function(event)
        event.headers.authorization = "Bearer key-of-the-hook"
      end,
    },
  })
  local err = expect.error("BadRequestResponse", client.connections.list)
  assert.equal("not [redacted]", err.message)
end)
