-- Webhook events of the sandbox: lua/vault/sandbox/events.lua.
local browser = require "spec.support.sandbox_browser"
local new_client = require "spec.support.sandbox_client"
local vault = require "vault"

describe("webhook events of the sandbox", function()
  local setup, client, requests

  local function start(options)
    setup = new_client(options)
    client, requests = setup.client, {}
    setup.sandbox:on_event(function(request)
      requests[#requests + 1] = request
    end)
  end

  before_each(function()
    start()
  end)

  -- The events since the last time, each as "<what happened> <id of the connection>".
  local function take()
    local names = {}
    for index, request in ipairs(requests) do
      local event = vault.webhook.parse {
        body = request.body,
        headers = request.headers,
        secret = "sandbox-key",
      }
      names[index] = event.event_type:gsub("^vault%.connection%.", "") .. " " .. event.entity_id
    end
    requests = {}
    return names
  end

  local function update(unified_api, service_id, connection)
    return client.connections.update({
      unified_api = unified_api,
      service_id = service_id,
      connection = connection,
    }).data
  end

  local function simulate(event, service_id)
    setup.sandbox:simulate {
      event = event,
      service_id = service_id or "pipedrive",
      unified_api = "crm",
    }
  end

  it("are signed requests with the connection as it is then", function()
    update("issue-tracking", "github", { enabled = true })
    local request = requests[1]
    assert.equal("POST", request.method)
    assert.equal("vault.connection.created", request.headers["x-apideck-event-type"])
    local event = vault.webhook.parse {
      body = request.body,
      headers = request.headers,
      secret = "sandbox-key",
    }
    assert.equal("vault.connection.created", event.event_type)
    assert.equal("github", event.service_id)
    assert.equal("Connection", event.entity_type)
    assert.equal("sandbox-consumer", event.entity.consumer_id)
    assert.equal("added", event.entity.state)
    assert.equal("2023-11-14T22:13:20.000Z", event.entity.created_at)
    assert.equal("2023-11-14T22:13:20.000Z", event.occurred_at)
    assert.equal(1, event.execution_attempt)
    assert.equal(request.headers["x-apideck-idempotency-key"], event.idempotency_key)
  end)

  it("are signed with a secret of the application's own", function()
    start { webhook_secret = "s3cret" }
    update("issue-tracking", "github", { enabled = true })
    assert.equal(
      vault.webhook.sign(requests[1].body, "s3cret"),
      requests[1].headers["x-apideck-signature"]
    )
  end)

  it("follow what the application does", function()
    local settings = { api_key = "k", base_url = "https://a.api-us1.com" }
    update("crm", "activecampaign", { enabled = true })
    assert.same({ "created crm+activecampaign" }, take())
    update("crm", "activecampaign", { settings = settings })
    assert.same({ "updated crm+activecampaign", "callable crm+activecampaign" }, take())
    update("crm", "activecampaign", { metadata = { plan = "x" } })
    assert.same({ "updated crm+activecampaign" }, take())
    update("crm", "activecampaign", { enabled = false })
    assert.same({ "disabled crm+activecampaign" }, take())
    client.connections.delete { unified_api = "crm", service_id = "activecampaign" }
    assert.same({ "deleted crm+activecampaign" }, take())
  end)

  it("do not come of reading, nor of what fails", function()
    client.connections.list()
    update("crm", "pipedrive", {})
    pcall(client.connections.delete, { unified_api = "crm", service_id = "pipedrive" })
    assert.same({}, take())
  end)

  it("follow what happens elsewhere", function()
    for _, row in ipairs {
      { "authorized", "created", "callable" },
      { "token_expired", "token_refresh.pending" },
      { "refreshed", "token_refresh.recovered" },
      { "refresh_failed", "token_refresh.failed" },
      { "refreshed", "token_refresh.recovered" },
      { "downstream_error", "downstream.degraded" },
      { "downstream_recovered", "downstream.recovered" },
      { "revoked", "revoked" },
    } do
      simulate(row[1])
      local expected = {}
      for index = 2, #row do
        expected[index - 1] = row[index] .. " crm+pipedrive"
      end
      assert.same(expected, take())
    end
  end)

  it("follow users on the pages, and a confirmation", function()
    local request = { unified_api = "crm", service_id = "pipedrive" }
    local page_url = vault.authorize_url(
      client.connections.get(request).data,
      { redirect_uri = "https://app.example/", nonce = "n" }
    )
    local page = browser.open(setup.sandbox, page_url)
    local response = browser.press(setup.sandbox, page_url, page, { decision = "allow" })
    assert.same({ "created crm+pipedrive" }, take())
    request.confirm_connection =
      { confirm_token = response.headers.location:match("confirm_token=(%x+)") }
    client.connections.confirm(request)
    assert.same({ "updated crm+pipedrive", "callable crm+pipedrive" }, take())
  end)

  it("have one for a migration, and one for each connection of a deleted consumer", function()
    local connectors = {
      {
        service_id = "old",
        unified_api = "crm",
        auth_type = "none",
        migration_targets = { "new" },
      },
      { service_id = "new", unified_api = "crm", auth_type = "none" },
    }
    start { connectors = connectors, populated = false }
    update("crm", "old", { enabled = true })
    take()
    client.connections.migrate {
      unified_api = "crm",
      service_id = "old",
      connection_migrate_data = { target_service_id = "new" },
    }
    assert.same({ "migrated crm+new", "callable crm+new" }, take())
    client.consumers.delete { consumer_id = "sandbox-consumer" }
    assert.same({ "deleted crm+new" }, take())
  end)

  it("may call the sandbox again", function()
    local states = {}
    setup.sandbox:on_event(function()
      local request = { unified_api = "issue-tracking", service_id = "github" }
      states[#states + 1] = client.connections.get(request).data.state
    end)
    update("issue-tracking", "github", { enabled = true })
    assert.same({ "added" }, states)
  end)

  it("go to functions only", function()
    assert.error_matches(function()
      setup.sandbox:on_event "x"
    end, "on_event: expected a function, got a string")
  end)
end)
