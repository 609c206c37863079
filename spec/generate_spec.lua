-- .ci/generate: from an OpenAPI document and overrides to rows, annotations and reference.
local cjson = require("cjson").new()

local path_before = package.path
package.path = ".ci/?.lua;" .. package.path
local c_rows = require "api.c_rows"
local json_text = require "api.json_text"
local model_of = require "api.document"
local described_model = require "reference.described_model"
package.path = path_before

local has_yaml = pcall(require, "yaml")

local DOCUMENT = [[
openapi: 3.0.3
info: { version: 1.2.3, title: Prose, description: Prose }
paths:
  /vault/things/{thing_id}:
    get:
      operationId: thingsOne
      summary: Prose
      description: |
        Prose
      tags: [ Prose ]
      parameters:
        - $ref: '#/components/parameters/thing'
        - { name: x-apideck-app-id, in: header, required: true, description: Prose, schema: { type: string } }
        - { name: at, in: query, description: Prose, example: Prose, schema: { type: string } }
      responses:
        '200':
          description: Prose
          content:
            application/json:
              schema:
                type: object
                title: Prose
                properties:
                  status: { type: string, example: Prose }
                  data: { $ref: '#/components/schemas/Thing' }
        '404': { description: Prose }
components:
  parameters:
    thing: { name: thing_id, in: path, required: true, description: Prose, schema: { type: string } }
  schemas:
    Thing:
      type: object
      description: Prose
      x-anything: Prose
      required: [ zeta ]
      properties:
        zeta: { type: string, description: Prose, default: Prose }
        alpha: { type: number, nullable: true, readOnly: true, default: 3, example: 5 }
        kind: { type: string, title: Prose, enum: [ one, two ] }
]]

-- The same, reduced.
local REDUCED = [[
{
  "components": {
    "parameters": { "thing": { "in": "path", "name": "thing_id", "required": true, "schema": { "type": "string" } } },
    "responses": {},
    "schemas": {
      "Thing": {
        "properties": {
          "alpha": { "default": 3, "nullable": true, "readOnly": true, "type": "number" },
          "kind": { "enum": [ "one", "two" ], "type": "string" },
          "zeta": { "type": "string" }
        },
        "required": [ "zeta" ],
        "type": "object",
        "x-order": [ "zeta", "alpha", "kind" ]
      }
    }
  },
  "info": { "version": "1.2.3" },
  "openapi": "3.0.3",
  "paths": {
    "/vault/things/{thing_id}": {
      "get": {
        "operationId": "thingsOne",
        "parameters": [
          { "$ref": "#/components/parameters/thing" },
          { "in": "header", "name": "x-apideck-app-id", "required": true, "schema": { "type": "string" } },
          { "in": "query", "name": "at", "schema": { "type": "string" } }
        ],
        "responses": {
          "200": {
            "content": {
              "application/json": {
                "schema": {
                  "properties": { "data": { "$ref": "#/components/schemas/Thing" }, "status": { "type": "string" } },
                  "type": "object",
                  "x-order": [ "status", "data" ]
                }
              }
            }
          },
          "404": {}
        }
      }
    }
  },
  "x-origin": {
    "copyright": "Copyright (c) 2020 Apideck Libraries",
    "document": "Apideck's OpenAPI document of the Vault API, reduced to facts",
    "license": "MIT, see src/api/LICENSE",
    "repository": "https://github.com/apideck-libraries/openapi-specs"
  },
  "x-webhooks": {}
}
]]

local function overrides(given)
  local all = {
    groups = {},
    names = {},
    left_out = {},
    operations = {},
    parameters = {},
    schemas = {},
    added = {},
    secrets = {},
  }
  for section, entries in pairs(given or {}) do
    all[section] = entries
  end
  return all
end

local function document()
  return cjson.decode(REDUCED)
end

local function model(given, of)
  return model_of(of or document(), overrides(given))
end

local function fails(message, f, ...)
  local returned, err = pcall(f, ...)
  assert.is_false(returned)
  assert.is_truthy(tostring(err):find(message, 1, true), tostring(err))
end

local BECAUSE = "of a reason"

describe("reducing a document", function()
  if not has_yaml then
    pending("needs the module yaml (Debian: lua-yaml, LuaRocks: lyaml)", function() end)
    return
  end
  package.path = ".ci/?.lua;" .. path_before
  local reduce = require "api.reduce"
  package.path = path_before

  it("keeps facts, and their order", function()
    local text = reduce(DOCUMENT)
    assert.equal(REDUCED, text)
    assert.is_nil(text:find "Prose")
  end)

  it("gives the same text whatever the order of its sections", function()
    local rest, components = DOCUMENT:match "^(.*)(components:.*)$"
    assert.equal(REDUCED, reduce(components .. rest))
  end)

  it("handles anchors, and strings that look like other types", function()
    local text = reduce [[
openapi: 3.0.3
info: { version: '1.0' }
paths: {}
components:
  schemas:
    A: { type: string, enum: [ 'true', '5', no, 5, true, null, -2.5 ], pattern: &anchor '^a' }
    B: { type: string, pattern: *anchor }
]]
    local schemas = cjson.decode(text).components.schemas
    assert.same({ "true", "5", "no", 5, true, cjson.null, -2.5 }, schemas.A.enum)
    assert.equal("^a", schemas.B.pattern)
  end)
end)

describe("writing JSON", function()
  it("depends on the value alone, and reads back the same", function()
    local value = {
      b = json_text.array { 1, 2.5, 'x\n"\\\1', true, json_text.null },
      a = {},
      c = json_text.array(),
      long = json_text.array { ("x"):rep(70), ("y"):rep(70) },
    }
    local text = json_text.write(value)
    assert.equal(
      ([[{
  "a": {},
  "b": [ 1, 2.5, "x\u000a\"\\\u0001", true, null ],
  "c": [],
  "long": [
    "%s",
    "%s"
  ]
}
]]):format(("x"):rep(70), ("y"):rep(70)),
      text
    )
    local read = cjson.decode(text)
    assert.equal('x\n"\\\1', read.b[3])
    assert.equal(cjson.null, read.b[5])
  end)
end)

describe("a model", function()
  it("has an operation's row", function()
    local operation = model().operations[1]
    assert.equal("vault.things.get", operation.id)
    assert.equal("GET", operation.method)
    assert.is_true(operation.application)
    assert.is_nil(operation.consumer)
    assert.is_true(operation.idempotent)
    assert.is_false(operation.no_content_ok)
    assert.is_false(operation.pages)
    assert.equal("Thing", operation.data.name)
    assert.equal("thing_id", operation.parameters[1].name)
    assert.is_true(operation.parameters[1].required)
    assert.equal("query", operation.parameters[2].location)
  end)

  it("has the fields of schemas, in the document's order", function()
    local fields = model().operations[1].data.fields
    assert.equal("zeta", fields[1].name)
    assert.is_true(fields[1].required)
    assert.equal("number", fields[2].schema.type)
    assert.is_true(fields[2].nullable)
    assert.is_true(fields[2].read_only)
    assert.equal("ThingKind", fields[3].schema.name)
    assert.same({ "one", "two" }, fields[3].schema.enumeration)
  end)

  it("has the overrides applied", function()
    local made = model {
      names = { thingsOne = { name = "things.fetch", because = BECAUSE } },
      parameters = { at = { schema = { format = "date-time" }, because = BECAUSE } },
      schemas = { ["Thing.alpha"] = { type = "integer", because = BECAUSE } },
      added = { { name = "Thing.extra", schema = { type = "boolean" }, because = BECAUSE } },
      secrets = { ["Thing.zeta"] = { true, because = BECAUSE } },
    }
    local operation = made.operations[1]
    assert.equal("vault.things.fetch", operation.id)
    assert.equal("date-time", operation.parameters[2].schema.type)
    assert.equal("integer", operation.data.fields[2].schema.type)
    assert.is_true(operation.data.fields[1].secret)
    assert.equal("extra", operation.data.fields[4].name)
    assert.is_true(operation.data.fields[4].added)
  end)

  it("lacks operations that are left out", function()
    assert.same({}, model({ left_out = { thingsOne = BECAUSE } }).operations)
  end)

  it("fails for an override without effect", function()
    local cases = {
      { "names thingsOne", { names = { thingsOne = { name = "things.get", because = BECAUSE } } } },
      { "names gone", { names = { gone = { name = "a.b", because = BECAUSE } } } },
      { "left_out gone", { left_out = { gone = BECAUSE } } },
      {
        "operations thingsOne",
        { operations = { thingsOne = { idempotent = true, because = BECAUSE } } },
      },
      { "operations gone", { operations = { gone = { idempotent = true, because = BECAUSE } } } },
      {
        "parameters at",
        { parameters = { at = { schema = { type = "string" }, because = BECAUSE } } },
      },
      {
        "parameters gone",
        { parameters = { gone = { schema = { type = "string" }, because = BECAUSE } } },
      },
      { "Thing.alpha", { schemas = { ["Thing.alpha"] = { type = "number", because = BECAUSE } } } },
      { "Thing.gone", { schemas = { ["Thing.gone"] = { type = "number", because = BECAUSE } } } },
      { "Thing", { schemas = { Thing = { required = { "zeta" }, because = BECAUSE } } } },
      { "Gone", { schemas = { Gone = { required = {}, because = BECAUSE } } } },
      {
        "added Thing.zeta",
        { added = { { name = "Thing.zeta", schema = {}, because = BECAUSE } } },
      },
      { "added Gone.a", { added = { { name = "Gone.a", schema = {}, because = BECAUSE } } } },
      { "secrets Thing.gone", { secrets = { ["Thing.gone"] = { true, because = BECAUSE } } } },
      { "groups gone", { groups = { "gone" } } },
    }
    for _, case in ipairs(cases) do
      fails(case[1] .. " has no effect", model, case[2])
    end
  end)

  it("fails for an override without a reason", function()
    fails("gives no reason", model, { schemas = { ["Thing.alpha"] = { type = "integer" } } })
  end)

  it("fails for what it does not support, naming the place", function()
    local strange = document()
    strange.components.schemas.Thing.properties.zeta = { allOf = { { type = "object" } } }
    fails("ThingZeta: allOf is not supported", model, {}, strange)
    strange = document()
    local header = strange.paths["/vault/things/{thing_id}"].get.parameters[2]
    header.name = "x-apideck-new"
    fails("vault.things.get: the header parameter x-apideck-new", model, {}, strange)
  end)
end)

local function descriptions(given)
  local all = {
    operations = { ["vault.things.get"] = "One thing." },
    parameters = { thing_id = "the thing", at = "a time" },
    enumerations = { ThingKind = "Kinds." },
    schemas = { Thing = { fields = { zeta = "the last", alpha = "the first", kind = "which" } } },
  }
  for section, entries in pairs(given or {}) do
    for name, text in pairs(entries) do
      all[section][name] = text
    end
  end
  return all
end

describe("descriptions", function()
  it("are joined with the model", function()
    local described = described_model(model(), descriptions())
    assert.equal("One thing.", described.operations[1].about)
    assert.equal("vault.ThingsGetRequest", described.operations[1].request)
    assert.equal("vault.Thing", described.operations[1].data)
    assert.equal("the first", described.objects[1].fields[2].about)
    assert.equal("vault.ThingKind", described.objects[1].fields[3].type)
  end)

  it("that are missing are named", function()
    local cases = {
      { "operations has no description of vault.things.get", "operations", "vault.things.get" },
      { "parameters has no description of at", "parameters", "at" },
      { "enumerations has no description of ThingKind", "enumerations", "ThingKind" },
      { "schemas has no description of Thing", "schemas", "Thing" },
    }
    for _, case in ipairs(cases) do
      local given = descriptions()
      given[case[2]][case[3]] = nil
      fails(case[1], described_model, model(), given)
    end
    local given = descriptions()
    given.schemas.Thing.fields.alpha = nil
    fails("schemas has no description of Thing.alpha", described_model, model(), given)
  end)

  it("without anything to describe are named", function()
    for _, section in ipairs { "operations", "parameters", "enumerations", "schemas" } do
      fails(
        section .. " describes gone, which there is not",
        described_model,
        model(),
        descriptions { [section] = { gone = "left over" } }
      )
    end
    local given = descriptions()
    given.schemas.Thing.fields.gone = "left over"
    fails("schemas describes Thing.gone, which there is not", described_model, model(), given)
  end)
end)

describe("an operation added to the document", function()
  local function text_of(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    return text
  end

  local function committed()
    return cjson.decode(text_of "src/api/vault.json")
  end

  local function full_model(of)
    return model_of(of, dofile ".ci/api/overrides.lua")
  end

  local function with_pause()
    local extended = committed()
    local paths = extended.paths
    local token = paths["/vault/connections/{unified_api}/{service_id}/token"].post
    paths["/vault/connections/{unified_api}/{service_id}/pause"] = {
      post = {
        operationId = "connectionsPause",
        parameters = token.parameters,
        requestBody = token.requestBody,
        responses = token.responses,
      },
    }
    return extended
  end

  local function lines_of(text)
    local lines = {}
    for line in text:gmatch "([^\n]*)\n" do
      lines[#lines + 1] = line
    end
    return lines
  end

  it("adds one row, and changes no other", function()
    local before = lines_of(c_rows.operations(full_model(committed())))
    local after = lines_of(c_rows.operations(full_model(with_pause())))
    local added, index = {}, 1
    for _, line in ipairs(after) do
      if line == before[index] then
        index = index + 1
      elseif line:find "operation_count" then
        assert.equal("const size_t operation_count = 29;", before[index])
        assert.equal("const size_t operation_count = 30;", line)
        index = index + 1
      else
        added[#added + 1] = line
      end
    end
    assert.equal(#before + 1, index)
    assert.equal(16, #added)
    local text = table.concat(added, "\n")
    assert.is_truthy(text:find('.id = "vault.connections.pause"', 1, true))
    assert.is_truthy(text:find(".context = CONTEXT_CONSUMER | CONTEXT_APPLICATION", 1, true))
    assert.equal(c_rows.schemas(full_model(committed())), c_rows.schemas(full_model(with_pause())))
  end)

  it("needs a description and nothing else", function()
    local given = dofile ".ci/reference/descriptions.lua"
    fails(
      "operations has no description of vault.connections.pause",
      described_model,
      full_model(with_pause()),
      given
    )
    given.operations["vault.connections.pause"] = "Pauses a connection."
    described_model(full_model(with_pause()), given)
  end)

  it("and later removed is named until its overrides and descriptions are removed", function()
    local smaller = committed()
    smaller.paths["/vault/logs"] = nil
    local given = dofile ".ci/reference/descriptions.lua"
    local changed = dofile ".ci/api/overrides.lua"
    fails("schemas LogsFilter.status_code has no effect", model_of, smaller, changed)
    changed.schemas["LogsFilter.status_code"] = nil
    changed.schemas["LogsFilter.status_codes"] = nil
    fails(
      "operations describes vault.logs.list, which there is not",
      described_model,
      model_of(smaller, changed),
      given
    )
  end)

  it("leaves the committed files unchanged", function()
    local made = full_model(committed())
    assert.equal(text_of "src/api/operations.c", c_rows.operations(made))
    assert.equal(text_of "src/api/schemas.c", c_rows.schemas(made))
    assert.equal(text_of "src/api/schemas.h", c_rows.schemas_header(made))
  end)
end)

describe("the command .ci/generate", function()
  if not os.getenv "PATH" or not has_yaml or _VERSION ~= "Lua 5.4" then
    return -- .ci/generate runs on 5.4
  end
  local directory

  local function run(arguments)
    local pipe = assert(
      io.popen(
        ("cd '%s' && LD_PRELOAD= lua5.4 .ci/reference/generate.lua %s 2>&1; echo status $?"):format(
          directory,
          arguments or ""
        )
      )
    )
    local output = pipe:read "*a"
    pipe:close()
    return output:match "^(.*)status (%d+)\n$"
  end

  local function append(path, text)
    local file = assert(io.open(directory .. "/" .. path, "a"))
    file:write(text)
    file:close()
  end

  local function replace(path, pattern, text)
    path = directory .. "/" .. path
    local file = assert(io.open(path, "rb"))
    local before = file:read "*a"
    file:close()
    local after, count = before:gsub(pattern, text)
    assert.equal(1, count)
    file = assert(io.open(path, "wb"))
    file:write(after)
    file:close()
  end

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    directory = pipe:read "*l"
    pipe:close()
    for _, command in ipairs {
      "mkdir -p '%s/.ci' '%s/src'",
      "cp -R .ci/api .ci/reference '%s/.ci'",
      "cp -R src/api '%s/src'",
      "cp -R lua README.md '%s'",
    } do
      -- A sanitizer that is loaded first would find leaks in these programs, and fail them.
      assert.is_truthy(os.execute("LD_PRELOAD= " .. command:gsub("%%s", directory)))
    end
  end)

  after_each(function()
    os.execute(("rm -rf '%s'"):format(directory))
  end)

  it("changes nothing in the committed files", function()
    local output, status = run "--check"
    assert.equal("", output)
    assert.equal("0", status)
  end)

  it("with --check names files that differ and leaves them; without, it writes them", function()
    append("src/api/schemas.h", "/* a change by hand */\n")
    local output, status = run "--check"
    assert.equal("1", status)
    assert.is_truthy(output:find("src/api/schemas.h is not what .ci/generate writes", 1, true))
    output, status = run()
    assert.equal("wrote src/api/schemas.h\n", output)
    assert.equal("0", status)
    assert.equal("", (run "--check"))
  end)

  it("names an override without effect and a missing description, and fails", function()
    local before_return = "%s['Gone.field'] = { because = 'it is gone' }\nreturn %s\n"
    replace(
      ".ci/reference/descriptions.lua",
      "return descriptions\n$",
      "descriptions.parameters.limit = nil\nreturn descriptions\n"
    )
    local output, status = run()
    assert.equal("1", status)
    assert.is_truthy(output:find("parameters has no description of limit", 1, true))
    replace(
      ".ci/api/overrides.lua",
      "return overrides\n$",
      before_return:format("overrides.secrets", "overrides")
    )
    output, status = run()
    assert.equal("1", status)
    assert.is_truthy(output:find("overrides: secrets Gone.field has no effect", 1, true))
  end)

  it("reads another document", function()
    local file = assert(io.open(directory .. "/document.yml", "wb"))
    file:write(DOCUMENT)
    file:close()
    local output, status = run "--document document.yml"
    assert.equal("1", status)
    assert.is_truthy(output:find("wrote src/api/vault.json", 1, true))
    assert.is_truthy(output:find("has no effect: nothing is called so", 1, true))
    assert.is_nil(output:find("wrote src/api/operations.c", 1, true))
  end)

  it("prints its usage", function()
    local output, status = run "--nonsense"
    assert.equal("2", status)
    assert.is_truthy(output:find("usage: .ci/generate", 1, true))
  end)
end)
