-- The generated parts of lua/vault/types.lua.
local rows = dofile ".ci/reference/rows.lua"

local luacats = {}

local function comment(lines, text)
  if text then
    lines[#lines + 1] = "---" .. text
  end
end

local function field_line(field)
  local note = field.read_only and "(read-only) "
    or field.undocumented and "(sent by the server) "
    or ""
  return ("---@field %s%s %s %s%s"):format(
    field.name,
    field.required and "" or "?",
    field.type,
    note,
    field.about
  )
end

function luacats.enumerations()
  local lines = {}
  for _, enumeration in ipairs(rows.enumerations) do
    comment(lines, enumeration.about)
    lines[#lines + 1] = "---@alias vault." .. enumeration.name
    for _, value in ipairs(enumeration.values) do
      lines[#lines + 1] = ('---| "%s"'):format(value)
    end
    lines[#lines + 1] = "---| string"
    lines[#lines + 1] = ""
  end
  return lines
end

function luacats.schemas()
  local lines = {}
  for _, object in ipairs(rows.objects) do
    comment(lines, object.about)
    lines[#lines + 1] = "---@class vault." .. object.name
    for _, field in ipairs(object.fields) do
      lines[#lines + 1] = field_line(field)
    end
    lines[#lines + 1] = ""
  end
  return lines
end

function luacats.requests()
  local lines, results = {}, {}
  for _, operation in ipairs(rows.operations) do
    lines[#lines + 1] = ("---@class %s : vault.Request"):format(operation.request)
    for _, field in ipairs(operation.fields) do
      lines[#lines + 1] = field_line(field)
    end
    lines[#lines + 1] = ""
  end
  for _, operation in ipairs(rows.operations) do
    local name = rows.result_of(operation)
    if operation.data and not results[name] then
      results[name] = true
      lines[#lines + 1] = ("---@class %s : vault.Result"):format(name)
      lines[#lines + 1] = "---@field data vault." .. operation.data
      lines[#lines + 1] = ""
    end
  end
  return lines
end

local function add_functions(lines, group_name)
  local group = rows.groups[group_name]
  lines[#lines + 1] = "---@class vault." .. group.class
  lines[#lines + 1] = ("local %s = {}"):format(group_name)
  lines[#lines + 1] = ""
  for _, operation in ipairs(group.operations) do
    comment(lines, operation.about)
    local optional = operation.needs_request and "" or "?"
    lines[#lines + 1] = ("---@param request%s %s"):format(optional, operation.request)
    lines[#lines + 1] = "---@param options? vault.Options"
    lines[#lines + 1] = ("---@return %s result"):format(rows.result_of(operation))
    lines[#lines + 1] = "---@return vault.Response response"
    lines[#lines + 1] = ("function %s.%s(request, options) end"):format(group_name, operation.name)
    lines[#lines + 1] = ""
  end
end

local function add_async(lines, group_name)
  local group = rows.groups[group_name]
  lines[#lines + 1] =
    "---The same operations, each returning a job at once. An invalid request raises at once."
  lines[#lines + 1] = "---@class vault.Async" .. group.class
  for _, operation in ipairs(group.operations) do
    lines[#lines + 1] = ("---@field %s fun(request%s: %s, options?: vault.AsyncOptions): vault.Job"):format(
      operation.name,
      operation.needs_request and "" or "?",
      operation.request
    )
  end
  lines[#lines + 1] = ""
end

function luacats.operations()
  local lines = {}
  for _, name in ipairs(rows.groups) do
    add_functions(lines, name)
    add_async(lines, name)
  end
  lines[#lines + 1] = "---@class vault.Groups"
  for _, name in ipairs(rows.groups) do
    lines[#lines + 1] = ("---@field %s vault.%s"):format(name, rows.groups[name].class)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "---@class vault.Async"
  for _, name in ipairs(rows.groups) do
    lines[#lines + 1] = ("---@field %s vault.Async%s"):format(name, rows.groups[name].class)
  end
  lines[#lines + 1] = ""
  return lines
end

return luacats
