-- The consumer of a request: an empty or blank id never falls back to another one.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local CALL = {
  list = {},
  get = { service_id = "pipedrive", unified_api = "crm" },
  delete = { service_id = "pipedrive", unified_api = "crm" },
}

local BLANKS = {
  "",
  " ",
  "   ",
  "\194\160", -- U+00A0
  " \194\160 ",
  "\226\128\131\226\128\169", -- U+2003 U+2029
  "\227\128\128", -- U+3000
  "\226\128\139", -- U+200B
  "\239\187\191", -- U+FEFF
}

local IDS = { "consumer_id", "app_id" }
local HEADERS = { "x-apideck-consumer-id", "x-apideck-app-id", "authorization" }

local function with(request, field, value)
  local copy = {}
  for name, given in pairs(request) do
    copy[name] = given
  end
  copy[field] = value
  return copy
end

for _, host in ipairs(hosts.all()) do
  describe("the ids of a call over " .. host.name, function()
    local peer, client
    before_each(function()
      peer = host:script { { echo = true } }
      client = host:client(peer)
    end)
    teardown(function()
      host:stop()
    end)

    for operation, request in pairs(CALL) do
      it("are refused where they are empty or blank: " .. operation, function()
        for _, field in ipairs(IDS) do
          for _, blank in ipairs(BLANKS) do
            local message = field .. ": must not be empty or blank"
            local call = client.connections[operation]
            local err = expect.invalid(message, call, with(request, field, blank))
            assert.equal("vault.connections." .. operation, err.operation)
          end
          for _, wrong in ipairs { vault.null, 5, true, {} } do
            local message = field .. ": expected a string"
            expect.invalid(message, client.connections[operation], with(request, field, wrong))
          end
        end
        assert.equal(0, #peer:requests())
      end)
    end

    it("are refused as blank headers, of the call and of the client", function()
      for _, name in ipairs(HEADERS) do
        for _, blank in ipairs(BLANKS) do
          local headers = { [name] = blank }
          expect.invalid("headers." .. name, client.connections.list, {}, { headers = headers })
          expect.invalid("headers." .. name, host.client, host, peer, { headers = headers })
        end
      end
      assert.equal(0, #peer:requests())
    end)

    it("may have blanks inside and around them", function()
      client.connections.list { consumer_id = " a b ", app_id = "\194\160c" }
      local seen = peer:requests()[1]
      assert.equal("a b", seen:header "x-apideck-consumer-id")
      assert.equal("\194\160c", seen:header "x-apideck-app-id")
    end)

    it("are not checked in a before_request hook", function()
      local hooked = host:client(peer, {
        hooks = {
          before_request = function(event)
            event.headers["x-apideck-consumer-id"] = ""
            event.headers["x-apideck-app-id"] = false
          end,
        },
      })
      hooked.connections.list()
      local seen = peer:requests()[1]
      assert.is_nil(seen:header "x-apideck-consumer-id")
      assert.is_nil(seen:header "x-apideck-app-id")
      assert.equal("Bearer sandbox-key", seen:header "authorization")
    end)

    it("are not sent when the key function returns an empty or blank key", function()
      for _, blank in ipairs(BLANKS) do
        local keyless = host:client(peer, {
          api_key = function()
            return blank
          end,
        })
        expect.invalid("api_key: must not be empty or blank", keyless.connections.list)
      end
      assert.equal(0, #peer:requests())
    end)
  end)
end

describe("vault.new", function()
  it("refuses an empty or blank consumer_id, app_id and user_agent", function()
    for _, field in ipairs { "consumer_id", "app_id", "user_agent" } do
      for _, blank in ipairs(BLANKS) do
        expect.invalid(field .. ": must not be empty or blank", vault.new, { [field] = blank })
      end
    end
  end)

  it("refuses a blank api_key", function()
    for i = 2, #BLANKS do
      expect.invalid("api_key: must not be empty or blank", vault.new, { api_key = BLANKS[i] })
    end
  end)

  it("does not replace empty credentials by those of the environment", function()
    local output = child.run(
      [[
        local vault = require "vault"
        for _, field in ipairs { "consumer_id", "app_id" } do
          print(select(2, pcall(vault.new, { [field] = "" })).message:match "^[%w_]+: must not")
        end
        local client = vault.new {
          api_key = "",
          transport = function(request)
            print(request.headers.authorization, request.headers["x-apideck-app-id"])
            return { status = 200, body = "{}" }
          end,
        }
        client.connections.list()
      ]],
      { APIDECK_API_KEY = "env-key", APIDECK_APP_ID = "env-app", APIDECK_CONSUMER_ID = "env-id" }
    )
    assert.equal("consumer_id: must not\napp_id: must not\nnil\tenv-app\n", output)
  end)

  it("treats blank environment variables as unset", function()
    local output = child.run(
      [[
        local client = require("vault").new {
          transport = function(request)
            print(request.headers.authorization, request.headers["x-apideck-app-id"])
            return { status = 200, body = "{}" }
          end,
        }
        client.connections.list()
      ]],
      { APIDECK_API_KEY = " ", APIDECK_APP_ID = " ", APIDECK_CONSUMER_ID = "" }
    )
    assert.equal("nil\tnil\n", output)
  end)
end)
