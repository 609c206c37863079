local calls = require "spec.support.sandbox_calls"
local json = require "vault.sandbox.json"
local sandboxes = require "vault.sandbox"

local NOW = 1700000000123

describe("vault.sandbox", function()
  local sandbox, now

  before_each(function()
    now = NOW
    sandbox = sandboxes.new {
      seed = 1,
      clock = function()
        return now
      end,
    }
  end)

  local function state_of(id)
    local row = calls.get(sandbox, id)
    return row.state, row.health
  end

  describe("its connectors", function()
    local function collect(name, rows)
      local seen = {}
      for _, row in ipairs(rows) do
        if row[name] then
          seen[row[name]] = true
        end
      end
      return seen
    end

    local function all_seen(expected, seen)
      for _, value in ipairs(expected) do
        assert.is_true(seen[value], value)
      end
    end

    it("have every auth type, grant type, integration state and state", function()
      local _, rows = calls.list(sandbox)
      assert.is_true(#rows >= 14)
      all_seen({ "oauth2", "apiKey", "basic", "custom", "none" }, collect("auth_type", rows))
      local grants = { "authorization_code", "client_credentials", "password" }
      all_seen(grants, collect("oauth_grant_type", rows))
      local integration_states = { "disabled", "needs_configuration", "configured" }
      all_seen(integration_states, collect("integration_state", rows))
      local states = { "available", "added", "authorized", "callable", "invalid" }
      all_seen(states, collect("state", rows))
    end)

    it("have every type of form field of the schema", function()
      local _, rows = calls.list(sandbox)
      local seen = {}
      for _, row in ipairs(rows) do
        for name in pairs(collect("type", row.form_fields)) do
          seen[name] = true
        end
      end
      for _, field in ipairs(require("vault.schema").schemas.FormField.fields) do
        if field.name == "type" then
          assert.is_true(#field.schema.enumeration >= 14)
          all_seen(field.schema.enumeration, seen)
        end
      end
    end)

    it("have only fields of the schema of a Connection", function()
      local known = {}
      for _, field in ipairs(require("vault.schema").schemas.Connection.fields) do
        known[field.name] = true
      end
      local _, rows = calls.list(sandbox)
      for _, row in ipairs(rows) do
        for name in pairs(row) do
          assert.is_true(known[name], row.id .. "." .. name)
        end
      end
    end)

    it("can be added to and replaced", function()
      sandbox = sandboxes.new {
        connectors = {
          {
            service_id = "mine",
            unified_api = "my-api",
            auth_type = "apiKey",
            form_fields = { { id = "key", required = true, rejected = { "bad" } } },
          },
          { service_id = "pipedrive", unified_api = "crm", auth_type = "none", name = "Other" },
        },
      }
      local by_id, rows = calls.list(sandbox, "?api=my-api")
      assert.equal(1, #rows)
      assert.equal("mine", by_id["my-api+mine"].name)
      assert.equal("text", rows[1].form_fields[1].type)
      local id = "my-api+mine"
      assert.equal("callable", calls.update(sandbox, id, { settings = { key = "good" } }).state)
      assert.equal("invalid", calls.update(sandbox, id, { settings = { key = "bad" } }).state)
      assert.equal("Other", calls.get(sandbox, "crm+pipedrive").name)
    end)

    it("are checked when they are added", function()
      local function refuses(connector, message)
        assert.error_matches(function()
          sandboxes.new { connectors = { connector } }
        end, message)
      end
      refuses({ unified_api = "crm", auth_type = "none" }, "service_id must be")
      refuses({ service_id = "a", unified_api = "crm", auth_type = "key" }, "auth_type must be")
      refuses({
        service_id = "a",
        unified_api = "crm",
        auth_type = "none",
        settings_required_for_authorization = { "x" },
      }, "settings_required_for_authorization has no such form field: x")
    end)
  end)

  describe("a connection that was never added", function()
    it("is available, without stored data", function()
      local row = calls.get(sandbox, "crm+salesforce")
      assert.equal("available", row.state)
      assert.is_false(row.enabled)
      for _, name in ipairs { "settings", "metadata", "created_at", "updated_at", "health" } do
        assert.is_nil(row[name], name)
      end
      assert.equal("", row.form_fields[1].value)
    end)

    it("has authorize_url with OAuth in a browser only, and no revoke_url", function()
      local by_id = calls.list(sandbox)
      local salesforce = by_id["crm+salesforce"]
      local start = "^https://sandbox%.invalid/vault/authorize/salesforce/sandbox%-app%?state="
      assert.matches(start .. "%x+$", salesforce.authorize_url)
      assert.equal(json.null, salesforce.revoke_url)
      assert.equal(json.null, by_id["ats+workday"].authorize_url)
      assert.equal(json.null, by_id["hris+bamboohr"].authorize_url)
    end)

    it("of an unknown connector is not found", function()
      local response = calls.try(sandbox, "GET", "crm+nope")
      assert.equal(404, response.status)
      assert.equal("EntityNotFoundError", response.json.type_name)
      assert.same({ not_found = { entity = "connector", id = "nope" } }, response.json.detail)
      assert.equal(404, calls.try(sandbox, "GET", "hris+pipedrive").status)
    end)

    it("stays available when it is disabled or nothing is changed", function()
      for _, body in ipairs { { enabled = false }, { state = "callable" }, {} } do
        assert.equal("available", calls.update(sandbox, "crm+pipedrive", body).state)
      end
    end)
  end)

  describe("update", function()
    it("adds a connection that is enabled, callable where nothing is required", function()
      local row = calls.update(sandbox, "crm+pipedrive", { enabled = true })
      assert.equal("added", row.state)
      assert.equal("needs_auth", row.health)
      assert.is_true(row.enabled)
      assert.equal(NOW, row.created_at)
      assert.equal(json.null, row.settings)
      assert.same({}, row.metadata)
      row = calls.update(sandbox, "issue-tracking+github", { enabled = true })
      assert.equal("added", row.state)
      local id = "accounting+access-financials"
      calls.try(sandbox, "DELETE", id)
      assert.equal("callable", calls.update(sandbox, id, { enabled = true }).state)
    end)

    it("makes apiKey, basic and custom connections callable with all required settings", function()
      local settings = { subdomain = "acme", username = "a@b.example", password = "secret" }
      for id, value in pairs(settings) do
        assert.not_equal("callable", (state_of "hris+bamboohr"))
        local row = calls.update(sandbox, "hris+bamboohr", { settings = { [id] = value } })
        assert.equal(value, row.settings[id])
      end
      local state, health = state_of "hris+bamboohr"
      assert.equal("callable", state)
      assert.equal("ok", health)
      local row = calls.get(sandbox, "hris+bamboohr")
      for _, field in ipairs(row.form_fields) do
        assert.equal(settings[field.id], field.value)
      end
    end)

    it(
      "leaves an OAuth connection added with all settings, and makes an authorized one callable",
      function()
        local settings = { instance_url = "https://eu28.salesforce.com" }
        assert.equal(
          "added",
          calls.update(sandbox, "crm+salesforce", { settings = settings }).state
        )
        assert.equal("authorized", (state_of "crm+hubspot"))
        local row = calls.update(sandbox, "crm+hubspot", { settings = { portal = "1000" } })
        assert.equal("callable", row.state)
        assert.is_string(row.revoke_url)
      end
    )

    it("keeps the state of a disabled connection", function()
      local id = "accounting+access-financials"
      local row = calls.update(sandbox, id, { enabled = false })
      assert.equal("callable", row.state)
      assert.is_false(row.enabled)
      assert.is_true(calls.update(sandbox, id, { enabled = true }).enabled)
    end)

    it("merges settings and metadata; null removes a member", function()
      local id = "crm+activecampaign"
      calls.update(sandbox, id, { settings = { a = 1, b = 2 }, metadata = { x = 1, y = 2 } })
      local body = { settings = { b = json.null, c = 3 }, metadata = { x = json.null } }
      local row = calls.update(sandbox, id, body)
      assert.same({ a = 1, c = 3 }, row.settings)
      assert.same({ y = 2 }, row.metadata)
      row = calls.update(sandbox, id, { settings = json.null, metadata = json.null })
      assert.equal(json.null, row.settings)
      assert.same({}, row.metadata)
    end)

    it("returns values exactly as they were sent", function()
      local text = '{"empty_list":[],"empty":{},"big":1615563533390,"exact":9007199254740991,'
        .. '"float":10.5,"nested":[[],[{}],null],"text":"Z\\u00fcrich \\"\\/\\\\ \\u0000"}'
      local response =
        calls.try(sandbox, "PATCH", "crm+pipedrive", "", '{"metadata":' .. text .. "}")
      assert.equal(200, response.status)
      for _, part in ipairs {
        '"empty_list":[]',
        '"empty":{}',
        '"big":1615563533390,',
        '"exact":9007199254740991',
        '"float":10.5',
        '"nested":[[],[{}],null]',
      } do
        assert.is_truthy(response.body:find(part, 1, true), part)
      end
      assert.equal('Zürich "/\\ \0', response.json.data.metadata.text)
    end)

    it("moves updated_at and not created_at", function()
      calls.update(sandbox, "crm+pipedrive", { enabled = true })
      now = NOW + 1000
      local row = calls.update(sandbox, "crm+pipedrive", { metadata = { a = 1 } })
      assert.equal(NOW, row.created_at)
      assert.equal(NOW + 1000, row.updated_at)
    end)

    it("ignores read-only fields, of any type", function()
      local row = calls.update(sandbox, "crm+pipedrive", {
        enabled = true,
        state = 7,
        id = {},
        form_fields = "x",
        brand_new = { 1 },
      })
      assert.equal("added", row.state)
      assert.equal("crm+pipedrive", row.id)
      assert.is_nil(row.brand_new)
    end)

    it("stores configuration and the values of custom mappings", function()
      local configuration = { { resource = "leads", defaults = { { id = "owner", value = 10 } } } }
      local row = calls.update(sandbox, "hris+bamboohr", {
        configuration = configuration,
        custom_mappings = { { id = "hris+employees+badge_number", value = "$.badge" } },
        application_data_scopes = { enabled = false },
      })
      assert.same({ enabled = false }, row.application_data_scopes)
      assert.same(configuration, row.configuration)
      assert.equal("$.badge", row.custom_mappings[2].value)
      assert.equal("sandbox-consumer", row.custom_mappings[2].consumer_id)
      assert.is_nil(row.custom_mappings[1].value)
    end)

    it("records consents, the newest first", function()
      local id = "hris+personio"
      local settings = { client_id = "a", client_secret = "b" }
      local row = calls.update(sandbox, id, { settings = settings })
      assert.equal("pending", row.consent_state)
      assert.equal("needs_consent", row.health)
      row = calls.update(sandbox, id, { latest_consent = { granted = true, resources = "*" } })
      assert.equal("granted", row.consent_state)
      assert.equal("needs_auth", row.health)
      row = calls.update(sandbox, id, { latest_consent = { granted = false } })
      assert.equal("denied", row.consent_state)
      assert.is_false(row.latest_consent.granted)
      assert.equal(2, #row.consents)
      assert.equal("2023-11-14T22:13:20Z", row.latest_consent.created_at)
    end)
  end)

  describe("a setting", function()
    local function state_with(id, settings)
      return calls.update(sandbox, id, { settings = settings }).state
    end

    it("refused by the connector makes the connection invalid", function()
      assert.equal("invalid", (state_of "ats+lever"))
      assert.equal("callable", state_with("ats+lever", { api_key = "good" }))
      assert.equal("invalid", state_with("ats+lever", { careers_page = "not a url" }))
    end)

    it("is checked by the type of its field", function()
      local id = "issue-tracking+jira"
      local good = {
        username = "a@b.example",
        api_token = "t",
        phone = "+32 2",
        notes = "n",
        page_size = 10,
        sync_from = "2025-01-01T00:00:00Z",
        sync_at = "08:30",
      }
      assert.equal("callable", state_with(id, good))
      local bad = { username = "nobody", page_size = "many", sync_from = "today", sync_at = "noon" }
      for name, value in pairs(bad) do
        assert.equal("invalid", state_with(id, { [name] = value }), name)
        assert.equal("callable", state_with(id, { [name] = good[name] }), name)
      end
    end)

    it("of a select is one of its options, also in groups, unless others are allowed", function()
      assert.equal("invalid", state_with("crm+hubspot", { portal = "9" }))
      assert.equal("callable", state_with("crm+hubspot", { portal = "1001" }))
      assert.equal("added", state_with("accounting+quickbooks", { currency = "CHF" }))
      assert.equal("invalid", state_with("accounting+quickbooks", { currency = "XXX" }))
      assert.equal("added", state_with("file-storage+sharepoint", { tenant = "t", drive = "own" }))
      local companies = { client_id = "a", client_secret = "b", companies = { "be", "no" } }
      assert.equal("added", state_with("hris+personio", companies))
      assert.equal("invalid", state_with("hris+personio", { companies = { "be", "xx" } }))
    end)

    it("that is required may have a default", function()
      local fields = calls.get(sandbox, "issue-tracking+jira").form_fields
      assert.equal(50, fields[5].value)
    end)
  end)

  describe("token", function()
    it("makes client_credentials and password connections callable, and is never shown", function()
      local settings = { username = "u", password = "p" }
      calls.update(sandbox, "ats+workday", { settings = settings })
      local row = calls.token(sandbox, "ats+workday")
      assert.equal("authorized", row.state)
      assert.is_nil(row.credentials)
      settings = { tenant_url = "https://w.example" }
      row = calls.update(sandbox, "ats+workday", { settings = settings })
      assert.equal("callable", row.state)
      assert.equal("ok", row.health)
      assert.equal(json.null, row.revoke_url)
    end)

    it("is refused for other grants, unadded connections and missing settings", function()
      for _, id in ipairs { "crm+pipedrive", "hris+bamboohr", "ats+workday" } do
        local response = calls.try(sandbox, "POST", id, "/token", "{}")
        assert.equal(422, response.status)
        assert.equal("InvalidStateError", response.json.type_name)
      end
      calls.update(sandbox, "ats+workday", { settings = { username = "u" } })
      local response = calls.try(sandbox, "POST", "ats+workday", "/token")
      assert.equal("Settings are missing: password", response.json.detail.message)
    end)

    it("fails for settings that the connector refuses", function()
      calls.update(sandbox, "ats+workday", { settings = { username = "u", password = "invalid" } })
      local response = calls.try(sandbox, "POST", "ats+workday", "/token", "{}")
      assert.equal(401, response.status)
      assert.equal("access_token_connector_error", response.json.detail.type)
    end)
  end)

  describe("imports", function()
    local credentials = {
      access_token = "a",
      refresh_token = "r",
      issued_at = "2020-01-01T00:00:00Z",
      expires_in = 3600,
    }

    it("creates connections, and updates existing ones", function()
      local row = calls.import(sandbox, "crm+pipedrive", { credentials = credentials })
      assert.equal("callable", row.state)
      assert.equal("ok", row.health)
      row = calls.import(sandbox, "crm+pipedrive", { metadata = { plan = "x" } })
      assert.equal("callable", row.state)
      assert.same({ plan = "x" }, row.metadata)
    end)

    it("leaves a connection without its required settings authorized", function()
      local row = calls.import(sandbox, "crm+salesforce", { credentials = credentials })
      assert.equal("authorized", row.state)
      assert.equal("missing_settings", row.health)
      local settings = { instance_url = "https://a.example" }
      row = calls.import(sandbox, "crm+salesforce", { settings = settings })
      assert.equal("callable", row.state)
    end)

    it("queues a token without times for refresh", function()
      local body = { credentials = { access_token = "a", issued_at = json.null } }
      local row = calls.import(sandbox, "crm+pipedrive", body)
      assert.equal("callable", row.state)
      assert.equal("pending_refresh", row.health)
    end)
  end)

  describe("migrate", function()
    local source, target = "accounting+quickbooks", "accounting+intuit-enterprise-suite"
    local body = { target_service_id = "intuit-enterprise-suite" }

    local function migrate(id)
      return calls.try(sandbox, "POST", id or source, "/migrate", body)
    end

    it("moves a connection, repeatably", function()
      local credentials = { access_token = "a", refresh_token = "r" }
      calls.import(sandbox, source, { credentials = credentials, metadata = { plan = "x" } })
      for _ = 1, 2 do
        local response = migrate()
        assert.equal(200, response.status)
        assert.equal(target, response.json.data.id)
        assert.equal("callable", response.json.data.state)
        assert.equal("x", response.json.data.metadata.plan)
        assert.equal("available", (state_of(source)))
      end
    end)

    it("refuses an existing target, an undeclared one and an absent source", function()
      assert.equal(404, migrate().status)
      calls.update(sandbox, source, { enabled = true })
      calls.update(sandbox, target, { enabled = true })
      local response = migrate()
      assert.equal(409, response.status)
      assert.equal("ConflictError", response.json.type_name)
      assert.equal("added", (state_of(source)))
      assert.equal(422, migrate("crm+pipedrive").status)
    end)
  end)

  describe("delete", function()
    it("clears the connection and keeps it in the list", function()
      local response = calls.try(sandbox, "DELETE", "crm+hubspot")
      assert.equal(204, response.status)
      assert.equal("", response.body)
      local row = calls.list(sandbox)["crm+hubspot"]
      assert.equal("available", row.state)
      assert.is_false(row.enabled)
      assert.is_nil(row.settings)
    end)

    it("returns 404 the second time", function()
      calls.try(sandbox, "DELETE", "crm+hubspot")
      local response = calls.try(sandbox, "DELETE", "crm+hubspot")
      assert.equal(404, response.status)
      assert.equal("ConnectionNotFoundError", response.json.type_name)
    end)
  end)
end)
