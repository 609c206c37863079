-- Tables with metatables: inherited fields are read, and what a metamethod raises becomes an
-- error object.
local expect = require "spec.support.expect"
local safe = require "vault.safe"
local vault = require "vault"

local DONE = { status = 200, body = '{"data":[]}' }

local function inherits(defaults, own)
  return setmetatable(own or {}, { __index = defaults })
end

local function computes(defaults)
  return setmetatable({}, {
    __index = function(_, name)
      return defaults[name]
    end,
  })
end

-- A proxy of which one field cannot be read.
local function breaks(field, values, problem)
  return setmetatable({}, {
    __index = function(_, name)
      if name == field then
        error(problem, 0)
      end
      return values and values[name]
    end,
  })
end

local function recorder(seen)
  return function(request)
    seen[#seen + 1] = request
    return DONE
  end
end

describe("inherited fields", function()
  it("of the configuration are read", function()
    for _, derive in ipairs { inherits, computes } do
      local seen = {}
      local client = vault.new(derive {
        api_key = "k",
        app_id = "a",
        consumer_id = "c",
        server_url = "http://127.0.0.1:9/x",
        timeout_ms = 77,
        user_agent = "u",
        headers = { ["x-a"] = "b" },
        transport = recorder(seen),
      })
      client.connections.list()
      local headers = seen[1].headers
      assert.equal("http://127.0.0.1:9/x/vault/connections", seen[1].url)
      assert.equal(77, seen[1].timeout_ms)
      assert.equal("Bearer k", headers.authorization)
      assert.equal("a", headers["x-apideck-app-id"])
      assert.equal("c", headers["x-apideck-consumer-id"])
      assert.equal("u", headers["user-agent"])
      assert.equal("b", headers["x-a"])
    end
  end)

  it("are overridden by the table's own", function()
    local seen = {}
    local defaults = { api_key = "default", app_id = "a", transport = recorder(seen) }
    vault.new(inherits(defaults, { api_key = "own" })).connections.list()
    assert.equal("Bearer own", seen[1].headers.authorization)
    assert.equal("a", seen[1].headers["x-apideck-app-id"])
  end)

  it("of hooks, tls, retries and backoff are read", function()
    local attempts, hooked = 0, 0
    local client = vault.new {
      transport = function()
        attempts = attempts + 1
        return { status = 503 }
      end,
      hooks = inherits {
        before_request = function()
          hooked = hooked + 1
        end,
      },
      retries = inherits {
        max_attempts = 2,
        backoff = computes { initial_interval = 0, max_interval = 0 },
      },
    }
    expect.error("APIError", client.connections.list)
    assert.same({ 2, 2 }, { attempts, hooked })
    local tls = computes { ca_file = "/nonexistent" }
    expect.invalid("tls.ca_file", vault.new, { tls = tls })
  end)

  it("of the configuration are checked", function()
    expect.invalid("timeout_ms", vault.new, computes { timeout_ms = "x" })
    expect.invalid("retries.max_attempts", vault.new, {
      retries = inherits { max_attempts = 0 },
    })
  end)

  it("that are unknown are ignored; the table's own are refused", function()
    assert.truthy(vault.new(inherits { zzzzzzzz = 1 }))
    expect.invalid("zzzzzzzz", vault.new, inherits({}, { zzzzzzzz = 1 }))
  end)

  it("of options are read, the callback too", function()
    local seen, called = {}, 0
    local client = vault.new { api_key = "k", transport = recorder(seen) }
    client.connections.list({}, inherits { timeout_ms = 55, headers = { ["x-a"] = "b" } })
    assert.equal(55, seen[1].timeout_ms)
    assert.equal("b", seen[1].headers["x-a"])
    local job = client.async.connections.list(
      {},
      inherits {
        callback = function()
          called = called + 1
        end,
      }
    )
    job:wait()
    assert.equal(1, called)
    client:close()
  end)

  it("of a request are read, consumer_id included", function()
    local seen = {}
    local client = vault.new { consumer_id = "default", transport = recorder(seen) }
    local one = { service_id = "s", unified_api = "crm", consumer_id = "c", app_id = "a" }
    for _, derive in ipairs { inherits, computes } do
      client.connections.delete(derive(one))
      local request = table.remove(seen)
      assert.truthy(request.url:find("/vault/connections/crm/s", 1, true))
      assert.equal("c", request.headers["x-apideck-consumer-id"])
      assert.equal("a", request.headers["x-apideck-app-id"])
      local blank = derive { service_id = "s", unified_api = "crm", consumer_id = "" }
      expect.invalid("consumer_id", client.connections.delete, blank)
      expect.invalid("required", client.connections.get, derive { service_id = "s" })
    end
    assert.equal(0, #seen)
  end)

  it("of a request are each read once", function()
    local reads = 0
    local request = setmetatable({ unified_api = "crm" }, {
      __index = function(_, name)
        reads = reads + (name == "service_id" and 1 or 0)
        return name == "service_id" and ("s" .. reads) or nil
      end,
    })
    local seen = {}
    vault.new({ transport = recorder(seen) }).connections.get(request)
    assert.equal(1, reads)
    assert.truthy(seen[1].url:find("/crm/s1", 1, true))
  end)

  it("of headers and of bodies are ignored", function()
    local seen = {}
    local client = vault.new { transport = recorder(seen) }
    client.connections.update({
      service_id = "s",
      unified_api = "crm",
      connection = inherits({ enabled = true }, { settings = inherits({ a = 1 }, { b = 2 }) }),
    }, { headers = inherits({ ["x-a"] = "b" }, { ["x-c"] = "d" }) })
    assert.equal('{"settings":{"b":2}}', seen[1].body)
    assert.is_nil(seen[1].headers["x-a"])
    assert.equal("d", seen[1].headers["x-c"])
  end)
end)

-- The table with the metamethod, and the call that reads it.
local one = { service_id = "s", unified_api = "crm" }
local function calling(config, request, options)
  return function(module)
    config.transport = config.transport or function()
      return DONE
    end
    config.retries = false
    local client = assert(module.new(config))
    return client.connections.get(request or one, options)
  end
end

local function answering(response)
  return calling {
    transport = function()
      return response
    end,
  }
end

local CASES = {
  ["a configuration"] = function(problem)
    return function(module)
      return module.new(breaks("timeout_ms", nil, problem))
    end
  end,
  ["a table of retries"] = function(problem)
    return function(module)
      return module.new { retries = breaks("backoff", nil, problem) }
    end
  end,
  ["a logger"] = function(problem)
    return function(module)
      return module.new { debug_logger = breaks("debug", nil, problem) }
    end
  end,
  ["a logger that breaks later"] = function(problem)
    local logger = setmetatable({}, { __index = { debug = print } })
    return function(module)
      local client = assert(module.new {
        debug_logger = logger,
        transport = function()
          return DONE
        end,
      })
      setmetatable(logger, getmetatable(breaks("debug", nil, problem)))
      return client.connections.list()
    end
  end,
  ["a request"] = function(problem)
    return calling({}, breaks("service_id", one, problem))
  end,
  ["a request's app_id"] = function(problem)
    return calling({}, breaks("app_id", one, problem))
  end,
  ["options"] = function(problem)
    return calling({}, one, breaks("headers", nil, problem))
  end,
  ["the status of a transport's response"] = function(problem)
    return answering(breaks("status", DONE, problem))
  end,
  ["the headers of a transport's response"] = function(problem)
    return answering(breaks("headers", DONE, problem))
  end,
  ["the body of a transport's response"] = function(problem)
    return answering(breaks("body", DONE, problem))
  end,
  ["the event of a hook"] = function(problem)
    return calling {
      hooks = {
        before_request = function(event)
          event.url = nil
          setmetatable(event, getmetatable(breaks("url", nil, problem)))
        end,
      },
    }
  end,
}

describe("a metamethod that raises", function()
  for name, case in pairs(CASES) do
    it("in " .. name .. " ends the call with UnexpectedClientError", function()
      for _, problem in ipairs { "it broke", { "it broke" } } do
        local err = expect.error("UnexpectedClientError", case(problem), vault)
        assert.equal(problem, err.cause)
        assert.equal(1, (select(2, err.message:gsub("reading", "%0"))))
      end
    end)

    it("in " .. name .. ", with vault.safe, returns nil, err", function()
      for _, problem in ipairs { "it broke", { "it broke" } } do
        local result, err = case(problem)(safe)
        assert.is_nil(result)
        assert.is_true(vault.is_error(err, "UnexpectedClientError"))
        assert.equal(problem, err.cause)
      end
    end)
  end

  it("gives an error object for a job, too", function()
    local client = vault.new {
      retries = false,
      transport = function()
        return breaks("body", DONE, "it broke")
      end,
    }
    expect.error("UnexpectedClientError", client.async.connections.get, breaks("service_id"))
    local job = client.async.connections.list()
    local err = expect.error("UnexpectedClientError", job.wait, job)
    assert.equal("it broke", err.cause)
    client:close()
  end)

  it("shows no secret of the request", function()
    local request = breaks("app_id", {
      service_id = "s",
      unified_api = "crm",
    }, "cannot read it with secret-key-9")
    local client = vault.new { api_key = "secret-key-9" }
    local err = expect.error("UnexpectedClientError", client.connections.get, request)
    expect.silent_about(tostring(err) .. tostring(err.cause), "secret-key-9")
  end)
end)
