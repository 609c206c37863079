-- Reads what is written by hand in lua/vault/types.lua: classes and their fields, aliases and their values, functions.
local annotations = {}

-- The type at the start of `text`, which may have blanks inside brackets, and what follows it.
local function split_type(text)
  local depth = 0
  for index = 1, #text do
    local character = text:sub(index, index)
    if character:find "[<({%[]" then
      depth = depth + 1
    elseif character:find "[>)}%]]" then
      depth = depth - 1
    elseif character == " " and depth == 0 and not text:find("^[:|,]", index - 1) then
      return text:sub(1, index - 1), text:sub(index + 1)
    end
  end
  return text, ""
end

local function add_function(read, about, parameters, returns, line)
  local owner, separator, name = line:match "^function ([%w_]+)([.:])([%w_]+)%("
  local list = {}
  for index, parameter in ipairs(parameters) do
    list[index] = parameter.required and parameter.name or "[" .. parameter.name .. "]"
  end
  read.functions[#read.functions + 1] = {
    owner = owner,
    name = name,
    call = ("%s%s%s(%s)"):format(owner, separator, name, table.concat(list, ", ")),
    about = table.concat(about, " "),
    parameters = parameters,
    returns = returns,
  }
end

function annotations.read(path)
  local read = { classes = {}, aliases = {}, functions = {} }
  local about, parameters, returns = {}, {}, {}
  local class, alias
  for line in io.lines(path) do
    local name, parent = line:match "^%-%-%-@class ([%w_.]+)%s*:?%s*([%w_.]*)"
    local field, optional, rest = line:match "^%-%-%-@field ([%w_]+)(%??) (.+)"
    local alias_name, alias_type = line:match "^%-%-%-@alias ([%w_.]+)%s*(.*)"
    local parameter, given, parameter_rest = line:match "^%-%-%-@param ([%w_]+)(%??) (.+)"
    local value, note = line:match "^%-%-%-|%s*(%S+)%s*#?%s*(.*)"
    if name then
      class = { name = name, parent = parent, about = table.concat(about, " "), fields = {} }
      read.classes[name] = class
      about = {}
    elseif field then
      local kind, text = split_type(rest)
      class.fields[#class.fields + 1] =
        { name = field, type = kind, about = text, required = optional == "" }
    elseif alias_name then
      alias = { about = table.concat(about, " "), type = alias_type, values = {} }
      read.aliases[alias_name] = alias
      about = {}
    elseif value then
      alias.values[#alias.values + 1] = { value = value, about = note }
    elseif parameter then
      local kind, text = split_type(parameter_rest)
      parameters[#parameters + 1] =
        { name = parameter, type = kind, about = text, required = given == "" }
    elseif line:find "^%-%-%-@return " then
      returns[#returns + 1] = split_type((line:match "^%-%-%-@return (.+)"))
    elseif line:find "^%-%-%-[^@|]" then
      about[#about + 1] = line:sub(4)
    elseif line:find "^function " then
      add_function(read, about, parameters, returns, line)
      about, parameters, returns = {}, {}, {}
    elseif line == "" then
      about, parameters, returns = {}, {}, {}
    end
  end
  return read
end

return annotations
