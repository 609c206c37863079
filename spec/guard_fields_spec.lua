--- What vault.guard takes and refuses, and for whom it answers.
local expect = require "spec.support.expect"
local guard = require "vault.guard"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local PIPEDRIVE = {
  consumer_id = "test-consumer",
  unified_api = "crm",
  service_id = "pipedrive",
}

local function body(state, enabled)
  return (
    '{"status_code":200,"data":{"state":"%s","enabled":%s,"health":"ok","name":"Pipedrive",'
    .. '"service_id":"pipedrive"}}'
  ):format(state, tostring(enabled))
end

local CALLABLE = { body = body("callable", true) }
local DISABLED = { body = body("callable", false) }
local ADDED = { body = body("added", true) }
local BROKEN = { status = 503, body = '{"status_code":503,"message":"Try again later"}' }

local function with(changes)
  local copy = {}
  for name, value in pairs(PIPEDRIVE) do
    copy[name] = value
  end
  for name, value in pairs(changes) do
    copy[name] = value or nil
  end
  return copy
end

describe("guard:check", function()
  local connections = guard.new {
    client = vault.new { server_url = "http://127.0.0.1:1", api_key = "k" },
    cache = guard.memory(),
  }

  local function refuses(request, ...)
    for _, method in ipairs { "check", "forget" } do
      local answer, err = connections[method](connections, request)
      assert.is_nil(answer)
      assert.equal("InvalidRequestError", err.name)
      expect.says(err.message, ...)
    end
  end

  it("names the field that is wrong", function()
    refuses(nil, "expected a table")
    refuses("crm", "expected a table")
    refuses(with { consumer_id = false }, "missing field 'consumer_id'")
    refuses(with { consumer_id = "" }, "consumer_id", "empty")
    refuses(with { consumer_id = "  " }, "consumer_id", "empty")
    refuses(with { unified_api = 5 }, "unified_api: expected a string, got a number")
    refuses(with { service_id = "" }, "service_id", "empty")
    refuses(with { consumer_id = "a\nb" }, "control characters")
    refuses(with { unified_api = "a\nb" }, "control characters")
    refuses(with { service_id = false, serviceId = "x" }, "did you mean 'service_id'?")
    refuses(with { app_id = "x" }, "unknown field 'app_id'")
    refuses(with { [1] = "x" }, "a number as a key")
  end)

  it("names what the call refuses, and remembers nothing of that", function()
    for _ = 1, 2 do
      local answer, err = connections:check(with { service_id = ".." })
      assert.is_nil(answer)
      assert.equal("InvalidRequestError", err.name)
      expect.says(err.message, "service_id")
    end
    assert.is_nil(next(connections.store.young))
  end)

  it("asks nothing with a client that is closed", function()
    local client = vault.new { server_url = "http://127.0.0.1:1", api_key = "k" }
    local closed = guard.new { client = client, cache = guard.memory() }
    client:close()
    local answer, err = closed:check(PIPEDRIVE)
    assert.is_nil(answer)
    assert.equal("InvalidRequestError", err.name)
    expect.says(err.message, "closed")
  end)

  it("takes fields that a request inherits", function()
    local request = setmetatable({ service_id = "x" }, { __index = PIPEDRIVE })
    local _, err = connections:check(request)
    assert.equal("ConnectionError", err.name)
  end)

  it("refuses an event that is none", function()
    local handled, err = connections:handle '{"payload":{}}'
    assert.is_nil(handled)
    assert.equal("InvalidRequestError", err.name)
    assert.is_false(connections:handle {})
  end)

  it("does not answer for another application or server", function()
    local host = hosts.wire()
    local answers = { CALLABLE, DISABLED, ADDED }
    local cache, peer = guard.memory(), host:script(answers)
    local function state_for(changes)
      local config = { server_url = peer.url, api_key = "k", app_id = "a" }
      for name, value in pairs(changes) do
        config[name] = value or nil
      end
      local client = vault.new(config)
      local answer = guard.new({ client = client, cache = cache }):check(PIPEDRIVE)
      client:close()
      return answer.enabled and answer.state
    end
    assert.equal("callable", state_for {})
    assert.is_false(state_for { app_id = "b" })
    assert.equal("callable", state_for {})
    assert.equal("added", state_for { server_url = peer.url .. "?tenant=7" })
    assert.equal(3, #peer:requests())
    host:stop()
  end)

  it("works with a client of vault.safe, and one with keep_nulls", function()
    local host = hosts.wire()
    local peer = host:script {
      { body = '{"data":{"state":"callable","enabled":true,"health":null,"name":null}}' },
      BROKEN,
    }
    local client = require("vault.safe").new {
      server_url = peer.url,
      api_key = "k",
      keep_nulls = true,
    }
    local safe = guard.new { client = client, cache = guard.memory() }
    local answer = safe:check(PIPEDRIVE)
    assert.is_true(answer.allowed)
    assert.is_nil(answer.name)
    assert.equal("APIError", select(2, safe:check(with { service_id = "other" })).name)
    client:close()
    host:stop()
  end)

  it("holds about as many connections as its cache is told", function()
    local calls = 0
    local client = vault.new {
      api_key = "k",
      server_url = "http://127.0.0.1",
      transport = function()
        calls = calls + 1
        return { status = 200, body = CALLABLE.body }
      end,
    }
    local small = guard.new { client = client, cache = guard.memory { max_entries = 10 } }
    for i = 1, 100 do
      small:check(with { service_id = "s" .. i })
      small:check(with { service_id = "always" })
    end
    assert.equal(101, calls)
    local kept = 0
    for _, part in ipairs { "young", "old" } do
      for _ in pairs(small.store[part]) do
        kept = kept + 1
      end
    end
    assert.is_true(kept <= 10, kept)
  end)

  it("does not grow by what is forgotten", function()
    local client = vault.new {
      api_key = "k",
      server_url = "http://127.0.0.1",
      transport = function()
        return { status = 200, body = CALLABLE.body }
      end,
    }
    local one = guard.new { client = client, cache = guard.memory() }
    for i = 1, 100 do
      one:check(with { service_id = "s" .. i })
      one:forget(with { service_id = "s" .. i })
    end
    require "spec.support.collect_garbage"()
    assert.is_nil(next(one.store.epochs))
    assert.is_nil(next(one.store.young))
    assert.is_nil(next(one.store.flights))
    assert.equal(0, one.store.young_count)
  end)
end)

describe("guard.new", function()
  local client = vault.new { server_url = "http://127.0.0.1:1", api_key = "k" }

  local function refuses(options, ...)
    local err = expect.error("InvalidRequestError", guard.new, options)
    expect.says(err.message, ...)
  end

  it("names the option that is wrong", function()
    local cache = guard.memory()
    refuses(nil, "expected a table, got nil")
    refuses({ cache = cache }, "client: expected a client")
    refuses({ client = io.stdout, cache = cache }, "client: expected a client")
    refuses({ client = client }, "cache: expected guard.memory()")
    refuses({ client = client, cache = "memory" }, "cache: expected guard.memory()")
    refuses({ client = client, cache = cache, timeout = 5 }, "did you mean 'timeout_ms'?")
    refuses({ client = client, cache = cache, colour = 5 }, "known are cache, client")
    refuses({ client = client, cache = cache, ttl_ms = "5" }, "ttl_ms: expected a number")
    refuses({ client = client, cache = cache, stale_ms = -1 }, "stale_ms", "at least 0")
    refuses({ client = client, cache = cache, stale_ms = 0 / 0 }, "stale_ms", "at least 0")
    refuses({ client = client, cache = cache, timeout_ms = 0 }, "timeout_ms", "at least 1")
  end)

  it("names the host that a cache needs", function()
    for _, name in ipairs { "shared_dict", "redis" } do
      local err = expect.error("InvalidRequestError", guard[name], "connections")
      expect.says(err.message, "guard." .. name, "nginx only")
    end
  end)

  it("shows no key", function()
    local text = tostring(guard.new { client = client, cache = guard.memory() })
    assert.matches("^vault.guard %(vault.client", text)
  end)
end)
