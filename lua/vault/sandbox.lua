--- A Vault on your machine.
--
-- It behaves as Apideck's Vault does, with the states of connections, and uses no network:
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
-- has the fields. Events outside of Vault are simulated with
--   sandbox:simulate { event = "token_expired", service_id = "xero", unified_api = "accounting" }
-- vault/sandbox/simulation.lua has the events. Webhook events are received with
--   sandbox:on_event(function(request) vault.webhook.parse { ... } end)
-- `sandbox:serve { port = 0 }` serves the sandbox over HTTP on 127.0.0.1 and needs lua-http;
-- vault/sandbox/main.lua does the same from the command line.
--
-- Decisions where Apideck's documents say nothing:
--   * settings and metadata of a PATCH and an import are merged member by member, and null removes
--     a member;
--   * a PATCH that stores anything adds a connection that was not added, enabled unless its
--     `enabled` is false;
--   * DELETE of a connection that was not added is 404 ConnectionNotFoundError;
--   * a body that does not match its schema is 400 RequestValidationError;
--   * migrating to a connector that is not a declared target is 422;
--   * a consumer exists from the first request that is made for it; creating it again is 409, and
--     deleting it deletes its connections and sessions;
--   * request counts and logs are of the sandbox's own requests; logs.list has those of the consumer
--     that the request names, and requests without a consumer are not logged;
--   * a connection that waits for its confirmation is `authorized`; a confirm token that is unknown,
--     used or expired is 422;
--   * a session token is refused (401) by operations without a consumer and by sessions.create;
--   * custom fields of a connection that is not callable, and the callback state of one that users do
--     not authorize in a browser, are 422;
--   * a custom mapping is created once (else 409), and its connection has to be added before (404);
--   * a sensitive setting with the value `invalid` makes the connection `invalid`, and its token
--     exchange a 401.
local connectors = require "vault.sandbox.connectors"
local dispatch = require "vault.sandbox.dispatch"
local errors = require "vault.sandbox.errors"
local events = require "vault.sandbox.events"
local faults = require "vault.sandbox.faults"
local option_checks = require "vault.sandbox.options"
local pages = require "vault.sandbox.pages"
local random = require "vault.sandbox.random"
local request_log = require "vault.sandbox.request_log"
local simulation = require "vault.sandbox.simulation"
local store = require "vault.sandbox.store"
local url = require "vault.sandbox.url"
local validation = require "vault.sandbox.validation"

local sandbox = {}
local methods = {}
local metatable = { __name = "vault.sandbox", __index = methods }

local MAX_BODY_BYTES = 1024 * 1024

local function system_clock()
  return os.time() * 1000
end

-- The default where an option is nil; `false` (any value is accepted) stays.
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

-- The unified APIs that connections.list takes: those of the document, and the connectors' own.
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

local function webhook_secret(options)
  local key = options.api_key
  key = type(key) == "table" and key[1] or type(key) == "string" and key or "sandbox-key"
  return options.webhook_secret or key
end

--- A new sandbox. Every option is optional:
--   api_key, app_id, consumer_id   the values that requests may have: a string, a list, or false
--                for any (default "sandbox-key", "sandbox-app", any consumer)
--   connectors   a list of more connectors (vault/sandbox/connectors.lua has their fields)
--   populated    false: consumers start without connections
--   clock        a function that returns the time in milliseconds since the epoch
--   quota        number of requests before every response is 402
--   seed         a number; with it ids are the same in every run
--   confirmation   what a nonce of an authorization does: "optional" (the default) leaves the
--                connection unconfirmed until connections.confirm, "required" also refuses
--                authorizations without one, "off" ignores it
--   redirect_uris   a list of the only URLs that users are sent back to; others are refused with 422
--   webhook_secret   what webhook events are signed with (default: the API key)
function sandbox.new(options)
  options = options or {}
  option_checks.check(options)
  local schema = require "vault.schema"
  local set = connectors.new(options.connectors)
  local self = setmetatable({
    api_key = default(options.api_key, "sandbox-key"),
    app_id = default(options.app_id, "sandbox-app"),
    consumer_id = options.consumer_id or false,
    quota = options.quota,
    confirmation = options.confirmation or "optional",
    redirect_uris = options.redirect_uris,
    base_url = "https://sandbox.invalid",
    clock = options.clock or system_clock,
    seed = options.seed,
    routes = validation.routes(schema.operations),
    log = request_log.new(),
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
    on_account = function(account)
      self.events:watch(account)
    end,
  }
  self.find_session = function(token)
    return self.store:session(token)
  end
  self.events = events.new {
    store = self.store,
    secret = webhook_secret(options),
  }
  self:reset()
  return self
end

--- Resets connections, consumers, sessions, logs, faults, the quota and seeded ids.
function methods:reset()
  self.random = random.new(self.seed)
  self.store:clear()
  self.faults:clear()
  self.log:clear()
  self.requests = 0
end

--- Sets a fault for the following requests; see vault/sandbox/faults.lua.
function methods:fault(fault)
  return self.faults:add(fault)
end

--- Removes all faults.
function methods:clear_faults()
  self.faults:clear()
end

local function new_request_id(self)
  return "req_" .. self.random:token():sub(1, 24)
end

--- The response to one request, without any I/O.
-- `request`: { method, url (absolute, or path and query), headers (lower-case names), body }.
-- Returns { status, headers, body }, and in `fault` what the caller has to do for a fault:
-- { delay_ms, cut_body, reset }.
function methods:handle(request)
  request = {
    method = request.method,
    headers = request.headers or {},
    body = request.body,
    url = request.url,
    id = new_request_id(self),
  }
  if #(request.body or "") > MAX_BODY_BYTES then
    return self:refuse(413)
  end
  local path, query = url.split(request.url)
  local given = url.decode_pairs(query)
  local response = pages.handle(self, request, path, given)
    or dispatch.response(self, request, path, given)
  response.error_message = nil
  response.headers["x-apideck-request-id"] = request.id
  self.events:publish()
  return response
end

--- The response to a request that is refused unread: 413, 421.
function methods:refuse(status)
  local response = dispatch.problem_response(errors.problem(status))
  response.headers["x-apideck-request-id"] = new_request_id(self)
  return response
end

--- Simulates an event outside of Vault, and returns the connection.
-- `what`: { event*, service_id*, unified_api*, consumer_id (default "sandbox-consumer"), app_id }.
function methods:simulate(what)
  local event = simulation.events[what.event]
  local id = tostring(what.unified_api) .. "+" .. tostring(what.service_id)
  local connector = self.store.connectors.by_id[id]
  if not event then
    local known = option_checks.names(simulation.events)
    error(("unknown sandbox event '%s'; known are %s"):format(tostring(what.event), known), 2)
  elseif not connector then
    local known = option_checks.names(self.store.connectors.by_id)
    error(("unknown sandbox connector '%s'; known are %s"):format(id, known), 2)
  end
  local app_id = what.app_id or (type(self.app_id) == "string" and self.app_id) or "sandbox-app"
  local account = self.store:account(app_id, what.consumer_id or "sandbox-consumer")
  local record = self.store:ensure(account, connector)
  event(record, connector, self.store)
  self.store:touch(account, record)
  self.events:publish()
  return dispatch.connection_row(self, account, connector)
end

--- Calls `listener` with the signed request { method, headers, body } of every webhook event from
-- now on, after the request that causes the event was processed. An error that it raises reaches
-- the caller of the sandbox.
function methods:on_event(listener)
  if type(listener) ~= "function" then
    error("on_event: expected a function, got a " .. type(listener), 2)
  end
  self.events:listen(listener)
end

--- A transport for vault.new in this process; see vault/sandbox/transport.lua.
function methods:transport(options)
  return require("vault.sandbox.transport").new(self, options)
end

--- Serves over HTTP on 127.0.0.1 until it is stopped; see vault/sandbox/server.lua.
function methods:serve(options)
  return require("vault.sandbox.server").serve(self, options)
end

return sandbox
