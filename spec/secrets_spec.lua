-- Puts secrets everywhere, and searches every text in which they must not be.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local SENT = {
  key = "key-Zq81xplanted",
  access = "access-Zq82xplanted",
  refresh = "refresh-Zq83xplanted",
  setting = "setting-Zq84xplanted",
  nested = "nested-Zq85xplanted",
}
local MARK = "xplanted"
-- Unchanged from the server, for the program.
local AS_SENT = { data = true, body = true, headers = true }

local REQUESTS = {
  update = {
    service_id = "pipedrive",
    unified_api = "crm",
    connection = { settings = { client_secret = SENT.setting, deep = { { x = SENT.nested } } } },
  },
  imports = {
    service_id = "pipedrive",
    unified_api = "crm",
    connection_import_data = {
      credentials = { access_token = SENT.access, refresh_token = SENT.refresh },
      settings = { client_secret = SENT.setting, deep = { { x = SENT.nested } } },
    },
  },
  get = { service_id = "pipedrive", unified_api = "crm" },
}

-- The request of each operation.
local SECRETS = {
  get = { SENT.key },
  update = { SENT.key, SENT.setting, SENT.nested },
  imports = { SENT.key, SENT.access, SENT.refresh, SENT.setting, SENT.nested },
}

local function said(operation)
  return table.concat(SECRETS[operation], " and ")
end

-- An error body in which the server repeats the request.
local function repeating(status, operation)
  local message = ("bad: Bearer %s; %s"):format(SENT.key, said(operation))
  return {
    status = status,
    headers = { { "content-type", "application/json" } },
    body = ('{"message":"%s","type_name":"T"}'):format(message),
  }
end

local function page(status, operation)
  return { status = status, headers = { { "content-type", "text/html" } }, body = said(operation) }
end

local ANSWERS = {
  ["a page that repeats them"] = function(operation)
    return page(502, operation)
  end,
  ["a 2xx that is no JSON"] = function(operation)
    return page(200, operation)
  end,
  ["a cut 2xx"] = function(operation)
    return { body = '{"data":{"access_token":"' .. said(operation) .. '"' }
  end,
  ["a lost connection"] = function()
    return { fault = "lost" }
  end,
  ["a redirect"] = function(operation)
    local target = "https://example.com/?token=" .. said(operation):gsub(" ", "+")
    return { status = 302, headers = { { "location", target } } }
  end,
}
for _, status in ipairs { 400, 401, 402, 403, 404, 409, 418, 422, 429, 500, 501 } do
  ANSWERS[("a %d that repeats them"):format(status)] = function(operation)
    return repeating(status, operation)
  end
end

local function assert_clean(value, what)
  for _, text in ipairs(expect.strings_of(value, AS_SENT)) do
    if text:find(MARK, 1, true) then
      error(("%s shows %q"):format(what, text), 2)
    end
  end
end

local function assert_clean_error(err)
  assert_clean(err, "the error")
  expect.silent_about(tostring(err), MARK)
  expect.silent_about(debug.traceback(tostring(err)), MARK)
end

-- The error of a call, and the traceback of where it was raised, made by the message handler.
local function failure(f, ...)
  local arguments, trace = { ... }, nil
  local returned, err = xpcall(function()
    return f(arguments[1], arguments[2])
  end, function(raised)
    trace = debug.traceback(tostring(raised), 1)
    return raised
  end)
  assert.is_false(returned)
  assert.is_true(vault.is_error(err), tostring(err))
  expect.silent_about(trace, MARK)
  return err
end

for _, host in ipairs(hosts.all()) do
  describe("secrets over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    local function client_of(response, config)
      local peer = host:script { response }
      config = config or {}
      config.api_key = config.api_key or SENT.key
      return host:client(peer, config), peer
    end

    local function logging(response, config)
      local lines = {}
      config = config or {}
      config.debug_logger = function(line)
        lines[#lines + 1] = line
      end
      local client, peer = client_of(response, config)
      return client, lines, peer
    end

    for what, response in pairs(ANSWERS) do
      for operation, request in pairs(REQUESTS) do
        it(("stay out of the error and the log of %s (%s)"):format(what, operation), function()
          local client, lines, peer = logging(response(operation))
          local err = failure(client.connections[operation], request)
          assert_clean_error(err)
          assert.is_true(#lines > 0)
          expect.silent_about(table.concat(lines, "\n"), MARK)
          assert.equal("Bearer " .. SENT.key, peer:requests()[1]:header "authorization")
        end)
      end
    end

    it("remain in what the server sent: data, body and headers", function()
      local response = repeating(400, "get")
      response.headers[2] = { "x-said", SENT.key }
      local err = failure(client_of(response).connections.get, REQUESTS.get)
      expect.says(err.body, SENT.key)
      expect.says(err.data.message, SENT.key)
      assert.equal(SENT.key, err.headers["x-said"])
      assert.is_true(#err.message > 0)
      assert_clean_error(err)
    end)

    it("stay out where the key starts with Bearer", function()
      local client = client_of(repeating(401, "get"), { api_key = "Bearer " .. SENT.key })
      assert_clean_error(failure(client.connections.get, REQUESTS.get))
    end)

    it("stay out where a key function returns them", function()
      local client = client_of(repeating(401, "get"), {
        api_key = function()
          return SENT.key
        end,
      })
      assert_clean_error(failure(client.connections.get, REQUESTS.get))
    end)

    it("stay out where a header of the caller contains the key", function()
      local config = { headers = { authorization = SENT.key } }
      local client, lines = logging(repeating(401, "get"), config)
      assert_clean_error(failure(client.connections.get, REQUESTS.get))
      expect.silent_about(table.concat(lines, "\n"), MARK)
    end)

    it("stay out of InvalidRequestError, which names the path and not the value", function()
      local client, lines = logging { body = "{}" }
      local bad = {
        { settings = { client_secret = SENT.setting .. "\255" } },
        { settings = { client_secret = SENT.setting, f = print } },
        { settings = SENT.setting },
        { enabled = SENT.setting },
      }
      for _, connection in ipairs(bad) do
        local request = { service_id = "s", unified_api = "crm", connection = connection }
        assert_clean_error(failure(client.connections.update, request))
      end
      local credentials = { access_token = { SENT.access }, refresh_token = SENT.refresh }
      local data = { credentials = credentials }
      local import = { service_id = "s", unified_api = "crm", connection_import_data = data }
      assert_clean_error(failure(client.connections.imports, import))
      expect.silent_about(table.concat(lines, "\n"), MARK)
    end)

    it("stay out of errors about the key itself", function()
      local err = failure(function()
        client_of({ body = "{}" }, { api_key = SENT.key .. "\r\nx: y" }).connections.list()
      end)
      assert_clean_error(err)
      err = failure(function()
        local client = client_of { body = "{}" }
        local headers = { authorization = SENT.key .. "\n" .. SENT.key }
        client.connections.list({}, { headers = headers })
      end)
      assert_clean_error(err)
    end)

    it("stay out of UnexpectedClientError", function()
      local client = client_of({ body = "{}" }, {
        hooks = {
          before_request = function()
            error("no secret in here", 0)
          end,
        },
      })
      local err = failure(client.connections.imports, REQUESTS.imports)
      assert.equal("UnexpectedClientError", err.name)
      assert_clean_error(err)
    end)

    it("stay out of the log of a successful call, returned settings included", function()
      local body = (
        '{"data":{"settings":{"a":"%s"},"form_fields":[{"id":"p","sensitive":true,'
        .. '"value":"%s"}]}}'
      ):format("answered-xplanted", "field-xplanted")
      for operation, request in pairs(REQUESTS) do
        local client, lines = logging { body = body }
        local result = client.connections[operation](request)
        assert.equal("answered-xplanted", result.data.settings.a)
        assert.is_true(#lines > 0)
        expect.silent_about(table.concat(lines, "\n"), MARK)
      end
    end)

    it(
      "of the response stay out of the error's message and text: tokens, settings, sensitive values",
      function()
        local response = {
          status = 409,
          body = [[{"message":"conflict of settings-xplanted, token-xplanted and field-xplanted",
          "access_token":"token-xplanted","data":{"settings":{"a":"settings-xplanted"},
          "form_fields":[{"id":"p","sensitive":true,"value":"field-xplanted"}]}}]],
        }
        local client, lines = logging(response)
        local err = failure(client.connections.get, REQUESTS.get)
        expect.silent_about(err.message, MARK)
        expect.silent_about(tostring(err), MARK)
        expect.silent_about(table.concat(lines, "\n"), MARK)
        expect.says(err.body, "settings-xplanted")
        assert.equal("settings-xplanted", err.data.data.settings.a)
      end
    )

    it("are in the log with debug_secrets", function()
      local client, lines = logging({ body = "{}" }, { debug_secrets = true })
      client.connections.imports(REQUESTS.imports)
      local all = table.concat(lines, "\n")
      expect.says(all, SENT.key)
    end)

    it("stay out of tostring(client)", function()
      local client = client_of { body = "{}" }
      expect.silent_about(tostring(client), MARK)
      client:close()
      expect.silent_about(tostring(client), MARK)
    end)

    it("are passed to hooks", function()
      local seen
      local client = client_of({ body = "{}" }, {
        hooks = {
          before_request = function(event)
            seen = { event.headers.authorization, event.body }
          end,
        },
      })
      client.connections.imports(REQUESTS.imports)
      assert.equal("Bearer " .. SENT.key, seen[1])
      expect.says(seen[2], SENT.access, SENT.refresh, SENT.setting)
    end)
  end)
end

describe("secrets of a cancelled job", function()
  it("stay out of RequestAbortedError, and of the job", function()
    local lines = {}
    local client = vault.new {
      server_url = "http://127.0.0.1:1",
      api_key = SENT.key,
      debug_logger = function(line)
        lines[#lines + 1] = line
      end,
    }
    for _, finish in ipairs { "cancel", "close" } do
      local job = client.async.connections.imports(REQUESTS.imports)
      if finish == "cancel" then
        job:cancel()
      else
        client:close()
      end
      local err = failure(job.wait, job)
      assert.equal("RequestAbortedError", err.name)
      assert_clean_error(err)
      expect.silent_about(tostring(job), MARK)
    end
    expect.silent_about(table.concat(lines, "\n"), MARK)
  end)
end)
