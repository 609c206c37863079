--- A Vault that lives on your machine.
--
-- It behaves as Apideck's Vault does towards a client, down to the life of a connection, and
-- reaches no network:
--
--   local sandbox = require("vault.sandbox").new()
--   local client = require("vault").new {
--     api_key = sandbox.api_key, app_id = sandbox.app_id, consumer_id = "anyone",
--     transport = sandbox:transport(),
--   }
--   client.connections.update {
--     service_id = "activecampaign", unified_api = "crm",
--     connection = { settings = { api_key = "x", base_url = "https://a.api-us1.com" } },
--   }
--
-- Faults are set for all requests with
--   sandbox:fault { status = 503, retry_after = 2, times = 1 }
-- or for one with the header `x-sandbox-fault: status=503; retry-after=2`; vault/sandbox/faults.lua
-- has the fields. What happens to a connection elsewhere is set off with
--   sandbox:simulate { event = "token_expired", service_id = "xero", unified_api = "accounting" }
-- of which vault/sandbox/simulation.lua has the events. `sandbox:serve { port = 0 }` serves it over
-- HTTP on 127.0.0.1, for which lua-http is needed; vault/sandbox/main.lua does so from the command
-- line.
--
-- Where Apideck's documents are silent, it was decided here:
--   * settings and metadata of a PATCH and an import are merged member by member, and null takes a
--     member away;
--   * a PATCH that stores anything on a connection not added yet adds it, enabled unless it says
--     otherwise;
--   * DELETE of a connection that is not there is 404 ConnectionNotFoundError;
--   * migrating to a connector that is no declared target is 422;
--   * a sensitive setting with the value `invalid` makes the connection `invalid`, and its token
--     exchange a 401.
local connection = require "vault.sandbox.connection"
local connectors = require "vault.sandbox.connectors"
local errors = require "vault.sandbox.errors"
local faults = require "vault.sandbox.faults"
local json = require "vault.sandbox.json"
local operations = require "vault.sandbox.operations"
local pages = require "vault.sandbox.pages"
local random = require "vault.sandbox.random"
local simulation = require "vault.sandbox.simulation"
local store = require "vault.sandbox.store"
local url = require "vault.sandbox.url"
local validation = require "vault.sandbox.validation"

local sandbox = {}
local methods = {}
local metatable = { __name = "vault.sandbox", __index = methods }

local MAX_BODY_BYTES = 1024 * 1024

local option_types = {
  api_key = { string = true, table = true, boolean = true },
  app_id = { string = true, table = true, boolean = true },
  consumer_id = { string = true, table = true, boolean = true },
  connectors = { table = true },
  populated = { boolean = true },
  clock = { ["function"] = true },
  quota = { number = true },
  seed = { number = true },
}

-- The keys of a table, as text for people.
local function names(of)
  local list = {}
  for name in pairs(of) do
    list[#list + 1] = name
  end
  table.sort(list)
  return table.concat(list, ", ")
end

local function check_options(options)
  for name, value in pairs(options) do
    if not option_types[name] then
      error(
        ("unknown sandbox option '%s'; known are %s"):format(tostring(name), names(option_types)),
        3
      )
    elseif not option_types[name][type(value)] then
      local expected = names(option_types[name])
      error(
        ("sandbox option '%s' cannot be a %s; expected %s"):format(name, type(value), expected),
        3
      )
    end
  end
end

local function system_clock()
  return os.time() * 1000
end

-- The default where an option is nil; `false` (any is accepted) stays.
local function default(value, otherwise)
  if value == nil then
    return otherwise
  end
  return value
end

local function operation_ids(rows)
  local ids = {}
  for _, operation in ipairs(rows) do
    ids[operation.id] = true
  end
  return ids
end

-- The unified APIs that a list may be asked for: those of the document, and the connectors' own.
local function known_apis(schema, set)
  local known = {}
  for api in pairs(set.apis) do
    known[api] = true
  end
  for _, operation in ipairs(schema.operations) do
    for _, parameter in ipairs(operation.parameters) do
      if parameter.name == "api" or parameter.name == "unified_api" then
        for _, api in ipairs(parameter.schema.enumeration or {}) do
          known[api] = true
        end
      end
    end
  end
  return known
end

--- A new sandbox. Every option may be left out:
--   api_key, app_id, consumer_id   what requests must carry: text, a list of texts, or false for
--                any (default "sandbox-key", "sandbox-app", any consumer)
--   connectors   a list of more connectors (vault/sandbox/connectors.lua has their fields)
--   populated    false: no consumer has a connection to begin with
--   clock        a function of the time in milliseconds since the epoch
--   quota        how many requests are answered before 402
--   seed         a number that makes ids the same in every run
function sandbox.new(options)
  options = options or {}
  check_options(options)
  local schema = require "vault.schema"
  local set = connectors.new(options.connectors)
  local self = setmetatable({
    api_key = default(options.api_key, "sandbox-key"),
    app_id = default(options.app_id, "sandbox-app"),
    consumer_id = options.consumer_id or false,
    quota = options.quota,
    base_url = "https://sandbox.invalid",
    clock = options.clock or system_clock,
    seed = options.seed,
    routes = validation.routes(schema.operations),
    faults = faults.new(operation_ids(schema.operations)),
    known_query_values = { api = known_apis(schema, set) },
  }, metatable)
  self.store = store.new {
    connectors = set,
    populated = options.populated ~= false,
    now = function()
      return self.clock()
    end,
    token = function()
      return self.random:token()
    end,
  }
  self:reset()
  return self
end

--- Back to the beginning: connections, faults, the count of the quota, and seeded ids.
function methods:reset()
  self.random = random.new(self.seed)
  self.store:clear()
  self.faults:clear()
  self.requests = 0
end

--- Sets a fault for requests to come; see vault/sandbox/faults.lua.
function methods:fault(fault)
  return self.faults:add(fault)
end

--- Takes all faults away.
function methods:clear_faults()
  self.faults:clear()
end

local function page_url(self, account, connector, action)
  return string.format(
    "%s/vault/%s/%s/%s?state=%s",
    self.base_url,
    action,
    url.encode(connector.service_id),
    url.encode(account.app_id),
    self.store:state_of(account, connector)
  )
end

-- The Connection of a response.
local function row(self, account, connector)
  local urls = {}
  if connection.has_pages(connector) then
    urls.authorize = page_url(self, account, connector, "authorize")
    urls.revoke = page_url(self, account, connector, "revoke")
  end
  return connection.row(connector, account.records[connector.id], account.consumer_id, urls)
end

local function json_response(status, body, headers)
  headers = headers or {}
  headers["content-type"] = "application/json; charset=utf-8"
  return { status = status, headers = headers, body = json.encode(body) }
end

local function problem_response(problem)
  return json_response(problem.status, errors.body(problem), problem.headers)
end

local function success_response(result)
  if result.status == 204 then
    return { status = 204, headers = {}, body = "" }
  end
  return json_response(result.status, {
    status_code = result.status,
    status = errors.reason(result.status),
    data = result.data,
  })
end

-- The quota counts what was let in, as a plan does.
local function quota_problem(self)
  if self.quota and self.requests >= self.quota then
    return errors.problem(402, { detail = "You have reached your limit of " .. self.quota })
  end
  self.requests = self.requests + 1
end

local function context_of(self, request, operation, parameters, query_fields)
  local headers = request.headers
  local query, problem = validation.query(operation, query_fields, self.known_query_values)
  if not query then
    return nil, problem
  end
  local connector
  if parameters.service_id then
    connector = self.store.connectors.by_id[parameters.unified_api .. "+" .. parameters.service_id]
    if not connector then
      return nil, errors.connector_not_found(parameters.service_id)
    end
  end
  local body
  body, problem = validation.body(operation, headers, request.body)
  if not body then
    return nil, problem
  end
  local account = operation.consumer
    and self.store:account(headers["x-apideck-app-id"], headers["x-apideck-consumer-id"])
  return {
    account = account,
    connector = connector,
    query = query,
    body = body,
    store = self.store,
    now = self.store.now,
    row = function(of)
      return row(self, account, of)
    end,
  }
end

-- Checks and carries out; { status, data } or nil and the problem.
local function perform(self, request, operation, parameters, query_fields)
  local problem = validation.headers_problem(request.headers, operation, self)
    or quota_problem(self)
  if problem then
    return nil, problem
  end
  local context
  context, problem = context_of(self, request, operation, parameters, query_fields)
  if not context then
    return nil, problem
  end
  local process_requests = operations[operation.id]
  if not process_requests then
    return nil,
      errors.problem(501, {
        type_name = "SandboxError",
        message = "The sandbox does not know " .. operation.id,
        detail = "Requests are checked, but lua/vault/sandbox/operations.lua has no function for it.",
      })
  end
  return process_requests(context)
end

local function perform_response(self, ...)
  local result, problem = perform(self, ...)
  return result and success_response(result) or problem_response(problem)
end

local function api_response(self, request, path, query_fields)
  local operation, parameters = validation.route(self.routes, request.method, path)
  if not operation then
    return problem_response(parameters)
  end
  local fault, message = self.faults:take(request.headers["x-sandbox-fault"], operation.id)
  if message then
    return problem_response(errors.problem(400, {
      type_name = "RequestHeadersValidationError",
      detail = "x-sandbox-fault: " .. message,
    }))
  elseif not fault then
    return perform_response(self, request, operation, parameters, query_fields)
  end
  local response = { status = 200, headers = {}, body = "" }
  if faults.is_processed(fault) then
    response = perform_response(self, request, operation, parameters, query_fields)
  end
  faults.apply(fault, response, self.clock())
  return response
end

local function with_request_id(self, response)
  response.headers["x-apideck-request-id"] = "req_" .. self.random:token():sub(1, 24)
  return response
end

--- The response to one request, without any I/O.
-- `request`: { method, url (absolute, or path and query), headers (lower-case names), body }.
-- Returns { status, headers, body }, and in `fault` what only the caller can do, where one asks for
-- it: { delay_ms, cut_body, reset }.
function methods:handle(request)
  request = {
    method = request.method,
    headers = request.headers or {},
    body = request.body,
    url = request.url,
  }
  if #(request.body or "") > MAX_BODY_BYTES then
    return self:refuse(413)
  end
  local path, query_fields = url.split(request.url)
  local response = pages.handle(self.store, request, path, query_fields)
    or api_response(self, request, path, query_fields)
  return with_request_id(self, response)
end

--- The response to a request that is not looked at: 413, 421.
function methods:refuse(status)
  return with_request_id(self, problem_response(errors.problem(status)))
end

--- Sets off what happens to a connection outside of Vault, and returns its row.
-- `what`: { event*, service_id*, unified_api*, consumer_id (default "sandbox-consumer"), app_id }.
function methods:simulate(what)
  local event = simulation.events[what.event]
  local id = tostring(what.unified_api) .. "+" .. tostring(what.service_id)
  local connector = self.store.connectors.by_id[id]
  if not event then
    local known = names(simulation.events)
    error(("unknown sandbox event '%s'; known are %s"):format(tostring(what.event), known), 2)
  elseif not connector then
    local known = names(self.store.connectors.by_id)
    error(("unknown sandbox connector '%s'; known are %s"):format(id, known), 2)
  end
  local app_id = what.app_id or (type(self.app_id) == "string" and self.app_id) or "sandbox-app"
  local account = self.store:account(app_id, what.consumer_id or "sandbox-consumer")
  local record = self.store:ensure(account, connector)
  event(record, connector, self.store)
  self.store:touch(record)
  return row(self, account, connector)
end

--- A transport for vault.new that answers in this process; see vault/sandbox/transport.lua.
function methods:transport(options)
  return require("vault.sandbox.transport").new(self, options)
end

--- Serves over HTTP on 127.0.0.1 until it is stopped; see vault/sandbox/server.lua.
function methods:serve(options)
  return require("vault.sandbox.server").serve(self, options)
end

return sandbox
