-- The life cycle of connections through the public module, against a sandbox, over every host.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local consumers = 0

local function crm(service_id, fields)
  local request = { service_id = service_id, unified_api = "crm" }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  return request
end

local function by_service(rows)
  local found = {}
  for _, row in ipairs(rows) do
    found[row.service_id] = row
  end
  return found
end

for _, host in ipairs(hosts.all()) do
  describe("Vault over " .. host.name, function()
    local client
    before_each(function()
      consumers = consumers + 1
      client = host:sandbox { consumer_id = "consumer-" .. consumers }
    end)
    teardown(function()
      host:stop()
    end)

    it("lists connections", function()
      local result, response = client.connections.list()
      assert.equal(200, result.status_code)
      assert.equal("OK", result.status)
      assert.is_true(#result.data > 5)
      for _, connection in ipairs(result.data) do
        assert.equal(connection.unified_api .. "+" .. connection.service_id, connection.id)
        assert.equal("string", type(connection.name))
        assert.equal("boolean", type(connection.enabled))
      end
      assert.equal(200, response.status)
      assert.truthy(response.request_id)
    end)

    it("lists the connections of one API, and configured ones", function()
      local all = client.connections.list { api = "issue-tracking" }
      assert.truthy(by_service(all.data).jira)
      for _, connection in ipairs(all.data) do
        assert.equal("issue-tracking", connection.unified_api)
      end
      local every = by_service(client.connections.list({ api = "ecommerce" }).data)
      local configured = by_service(client.connections.list({
        api = "ecommerce",
        configured = true,
      }).data)
      assert.equal("needs_configuration", every.magento.integration_state)
      assert.is_nil(configured.magento)
      assert.truthy(configured.shopify)
    end)

    it("gets a connection that was never added", function()
      local result = client.connections.get(crm "salesforce")
      assert.equal(200, result.status_code)
      assert.equal("crm+salesforce", result.data.id)
      assert.equal("available", result.data.state)
      assert.is_false(result.data.enabled)
      assert.is_nil(result.data.settings)
      assert.is_nil(result.data.created_at)
      assert.equal("instance_url", result.data.form_fields[1].id)
    end)

    it("does not find an unknown connector", function()
      local err = expect.error("NotFoundResponse", client.connections.get, crm "no-such")
      assert.equal(404, err.status_code)
      assert.equal("EntityNotFoundError", err.type_name)
      assert.equal("vault.connections.get", err.operation)
      assert.truthy(err.request_id)
      local text = "NotFoundResponse (404) in vault.connections.get: "
      expect.says(tostring(err), text, err.request_id)
    end)

    it("refuses a wrong key", function()
      local stranger = host:sandbox { api_key = "wrong-xplanted" }
      local err = expect.error("UnauthorizedResponse", stranger.connections.list)
      assert.equal(401, err.status_code)
      expect.silent_about(tostring(err), "xplanted")
    end)

    it("updates: enables, stores settings and metadata, returns the connection", function()
      local enabled = client.connections.update(crm("activecampaign", {
        connection = { enabled = true },
      })).data
      assert.equal("added", enabled.state)
      assert.is_true(enabled.enabled)

      local updated = client.connections.update(crm("activecampaign", {
        connection = {
          settings = { base_url = "https://a.api-us1.com", api_key = "k" },
          metadata = { account = { name = "My Company", id = "c01458a5" }, tags = { "a", "b" } },
        },
      })).data
      assert.equal("callable", updated.state)
      assert.equal("https://a.api-us1.com", updated.settings.base_url)
      assert.equal("My Company", updated.metadata.account.name)

      local read = client.connections.get(crm "activecampaign").data
      assert.same({ "a", "b" }, read.metadata.tags)
      assert.equal("callable", read.state)
      assert.truthy(tostring(read.created_at):match "^%d+$")
      local disabled = client.connections.update(crm("activecampaign", {
        connection = { enabled = false },
      })).data
      assert.is_false(disabled.enabled)
      assert.equal("callable", disabled.state)
    end)

    it("updates with nested configuration and custom mappings", function()
      local configuration = {
        {
          resource = "leads",
          defaults = {
            { id = "ProductInterest", value = "GC5000 series" },
            { id = "Numbers", value = { "a", 1, 2.5 } },
            { id = "Active", value = true },
          },
        },
      }
      local request = crm("pipedrive", { connection = { configuration = configuration } })
      local updated = client.connections.update(request).data
      local row = updated.configuration[1]
      assert.equal("leads", row.resource)
      assert.equal("ProductInterest", row.defaults[1].id)
      assert.equal("GC5000 series", row.defaults[1].value)
      assert.same({ "a", 1, 2.5 }, row.defaults[2].value)
      assert.is_true(row.defaults[3].value)
    end)

    it("accepts its own response: get, change, update", function()
      client.connections.update(crm("activecampaign", {
        connection = { settings = { base_url = "https://a" }, metadata = { tags = vault.array() } },
      }))
      local connection = client.connections.get(crm "activecampaign").data
      connection.settings.api_key = "k"
      local updated = client.connections.update(crm("activecampaign", {
        connection = connection,
      })).data
      assert.equal("callable", updated.state)
      assert.equal("k", updated.settings.api_key)
    end)

    it("imports credentials, with dates as strings and as numbers", function()
      for _, issued_at in ipairs { os.time(), os.date "!%Y-%m-%dT%H:%M:%S.000Z" } do
        local imported = client.connections.imports(crm("pipedrive", {
          connection_import_data = {
            credentials = {
              refresh_token = "1234567890",
              access_token = "1234567890",
              issued_at = issued_at,
              expires_in = 3600,
            },
            metadata = { plan = "enterprise" },
          },
        })).data
        assert.equal("callable", imported.state)
        assert.equal("enterprise", imported.metadata.plan)
        assert.truthy(imported.revoke_url)
      end
    end)

    it("exchanges a token where the grant allows it", function()
      client.connections.update(crm("microsoft-dynamics", {
        connection = {
          settings = { client_id = "i", client_secret = "s", environment = "https://e" },
        },
      }))
      local connection = client.connections.token(crm "microsoft-dynamics").data
      assert.equal("callable", connection.state)
    end)

    it("refuses a token for another grant", function()
      client.connections.update(crm("pipedrive", { connection = { enabled = true } }))
      local err = expect.error("UnprocessableResponse", client.connections.token, crm "pipedrive")
      assert.equal(422, err.status_code)
      assert.equal("InvalidStateError", err.type_name)
      assert.equal("vault.connections.token", err.operation)
      assert.equal("POST", err.method)
    end)

    it("migrates, repeatably, but not onto an existing connection", function()
      local source = { service_id = "quickbooks", unified_api = "accounting" }
      local import = {
        service_id = "quickbooks",
        unified_api = "accounting",
        connection_import_data = {
          credentials = { access_token = "a", issued_at = os.time(), expires_in = 3600 },
        },
      }
      local migrate = {
        service_id = "quickbooks",
        unified_api = "accounting",
        connection_migrate_data = { target_service_id = "intuit-enterprise-suite" },
      }
      client.connections.imports(import)
      local moved = client.connections.migrate(migrate).data
      assert.equal("accounting+intuit-enterprise-suite", moved.id)
      assert.equal(moved.id, client.connections.migrate(migrate).data.id)
      assert.equal("available", client.connections.get(source).data.state)
      client.connections.imports(import)
      local err = expect.error("ConflictResponse", client.connections.migrate, migrate)
      assert.equal(409, err.status_code)
      assert.equal("ConflictError", err.type_name)
    end)

    it("deletes, and then has nothing to delete", function()
      client.connections.update(crm("pipedrive", { connection = { enabled = true } }))
      local result, response = client.connections.delete(crm "pipedrive")
      assert.same({ status_code = 204, status = "No Content" }, result)
      assert.equal(204, response.status)
      assert.equal("available", client.connections.get(crm("pipedrive")).data.state)
      expect.error("NotFoundResponse", client.connections.delete, crm "pipedrive")
    end)

    it("uses the consumer of the request instead of the client's", function()
      client.connections.update(crm("pipedrive", { connection = { enabled = true } }))
      local other = crm("pipedrive", { consumer_id = "somebody-else-" .. consumers })
      assert.equal("available", client.connections.get(other).data.state)
      assert.equal("added", client.connections.get(crm "pipedrive").data.state)
    end)

    it("simulates a busy server when asked to", function()
      local fault = "status=503; times=2; key=" .. consumers
      local options = { headers = { ["x-sandbox-fault"] = fault } }
      local result, response = client.connections.list({}, options)
      assert.is_true(#result.data > 5)
      assert.equal(3, response.attempts)
      options.headers["x-sandbox-fault"] = "status=429; retry-after=60"
      local err = expect.error("APIError", client.connections.list, {}, options)
      assert.equal(429, err.status_code)
      assert.equal(60000, err.retry_after_ms)
      assert.equal(1, err.attempts)
    end)

    it("reports a connection that is lost in the middle of a response", function()
      local options = { headers = { ["x-sandbox-fault"] = "cut-body=20" }, retries = false }
      local err = expect.error("ResponseValidationError", client.connections.list, {}, options)
      assert.equal(200, err.status_code)
      options.headers["x-sandbox-fault"] = "reset=before_head"
      expect.error("ConnectionError", client.connections.list, {}, options)
    end)
  end)
end
