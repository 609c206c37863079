-- Sessions: lua/vault/sandbox/session.lua, operations/sessions.lua and the hosted page.
local browser = require "spec.support.sandbox_browser"
local cjson = require("cjson").new()
local expect = require "spec.support.expect"
local new_client = require "spec.support.sandbox_client"
local vault = require "vault"

local RETURN = "https://app.example/back"

describe("a session of the sandbox", function()
  local setup, client

  before_each(function()
    setup = new_client()
    client = setup.client
  end)

  local function create(session)
    return client.sessions.create({ session = session }).data
  end

  -- A client that has the session's token in place of the API key.
  local function client_of(token, config)
    local fields = {
      api_key = token,
      app_id = "sandbox-app",
      consumer_id = "sandbox-consumer",
      headers = { ["x-apideck-auth-type"] = "JWT" },
      transport = setup.sandbox:transport(),
      retries = false,
    }
    for name, value in pairs(config or {}) do
      fields[name] = value
    end
    return vault.new(fields)
  end

  local function open(path)
    return browser.open(setup.sandbox, path)
  end

  local function base64(text)
    local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    local bits = text:gsub(".", function(digit)
      local value, out = alphabet:find(digit, 1, true) - 1, ""
      for place = 5, 0, -1 do
        out = out .. math.floor(value / 2 ^ place) % 2
      end
      return (out:gsub("%.0", ""))
    end)
    return (
      bits
        :gsub("%d%d%d%d%d%d%d%d", function(byte)
          return string.char(tonumber(byte, 2))
        end)
        :gsub("[01]+$", "")
    )
  end

  describe("its token", function()
    it("has the form of a JWT, for an hour", function()
      local header, claims, signature =
        create().session_token:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$")
      assert.same({ alg = "HS256", typ = "JWT" }, cjson.decode(base64(header)))
      local decoded = cjson.decode(base64(claims))
      assert.equal("sandbox-consumer", decoded.consumer_id)
      assert.equal("sandbox-app", decoded.application_id)
      assert.equal(3600, decoded.exp - decoded.iat)
      assert.is_true(#signature > 30)
    end)

    it("stands for its consumer until it expires", function()
      local user = client_of(create().session_token)
      assert.is_true(#user.connections.list().data > 5)
      assert.is_true(#user.logs.list().data > 0)
      setup.now = setup.now + 3600 * 1000
      local err = expect.error("UnauthorizedResponse", user.connections.list)
      assert.equal("The session token is unknown or has expired", err.detail)
    end)

    it("lasts as long as the session asks", function()
      local user = client_of(create({ settings = { session_length = "30m" } }).session_token)
      setup.now = setup.now + 30 * 60 * 1000 - 1
      user.connections.list()
      setup.now = setup.now + 1
      expect.error("UnauthorizedResponse", user.connections.list)
      for _, length in ipairs { "8d", "1y", "", "0h" } do
        local settings = { session_length = length }
        local err = expect.error("BadRequestResponse", create, { settings = settings })
        assert.equal("session.settings.session_length", err.detail.invalid[1].path)
      end
    end)

    it("is refused for other consumers and applications, and what an application does", function()
      local token = create().session_token
      local refused = "UnauthorizedResponse"
      expect.error(refused, client_of(token, { consumer_id = "other" }).connections.list)
      expect.error(refused, client_of(token, { app_id = "other" }).connections.list)
      expect.error(refused, client_of(token).consumers.list)
      expect.error(refused, client_of(token).sessions.create)
      expect.error(refused, client_of(token, { headers = {} }).connections.list)
      expect.error(refused, client_of("sandbox-key").connections.list)
    end)

    it("ends with its consumer", function()
      local user = client_of(create().session_token)
      client.consumers.delete { consumer_id = "sandbox-consumer" }
      expect.error("UnauthorizedResponse", user.connections.list)
    end)
  end)

  it("keeps the consumer's metadata", function()
    create { consumer_metadata = { user_name = "U", email = "u@a.example" } }
    create { consumer_metadata = { email = "v@a.example" } }
    local row = client.consumers.get({ consumer_id = "sandbox-consumer" }).data
    assert.same({ user_name = "U", email = "v@a.example" }, row.metadata)
  end)

  it("refuses redirect URIs that are not registered", function()
    setup = new_client { redirect_uris = { RETURN } }
    client = setup.client
    create { redirect_uri = RETURN }
    expect.error("UnprocessableResponse", create, { redirect_uri = "https://evil.example" })
  end)

  describe("its page", function()
    local function connect(session)
      local uri = create(session).session_uri
      return uri, open(uri)
    end

    local function state_of(unified_api, service_id)
      local request = { unified_api = unified_api, service_id = service_id }
      local row = client.connections.get(request).data
      return row.state, row.enabled
    end

    it("lists the connections of the session's APIs", function()
      local _, page = connect { settings = { unified_apis = { "crm" } }, redirect_uri = RETURN }
      assert.equal(200, page.status)
      assert.truthy(browser.link(page, "Pipedrive (crm)"))
      assert.is_nil(browser.link(page, "BambooHR (hris)"))
      assert.equal(RETURN, browser.link(page, "Back to the application"))
      assert.matches("HubSpot %(crm%)</a>: Input required", page.body)
      assert.matches("Pipedrive %(crm%)</a>: Not connected", page.body)
      assert.matches("default%-src 'none'", page.headers["content-security-policy"])
      assert.is_nil(page.body:find("<script", 1, true))
    end)

    it("connects, takes settings, disables and deletes", function()
      local uri = connect()
      local target = uri .. "/crm/activecampaign"
      local page = open(target)
      assert.matches("Not connected", page.body)
      local response = browser.press(setup.sandbox, target, page, { action = "enable" })
      assert.equal(303, response.status)
      assert.equal(target, response.headers.location)
      page = open(target)
      assert.matches("Unauthorized", page.body)
      browser.press(setup.sandbox, target, page, {
        action = "save",
        ["setting.base_url"] = "https://a.api-us1.com",
        ["setting.api_key"] = 'k"<',
        ["setting.sync_archived"] = "on",
      })
      assert.equal("callable", (state_of("crm", "activecampaign")))
      page = open(target)
      assert.matches('value="k&quot;&lt;"', page.body)
      assert.matches("checked", page.body)
      browser.press(setup.sandbox, target, page, { action = "disable" })
      assert.matches("Disabled", open(target).body)
      browser.press(setup.sandbox, target, page, { action = "delete" })
      assert.equal("available", (state_of("crm", "activecampaign")))
      response = browser.press(setup.sandbox, target, page, { action = "delete" })
      assert.equal(404, response.status)
      assert.matches("Could not find connection", response.body)
    end)

    it("leads to the pages of an OAuth connection and back", function()
      for _, mode in ipairs { "optional", "required" } do
        setup = new_client { confirmation = mode, redirect_uris = {} }
        client = setup.client
        local uri = connect()
        local target = uri .. "/crm/pipedrive"
        browser.press(setup.sandbox, target, open(target), { action = "enable" })
        local authorize_url = browser.link(open(target), "Authorize")
        local response =
          browser.press(setup.sandbox, authorize_url, open(authorize_url), { decision = "allow" })
        assert.equal(target, response.headers.location)
        assert.equal("callable", (state_of("crm", "pipedrive")))
        local page = open(target)
        assert.truthy(browser.link(page, "Authorize again"))
        local revoke_url = browser.link(page, "Disconnect")
        browser.press(setup.sandbox, revoke_url, open(revoke_url), { decision = "allow" })
        assert.equal("added", (state_of("crm", "pipedrive")))
      end
    end)

    it("takes several options, numbers and empty values", function()
      local target = connect() .. "/hris/personio"
      browser.press(setup.sandbox, target, open(target), { action = "enable" })
      local page = open(target)
      assert.matches("<select[^>]* multiple>", page.body)
      local fields = { action = "save", ["setting.companies"] = { "be", "no" } }
      fields["setting.client_id"] = ""
      browser.press(setup.sandbox, target, page, fields)
      local request = { unified_api = "hris", service_id = "personio" }
      local settings = client.connections.get(request).data.settings
      assert.same({ "be", "no" }, settings.companies)
      assert.is_nil(settings.client_id)
    end)

    it("exchanges settings for a token, or says why not", function()
      local target = connect() .. "/crm/microsoft-dynamics"
      browser.press(setup.sandbox, target, open(target), { action = "enable" })
      local page = open(target)
      assert.matches(">Authorize<", page.body)
      local response = browser.press(setup.sandbox, target, page, { action = "authorize" })
      assert.equal(422, response.status)
      assert.matches("<b>Settings are missing: client_id, client_secret</b>", response.body)
      browser.press(setup.sandbox, target, page, {
        action = "save",
        ["setting.client_id"] = "i",
        ["setting.client_secret"] = "s",
        ["setting.environment"] = "https://a.example",
      })
      browser.press(setup.sandbox, target, page, { action = "authorize" })
      assert.equal("callable", (state_of("crm", "microsoft-dynamics")))
      assert.is_nil(open(target).body:find(">Authorize<", 1, true))
    end)

    it("offers only the actions that the session allows", function()
      local uri = connect { settings = { allow_actions = { "reauthorize" } } }
      local target = uri .. "/crm/hubspot"
      local page = open(target)
      assert.is_nil(browser.link(page, "Disconnect"))
      assert.truthy(browser.link(page, "Authorize again"))
      assert.is_nil(page.body:find(">Delete<", 1, true))
      local response = browser.press(setup.sandbox, target, page, { action = "delete" })
      assert.equal(403, response.status)
      assert.equal("authorized", (state_of("crm", "hubspot")))
    end)

    it("refuses forms of other sites, unknown actions, connectors and sessions", function()
      local uri = connect { settings = { unified_apis = { "crm" } } }
      local target = uri .. "/crm/hubspot"
      local page = open(target)
      local forged =
        { body = page.body:gsub('name="csrf_token" value="%x+"', 'name="csrf_token" value="0"') }
      assert.equal(403, browser.press(setup.sandbox, target, forged, { action = "delete" }).status)
      assert.equal(400, browser.press(setup.sandbox, target, page, { action = "x" }).status)
      assert.equal(404, open(uri .. "/crm/nope").status)
      assert.equal(404, open(uri .. "/hris/bamboohr").status)
      assert.equal(404, open(uri .. "x").status)
      local put = setup.sandbox:handle { method = "PUT", url = uri, headers = {} }
      assert.equal(405, put.status)
      assert.equal("GET", put.headers.allow)
      setup.now = setup.now + 3600 * 1000
      assert.equal(404, open(uri).status)
    end)
  end)
end)
