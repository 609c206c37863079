-- Values read from the server can be sent back: they are not refused and not changed.
local cjson = require "cjson"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
-- Whether this Lua has 64-bit integers.
local EXACT = math.type ~= nil and math.maxinteger + 0.0 > 2 ^ 53

local function update(connection)
  return { service_id = "pipedrive", unified_api = "crm", connection = connection }
end

for _, host in ipairs(hosts.all()) do
  describe("a round trip over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    local function round_trip(body, config, change)
      local peer = host:script { { body = body }, { echo = true } }
      local client = host:client(peer, config)
      local connection = client.connections.get(PIPEDRIVE).data
      if change then
        change(connection)
      end
      client.connections.update(update(connection))
      return cjson.decode(peer:requests()[2].body), peer
    end

    it("sends the nulls kept by keep_nulls, in any field", function()
      local sent = round_trip(
        [=[{"data":{"enabled":null,"settings":{"a":null},"metadata":null,"custom_mappings":null,
          "configuration":[{"resource":null,"defaults":[{"id":"x","value":null}]}],
          "latest_consent":{"granted":null},"consent_state":null,"authorize_url":null,"new":null}}]=],
        { keep_nulls = true },
        function(connection)
          connection.settings.b = 1
        end
      )
      assert.equal(cjson.null, sent.enabled)
      assert.same({ a = cjson.null, b = 1 }, sent.settings)
      assert.equal(cjson.null, sent.custom_mappings)
      assert.equal(cjson.null, sent.configuration[1].resource)
      assert.equal(cjson.null, sent.configuration[1].defaults[1].value)
      assert.equal(cjson.null, sent.latest_consent.granted)
    end)

    it("refuses a null that was not read where the schema has none", function()
      local peer = host:script { { echo = true } }
      local list = host:client(peer).connections.update
      expect.invalid("connection.enabled", list, update { enabled = vault.null })
      local kept = host:client(peer, { keep_nulls = true }).connections.update
      expect.invalid("connection: expected a table, got null", kept, update(vault.null))
      assert.equal(0, #peer:requests())
    end)

    it("of a connection of the sandbox is accepted, with keep_nulls too", function()
      for _, keep_nulls in ipairs { false, true } do
        local client = host:sandbox { keep_nulls = keep_nulls }
        local connection = client.connections.get(PIPEDRIVE).data
        assert.equal("pipedrive", client.connections.update(update(connection)).data.service_id)
      end
    end)

    it("changes no integer: one that this Lua cannot represent is refused", function()
      for _, digits in ipairs {
        "9007199254740993",
        "9007199254740992",
        "-9007199254740993",
        "1234567890123456789",
        "9223372036854775807",
      } do
        local peer = host:script {
          { body = ('{"data":{"settings":{"account":%s}}}'):format(digits) },
          { echo = true },
        }
        local client = host:client(peer)
        local settings = client.connections.get(PIPEDRIVE).data.settings
        local request = update { settings = settings }
        if EXACT then
          client.connections.update(request)
          assert.equal(('{"settings":{"account":%s}}'):format(digits), peer:requests()[2].body)
        else
          expect.invalid(
            { "connection.settings.account: is an integer of 2^53 or more", "send it as text" },
            client.connections.update,
            request
          )
          assert.equal(1, #peer:requests())
          settings.account = digits
          client.connections.update(request)
          assert.equal(('{"settings":{"account":"%s"}}'):format(digits), peer:requests()[2].body)
        end
      end
    end)

    it("preserves integers below 2^53 and floats of any size on every Lua", function()
      local numbers =
        "9007199254740991,-9007199254740991,1e+300,1.5,-2.5e+40,3.6893488147419103e+19"
      local sent = round_trip('{"data":{"settings":{"n":[' .. numbers .. "]}}}")
      assert.same({ n = { 2 ^ 53 - 1, 1 - 2 ^ 53, 1e300, 1.5, -2.5e40, 2 ^ 65 } }, sent.settings)
    end)

    it("does not refuse a read-only number, which the server ignores", function()
      local sent = round_trip('{"data":{"id":9007199254740993,"form_fields":[9007199254740993]}}')
      assert.is_number(sent.id)
      assert.is_number(sent.form_fields[1])
    end)
  end)
end
