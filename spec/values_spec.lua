-- Lua values in requests and JSON in responses of public calls.
local cjson = require "cjson"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local integers = math.type ~= nil -- Lua 5.3 and later
local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }

for _, host in ipairs(hosts.all()) do
  describe("values over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    local function body_of(operation, field, value)
      local peer = host:script { { echo = true } }
      host:client(peer).connections[operation] {
        service_id = "pipedrive",
        unified_api = "crm",
        [field] = value,
      }
      return peer:requests()[1].body
    end

    local function updated(connection)
      return body_of("update", "connection", connection)
    end

    local function setting(value)
      return updated({ settings = { v = value } }):match '^{"settings":{"v":(.*)}}$'
    end

    local function issued_at(value)
      local data = { credentials = { issued_at = value } }
      local body = body_of("imports", "connection_import_data", data)
      return body:match '^{"credentials":{"issued_at":(.*)}}$'
    end

    local function read(body, config)
      local peer = host:script { { body = body } }
      return host:client(peer, config).connections.get(PIPEDRIVE)
    end

    local function unreadable(body)
      local peer = host:script { { body = body } }
      local client = host:client(peer, { retries = false })
      return expect.error("ResponseValidationError", client.connections.get, PIPEDRIVE)
    end

    describe("that are sent", function()
      it("omit absent fields", function()
        assert.equal('{"enabled":true}', updated { enabled = true, settings = nil })
      end)

      it("write vault.null, which is cjson.null, as null", function()
        assert.equal(cjson.null, vault.null)
        assert.equal('{"settings":null}', updated { settings = vault.null })
        assert.equal('{"metadata":null}', updated { metadata = cjson.null })
        assert.equal("null", setting(vault.null))
      end)

      it("write an empty table as [] where the schema has an array", function()
        assert.equal('{"configuration":[]}', updated { configuration = {} })
        assert.equal('{"custom_mappings":[]}', updated { custom_mappings = {} })
        local defaults = '{"configuration":[{"defaults":[]}]}'
        assert.equal(defaults, updated { configuration = { { defaults = {} } } })
      end)

      it("write any other empty table as {}", function()
        assert.equal('{"settings":{}}', updated { settings = {} })
        assert.equal('{"metadata":{}}', updated { metadata = {} })
        assert.equal("{}", setting {})
        assert.equal('[{},{"a":{}}]', setting { {}, { a = {} } })
      end)

      it("write vault.array() as []", function()
        assert.equal("[]", setting(vault.array()))
        local given = {}
        assert.equal(given, vault.array(given))
        assert.equal("[]", setting(given))
        assert.equal('["a"]', setting(vault.array { "a" }))
      end)

      it("write integral numbers exactly: no exponent, no .0", function()
        for text, value in pairs {
          ["0"] = 0,
          ["-1"] = -1,
          ["3"] = 3.0,
          ["100000000000000"] = 1e14,
          ["123456789012345"] = 123456789012345,
          ["1000000000000000"] = 1e15,
          ["9007199254740991"] = 9007199254740991,
          ["-9007199254740991"] = -9007199254740991,
        } do
          assert.equal(text, setting(value))
        end
        if integers then
          assert.equal("9223372036854775807", setting(math.maxinteger))
          assert.equal("-9223372036854775808", setting(math.mininteger))
        end
      end)

      it("write other numbers in the shortest form that reads back the same", function()
        for text, value in pairs {
          ["0.1"] = 0.1,
          ["1.5"] = 1.5,
          ["-2.25"] = -2.25,
          ["0.3333333333333333"] = 1 / 3,
          ["3.141592653589793"] = math.pi,
        } do
          assert.equal(text, setting(value))
        end
        for _, value in ipairs { 1e300, 5e-324, 1.7976931348623157e308, 2 ^ 70, 1e-7 } do
          assert.equal(value, tonumber(setting(value)))
        end
      end)

      it("write strings escaped as JSON", function()
        assert.equal([["a\"b\\c\nd\u0000e"]], setting 'a"b\\c\nd\0e')
        assert.equal('"\195\169\240\159\152\128"', setting "\195\169\240\159\152\128")
      end)

      it("write a string as issued_at unchanged", function()
        assert.equal('"2020-01-01T00:00:00.000Z"', issued_at "2020-01-01T00:00:00.000Z")
        assert.equal('"whatever"', issued_at "whatever")
        assert.equal("null", issued_at(vault.null))
      end)

      it("write issued_at in seconds as RFC 3339 UTC", function()
        assert.equal('"2020-01-01T00:00:00Z"', issued_at(1577836800))
        assert.equal('"2020-01-01T00:00:00Z"', issued_at(1577836800.0))
        assert.equal('"2020-01-01T00:00:00.500Z"', issued_at(1577836800.5))
        assert.equal('"2000-02-29T23:59:59Z"', issued_at(951868799))
        assert.equal('"1970-01-01T00:00:00Z"', issued_at(0))
        assert.equal('"2038-01-19T03:14:08Z"', issued_at(2147483648))
        assert.equal('"5138-11-16T09:46:39Z"', issued_at(99999999999))
        local now = os.time()
        assert.equal(os.date('!"%Y-%m-%dT%H:%M:%SZ"', now), issued_at(now))
      end)

      it("pass read-only and unknown body fields through as given", function()
        local body = updated {
          id = 5,
          form_fields = "not an array",
          created_at = "yesterday",
          brand_new = { deep = { 1, vault.null } },
        }
        assert.same({
          id = 5,
          form_fields = "not an array",
          created_at = "yesterday",
          brand_new = { deep = { 1, cjson.null } },
        }, cjson.decode(body))
      end)

      it("may have any names inside settings and metadata", function()
        assert.equal('{"metadata":{"serviceId":1}}', updated { metadata = { serviceId = 1 } })
        local settings = { instanceUrl = "u" }
        assert.equal('{"settings":{"instanceUrl":"u"}}', updated { settings = settings })
      end)

      it("are complete in a large update", function()
        local connection = {
          enabled = true,
          settings = { instance_url = "https://eu28.salesforce.com", port = 8080, tls = false },
          metadata = { account = { name = "My Company", id = "c01458a5" }, tags = { "a", "b" } },
          configuration = {
            {
              resource = "leads",
              defaults = {
                { id = "ProductInterest", value = "GC5000 series", target = "custom_fields" },
                { id = "Numbers", value = { "a", 1 } },
                { id = "Switch", value = true },
                { id = "Amount", value = 10.5 },
                {
                  id = "Group",
                  options = {
                    { label = "A", value = "a", option_type = "simple" },
                    { id = "g", label = "G", options = { { label = "B", value = 2 } } },
                  },
                },
              },
            },
            { resource = "contacts" },
          },
          custom_mappings = { { value = "$.root_object.property" }, { id = "m", value = "$.x" } },
        }
        assert.same(connection, cjson.decode(updated(connection)))
      end)

      it("are complete in an import", function()
        local body = body_of("imports", "connection_import_data", {
          credentials = {
            refresh_token = vault.null,
            access_token = "at",
            issued_at = 1577836800,
            expires_in = 3600,
          },
          settings = { instance_url = "https://x" },
          metadata = { plan = "enterprise" },
        })
        assert.same({
          credentials = {
            refresh_token = cjson.null,
            access_token = "at",
            issued_at = "2020-01-01T00:00:00Z",
            expires_in = 3600,
          },
          settings = { instance_url = "https://x" },
          metadata = { plan = "enterprise" },
        }, cjson.decode(body))
      end)

      it("may be tables of cjson.decode", function()
        local decoded = cjson.decode '{"settings":{"a":null,"n":5,"list":[1,2]}}'
        local sent = cjson.decode(updated(decoded))
        assert.same({ settings = { a = cjson.null, n = 5, list = { 1, 2 } } }, sent)
        assert.falsy(updated(decoded):find("5.0", 1, true))
      end)

      it("do not depend on the settings of the shared cjson", function()
        local precision = cjson.encode_number_precision()
        cjson.encode_number_precision(3)
        local text = setting(123456789)
        cjson.encode_number_precision(precision)
        assert.equal("123456789", text)
      end)
    end)

    describe("that are received", function()
      it("omit null members, but keep vault.null inside an array", function()
        local data = read('{"data":{"authorize_url":null,"list":[1,null,2],"a":{"b":null}}}').data
        assert.is_nil(data.authorize_url)
        assert.same({}, data.a)
        assert.equal(3, #data.list)
        assert.equal(vault.null, data.list[2])
      end)

      it("keep every null with keep_nulls", function()
        local body = '{"data":{"authorize_url":null,"a":{"b":null},"list":[null]}}'
        local data = read(body, { keep_nulls = true }).data
        assert.equal(vault.null, data.authorize_url)
        assert.equal(vault.null, data.a.b)
        assert.equal(vault.null, data.list[1])
      end)

      it("are converted to strings without a fraction where they are integral", function()
        local data = '{"created_at":1615563533390,"e":1e3,"f":1.0}'
        local result = read('{"status_code":200,"data":' .. data .. "}")
        assert.equal("200", tostring(result.status_code))
        assert.equal("1615563533390", tostring(result.data.created_at))
        assert.equal("1000", tostring(result.data.e))
        assert.equal("1", tostring(result.data.f))
      end)

      it("are integers on Lua 5.3 and later, exact up to 64 bits", function()
        local data = read(
          '{"data":{"a":9223372036854775807,"b":-9223372036854775808,"c":1e3,'
            .. '"d":1.0,"e":9223372036854775808,"f":1.5,"g":9007199254740993}}'
        ).data
        if integers then
          assert.equal(math.maxinteger, data.a)
          assert.equal(math.mininteger, data.b)
          for _, name in ipairs { "a", "b", "c", "d", "g" } do
            assert.equal("integer", math.type(data[name]))
          end
          assert.equal("float", math.type(data.e))
          assert.equal("float", math.type(data.f))
          assert.equal("9007199254740993", tostring(data.g))
        end
        assert.equal(2 ^ 63, data.e)
        assert.equal(1000, data.c)
        assert.equal(1.5, data.f)
      end)

      it("beyond the range of a double are infinite", function()
        local data = read('{"data":{"a":1e999,"b":-1e999}}').data
        assert.equal(math.huge, data.a)
        assert.equal(-math.huge, data.b)
      end)

      it("may follow a byte order mark", function()
        assert.equal("x", read('\239\187\191{"data":{"id":"x"}}').data.id)
      end)

      it("have U+FFFD for bytes that are not UTF-8 and for lone surrogates", function()
        local data = read('{"data":{"a":"x\255y","b":"\\ud800","c":"\\ud83d\\ude00"}}').data
        assert.equal("x\239\191\189y", data.a)
        assert.equal("\239\191\189", data.b)
        assert.equal("\240\159\152\128", data.c)
      end)

      it("of repeated keys are the last ones", function()
        assert.equal(2, read('{"data":{"a":1,"a":2}}').data.a)
      end)

      it("that are not JSON are refused", function()
        for _, body in ipairs {
          "{",
          '{"a":1,}',
          "{'a':1}",
          '{"a":01}',
          '{"a":NaN}',
          '{"a":"x\0y"}',
          '{"a":1}\0',
          '{"a":1} x',
          '{"a":0x10}',
          '{"a":"\n"}',
        } do
          local err = unreadable(body)
          assert.equal(200, err.status_code)
          assert.equal(body, err.body)
        end
      end)

      it("that are not an object are refused", function()
        for _, body in ipairs { "[]", '[{"id":1}]', '"text"', "12", "true", "null" } do
          unreadable(body)
        end
      end)

      it("that nest too deep are refused", function()
        local deep = ('{"a":'):rep(100000) .. "1" .. ("}"):rep(100000)
        unreadable(deep)
      end)

      it("return to the server unchanged: get, change, update", function()
        local data = read([=[{"data":{"settings":{"list":[],"map":{},"n":null,"deep":[[],{}]},
          "metadata":{"tags":[]},"configuration":[{"resource":"x","defaults":[]}]}}]=]).data
        data.settings.added = true
        assert.equal('{"metadata":{"tags":[]}}', updated { metadata = data.metadata })
        local settings = updated { settings = data.settings }
        expect.says(settings, '"list":[]', '"map":{}', '"deep":[[],{}]', '"added":true')
        assert.falsy(settings:find('"n"', 1, true))
        local configuration = updated { configuration = data.configuration }
        expect.says(configuration, '"defaults":[]')
      end)

      it("can be given to cjson.encode", function()
        local result = read '{"data":{"created_at":1615563533390,"list":[1,null,"a"]}}'
        local text = cjson.encode(result)
        expect.says(text, '"created_at":1615563533390', '"list":[1,null,"a"]')
      end)

      it("give [] for an empty array through a cjson with array_mt, else {}", function()
        local result = read '{"data":{"settings":{"empty":[],"deep":[[]]}}}'
        local empty = cjson.array_mt and "[]" or "{}"
        local text = cjson.encode(result.data.settings)
        expect.says(text, '"empty":' .. empty, '"deep":[' .. empty .. "]")
      end)
    end)
  end)
end
