--- The options of guard.redis.
local fields = require "vault.guard.fields"
local link_of = require "vault.guard.redis_link"

local redis_options = {}

local DEFAULTS = {
  host = "127.0.0.1",
  port = 6379,
  database = 0,
  timeout_ms = 100,
  prefix = "vault:guard:",
}
local KINDS = {
  host = "string",
  port = "number",
  unix_socket = "string",
  username = "string",
  password = "string",
  database = "number",
  timeout_ms = "number",
  prefix = "string",
  dict = "string",
}
local LEAST = { port = 1, database = 0, timeout_ms = 1 }

local function problem_of_options(given, nearest)
  if type(given) ~= "table" then
    return "guard.redis: " .. fields.wrong_type("options", "table", given)
  end
  local problem = fields.unknown(given, KINDS, nearest)
  for name, kind in pairs(KINDS) do
    local value = given[name]
    if value ~= nil and kind == "number" then
      problem = problem or fields.wrong_number(name, value, LEAST[name])
    elseif value ~= nil and type(value) ~= kind then
      problem = problem or fields.wrong_type(name, kind, value)
    end
  end
  if not problem and given.username and not given.password then
    problem = "username: needs a password"
  end
  if not problem and not link_of.find_library() then
    problem = "lua-resty-redis is not installed; Debian's package is lua-nginx-redis"
  end
  return problem and "guard.redis: " .. problem
end

--- Checks and completes them: a table of its own, or nil and what is wrong.
function redis_options.read(given, nearest)
  local problem = problem_of_options(given, nearest)
  if problem then
    return nil, problem
  end
  local options = {}
  for name in pairs(KINDS) do
    options[name] = given[name] or DEFAULTS[name]
  end
  options.unix_socket = options.unix_socket and options.unix_socket:gsub("^unix:", "")
  return options
end

return redis_options
