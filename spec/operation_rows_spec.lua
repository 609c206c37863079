-- The module's operations match the reduced document: src/api/operations.c.
local cjson = require("cjson").new()
local schema = require "vault.schema"

describe("the rows agree with the reduced document:", function()
  local document
  do
    local file = assert(io.open("src/api/vault.json", "rb"))
    document = cjson.decode(file:read "*a")
    file:close()
  end

  local function parameter_of(reference)
    local name = (reference["$ref"] or ""):match "[^/]+$"
    return name and document.components.parameters[name] or reference
  end

  for _, operation in ipairs(schema.operations) do
    it(operation.id, function()
      local facts = document.paths[operation.path][operation.method:lower()]
      local expected, consumer, application = {}, false, false
      for _, reference in ipairs(facts.parameters) do
        local parameter = parameter_of(reference)
        if parameter["in"] ~= "header" then
          expected[parameter.name] = { parameter["in"], parameter.required or false }
        elseif parameter.name == "x-apideck-consumer-id" then
          consumer = true
        elseif parameter.name == "x-apideck-app-id" then
          application = true
        end
      end
      local found, bodies = {}, 0
      for _, parameter in ipairs(operation.parameters) do
        if parameter.location == "body" then
          bodies = bodies + 1
          assert.equal(facts.requestBody.required or false, parameter.required)
        else
          found[parameter.name] = { parameter.location, parameter.required }
        end
      end
      assert.same(expected, found)
      assert.equal(facts.requestBody and 1 or 0, bodies)
      assert.equal(consumer, operation.consumer)
      assert.equal(application, operation.application)
      local pages = expected.cursor ~= nil and expected.limit ~= nil
      assert.equal(pages, operation.pages)
      assert.equal(operation.method == "DELETE", operation.no_content_ok)
      for name in operation.path:gmatch "{(.-)}" do
        assert.same({ "path", true }, found[name], name)
      end
    end)
  end

  it("an idempotent operation is a GET, a DELETE, migrate or validate", function()
    for _, operation in ipairs(schema.operations) do
      local expected = operation.method == "GET"
        or operation.method == "DELETE"
        or operation.id == "vault.connections.migrate"
        or operation.id == "vault.validate_connection.state"
      assert.equal(expected, operation.idempotent, operation.id)
    end
  end)

  it("every other operation of the document is in left_out", function()
    local present = {}
    for _, operation in ipairs(schema.operations) do
      present[operation.method:lower() .. " " .. operation.path] = true
    end
    local left_out = {}
    for path, item in pairs(document.paths) do
      for method, facts in pairs(item) do
        if not present[method .. " " .. path] then
          left_out[#left_out + 1] = facts.operationId
        end
      end
    end
    table.sort(left_out)
    assert.same({
      "connectionsAdd",
      "connectionsAuthorize",
      "connectionsCallback",
      "connectionsExample",
      "connectionsRevoke",
      "connectionsSchema",
      "vaultOAuthDisconnect",
      "vaultOAuthDisconnectCallback",
    }, left_out)
  end)

  local function data_of(id)
    for _, operation in ipairs(schema.operations) do
      if operation.id == id then
        return operation.data
      end
    end
  end

  it("the schema of a response's data is in its operation's row", function()
    local list = data_of "vault.connections.list"
    assert.equal("array", list.type)
    assert.equal("Connection", list.item.name)
    assert.equal("Connection", data_of("vault.connection_settings.list").name)
    assert.equal("CreateSessionResponseData", data_of("vault.sessions.create").name)
    assert.is_nil(data_of "vault.connections.delete")
  end)

  it("secret fields are marked", function()
    local secrets = {}
    for name, object in pairs(schema.schemas) do
      for _, field in ipairs(object.fields) do
        if field.secret or field.secret_if_sensitive then
          local condition = field.secret_if_sensitive and " if sensitive" or ""
          secrets[#secrets + 1] = name .. "." .. field.name .. condition
        end
      end
    end
    table.sort(secrets)
    assert.same({
      "ConfirmConnection.confirm_token",
      "Connection.authorize_url",
      "Connection.revoke_url",
      "Connection.settings",
      "ConnectionImportData.credentials",
      "ConnectionImportData.settings",
      "ConnectionImportDataCredentials.access_token",
      "ConnectionImportDataCredentials.refresh_token",
      "ConsumerConnection.settings",
      "CreateCallbackStateResponseData.state",
      "CreateSessionResponseData.session_token",
      "CreateSessionResponseData.session_uri",
      "FormField.default_value if sensitive",
      "FormField.value if sensitive",
      "Session.custom_consumer_settings",
    }, secrets)
  end)
end)
