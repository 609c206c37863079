-- The generated parts of lua/vault/types.lua.
local described
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
  for _, enumeration in ipairs(described.enumerations) do
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
  for _, object in ipairs(described.objects) do
    comment(lines, object.about)
    lines[#lines + 1] = "---@class vault." .. object.name
    for _, field in ipairs(object.fields) do
      lines[#lines + 1] = field_line(field)
    end
    lines[#lines + 1] = ""
  end
  return lines
end

-- The class that has the context headers which the operation takes.
local function base_of(operation)
  return operation.consumer and " : vault.Request"
    or operation.application and " : vault.ApplicationRequest"
    or ""
end

function luacats.requests()
  local lines = {}
  for _, operation in ipairs(described.operations) do
    lines[#lines + 1] = ("---@class %s%s"):format(operation.request, base_of(operation))
    for _, field in ipairs(operation.fields) do
      lines[#lines + 1] = field_line(field)
    end
    lines[#lines + 1] = ""
  end
  for _, operation in ipairs(described.operations) do
    if operation.data then
      lines[#lines + 1] = ("---@class %s : vault.Result"):format(operation.result)
      lines[#lines + 1] = "---@field data " .. operation.data
      lines[#lines + 1] = ""
    end
  end
  return lines
end

-- The iterator over all rows of an operation that returns one page.
local function add_each(lines, group_name, operation)
  comment(
    lines,
    "For the generic `for`: every row of every page, one at a time. The next page is requested while"
      .. " this one is read. An error is raised, in vault.safe too, and its `cursor` is where"
      .. " `each { cursor = ... }` goes on. On plain Lua 5.1 a `for` cannot wait for an event loop: call the"
      .. " iterator in a `while` there."
  )
  lines[#lines + 1] = "---@param request? " .. operation.request
  lines[#lines + 1] = "---@param options? vault.Options"
  lines[#lines + 1] = ("---@return fun(): %s? next_row"):format((operation.data:gsub("%[%]$", "")))
  lines[#lines + 1] = ("function %s.each(request, options) end"):format(group_name)
  lines[#lines + 1] = ""
end

local function add_functions(lines, group_name)
  local group = described.groups[group_name]
  lines[#lines + 1] = "---@class vault." .. group.class
  lines[#lines + 1] = ("local %s = {}"):format(group_name)
  lines[#lines + 1] = ""
  for _, operation in ipairs(group.operations) do
    comment(lines, operation.about)
    local optional = operation.needs_request and "" or "?"
    lines[#lines + 1] = ("---@param request%s %s"):format(optional, operation.request)
    lines[#lines + 1] = "---@param options? vault.Options"
    lines[#lines + 1] = ("---@return %s result"):format(operation.result)
    lines[#lines + 1] = "---@return vault.Response response"
    lines[#lines + 1] = ("function %s.%s(request, options) end"):format(group_name, operation.name)
    lines[#lines + 1] = ""
    if operation.pages then
      add_each(lines, group_name, operation)
    end
  end
end

local function add_async(lines, group_name)
  local group = described.groups[group_name]
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
  for _, name in ipairs(described.groups) do
    add_functions(lines, name)
    add_async(lines, name)
  end
  lines[#lines + 1] = "---@class vault.Groups"
  for _, name in ipairs(described.groups) do
    lines[#lines + 1] = ("---@field %s vault.%s"):format(name, described.groups[name].class)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "---@class vault.Async"
  for _, name in ipairs(described.groups) do
    lines[#lines + 1] = ("---@field %s vault.Async%s"):format(name, described.groups[name].class)
  end
  lines[#lines + 1] = ""
  return lines
end

return function(of)
  described = of
  return luacats
end
