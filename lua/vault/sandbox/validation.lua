--- Checks of requests against the operations and schemas that the client uses, too.
local errors = require "vault.sandbox.errors"
local json = require "vault.sandbox.json"
local time = require "vault.sandbox.time"
local url = require "vault.sandbox.url"

local validation = {}

local function segments_of(path)
  local segments = {}
  for segment in path:gmatch("/([^/]*)") do
    segments[#segments + 1] = segment
  end
  return segments
end

--- The operations with the segments of their paths, for `validation.route`.
function validation.routes(operations)
  local routes = {}
  for _, operation in ipairs(operations) do
    routes[#routes + 1] = { operation = operation, segments = segments_of(operation.path) }
  end
  return routes
end

local function match(route, segments)
  if #route.segments ~= #segments then
    return nil
  end
  local parameters = {}
  for index, expected in ipairs(route.segments) do
    local name = expected:match("^{(.*)}$")
    if name and segments[index] ~= "" then
      parameters[name] = url.decode(segments[index])
    elseif expected ~= segments[index] then
      return nil
    end
  end
  return parameters
end

--- The operation of a request line and its path parameters; or nil and the problem.
function validation.route(routes, method, path)
  local segments = segments_of(path)
  local allowed = {}
  for _, route in ipairs(routes) do
    local parameters = match(route, segments)
    if parameters and route.operation.method == method then
      return route.operation, parameters
    elseif parameters then
      allowed[#allowed + 1] = route.operation.method
    end
  end
  if #allowed > 0 then
    return nil,
      errors.problem(405, {
        detail = method .. " is not an operation of " .. path,
        headers = { allow = table.concat(allowed, ", ") },
      })
  end
  return nil,
    errors.problem(404, { message = "Unknown path", detail = "No operation is at " .. path })
end

-- `expected` is a string, a list of strings, or false for any.
local function accepts(expected, value)
  if type(expected) == "table" then
    for _, one in ipairs(expected) do
      if one == value then
        return true
      end
    end
    return false
  end
  return not expected or expected == value
end

local function unauthorized(detail)
  return errors.problem(401, { detail = detail })
end

local function invalid_headers(detail)
  return errors.problem(400, { type_name = "RequestHeadersValidationError", detail = detail })
end

-- The token of "Bearer <token>", or nil and the problem.
local function bearer_token(authorization)
  if not authorization then
    return nil, unauthorized("Missing authentication")
  end
  local scheme, token = authorization:match("^(%S+)%s+(%S.*)$")
  if not scheme or scheme:lower() ~= "bearer" then
    return nil, unauthorized("Expected the header authorization: Bearer <key>")
  end
  return token
end

-- A session token authenticates its consumer only, so it is refused by operations without a consumer
-- and by sessions.create.
local function session_problem(session, headers, operation)
  if not session then
    return unauthorized("The session token is unknown or has expired")
  elseif not operation.consumer or operation.id == "vault.sessions.create" then
    return unauthorized("A session token cannot be used for " .. operation.id)
  elseif
    session.account.app_id ~= headers["x-apideck-app-id"]
    or session.account.consumer_id ~= headers["x-apideck-consumer-id"]
  then
    return unauthorized("The session token belongs to another application or consumer")
  end
end

local function uses_session(headers)
  return (headers["x-apideck-auth-type"] or ""):lower() == "jwt"
end

local function missing_headers(headers, operation)
  local missing = json.array()
  for _, name in ipairs { "x-apideck-app-id", "x-apideck-consumer-id" } do
    local expected = name ~= "x-apideck-consumer-id" or operation.consumer
    if expected and (headers[name] or "") == "" then
      missing[#missing + 1] = name
    end
  end
  return missing
end

local function missing_headers_problem(headers, operation)
  local missing = missing_headers(headers, operation)
  if #missing == 1 then
    return invalid_headers("Missing Header: " .. missing[1])
  elseif #missing > 1 then
    for index, name in ipairs(missing) do
      missing[index] = { [name] = "required" }
    end
    return invalid_headers({ missing = missing })
  end
end

local function key_problem(headers, operation, expected)
  if not accepts(expected.app_id, headers["x-apideck-app-id"]) then
    return unauthorized("The API key does not belong to this x-apideck-app-id")
  elseif
    operation.consumer and not accepts(expected.consumer_id, headers["x-apideck-consumer-id"])
  then
    return invalid_headers("Unknown consumer in x-apideck-consumer-id")
  end
end

--- The problem with the headers of a request for an operation, or nil. `expected`: { api_key,
-- app_id, consumer_id, find_session }, the last a function of a token.
function validation.headers_problem(headers, operation, expected)
  local token, problem = bearer_token(headers.authorization)
  if problem then
    return problem
  elseif not uses_session(headers) and not accepts(expected.api_key, token) then
    return unauthorized("Unknown API key")
  end
  problem = missing_headers_problem(headers, operation)
  if problem then
    return problem
  elseif uses_session(headers) then
    return session_problem(expected.find_session(token), headers, operation)
  end
  return key_problem(headers, operation, expected)
end

-- The type of a value, for messages.
local function describe(value)
  if value == json.null then
    return "null"
  elseif type(value) == "table" then
    return json.is_array(value) and "an array" or "an object"
  end
  return "a " .. type(value)
end

local function is_plain(value)
  return type(value) == "string" or type(value) == "number"
end

local function is_scalar(value)
  if not json.is_array(value) then
    return is_plain(value) or type(value) == "boolean"
  end
  for _, item in ipairs(value) do
    if not is_plain(item) then
      return false
    end
  end
  return true
end

local function is_date_time(value)
  return time.parse(value) ~= nil
end

local function is_string(value)
  return type(value) == "string"
end

local function is_integer(value)
  return type(value) == "number" and value == math.floor(value)
end

-- For each type: the function that accepts a value, and the name in messages.
local kinds = {
  string = { accepts = is_string, name = "a string" },
  integer = { accepts = is_integer, name = "an integer" },
  duration = { accepts = is_integer, name = "an integer" },
  number = {
    accepts = function(value)
      return type(value) == "number"
    end,
    name = "a number",
  },
  boolean = {
    accepts = function(value)
      return type(value) == "boolean"
    end,
    name = "a boolean",
  },
  ["date-time"] = { accepts = is_date_time, name = "an RFC 3339 date-time" },
  scalar = { accepts = is_scalar, name = "a string, number, boolean, or strings and numbers" },
  ["free-form"] = { accepts = json.is_object, name = "an object" },
  object = { accepts = json.is_object, name = "an object" },
  array = { accepts = json.is_array, name = "an array" },
  scopes = {
    accepts = function(value)
      return value == "*" or json.is_object(value)
    end,
    name = 'an object or "*"',
  },
}

local function add_problem(problems, path, message)
  problems[#problems + 1] = { path = path, message = message }
end

local check

local function check_field(value, field, path, problems)
  if field.read_only or (value == json.null and field.nullable) then
    return
  elseif value == nil then
    if field.required then
      add_problem(problems, path, "is required")
    end
    return
  end
  check(value, field.schema, path, problems)
end

local function check_object(value, schema, path, problems)
  local known = {}
  for _, field in ipairs(schema.fields or {}) do
    known[field.name] = true
    check_field(value[field.name], field, path .. "." .. field.name, problems)
  end
  if schema.fixed then
    for name in pairs(value) do
      if not known[name] then
        add_problem(problems, path .. "." .. name, "is unknown")
      end
    end
  end
end

local function check_enumeration(value, schema, path, problems)
  for _, known in ipairs(schema.enumeration) do
    if known == value then
      return
    end
  end
  add_problem(problems, path, "must be one of " .. table.concat(schema.enumeration, ", "))
end

function check(value, schema, path, problems)
  local kind = kinds[schema.type]
  if kind and not kind.accepts(value) then
    add_problem(problems, path, "expected " .. kind.name .. ", got " .. describe(value))
  elseif schema.type == "object" then
    check_object(value, schema, path, problems)
  elseif schema.type == "array" then
    for index, item in ipairs(value) do
      check(item, schema.item, path .. "[" .. index - 1 .. "]", problems)
    end
  elseif schema.enumeration and #schema.enumeration > 0 then
    check_enumeration(value, schema, path, problems)
  end
end

local function body_parameter(operation)
  for _, parameter in ipairs(operation.parameters) do
    if parameter.location == "body" then
      return parameter
    end
  end
end

local function is_json_type(content_type)
  local media_type = (content_type or ""):lower():match("^%s*([^;%s]*)")
  return media_type == "application/json" or media_type:find("^application/.*%+json$") ~= nil
end

--- The decoded body of a request, {} where an optional one is missing; or nil and the problem.
function validation.body(operation, headers, text)
  local parameter = body_parameter(operation)
  if not parameter then
    return {}
  elseif (text or "") == "" then
    if not parameter.required then
      return {}
    end
    return nil, errors.invalid_body(parameter.name, "is required")
  elseif not is_json_type(headers["content-type"]) then
    return nil, invalid_headers("Expected the header content-type: application/json")
  end
  local value, message = json.decode(text)
  local problems = json.array()
  if value == nil then
    add_problem(problems, parameter.name, "is not JSON: " .. message)
  else
    check(value, parameter.schema, parameter.name, problems)
  end
  if #problems > 0 then
    return nil, errors.invalid_body(problems)
  end
  return value
end

return validation
