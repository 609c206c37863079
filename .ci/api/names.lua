-- Names in the spellings that the document, Lua and the annotations use.
local names = {}

--- connectionsOne, ConnectionImportData -> connections_one, connection_import_data
function names.snake(name)
  local snake = name:gsub("(%l)(%u)", "%1_%2"):gsub("(%u)(%u%l)", "%1_%2")
  return snake:lower()
end

--- redirect_uri, connectionsOne -> RedirectUri, ConnectionsOne
function names.camel(name)
  return (name:gsub("^%l", string.upper):gsub("_(%w)", string.upper))
end

local FUNCTIONS = { all = "list", one = "get", add = "create" }

--- connectionConsentsAll -> connection_consents.list
function names.of_operation(operation_id)
  local group, name = names.snake(operation_id):match "^(.+)_(.-)$"
  if not group then
    error(("the name of %s cannot be derived; give it one in overrides"):format(operation_id), 0)
  end
  return group .. "." .. (FUNCTIONS[name] or name)
end

return names
