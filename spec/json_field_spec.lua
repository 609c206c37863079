-- Lua values → JSON text, by schema: src/json/json_field.c and json_write.c.
local json = require("vault_internal").json
local support = require "spec.support.json"

local NAN = 0 / 0
local refused, written = support.unwritable, support.written

describe("json_write by schema", function()
  local function connection(value)
    return written(value, "Connection", "connection")
  end

  local function refuses(expected, value)
    refused(expected, value, "Connection", "connection")
  end

  local function import(value)
    return written(value, "ConnectionImportData", "data")
  end

  it("accepts the writable fields in their types", function()
    assert.equal('{"enabled":true}', connection { enabled = true })
    assert.equal('{"consent_state":"new_one"}', connection { consent_state = "new_one" })
    assert.equal('{"settings":{"a":{"b":[1]}}}', connection { settings = { a = { b = { 1 } } } })
    assert.equal(
      '{"configuration":[{"resource":"leads"}]}',
      connection { configuration = { { resource = "leads" } } }
    )
    assert.equal(
      '{"custom_mappings":[{"value":"$.x"}]}',
      connection { custom_mappings = { { value = "$.x" } } }
    )
  end)

  it("refuses other types, naming the full path", function()
    refuses("connection: expected an object, got a string", "x")
    refuses("connection: expected an object, got an array", { 1 })
    refuses("connection: expected an object, got an array", json.array())
    refuses("connection: expected an object, got null", json.null)
    refuses("connection.enabled: expected a boolean, got a string", { enabled = "true" })
    refuses("connection.enabled: expected a boolean, got an empty table", { enabled = {} })
    refuses("connection.configuration: expected an array, got an object", {
      configuration = { resource = "x" },
    })
    refuses("connection.configuration[2]: expected an object, got a number", {
      configuration = { {}, 5 },
    })
    refuses("connection.configuration[2].resource: expected a string, got a number", {
      configuration = { {}, { resource = 5 } },
    })
    refuses("connection.configuration[1].defaults[1].id: expected a string, got a boolean", {
      configuration = { { defaults = { { id = true } } } },
    })
    refuses("connection.settings: expected an object, got an array", { settings = { 1 } })
    refuses("connection.metadata: expected an object, got an array", { metadata = json.array() })
    refuses("connection.metadata: expected an object, got a string", { metadata = "x" })
    refuses(
      "connection.consent_state: expected a string, got a function",
      { consent_state = print }
    )
  end)

  it("accepts null only where the schema does", function()
    assert.equal('{"settings":null}', connection { settings = json.null })
    assert.equal('{"settings":null}', import { settings = json.null })
    assert.equal(
      '{"credentials":{"refresh_token":null}}',
      import { credentials = { refresh_token = json.null } }
    )
    refused(
      "data.credentials.access_token: expected a string, got null",
      { credentials = { access_token = json.null } },
      "ConnectionImportData",
      "data"
    )
    refuses("connection.enabled: expected a boolean, got null", { enabled = json.null })
    refuses("connection.configuration: expected an array, got null", { configuration = json.null })
    refuses("connection.configuration[1]: expected an object, got null", {
      configuration = { json.null },
    })
  end)

  it("writes an empty table as [] where the field is an array, else as {}", function()
    assert.equal("{}", connection {})
    assert.equal('{"configuration":[]}', connection { configuration = {} })
    assert.equal('{"settings":{}}', connection { settings = {} })
    assert.equal(
      '{"configuration":[{"defaults":[]}]}',
      connection { configuration = { { defaults = {} } } }
    )
    assert.equal('{"settings":{"a":{}}}', connection { settings = { a = {} } })
  end)

  it("passes read-only fields unchecked, but writes their empty arrays as []", function()
    assert.equal('{"id":5}', connection { id = 5 })
    assert.equal('{"authorize_url":null}', connection { authorize_url = json.null })
    assert.equal('{"state":null}', connection { state = json.null })
    assert.equal('{"form_fields":"odd"}', connection { form_fields = "odd" })
    assert.equal('{"form_fields":[]}', connection { form_fields = {} })
    assert.equal(
      '{"form_fields":[{"options":[]}]}',
      connection { form_fields = { { options = {} } } }
    )
    assert.equal('{"form_fields":[{"id":7}]}', connection { form_fields = { { id = 7 } } })
    assert.equal(
      '{"form_fields":[{"customField":1}]}',
      connection {
        form_fields = { { customField = 1 } },
      }
    )
    assert.equal(
      '{"form_fields":{"a":{"b":{}}}}',
      connection {
        form_fields = { a = { b = {} } },
      }
    )
    assert.equal('{"created_at":1.5}', connection { created_at = 1.5 })
    assert.equal(
      '{"subscriptions":[{"executeUrl":1}]}',
      connection {
        subscriptions = { { executeUrl = 1 } },
      }
    )
  end)

  it("still refuses what is no JSON in read-only and unknown fields", function()
    refuses("connection.id: expected a string, got a function", { id = print })
    refuses("connection.state: the text is not valid UTF-8", { state = "\255" })
    refuses("connection.created_at: NaN and infinity are not valid in JSON", { created_at = NAN })
    refuses("connection.brand_new[1]: expected a JSON value, got a function", {
      brand_new = { print },
    })
    refuses(
      "connection.form_fields[2]: is missing in the array; use vault.null for an empty item",
      {
        form_fields = { 1, nil, 3 },
      }
    )
  end)

  it("passes unknown fields as they are", function()
    assert.equal(
      '{"brand_new":{"a":[1,null]}}',
      connection { brand_new = { a = { 1, json.null } } }
    )
    assert.equal('{"brand_new":{}}', connection { brand_new = {} })
    assert.equal('{"setings":1}', connection { setings = 1 })
    assert.equal('{"brand_new":{"camelCase":1}}', connection { brand_new = { camelCase = 1 } })
  end)

  it("refuses known names in another case style", function()
    for given_name, meant in pairs {
      customMappings = "custom_mappings",
      CustomMappings = "custom_mappings",
      ["custom-mappings"] = "custom_mappings",
      CUSTOM_MAPPINGS = "custom_mappings",
      Enabled = "enabled",
      formFields = "form_fields",
      serviceId = "service_id",
    } do
      local text, message = json.encode({ [given_name] = 1 }, "Connection", "connection")
      assert.is_nil(text)
      local path = given_name:find "-" and ('["%s"]'):format(given_name) or "." .. given_name
      assert.equal(
        ("unknown field 'connection%s'; did you mean 'connection.%s'?"):format(path, meant),
        message
      )
    end
    refuses(
      "unknown field 'connection.configuration[2].Resource'; "
        .. "did you mean 'connection.configuration[2].resource'?",
      { configuration = { {}, { Resource = "x" } } }
    )
  end)

  it("accepts any names inside settings and metadata", function()
    assert.equal(
      '{"settings":{"Enabled":{"serviceId":1}}}',
      connection {
        settings = { Enabled = { serviceId = 1 } },
      }
    )
    assert.equal(
      '{"metadata":{"customMappings":1}}',
      connection {
        metadata = { customMappings = 1 },
      }
    )
  end)

  it("refuses near misses where the fields are fixed", function()
    refused(
      "unknown field 'data.credentials.acces_token'; did you mean 'data.credentials.access_token'?",
      { credentials = { acces_token = "x" } },
      "ConnectionImportData",
      "data"
    )
    refuses(
      "unknown field 'connection.custom_mappings[1].vale'; "
        .. "did you mean 'connection.custom_mappings[1].value'?",
      { custom_mappings = { { vale = "x" } } }
    )
    assert.equal('{"credentials":{"brand_new":1}}', import { credentials = { brand_new = 1 } })
  end)

  it("refuses any field where there are none", function()
    assert.equal("{}", written({}, "EmptyObject", "request_body"))
    refused(
      "unknown field 'request_body.anything'",
      { anything = 1 },
      "EmptyObject",
      "request_body"
    )
    refused("request_body: expected an object, got an array", { 1 }, "EmptyObject", "request_body")
  end)

  it("compares names with a NUL in full", function()
    assert.equal('{"enabled\\u0000":1}', connection { ["enabled\0"] = 1 })
    assert.equal('{"enabled\\u0000x":1}', connection { ["enabled\0x"] = 1 })
    assert.equal('{"enable":1}', connection { enable = 1 })
    assert.equal('{"":1}', connection { [""] = 1 })
  end)

  it("demands required fields", function()
    local function migrate(value)
      return json.encode(value, "ConnectionMigrateData", "connection_migrate_data")
    end
    assert.equal('{"target_service_id":"x"}', (migrate { target_service_id = "x" }))
    local missing = "connection_migrate_data.target_service_id: required field is missing"
    assert.equal(missing, select(2, migrate {}))
    assert.equal(missing, select(2, migrate { other = 1 }))
    assert.equal(
      "connection_migrate_data.target_service_id: expected a string, got null",
      select(2, migrate { target_service_id = json.null })
    )
    assert.equal(
      "unknown field 'connection_migrate_data.targetServiceId'; "
        .. "did you mean 'connection_migrate_data.target_service_id'?",
      select(2, migrate { targetServiceId = "x" })
    )
  end)

  it("accepts integers in any form of number, but no fractions", function()
    assert.equal(
      '{"credentials":{"expires_in":3600}}',
      import { credentials = { expires_in = 3600 } }
    )
    assert.equal(
      '{"credentials":{"expires_in":3600}}',
      import { credentials = { expires_in = 3.6e3 } }
    )
    assert.equal(
      '{"credentials":{"expires_in":null}}',
      import {
        credentials = { expires_in = json.null },
      }
    )
    for value, message in pairs {
      [3600.5] = "expected an integer, got a number with a fraction",
      [true] = "expected an integer, got a boolean",
    } do
      refused(
        "data.credentials.expires_in: " .. message,
        { credentials = { expires_in = value } },
        "ConnectionImportData",
        "data"
      )
    end
  end)

  it("accepts a duration as a string, and writes the integer", function()
    for text, expected in pairs {
      ["3599"] = "3599",
      ["0"] = "0",
      ["0060"] = "60",
      ["999999999999999"] = "999999999999999",
    } do
      assert.equal(
        ('{"credentials":{"expires_in":%s}}'):format(expected),
        import { credentials = { expires_in = text } }
      )
    end
    local wrong = { "", " ", "3599 ", "-1", "+1", "1.0", "1e3", "0x10", "3599s", "1\0", "soon" }
    wrong[#wrong + 1] = ("9"):rep(16)
    for _, text in ipairs(wrong) do
      refused(
        "data.credentials.expires_in: expected an integer, got text that is not one",
        { credentials = { expires_in = text } },
        "ConnectionImportData",
        "data"
      )
    end
  end)

  it("refuses milliseconds as issued_at, also as a string", function()
    for _, text in ipairs {
      "1615563533390",
      " 1615563533390 ",
      "1615563533390.5",
      "001615563533390",
      "100000000000",
    } do
      refused(
        "data.credentials.issued_at: looks like milliseconds; expected seconds since the epoch "
          .. "as a number, or RFC 3339 text",
        { credentials = { issued_at = text } },
        "ConnectionImportData",
        "data"
      )
    end
    for _, text in ipairs {
      "2020-01-01T00:00:00Z",
      "1985-04-12T23:20:50.52Z",
      "1996-12-19T16:39:57-08:00",
      "99999999999",
      "1615563533390Z",
      "0000000000000",
      "",
    } do
      assert.equal(
        ('{"credentials":{"issued_at":"%s"}}'):format(text),
        import { credentials = { issued_at = text } }
      )
    end
  end)

  it("names the right place of a credential that stands beside the credentials", function()
    for name, meant in pairs {
      access_token = "access_token",
      refresh_token = "refresh_token",
      issued_at = "issued_at",
      expires_in = "expires_in",
      accessToken = "access_token",
      ["refresh-token"] = "refresh_token",
    } do
      local shown = name:find "-" and ('data["%s"]'):format(name) or "data." .. name
      refused(
        ("unknown field '%s'; did you mean 'data.credentials.%s'?"):format(shown, meant),
        { [name] = "x" },
        "ConnectionImportData",
        "data"
      )
    end
    -- The API may add to the connection a field that other objects have.
    assert.equal('{"granted":true}', connection { granted = true })
    assert.equal('{"access_tokens":1}', import { access_tokens = 1 })
  end)

  it("accepts null in every field where nulls were kept", function()
    local nulls = { nulls = true }
    local value = {
      enabled = json.null,
      settings = { a = json.null },
      configuration = { json.null, { resource = json.null, defaults = json.null } },
      custom_mappings = json.null,
      latest_consent = { granted = json.null, resources = json.null },
      consent_state = json.null,
    }
    assert.is_string((json.encode(value, "Connection", "connection", nulls)))
    local text = json.encode({ enabled = json.null }, "Connection", "connection", nulls)
    assert.equal('{"enabled":null}', text)
    refuses("connection.enabled: expected a boolean, got null", { enabled = json.null })
    local _, message = json.encode({ enabled = "x" }, "Connection", "connection", nulls)
    assert.equal("connection.enabled: expected a boolean, got a string", message)
  end)

  it("accepts scalars, and arrays of strings and numbers, as values of defaults", function()
    local function default(value)
      return json.encode({ { value = value } }, nil),
        json.encode({
          configuration = { { defaults = { { value = value } } } },
        }, "Connection", "connection")
    end
    for text, value in pairs {
      ['"x"'] = "x",
      ["5"] = 5,
      ["1.5"] = 1.5,
      ["true"] = true,
      ['["GC6000 series",10,10.5]'] = { "GC6000 series", 10, 10.5 },
      ["[]"] = {},
    } do
      local _, got = default(value)
      assert.equal(('{"configuration":[{"defaults":[{"value":%s}]}]}'):format(text), got)
    end
    local path = "connection.configuration[1].defaults[1].value"
    local expected = "a string, number, boolean or an array of strings and numbers"
    for message, value in pairs {
      [": expected " .. expected .. ", got an object"] = { a = 1 },
      [": expected " .. expected .. ", got null"] = json.null,
      ["[2]: expected a string or a number, got a boolean"] = { 1, true },
      ["[1]: expected a string or a number, got an array"] = { { 1 } },
      ["[1]: expected a string or a number, got an empty table"] = { {} },
      ["[1]: expected a string or a number, got null"] = { json.null },
    } do
      refuses(path .. message, { configuration = { { defaults = { { value = value } } } } })
    end
  end)

  it("accepts data scopes as * or as an object", function()
    local function scopes(value)
      return { application_data_scopes = { resources = value } }
    end
    for text, value in pairs {
      ['"*"'] = "*",
      ["{}"] = {},
      ['{"hris.employees":{"addresses[].street":{"read":true}}}'] = {
        ["hris.employees"] = { ["addresses[].street"] = { read = true } },
      },
    } do
      assert.equal(
        ('{"application_data_scopes":{"resources":%s}}'):format(text),
        connection(scopes(value))
      )
    end
    refuses(
      'connection.application_data_scopes.resources: expected "*" or an object, got an array',
      scopes { "x" }
    )
    refuses(
      'connection.application_data_scopes.resources: expected "*" or an object, got a boolean',
      scopes(true)
    )
  end)
end)
