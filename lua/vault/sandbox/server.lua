--- The sandbox as a server on 127.0.0.1, on lua-http: HTTP/1.1 and HTTP/2 (by prior knowledge, with
-- TLS by ALPN).
--
--   local server = require("vault.sandbox.server").listen(sandbox, { port = 0 })
--   print(server.url)
--   server:loop()          -- until server:stop(), or SIGINT or SIGTERM with `signals = true`
--
-- In a program with a cqueues loop of its own: `loop:wrap(function() server:loop() end)`.
local cqueues = require "cqueues"
local cqueues_socket = require "cqueues.socket"
local condition = require "cqueues.condition"
local delivery = require "vault.sandbox.delivery"
local errno = require "cqueues.errno"
local http_headers = require "http.headers"
local http_server = require "http.server"
local http_util = require "http.util"
local url = require "vault.sandbox.url"
local wire = require "vault.sandbox.wire"

local server = {}
local methods = {}
local metatable = { __name = "vault.sandbox.server", __index = methods }

local MAX_BODY_BYTES = 1024 * 1024
local READ_SECONDS = 10
local IDLE_SECONDS = 60

-- A foreign host name may resolve to 127.0.0.1 (DNS rebinding). Pages of such a host must not reach
-- the sandbox, so only the loopback's own names are accepted.
local function is_own_host(self, host)
  if not host then
    return false
  end
  local name, port = host:lower():match("^(%[[%x:]+%])(:?%d*)$")
  if not name then
    name, port = host:lower():match("^([^:]*)(:?%d*)$")
  end
  local is_loopback = name == "127.0.0.1" or name == "localhost" or name == "[::1]"
  local default_port = self.tls and 443 or 80
  return is_loopback and (port == ":" .. self.port or (port == "" and self.port == default_port))
end

-- The request of a stream as sandbox:handle takes it; or nil and the status that refuses it.
local function read_request(self, stream)
  local head = stream:get_headers(READ_SECONDS)
  if not head then
    return nil
  end
  local headers = {}
  for name, value in head:each() do
    if name:sub(1, 1) ~= ":" then
      headers[name] = headers[name] and headers[name] .. ", " .. value or value
    end
  end
  if not is_own_host(self, head:get(":authority") or headers.host) then
    return nil, 421
  elseif headers.expect and headers.expect:lower() == "100-continue" then
    stream:write_continue(READ_SECONDS)
  end
  local body, too_large = wire.read_body(stream, MAX_BODY_BYTES, READ_SECONDS)
  if not body then
    return nil, too_large and 413 or nil
  end
  return {
    method = head:get(":method"),
    url = head:get(":path") or "/",
    headers = headers,
    body = body,
  }
end

local function response_head(response, is_length_known)
  local head = http_headers.new()
  head:append(":status", string.format("%d", response.status))
  for name, value in pairs(response.headers) do
    head:append(name, value)
  end
  if is_length_known then
    head:upsert("content-length", string.format("%d", #response.body))
  end
  return head
end

-- Sends the response, or as much of it as its fault allows.
local function send(stream, request, response)
  local fault = response.fault or {}
  if fault.delay_ms then
    cqueues.sleep(fault.delay_ms / 1000)
  end
  if fault.reset == "before_head" then
    return wire.reset(stream)
  end
  local has_body = response.body ~= "" and request.method ~= "HEAD"
  local is_broken = fault.reset or (fault.cut_body and fault.cut_body < #response.body)
  local head = response_head(response, has_body or is_broken)
  if not stream:write_headers(head, not has_body and not is_broken, READ_SECONDS) then
    return
  end
  if fault.reset then
    wire.flush(stream)
    return wire.reset(stream)
  elseif is_broken then
    stream:write_chunk(response.body:sub(1, fault.cut_body), false, READ_SECONDS)
    return wire.close(stream)
  elseif has_body then
    stream:write_chunk(response.body, true, READ_SECONDS)
  end
end

local function response(self, stream)
  local request, status = read_request(self, stream)
  if request then
    send(stream, request, self.sandbox:handle(request))
  elseif status then
    send(stream, { method = "GET" }, self.sandbox:refuse(status))
  end
  wire.finish(stream)
end

-- lua-http raises for contradictory heads, such as a negative length, and keeps the connection open:
-- close it here.
local function response_safely(self, stream)
  local ok, message = http_util.yieldable_pcall(response, self, stream)
  if not ok then
    wire.abandon(stream)
    error(message, 0)
  end
end

local function report(_, _, operation, message)
  io.stderr:write("vault sandbox: ", operation, ": ", tostring(message):match("^[^\n]*"), "\n")
end

local option_names = {
  port = true,
  tls = true,
  http2 = true,
  on_ready = true,
  signals = true,
  until_input_ends = true,
  webhook_url = true,
}

local function check_options(options)
  for name in pairs(options) do
    if not option_names[name] then
      error("unknown server option '" .. tostring(name) .. "'", 3)
    end
  end
  local port = options.port or 0
  if type(port) ~= "number" or port ~= math.floor(port) or port < 0 or port > 65535 then
    error("port must be an integer from 0 to 65535", 3)
  end
  local webhook_url = options.webhook_url
  if webhook_url ~= nil and not url.is_redirect_target(webhook_url) then
    error("webhook_url must be an absolute http or https URL", 3)
  end
end

-- cqueues reports only the number of the error; the message says why the port cannot be used.
local function listening_socket(port)
  local socket = assert(cqueues_socket.listen { host = "127.0.0.1", port = port, reuseaddr = true })
  socket:onerror(function(_, _, code)
    return code
  end)
  local ok, code = socket:listen()
  if not ok then
    error(
      "cannot listen on 127.0.0.1:"
        .. port
        .. ": "
        .. errno.strerror(code)
        .. "; give another port, or 0 for any that is free",
      0
    )
  end
  return socket
end

--- Listens. `options`, all optional:
--   port               0, the default, picks a free one
--   tls                true: HTTPS
--   http2              true: with tls, HTTP/2 is offered too. lua-http 0.4 may then close a
--                      connection after its first response
--   signals            true: SIGINT and SIGTERM stop the loop
--   until_input_ends   true: the end of standard input stops the loop
--   webhook_url        where webhook events are sent to
--   on_ready           called with the URL and, with TLS, the certificate in PEM
-- The server has the fields url, port and, with TLS, certificate_pem, which a client trusts as its CA.
function server.listen(sandbox, options)
  options = options or {}
  check_options(options)
  local self = setmetatable({
    sandbox = sandbox,
    tls = options.tls == true,
    signals = options.signals,
    until_input_ends = options.until_input_ends,
    stopping = condition.new(),
  }, metatable)
  local ctx
  if self.tls then
    ctx, self.certificate_pem = require("vault.sandbox.certificate").new_context(options.http2)
  end
  local socket = listening_socket(options.port or 0)
  local _
  _, _, self.port = socket:localname()
  self.port = math.floor(self.port)
  self.url = string.format("%s://127.0.0.1:%d", self.tls and "https" or "http", self.port)
  sandbox.base_url = self.url
  self.http = http_server.new {
    socket = socket,
    tls = self.tls,
    ctx = ctx,
    connection_setup_timeout = READ_SECONDS,
    intra_stream_timeout = IDLE_SECONDS,
    onerror = report,
    onstream = function(_, stream)
      response_safely(self, stream)
    end,
  }
  if options.webhook_url then
    sandbox:on_event(delivery.to(options.webhook_url, function(deliver)
      self.http.cq:wrap(deliver)
    end, function(problem)
      report(nil, nil, "webhook", problem)
    end))
  end
  if options.signals then
    wire.block_signals()
  end
  if options.on_ready then
    options.on_ready(self.url, self.certificate_pem)
  end
  return self
end

-- Starts a coroutine for each further way to end the loop.
local function watch(self, controller)
  local waits = { self.signals and wire.wait_signal, self.until_input_ends and wire.wait_input_end }
  for _, wait in pairs(waits) do
    if wait then
      controller:wrap(function()
        wait()
        self:stop()
      end)
    end
  end
end

--- Serves until `stop` is called or a signal arrives, then closes everything.
function methods:loop()
  local controller = cqueues.new()
  watch(self, controller)
  while not self.stopped do
    cqueues.poll(self.http, controller, self.stopping)
    -- A request that makes lua-http raise ends its own coroutine; the others go on.
    local ok, message = self.http:step(0)
    if not ok then
      report(nil, nil, "connection", message)
    end
    assert(controller:step(0))
  end
  self.http:close()
end

--- Ends the loop; may be called from any coroutine of it.
function methods:stop()
  self.stopped = true
  self.stopping:signal()
end

--- Listens and loops.
function server.serve(sandbox, options)
  server.listen(sandbox, options):loop()
end

return server
