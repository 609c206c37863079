--- Checks of the options of vault.sandbox.new.
local confirmation = require "vault.sandbox.confirmation"

local options = {}

local types = {
  api_key = { string = true, table = true, boolean = true },
  app_id = { string = true, table = true, boolean = true },
  consumer_id = { string = true, table = true, boolean = true },
  connectors = { table = true },
  populated = { boolean = true },
  clock = { ["function"] = true },
  quota = { number = true },
  seed = { number = true },
  confirmation = { string = true },
  redirect_uris = { table = true },
  webhook_secret = { string = true },
}

--- The keys of a table, sorted, as text for a message.
function options.names(of)
  local list = {}
  for name in pairs(of) do
    list[#list + 1] = name
  end
  table.sort(list)
  return table.concat(list, ", ")
end

local function problem_of(name, value)
  if not types[name] then
    return ("unknown sandbox option '%s'; known are %s"):format(
      tostring(name),
      options.names(types)
    )
  elseif not types[name][type(value)] then
    local expected = options.names(types[name])
    return ("sandbox option '%s' cannot be a %s; expected %s"):format(name, type(value), expected)
  elseif name == "confirmation" and not confirmation.modes[value] then
    local expected = options.names(confirmation.modes)
    return ("sandbox option 'confirmation' cannot be '%s'; expected %s"):format(value, expected)
  end
end

--- Raises for an unknown option or a wrong value, with the position of the caller of
-- vault.sandbox.new.
function options.check(given)
  for name, value in pairs(given) do
    local problem = problem_of(name, value)
    if problem then
      error(problem, 3)
    end
  end
end

return options
