-- The option `headers`, of a client and of a call: what it adds, overrides and leaves out.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"

local UPDATE = { service_id = "pipedrive", unified_api = "crm", connection = { enabled = true } }

for _, host in ipairs(hosts.all()) do
  describe("headers over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    local function sent(headers, config, operation, request)
      local peer = host:script { { echo = true } }
      local client = host:client(peer, config)
      client.connections[operation or "list"](request or {}, { headers = headers })
      return peer:requests()[1]
    end

    it("drop the client's where the call has false or an empty string", function()
      for _, nothing in ipairs { false, "", "  " } do
        for _, name in ipairs { "x-trace", "X-Trace" } do
          local config = { headers = { ["x-trace"] = "client", ["x-other"] = "kept" } }
          local request = sent({ [name] = nothing }, config)
          assert.is_nil(request:header "x-trace")
          assert.equal("kept", request:header "x-other")
        end
      end
    end)

    it("drop the module's own where client or call has false", function()
      local names = { "accept", "user-agent", "x-apideck-app-id", "authorization" }
      local none = {}
      for _, name in ipairs(names) do
        none[name] = false
      end
      for _, request in ipairs { sent(none), sent(nil, { headers = none }) } do
        for _, name in ipairs(names) do
          assert.is_nil(request:header(name))
        end
        assert.equal("sandbox-consumer", request:header "x-apideck-consumer-id")
      end
    end)

    it("can drop the content-type of a body", function()
      local request = sent({ ["content-type"] = false }, nil, "update", UPDATE)
      assert.is_nil(request:header "content-type")
      assert.equal('{"enabled":true}', request.body)
    end)

    it("of a call restore what the client drops", function()
      local none = { ["x-a"] = false, authorization = false, ["x-apideck-app-id"] = false }
      local mine = { ["x-a"] = "b", Authorization = "Basic x", ["x-apideck-app-id"] = "mine" }
      local request = sent(mine, { headers = none })
      assert.equal("b", request:header "x-a")
      assert.equal("Basic x", request:header "authorization")
      assert.equal("mine", request:header "x-apideck-app-id")
    end)

    it("of a client are overridden by the ids of the request", function()
      local config = { headers = { ["x-apideck-consumer-id"] = false } }
      local request = sent(nil, config, "list", { consumer_id = "mine" })
      assert.equal("mine", request:header "x-apideck-consumer-id")
    end)

    it("of a call affect that call only", function()
      local peer = host:script { { echo = true } }
      local client = host:client(peer, { headers = { ["x-trace"] = "client" } })
      client.connections.list({}, { headers = { ["x-trace"] = false, authorization = false } })
      client.connections.list()
      local seen = peer:requests()
      assert.is_nil(seen[1]:header "x-trace")
      assert.equal("client", seen[2]:header "x-trace")
      assert.equal("Bearer sandbox-key", seen[2]:header "authorization")
    end)

    it("prevent the call of a key function where authorization is false", function()
      local asked = false
      local function key()
        asked = true
        return "key"
      end
      local request = sent({ authorization = false }, { api_key = key })
      assert.is_nil(request:header "authorization")
      assert.is_false(asked)
    end)

    it("are dropped by false in a before_request hook", function()
      local request = sent(nil, {
        headers = { ["x-trace"] = "client", ["x-other"] = "client" },
        hooks = {
          before_request = function(event)
            event.headers["x-trace"] = false
            event.headers["X-Other"] = false
            event.headers.authorization = false
          end,
        },
      })
      assert.is_nil(request:header "x-trace")
      assert.is_nil(request:header "x-other")
      assert.is_nil(request:header "authorization")
    end)

    it("cannot be true, tables or functions", function()
      local peer = host:script { { echo = true } }
      for _, value in ipairs { true, {}, print } do
        local options = { headers = { ["x-trace"] = value } }
        local message = "headers.x-trace: expected a string, or false to leave the header out, got"
        expect.invalid(message, host:client(peer).connections.list, {}, options)
        expect.invalid(message, host.client, host, peer, options)
      end
      assert.equal(0, #peer:requests())
    end)
  end)
end
