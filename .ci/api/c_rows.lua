-- The model as C rows: src/api/schemas.h, src/api/schemas.c and src/api/operations.c.
local names = require "api.names"

local c_rows = {}

local HEADER = "/* Written by .ci/generate from src/api/vault.json and .ci/api/overrides.lua; do not edit.\n"
  .. " * Apideck's OpenAPI document of the Vault API, version %s. */\n"
  .. "/* clang-format off */"

local LINE_LENGTH = 100

local TYPES = {
  any = "SCHEMA_ANY",
  string = "SCHEMA_STRING",
  integer = "SCHEMA_INTEGER",
  number = "SCHEMA_NUMBER",
  boolean = "SCHEMA_BOOLEAN",
  ["date-time"] = "SCHEMA_DATE_TIME",
  duration = "SCHEMA_DURATION",
  scalar = "SCHEMA_SCALAR",
  ["free-form"] = "SCHEMA_FREE_FORM",
  object = "SCHEMA_OBJECT",
  array = "SCHEMA_ARRAY",
  scopes = "SCHEMA_SCOPES",
}

local function quote(text)
  return '"' .. text:gsub('["\\]', "\\%0") .. '"'
end

-- The C name of a schema, without "schema_".
local function stem(schema)
  if schema.type == "array" then
    return stem(schema.item) .. "_array"
  end
  return schema.name and names.snake(schema.name) or (schema.type:gsub("%-", "_"))
end

local function identifier(schema)
  return "schema_" .. stem(schema)
end

local function flags_of(field)
  local flags = {}
  for _, flag in ipairs {
    { field.read_only, "FIELD_READ_ONLY" },
    { field.nullable, "FIELD_NULLABLE" },
    { field.required, "FIELD_REQUIRED" },
    { field.secret == true, "FIELD_SECRET" },
    { field.secret == "if_sensitive", "FIELD_SECRET_IF_SENSITIVE" },
  } do
    if flag[1] then
      flags[#flags + 1] = flag[2]
    end
  end
  return #flags > 0 and table.concat(flags, " | ") or "0"
end

local function add_row(lines, row)
  if #row <= LINE_LENGTH then
    lines[#lines + 1] = row
    return
  end
  local break_at = row:sub(1, LINE_LENGTH):match "^.*() "
  lines[#lines + 1] = row:sub(1, break_at - 1)
  lines[#lines + 1] = "     " .. row:sub(break_at + 1)
end

local function add_schema(lines, schema)
  local name = stem(schema)
  if schema.fields and #schema.fields > 0 then
    lines[#lines + 1] = ("static const struct schema_field %s_fields[] = {"):format(name)
    for _, field in ipairs(schema.fields) do
      local row = ("    {%s, &%s, %s},"):format(
        quote(field.name),
        identifier(field.schema),
        flags_of(field)
      )
      add_row(lines, row)
    end
    lines[#lines + 1] = "};"
  end
  if schema.enumeration then
    lines[#lines + 1] = ("static const char *const %s_values[] = {"):format(name)
    for _, value in ipairs(schema.enumeration) do
      lines[#lines + 1] = ("    %s,"):format(quote(value))
    end
    lines[#lines + 1] = "    NULL,"
    lines[#lines + 1] = "};"
  end
  lines[#lines + 1] = ("const struct schema %s = {"):format(identifier(schema))
  if schema.name or schema.type ~= "array" then
    lines[#lines + 1] = ("    .name = %s,"):format(quote(schema.name or schema.type))
  end
  lines[#lines + 1] = ("    .type = %s,"):format(TYPES[schema.type])
  if schema.fields and #schema.fields > 0 then
    lines[#lines + 1] = ("    .fields = %s_fields,"):format(name)
    lines[#lines + 1] = ("    .field_count = %d,"):format(#schema.fields)
  end
  if schema.item then
    lines[#lines + 1] = ("    .item = &%s,"):format(identifier(schema.item))
  end
  if schema.enumeration then
    lines[#lines + 1] = ("    .enumeration = %s_values,"):format(name)
  end
  if schema.fixed then
    lines[#lines + 1] = "    .fixed = true,"
  end
  lines[#lines + 1] = "};"
  lines[#lines + 1] = ""
end

-- Every schema that the operations use, once, after the schemas that it contains.
local function all_schemas(model)
  local list, seen = {}, {}
  local function visit(schema)
    local name = stem(schema)
    if seen[name] then
      return
    end
    seen[name] = true
    if schema.item then
      visit(schema.item)
    end
    for _, field in ipairs(schema.fields or {}) do
      visit(field.schema)
    end
    list[#list + 1] = schema
  end
  for _, operation in ipairs(model.operations) do
    for _, parameter in ipairs(operation.parameters) do
      visit(parameter.schema)
    end
    if operation.data then
      visit(operation.data)
    end
  end
  return list
end

local function text_of(lines)
  return table.concat(lines, "\n") .. "\n"
end

--- src/api/schemas.h
function c_rows.schemas_header(model)
  local lines = {
    HEADER:format(model.version),
    "#ifndef VAULT_API_SCHEMAS_H",
    "#define VAULT_API_SCHEMAS_H",
    "",
    '#include "api/schema.h"',
    "",
  }
  for _, schema in ipairs(all_schemas(model)) do
    lines[#lines + 1] = ("extern const struct schema %s;"):format(identifier(schema))
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "#endif"
  return text_of(lines)
end

--- src/api/schemas.c
function c_rows.schemas(model)
  local lines = { HEADER:format(model.version), '#include "api/schemas.h"', "" }
  for _, schema in ipairs(all_schemas(model)) do
    add_schema(lines, schema)
  end
  lines[#lines + 1] = "const struct schema *const schema_all[] = {"
  for _, schema in ipairs(model.schemas) do
    if schema.type == "object" then
      lines[#lines + 1] = ("    &%s,"):format(identifier(schema))
    end
  end
  lines[#lines + 1] = "    NULL,"
  lines[#lines + 1] = "};"
  return text_of(lines)
end

local function parameters_name(operation)
  return ("%s_%s_parameters"):format(operation.group, operation.name)
end

local function add_parameters(lines, operation)
  lines[#lines + 1] = ("static const struct parameter %s[] = {"):format(parameters_name(operation))
  for _, parameter in ipairs(operation.parameters) do
    local row = ("    {%s, PARAMETER_%s, &%s, %s},"):format(
      quote(parameter.name),
      parameter.location:upper(),
      identifier(parameter.schema),
      flags_of { required = parameter.required, nullable = parameter.nullable }
    )
    add_row(lines, row)
  end
  lines[#lines + 1] = "};"
end

local function add_operation(lines, operation)
  local function add(name, value)
    if value then
      lines[#lines + 1] = ("        .%s = %s,"):format(name, value)
    end
  end
  local context = {}
  for _, name in ipairs { "consumer", "application" } do
    if operation[name] then
      context[#context + 1] = "CONTEXT_" .. name:upper()
    end
  end
  lines[#lines + 1] = "    {"
  add("id", quote(operation.id))
  add("group", quote(operation.group))
  add("name", quote(operation.name))
  add("method", quote(operation.method))
  add("path", quote(operation.path))
  if #operation.parameters > 0 then
    add("parameters", parameters_name(operation))
    add("parameter_count", #operation.parameters)
  end
  add("data", operation.data and "&" .. identifier(operation.data))
  add("context", #context > 0 and table.concat(context, " | "))
  add("pages", operation.pages and "true")
  add("idempotent", operation.idempotent and "true")
  add("no_content_ok", operation.no_content_ok and "true")
  lines[#lines + 1] = "    },"
end

--- src/api/operations.c
function c_rows.operations(model)
  local lines = {
    HEADER:format(model.version),
    '#include "api/operation.h"',
    '#include "api/schemas.h"',
    "",
  }
  for _, operation in ipairs(model.operations) do
    if #operation.parameters > 0 then
      add_parameters(lines, operation)
    end
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "const struct operation operations[] = {"
  for _, operation in ipairs(model.operations) do
    add_operation(lines, operation)
  end
  lines[#lines + 1] = "};"
  lines[#lines + 1] = ("const size_t operation_count = %d;"):format(#model.operations)
  return text_of(lines)
end

return c_rows
