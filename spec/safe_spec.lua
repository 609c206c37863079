-- vault.safe: the same module, returning nil, err where vault raises.
local hosts = require "spec.support.hosts"
local vault = require "vault"
local safe = require "vault.safe"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }

describe("vault.safe", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  local function client_of(responses, config)
    local peer = host:script(responses)
    config = config or {}
    config.server_url = peer.url
    config.api_key = "safe-key"
    config.retries = { backoff = { initial_interval = 2 } }
    return assert(safe.new(config)), peer
  end

  it("is otherwise the same as vault", function()
    assert.equal(vault.null, safe.null)
    assert.equal(vault._VERSION, safe._VERSION)
    assert.equal(vault._NAME, safe._NAME)
    local marked = {}
    assert.equal(marked, safe.array(marked))
    assert.equal("function", type(safe.is_error))
    assert.not_equal(vault.new, safe.new)
  end)

  it("raises errors that are not the module's, such as those of a debug hook", function()
    local client = assert(safe.new {
      api_key = "k",
      transport = function()
        return { status = 200, body = "{}" }
      end,
    })
    local list, call, sethook = client.connections.list, pcall, debug.sethook
    local function run(hook)
      sethook(hook, "c")
      local passed, result, err = call(list)
      sethook()
      return passed, result, err
    end
    local raised = 0
    for n = 1, 20 do -- more events than there are
      local count = 0
      local completed, passed, result, err = call(run, function()
        count = count + 1
        if count == n then
          sethook()
          error("from the hook", 0)
        end
      end)
      if completed and not passed then
        raised = raised + 1
        assert.equal("from the hook", result)
      elseif completed then
        assert.is_true(type(result) == "table" or safe.is_error(err), n)
      end
    end
    assert.is_true(raised > 0)
  end)

  it("returns result and response", function()
    local client = client_of { { body = '{"data":{"id":"x"}}' } }
    local result, response = client.connections.get(PIPEDRIVE)
    assert.equal("x", result.data.id)
    assert.equal(200, response.status)
    assert.equal(1, response.attempts)
  end)

  it("returns nil, err for a response that is an error", function()
    local client = client_of { { status = 404, body = '{"message":"gone"}' } }
    local result, err, third = client.connections.get(PIPEDRIVE)
    assert.is_nil(result)
    assert.is_nil(third)
    assert.equal("NotFoundResponse", err.name)
    assert.equal("gone", err.message)
    assert.is_true(vault.is_error(err, "NotFoundResponse"))
    assert.is_true(safe.is_error(err))
  end)

  it("retries as the plain call does", function()
    local client, peer = client_of { { status = 503 }, { body = '{"data":[]}' } }
    local _, response = client.connections.list()
    assert.equal(2, response.attempts)
    assert.equal(2, #peer:requests())
  end)

  it("returns nil, err for every operation and for every kind of error", function()
    local client, peer = client_of { { status = 200, body = "oops" } }
    local extra = {
      update = { connection = {} },
      imports = { connection_import_data = {} },
      migrate = { connection_migrate_data = { target_service_id = "t" } },
    }
    local operations = { "list", "get", "update", "delete", "imports", "token", "migrate" }
    for _, operation in ipairs(operations) do
      local request = operation == "list" and {} or { service_id = "s", unified_api = "crm" }
      for name, value in pairs(extra[operation] or {}) do
        request[name] = value
      end
      local result, err = client.connections[operation](request, { retries = false })
      assert.is_nil(result)
      assert.equal("ResponseValidationError", err.name)
      assert.equal("vault.connections." .. operation, err.operation)
      local nothing, invalid = client.connections[operation] { wrong_field_here = 1 }
      assert.is_nil(nothing)
      assert.equal("InvalidRequestError", invalid.name)
    end
    assert.equal(#operations, #peer:requests())
  end)

  it("returns nil, err where a hook or a key function raises", function()
    local raised = {}
    local client = client_of({ { body = "{}" } }, {
      hooks = {
        before_request = function()
          error(raised)
        end,
      },
    })
    local result, err = client.connections.list()
    assert.is_nil(result)
    assert.equal("UnexpectedClientError", err.name)
    assert.equal(raised, err.cause)
  end)

  it("returns nil, err from new", function()
    local refused = { { apiKey = "k" }, { server_url = "nonsense" }, { timeout_ms = "x" } }
    for _, config in ipairs(refused) do
      local client, err = safe.new(config)
      assert.is_nil(client)
      assert.is_true(vault.is_error(err, "InvalidRequestError"))
    end
  end)

  it("returns nil, err from a closed client", function()
    local client = client_of { { body = "{}" } }
    client:close()
    local result, err = client.connections.list()
    assert.is_nil(result)
    assert.is_true(vault.is_error(err, "InvalidRequestError"))
  end)

  it("has operations on a default client that do not raise either", function()
    local result, err = safe.connections.get {}
    assert.is_nil(result)
    assert.equal("InvalidRequestError", err.name)
  end)

  it("does not change vault, which raises", function()
    local raised = not pcall(vault.connections.get, {})
    assert.is_true(raised)
  end)
end)
