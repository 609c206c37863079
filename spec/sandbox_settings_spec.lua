-- What hangs on one connection: consents, settings of a resource, custom fields and mappings, its validation.
local expect = require "spec.support.expect"
local new_client = require "spec.support.sandbox_client"
local sandboxes = require "vault.sandbox"

describe("of the sandbox,", function()
  local setup, client

  before_each(function()
    setup = new_client()
    client = setup.client
  end)

  local function of(unified_api, service_id, fields)
    local request = { service_id = service_id, unified_api = unified_api }
    for name, value in pairs(fields or {}) do
      request[name] = value
    end
    return request
  end

  local function add(unified_api, service_id, connection)
    return client.connections.update(
      of(unified_api, service_id, { connection = connection or { enabled = true } })
    ).data
  end

  local function authorize()
    return setup.sandbox:simulate {
      event = "authorized",
      service_id = "pipedrive",
      unified_api = "crm",
    }
  end

  describe("an update", function()
    it("stores settings of a connection that it disables", function()
      local settings = { api_key = "k", base_url = "https://a.api-us1.com" }
      local row = add("crm", "activecampaign", { enabled = false, settings = settings })
      assert.is_false(row.enabled)
      assert.equal("callable", row.state)
      assert.equal("k", row.settings.api_key)
    end)
  end)

  describe("consents", function()
    local function decide(granted, resources)
      return client.connection_consent.update(of("hris", "personio", {
        update_consent_request = { granted = granted, resources = resources or "*" },
      })).data
    end

    it("are recorded, the newest first", function()
      assert.equal("pending", add("hris", "personio").consent_state)
      local scopes = { ["hris.employees"] = { first_name = { read = true, write = false } } }
      local granted = decide(true, scopes)
      assert.matches("^con_%x+$", granted.id)
      assert.equal("2023-11-14T22:13:20Z", granted.created_at)
      assert.same(scopes, granted.resources)
      assert.equal("granted", client.connections.get(of("hris", "personio")).data.consent_state)
      local denied = decide(false)
      local rows = client.connection_consents.list(of("hris", "personio")).data
      assert.same({ denied.id, granted.id }, { rows[1].id, rows[2].id })
      assert.equal("denied", client.connections.get(of("hris", "personio")).data.consent_state)
    end)

    it("belong to connections that were added", function()
      local not_found = "NotFoundResponse"
      expect.error(not_found, client.connection_consents.list, of("hris", "personio"))
      expect.error(not_found, decide, true)
    end)
  end)

  describe("settings of a resource", function()
    local function update(connection, resource)
      return client.connection_settings.update(of("crm", "pipedrive", {
        resource = resource or "leads",
        connection = connection,
      })).data
    end

    local function defaults(value)
      return { { id = "probability", target = "resource", value = value } }
    end

    it("are stored, and shown for that resource only", function()
      local row = update { configuration = { { resource = "leads", defaults = defaults(1) } } }
      assert.equal(1, row.configuration[1].defaults[1].value)
      row = update(
        { configuration = { { resource = "contacts", defaults = defaults(2) } } },
        "contacts"
      )
      assert.equal(1, #row.configuration)
      assert.equal("contacts", row.configuration[1].resource)
      update { configuration = { { defaults = defaults(3) } } }
      local request = of("crm", "pipedrive", { resource = "leads" })
      row = client.connection_settings.list(request).data
      assert.equal(1, #row.configuration)
      assert.equal("leads", row.configuration[1].resource)
      assert.equal(3, row.configuration[1].defaults[1].value)
      assert.equal(2, #client.connections.get(of("crm", "pipedrive")).data.configuration)
    end)

    it("are those of a resource that the connector knows, and of no other", function()
      expect.error("NotFoundResponse", update, {}, "invoices")
      local configuration = { { resource = "contacts", defaults = defaults(1) } }
      local err = expect.error("BadRequestResponse", update, { configuration = configuration })
      assert.equal("connection.configuration[0].resource", err.detail.invalid[1].path)
      assert.same(
        {},
        client.connection_settings.list(of("crm", "pipedrive", { resource = "leads" })).data.configuration
      )
    end)
  end)

  describe("custom fields", function()
    local function list(resource)
      return client.custom_fields.list(of("crm", "pipedrive", { resource = resource or "leads" }))
    end

    it("are those of the connector", function()
      authorize()
      local rows = list().data
      assert.equal("ticket_size", rows[1].id)
      assert.equal(1500, rows[1].value)
      assert.same({}, list("contacts").data)
    end)

    it("need a connection that is callable", function()
      expect.error("NotFoundResponse", list)
      add("crm", "pipedrive")
      local err = expect.error("UnprocessableResponse", list)
      assert.equal("The connection is added, not callable", err.detail)
    end)
  end)

  describe("custom mappings", function()
    local ID = "hris+employees+badge_number"

    local function mapping(fields)
      fields.target_field_id = fields.target_field_id or ID
      return of("hris", "bamboohr", fields)
    end

    local function create(value)
      local request = mapping { create_custom_mapping_request = { value = value } }
      return client.custom_mappings.create(request).data
    end

    it("are created, read, updated and deleted", function()
      add("hris", "bamboohr")
      local created = create "$.badge"
      assert.equal("$.badge", created.value)
      assert.equal("sandbox-consumer", created.consumer_id)
      local request = mapping { update_custom_mapping_request = { value = "$.b" } }
      assert.equal("$.b", client.custom_mappings.update(request).data.value)
      assert.equal("$.b", client.custom_mappings.get(mapping {}).data.value)
      local rows = client.custom_mappings.list(of("hris", "bamboohr")).data
      assert.equal(2, #rows)
      assert.same(rows, client.connections.get(of("hris", "bamboohr")).data.custom_mappings)
      client.custom_mappings.delete(mapping {})
      assert.is_nil(client.custom_mappings.get(mapping {}).data.value)
    end)

    it("are listed by resource", function()
      local function count(resource)
        local request = of("hris", "bamboohr", { resource = resource })
        return #client.connection_custom_mappings.list(request).data
      end
      assert.equal(2, count "employees")
      assert.equal(0, count "companies")
    end)

    it("refuse what is not there, and what is there already", function()
      local update = mapping { update_custom_mapping_request = { value = "x" } }
      expect.error("NotFoundResponse", create, "x")
      add("hris", "bamboohr")
      local err = expect.error("NotFoundResponse", client.custom_mappings.update, update)
      assert.same({ entity = "custom_mapping", id = ID }, err.detail.not_found)
      expect.error("NotFoundResponse", client.custom_mappings.delete, mapping {})
      create "x"
      expect.error("ConflictResponse", create, "y")
      expect.error(
        "NotFoundResponse",
        client.custom_mappings.get,
        mapping { target_field_id = "z" }
      )
    end)
  end)

  describe("a validation", function()
    local function validate()
      return client.validate_connection.state(of("crm", "pipedrive")).data
    end

    it("tells the state", function()
      assert.same({ id = "crm+pipedrive", state = "available" }, validate())
      authorize()
      assert.equal("callable", validate().state)
    end)

    it("refreshes the token", function()
      authorize()
      setup.sandbox:simulate {
        event = "token_expired",
        service_id = "pipedrive",
        unified_api = "crm",
      }
      assert.equal("pending_refresh", client.connections.get(of("crm", "pipedrive")).data.health)
      validate()
      assert.equal("ok", client.connections.get(of("crm", "pipedrive")).data.health)
    end)
  end)

  it("connectors of a program's own may have custom fields", function()
    assert.error_matches(function()
      sandboxes.new {
        connectors = {
          { service_id = "a", unified_api = "crm", auth_type = "none", custom_fields = "x" },
        },
      }
    end, "custom_fields must be a table")
  end)
end)
