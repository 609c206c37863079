--- From a request for an operation to its response: checks, faults, the operation, the log.
local connection = require "vault.sandbox.connection"
local errors = require "vault.sandbox.errors"
local faults = require "vault.sandbox.faults"
local json = require "vault.sandbox.json"
local operations = require "vault.sandbox.operations"
local query = require "vault.sandbox.query"
local url = require "vault.sandbox.url"
local validation = require "vault.sandbox.validation"

local dispatch = {}

local function json_response(status, body, headers)
  headers = headers or {}
  headers["content-type"] = "application/json; charset=utf-8"
  return { status = status, headers = headers, body = json.encode(body) }
end

--- The response of a problem of errors.lua.
function dispatch.problem_response(problem)
  local response = json_response(problem.status, errors.body(problem), problem.headers)
  response.error_message = problem.message
  return response
end

local function links_of(request_url, meta)
  local base = request_url:gsub("([?&])cursor=[^&#]*&?", "%1"):gsub("[?&]$", "")
  local function link(cursor)
    return cursor ~= json.null and url.with_field(base, "cursor", cursor) or json.null
  end
  local cursors = meta.cursors
  return { previous = json.null, current = request_url, next = link(cursors.next) }
end

local function success_response(sandbox, request, result)
  if result.status == 204 then
    return { status = 204, headers = {}, body = "" }
  end
  local body = {
    status_code = result.status,
    status = errors.reason(result.status),
    data = result.data,
    meta = result.meta,
  }
  if result.meta then
    local path = request.url:match("^%a[%w+.-]*://[^/?]*(.*)$") or request.url
    body.links = links_of(sandbox.base_url .. path, result.meta)
  end
  return json_response(result.status, body)
end

local function page_url(sandbox, account, connector, action)
  return string.format(
    "%s/vault/%s/%s/%s?state=%s",
    sandbox.base_url,
    action,
    url.encode(connector.service_id),
    url.encode(account.app_id),
    sandbox.store:state_of(account, connector)
  )
end

--- The Connection of a response.
function dispatch.connection_row(sandbox, account, connector)
  local urls = {}
  if connection.has_pages(connector) then
    urls.authorize = page_url(sandbox, account, connector, "authorize")
    urls.revoke = page_url(sandbox, account, connector, "revoke")
  end
  return connection.row(connector, account.records[connector.id], account.consumer_id, urls)
end

--- The context of an operation (see operations.lua). `fields` are its members that depend on the
-- request.
function dispatch.context(sandbox, fields)
  fields.store = sandbox.store
  fields.now = sandbox.store.now
  fields.settings = sandbox
  fields.row = function(connector)
    return dispatch.connection_row(sandbox, fields.account, connector)
  end
  return fields
end

-- As in a plan, only requests with valid headers count.
local function quota_problem(sandbox)
  if sandbox.quota and sandbox.requests >= sandbox.quota then
    return errors.problem(402, { detail = "You have reached your limit of " .. sandbox.quota })
  end
  sandbox.requests = sandbox.requests + 1
end

-- A call is { request, operation, parameters, path, query, account, headers_problem }: a request for
-- an operation, and its account where its headers are valid.
local function account_of(sandbox, call)
  local headers = call.request.headers
  if call.operation.consumer then
    return sandbox.store:account(headers["x-apideck-app-id"], headers["x-apideck-consumer-id"])
  end
end

local function connector_of(sandbox, parameters)
  return sandbox.store.connectors.by_id[parameters.unified_api .. "+" .. parameters.service_id]
end

local function context_of(sandbox, call)
  local operation, parameters = call.operation, call.parameters
  local values, problem = query.decode(operation, call.query, sandbox.known_query_values)
  if not values then
    return nil, problem
  end
  if parameters.service_id then
    call.connector = connector_of(sandbox, parameters)
    if not call.connector then
      return nil, errors.connector_not_found(parameters.service_id)
    end
  end
  local body
  body, problem = validation.body(operation, call.request.headers, call.request.body)
  if not body then
    return nil, problem
  end
  return dispatch.context(sandbox, {
    account = call.account,
    app_id = call.request.headers["x-apideck-app-id"],
    connector = call.connector,
    parameters = parameters,
    query = values,
    body = body,
  })
end

-- Carries out a call; { status, data } or nil and the problem.
local function perform(sandbox, call)
  local problem = call.headers_problem or quota_problem(sandbox)
  if problem then
    return nil, problem
  elseif call.account then
    sandbox.store:count_request(call.account)
  end
  local context
  context, problem = context_of(sandbox, call)
  if not context then
    return nil, problem
  end
  local operation = operations[call.operation.id]
  if not operation then
    return nil,
      errors.problem(501, {
        type_name = "SandboxError",
        message = "The sandbox has no operation " .. call.operation.id,
        detail = "Requests are checked, but lua/vault/sandbox/operations.lua has no function for it.",
      })
  end
  return operation(context)
end

local function perform_response(sandbox, call)
  local result, problem = perform(sandbox, call)
  return result and success_response(sandbox, call.request, result)
    or dispatch.problem_response(problem)
end

local function faulty_response(sandbox, call, fault)
  local response = { status = 200, headers = {}, body = "" }
  if faults.is_processed(fault) then
    response = perform_response(sandbox, call)
  end
  faults.apply(fault, response, sandbox.clock())
  return response
end

local function log(sandbox, call, response, began)
  if call.account then
    sandbox.log:add {
      id = call.request.id,
      at = began,
      duration = math.max(0, sandbox.clock() - began),
      account = call.account,
      operation = call.operation,
      connector = call.connector,
      method = call.request.method,
      path = call.path,
      status = response.status,
      error_message = response.error_message,
    }
  end
end

--- The response to a request that is not one for a page. `given` is the list of url.decode_pairs.
function dispatch.response(sandbox, request, path, given)
  local operation, parameters = validation.route(sandbox.routes, request.method, path)
  if not operation then
    return dispatch.problem_response(parameters)
  end
  local call = {
    request = request,
    operation = operation,
    parameters = parameters,
    path = path,
    query = given,
    headers_problem = validation.headers_problem(request.headers, operation, sandbox),
  }
  call.account = not call.headers_problem and account_of(sandbox, call) or nil
  local fault, message = sandbox.faults:take(request.headers["x-sandbox-fault"], operation.id)
  if message then
    return dispatch.problem_response(errors.problem(400, {
      type_name = "RequestHeadersValidationError",
      detail = "x-sandbox-fault: " .. message,
    }))
  end
  local began = sandbox.clock()
  local response = fault and faulty_response(sandbox, call, fault)
    or perform_response(sandbox, call)
  log(sandbox, call, response, began)
  return response
end

return dispatch
