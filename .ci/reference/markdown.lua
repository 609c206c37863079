-- The generated parts of lua/vault/REFERENCE.md and README.md.
local described, annotations
local markdown = {}

-- Names without "vault.", since everything here is of this module.
local function short(kind)
  return (kind:gsub("vault%.", ""))
end

local function code(text)
  return "`" .. short(text):gsub("|", "\\|") .. "`"
end

local headings

local function find_headings()
  headings = {}
  for _, object in ipairs(described.objects) do
    headings[object.name] = #object.fields > 0
  end
  for _, enumeration in ipairs(described.enumerations) do
    headings[enumeration.name] = true
  end
  for _, name in ipairs { "Retries", "Backoff", "Tls", "Hooks", "Event", "Response" } do
    headings[name] = true
  end
end

-- A type, which leads to its own table where there is one.
local function type_cell(kind)
  local name = short(kind):match "^%w+"
  if headings[name] then
    return ("[%s](#%s)"):format(code(kind), name:lower())
  end
  return code(kind)
end

local function about_cell(field)
  local notes = {}
  if field.read_only then
    notes[#notes + 1] = "read-only"
  end
  if field.nullable and not field.read_only then
    notes[#notes + 1] = "may be `null`"
  end
  if field.undocumented then
    notes[#notes + 1] = "sent by the server"
  end
  local text = field.about:gsub("|", "\\|")
  if #notes > 0 then
    text = ("%s (%s)"):format(text, table.concat(notes, ", "))
  end
  return text
end

local function add_table(lines, fields)
  lines[#lines + 1] = "| field | type | |"
  lines[#lines + 1] = "|---|---|---|"
  for _, field in ipairs(fields) do
    lines[#lines + 1] = ("| `%s`%s | %s | %s |"):format(
      field.name,
      field.required and " \\*" or "",
      type_cell(field.type),
      about_cell(field)
    )
  end
  lines[#lines + 1] = ""
end

local function signature(operation)
  local arguments = operation.needs_request and "request [, options]" or "[request [, options]]"
  return ("%s.%s(%s)"):format(operation.group, operation.name, arguments)
end

-- What `result.data` is.
local function data_text(operation)
  local item = operation.data and operation.data:match "^(.-)%[%]$"
  return item and ("`result.data` is a list of %s"):format(type_cell(item))
    or operation.data and ("`result.data` is a %s"):format(type_cell(operation.data))
    or "`result` has no `data`"
end

local function notes_of(operation)
  local notes = {
    operation.idempotent and "It is repeated when the response is lost."
      or "It is repeated only where nothing can have been processed.",
  }
  if operation.pages then
    notes[#notes + 1] = "`result.meta.cursors.next` is the `cursor` of the next page."
  end
  if not operation.consumer then
    notes[#notes + 1] = "No consumer header is sent."
  end
  return table.concat(notes, " ")
end

function markdown.operations()
  local lines = {}
  for _, operation in ipairs(described.operations) do
    lines[#lines + 1] = ("### %s.%s"):format(operation.group, operation.name)
    lines[#lines + 1] = ""
    lines[#lines + 1] = operation.about
    lines[#lines + 1] = ""
    lines[#lines + 1] = ("`%s` sends `%s %s`; %s. %s"):format(
      signature(operation),
      operation.method,
      operation.path,
      data_text(operation),
      notes_of(operation)
    )
    lines[#lines + 1] = ""
    if #operation.fields > 0 then
      add_table(lines, operation.fields)
    end
  end
  return lines
end

function markdown.fields()
  local lines = {}
  for _, object in ipairs(described.objects) do
    if #object.fields > 0 then
      lines[#lines + 1] = "### " .. object.name
      lines[#lines + 1] = ""
      if object.about then
        lines[#lines + 1] = object.about
        lines[#lines + 1] = ""
      end
      add_table(lines, object.fields)
    end
  end
  return lines
end

function markdown.enumerations()
  local lines = {}
  for _, enumeration in ipairs(described.enumerations) do
    local values = {}
    for index, value in ipairs(enumeration.values) do
      values[index] = "`" .. value .. "`"
    end
    lines[#lines + 1] = "### " .. enumeration.name
    lines[#lines + 1] = ""
    lines[#lines + 1] = enumeration.about
    lines[#lines + 1] = ""
    lines[#lines + 1] = table.concat(values, ", ")
    lines[#lines + 1] = ""
  end
  return lines
end

-- The tables of classes that types.lua describes by hand.
local function add_class(lines, heading, name, without)
  local class = assert(annotations.classes["vault." .. name], name)
  lines[#lines + 1] = heading
  lines[#lines + 1] = ""
  if class.about ~= "" then
    lines[#lines + 1] = class.about
    lines[#lines + 1] = ""
  end
  local fields = {}
  for _, field in ipairs(class.fields) do
    fields[#fields + 1] = {
      name = field.name,
      type = field.type,
      about = field.about,
      required = field.required and not without,
    }
  end
  add_table(lines, fields)
end

function markdown.configuration()
  local lines = {}
  add_class(lines, "### Options of a call", "Options")
  add_class(lines, "### Of a client only", "Config")
  for _, name in ipairs { "Retries", "Backoff", "Tls", "Hooks", "Event" } do
    add_class(lines, "### " .. name, name, true)
  end
  return lines
end

function markdown.responses()
  local lines = {}
  add_class(lines, "### Response", "Response", true)
  return lines
end

function markdown.errors()
  local lines = { "| `name` | when |", "|---|---|" }
  for _, value in ipairs(annotations.aliases["vault.ErrorName"].values) do
    lines[#lines + 1] = ("| `%s` | %s |"):format(value.value:gsub('"', ""), value.about)
  end
  lines[#lines + 1] = ""
  add_class(lines, "### Fields of an error", "Error", true)
  return lines
end

local function add_functions(lines, owner)
  for _, row in ipairs(annotations.functions) do
    if row.owner == owner then
      local returned = #row.returns > 0
          and " → `" .. short(table.concat(row.returns, ", ")) .. "`"
        or ""
      lines[#lines + 1] = ("- `%s`%s%s"):format(
        row.call,
        returned,
        row.about ~= "" and ": " .. row.about or ""
      )
    end
  end
  lines[#lines + 1] = ""
end

function markdown.functions()
  local lines = {}
  for _, group in ipairs {
    { "The module", "vault" },
    { "A client", "client" },
    { "A job", "job" },
  } do
    lines[#lines + 1] = "### " .. group[1]
    lines[#lines + 1] = ""
    add_functions(lines, group[2])
  end
  return lines
end

function markdown.sandbox()
  local lines = {}
  add_class(lines, "### Options of a sandbox", "SandboxOptions")
  add_class(lines, "### Options of its server", "SandboxServerOptions")
  lines[#lines + 1] = "### A sandbox"
  lines[#lines + 1] = ""
  add_functions(lines, "sandbox")
  add_class(lines, "### Fields of a fault", "Fault")
  return lines
end

function markdown.guard()
  local lines = {}
  add_functions(lines, "guard")
  for _, row in ipairs {
    { "Options of guard.new", "GuardOptions" },
    { "What guard:check answers", "GuardAnswer" },
    { "Options of guard.redis", "GuardRedisOptions" },
  } do
    add_class(lines, "### " .. row[1], row[2])
  end
  return lines
end

-- README's table.
function markdown.summary()
  local lines = { "| function | request fields (\\* required) | |", "|---|---|---|" }
  for _, operation in ipairs(described.operations) do
    local fields = {}
    for index, field in ipairs(operation.fields) do
      fields[index] = ("`%s`%s"):format(field.name, field.required and "\\*" or "")
    end
    lines[#lines + 1] = ("| `%s.%s` | %s | %s |"):format(
      operation.group,
      operation.name,
      table.concat(fields, ", "),
      operation.about:match "^.-[.:]%f[%s%z]"
    )
  end
  lines[#lines + 1] = ""
  return lines
end

return function(of)
  described = of
  annotations = require("reference.annotations").read "lua/vault/types.lua"
  find_headings()
  return markdown
end
