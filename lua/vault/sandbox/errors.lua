--- Error responses as Apideck's: { status_code, error, type_name, message, detail, ref }.
--
-- A problem is the plain table { status, type_name, message, detail } that the checks and the
-- operations return; `errors.body` turns it into what is sent.
local json = require "vault.sandbox.json"

local errors = {}

local reasons = {
  [200] = "OK",
  [201] = "Created",
  [202] = "Accepted",
  [204] = "No Content",
  [400] = "Bad Request",
  [401] = "Unauthorized",
  [402] = "Payment Required",
  [403] = "Forbidden",
  [404] = "Not Found",
  [405] = "Method Not Allowed",
  [408] = "Request Timeout",
  [409] = "Conflict",
  [413] = "Content Too Large",
  [421] = "Misdirected Request",
  [422] = "Unprocessable Entity",
  [429] = "Too Many Requests",
  [500] = "Internal Server Error",
  [501] = "Not Implemented",
  [502] = "Bad Gateway",
  [503] = "Service Unavailable",
  [504] = "Gateway Timeout",
}

-- The usual type_name and message of each status.
local usual = {
  [400] = { "RequestValidationError", "Invalid Params" },
  [401] = { "UnauthorizedError", "Unauthorized Request" },
  [402] = { "RequestLimitError", "Request Limit Reached" },
  [404] = { "EntityNotFoundError", "Not Found" },
  [405] = { "MethodNotAllowedError", "Method Not Allowed" },
  [409] = { "ConflictError", "Conflict" },
  [413] = { "PayloadTooLargeError", "Content Too Large" },
  [421] = { "MisdirectedRequestError", "Misdirected Request" },
  [422] = { "InvalidStateError", "Invalid State" },
  [429] = { "ConnectorRateLimitError", "Rate limit exceeded" },
  [501] = { "MappingError", "Mapping is not implemented" },
}

function errors.reason(status)
  return reasons[status] or "Status " .. status
end

--- The usual problem of a status; `fields` overrides it.
function errors.problem(status, fields)
  local names = usual[status] or { "InternalServerError", errors.reason(status) }
  fields = fields or {}
  return {
    status = status,
    type_name = fields.type_name or names[1],
    message = fields.message or names[2],
    detail = fields.detail,
    headers = fields.headers,
  }
end

function errors.body(problem)
  return {
    status_code = problem.status,
    error = errors.reason(problem.status),
    type_name = problem.type_name,
    message = problem.message,
    detail = problem.detail,
    ref = "https://developers.apideck.com/errors#" .. problem.type_name:lower(),
  }
end

function errors.connector_not_found(service_id)
  return errors.problem(404, {
    message = "Connection not found",
    detail = { not_found = { entity = "connector", id = service_id } },
  })
end

function errors.entity_not_found(entity, id)
  return errors.problem(404, { detail = { not_found = { entity = entity, id = id } } })
end

--- A body that does not match its schema. `path` is the place of the mistake, such as
-- "connection.enabled"; or a list of { path, message } where there are several.
function errors.invalid_body(path, message)
  local mistakes = message and { { path = path, message = message } } or path
  return errors.problem(400, { detail = { invalid = json.array(mistakes) } })
end

function errors.connection_not_found(id)
  return errors.problem(404, {
    type_name = "ConnectionNotFoundError",
    message = "Connection not found",
    detail = "Could not find connection with id: '" .. id .. "'",
  })
end

function errors.invalid_state(detail)
  return errors.problem(422, { detail = detail })
end

return errors
