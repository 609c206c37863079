-- Authorization with a nonce, registered redirect URIs and the callback: lua/vault/sandbox/confirmation.lua,
-- pages/authorization.lua, pages/callback.lua.
local browser = require "spec.support.sandbox_browser"
local expect = require "spec.support.expect"
local new_client = require "spec.support.sandbox_client"
local vault = require "vault"

local RETURN = "https://app.example/back?tab=1"
local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }

describe("an authorization of the sandbox", function()
  local setup, client

  local function start(options)
    setup = new_client(options)
    client = setup.client
  end

  local function link(options)
    local connection = client.connections.get(PIPEDRIVE).data
    return vault.authorize_url(connection, options)
  end

  local function authorize(nonce)
    local page_url = link { redirect_uri = RETURN, nonce = nonce }
    local page = browser.open(setup.sandbox, page_url)
    assert.equal(200, page.status)
    return browser.press(setup.sandbox, page_url, page, { decision = "allow" })
  end

  local function health()
    local row = client.connections.get(PIPEDRIVE).data
    return row.state, row.health
  end

  local function confirm(confirm_token)
    return client.connections.confirm {
      service_id = "pipedrive",
      unified_api = "crm",
      confirm_connection = { confirm_token = confirm_token },
    }
  end

  local function token_of(response)
    return response.headers.location:match("&confirm_token=(%x+)&")
  end

  local function refused(message, ...)
    local err = expect.error("UnprocessableResponse", confirm, ...)
    assert.equal("InvalidStateError", err.type_name)
    assert.equal(message, err.detail)
  end

  it("takes one step without a nonce", function()
    start()
    local response = authorize()
    assert.equal(RETURN, response.headers.location)
    assert.same({ "callable", "ok" }, { health() })
  end)

  it("with a nonce is not callable until it is confirmed", function()
    start()
    local nonce = vault.nonce()
    local response = authorize(nonce)
    assert.equal(303, response.status)
    local token = token_of(response)
    local fragment = "#nonce=" .. nonce .. "&confirm_token=" .. token .. "&service_id=pipedrive"
    assert.equal(RETURN .. fragment, response.headers.location)
    assert.same({ "authorized", "pending_confirmation" }, { health() })

    assert.same({ confirmed = true }, confirm(token).data)
    assert.same({ "callable", "ok" }, { health() })
  end)

  it("is confirmed once, with its own token, within 30 minutes", function()
    start()
    local unknown = "The confirm token is unknown or was used before"
    local token = token_of(authorize "n1")
    refused(unknown, "0")
    setup.now = setup.now + 30 * 60 * 1000
    refused("The confirm token has expired", token)
    assert.same({ "authorized", "pending_confirmation" }, { health() })

    local second = token_of(authorize "n2")
    refused(unknown, token)
    setup.now = setup.now + 30 * 60 * 1000 - 1
    confirm(second)
    refused(unknown, second)
    assert.same({ "callable", "ok" }, { health() })
  end)

  it("is confirmed only where there is a connection", function()
    start()
    local err = expect.error("NotFoundResponse", confirm, "0")
    assert.equal("ConnectionNotFoundError", err.type_name)
  end)

  it("that is denied confirms nothing", function()
    start()
    local page_url = link { redirect_uri = RETURN, nonce = "n" }
    local page = browser.open(setup.sandbox, page_url)
    local response = browser.press(setup.sandbox, page_url, page, { decision = "deny" })
    assert.equal(RETURN .. "&error=access_denied", response.headers.location)
    assert.equal("available", (health()))
  end)

  it("takes no notice of a nonce where confirmation is off", function()
    start { confirmation = "off" }
    assert.equal(RETURN, authorize("n").headers.location)
    assert.same({ "callable", "ok" }, { health() })
  end)

  it("needs a nonce where confirmation is required", function()
    start { confirmation = "required" }
    assert.equal(422, browser.open(setup.sandbox, link { redirect_uri = RETURN }).status)
    assert.equal(303, authorize("n").status)
  end)

  it("refuses redirect URIs that are not registered", function()
    start { redirect_uris = { RETURN, "https://app.example/other" } }
    assert.equal(303, authorize().status)
    for _, redirect_uri in ipairs { "https://app.example/", RETURN .. "&x", "https://evil.example" } do
      local page_url = link { redirect_uri = redirect_uri }
      assert.equal(422, browser.open(setup.sandbox, page_url).status)
    end
    local request = { create_callback_state = { redirect_uri = "https://evil.example" } }
    request.service_id, request.unified_api = "pipedrive", "crm"
    local err = expect.error("UnprocessableResponse", client.create_callback.state, request)
    assert.equal("redirect_uri is not registered: https://evil.example", err.detail)
  end)

  it("checks its options", function()
    assert.error_matches(function()
      start { confirmation = "maybe" }
    end, "sandbox option 'confirmation' cannot be 'maybe'; expected off, optional, required")
  end)

  describe("that the application starts itself", function()
    local function state_for(service_id, unified_api)
      return client.create_callback.state({
        service_id = service_id or "pipedrive",
        unified_api = unified_api or "crm",
        create_callback_state = { redirect_uri = RETURN },
      }).data.state
    end

    local function callback(query)
      return browser.open(setup.sandbox, "/vault/callback?" .. query)
    end

    it("ends with the callback, once", function()
      start()
      local state = state_for()
      assert.equal(400, callback("state=" .. state).status)
      local response = callback("code=c&state=" .. state)
      assert.equal(301, response.status)
      assert.equal(RETURN, response.headers.location)
      assert.equal("callable", (health()))
      assert.equal(404, callback("code=c&state=" .. state).status)
    end)

    it("passes errors on, and takes only the states of callbacks", function()
      start()
      local response = callback("error=access_denied&state=" .. state_for())
      assert.equal(RETURN .. "&error=access_denied", response.headers.location)
      assert.equal("available", (health()))
      local authorize_url = client.connections.get(PIPEDRIVE).data.authorize_url
      local state = authorize_url:match("state=(%x+)")
      assert.equal(404, callback("code=c&state=" .. state).status)
      assert.equal(404, callback("code=c").status)
    end)

    it("is for connections that users authorize in a browser", function()
      start()
      expect.error("UnprocessableResponse", state_for, "activecampaign")
    end)
  end)
end)
