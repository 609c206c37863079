--- An HTTP server on 127.0.0.1 with exactly the responses that a spec defines, faulty
-- ones too: cut, stalled, reset, compressed, redirected, proxied.
-- Run as a program by lua5.4 (see fault_server_process.lua):
--
--   POST /control/scenario/NAME   { "responses": [RESPONSE...] } registers responses
--   GET  /control/requests/NAME   the requests of that scenario so far
--   POST /control/listener        a BEHAVIOUR (fault_server_raw.lua, or, with http2 = true, fault_server_http2.lua) for
--                                 every connection to the listener that this opens; its URL
--   GET  /control/counts/PORT     connections to that listener: open, the most that were open at once, and total
--   GET  /control/info            URLs of the listeners, certificates
--   any  /NAME/...                the next RESPONSE of NAME, the last one repeatedly
--
-- The fields of a RESPONSE are described in fault_server_response.lua.
local cqueues = require "cqueues"
local condition = require "cqueues.condition"
local socket = require "cqueues.socket"
local cjson = require("cjson").new()
local ssl_context = require "openssl.ssl.context"
local chain = require "openssl.x509.chain"
local store = require "openssl.x509.store"
local response = require "spec.support.fault_server_response"
local certificates = require "spec.support.certificates"
local http2 = require "spec.support.fault_server_http2"
local raw = require "spec.support.fault_server_raw"

local IDLE_LIMIT = 60 -- seconds without data on a connection
local LIFETIME = tonumber(arg[1]) or 900 -- seconds after which the process ends in any case
local RECORDED_REQUESTS = 500

local scenarios = {}
local listeners = {}
local made = certificates.make()
local connection_count = 0
local counts = {} -- by the port of a listener

local function scenario_named(name)
  scenarios[name] = scenarios[name] or { responses = {}, requests = {}, connections = {} }
  return scenarios[name]
end

local function read_headers(connection)
  local headers = {}
  while true do
    local line = connection:read("*L")
    if not line then
      return nil
    end
    line = line:gsub("\r?\n$", "")
    if line == "" then
      return headers
    end
    local name, value = line:match("^([^:]+):%s*(.-)%s*$")
    headers[#headers + 1] = { name or line, value or "" }
  end
end

local function header(headers, wanted)
  for _, pair in ipairs(headers) do
    if pair[1]:lower() == wanted then
      return pair[2]
    end
  end
  return nil
end

local function read_chunked(connection)
  local parts = {}
  while true do
    local line = connection:read("*L")
    local size = line and tonumber(line:match("^%x+"), 16)
    if not size then
      return nil
    end
    if size == 0 then
      connection:read("*L")
      return table.concat(parts)
    end
    parts[#parts + 1] = connection:read(size)
    connection:read("*L")
  end
end

local function read_body(connection, headers)
  if (header(headers, "transfer-encoding") or ""):lower() == "chunked" then
    return read_chunked(connection)
  end
  local length = tonumber(header(headers, "content-length"))
  if not length then
    return nil
  elseif length == 0 then
    return ""
  end
  return connection:read(length)
end

local function json_response(value)
  return {
    status = 200,
    headers = { { "content-type", "application/json" } },
    body = cjson.encode(value),
  }
end

local control = {}

function control.scenario(request)
  local given = cjson.decode(request.body)
  scenarios[request.name] = { responses = given.responses, requests = {}, connections = {} }
  return json_response { registered = #given.responses }
end

function control.requests(request)
  local scenario = scenario_named(request.name)
  local connections = 0
  for _ in pairs(scenario.connections) do
    connections = connections + 1
  end
  return json_response { requests = scenario.requests, connections = connections }
end

function control.counts(request)
  return json_response(counts[tonumber(request.name)])
end

function control.info()
  local urls = {}
  for name, listener in pairs(listeners) do
    urls[name] = listener.url
  end
  return json_response {
    urls = urls,
    authority = made.authority.certificate:toPEM(),
    client_certificate = made.client.certificate:toPEM(),
    client_key = made.client.key:toPEM("private"),
  }
end

-- Requests to a proxy have the absolute form (RFC 9112, 3.2.2), or are CONNECT.
local function route(request)
  if request.method == "CONNECT" then
    return "connect"
  end
  local path = request.target:gsub("^%w+://[^/]*", "")
  return path:match("^/([^/?]*)") or "", path:match("^/[^/?]*/([^/?]*)"), path:match("([^/?]*)$")
end

local function record(scenario, request, connection_id)
  scenario.connections[connection_id] = true
  if #scenario.requests < RECORDED_REQUESTS then
    scenario.requests[#scenario.requests + 1] = request
  end
  scenario.count = (scenario.count or 0) + 1
  return scenario.responses[math.min(scenario.count, #scenario.responses)] or { status = 404 }
end

-- An error in one coroutine would end the loop, and every other connection with it.
local function spawn(queue, f, ...)
  queue:wrap(function(...)
    local done, why = xpcall(f, debug.traceback, ...)
    if not done then
      io.stderr:write("fault server: ", tostring(why), "\n")
    end
  end, ...)
end

local function splice(from, to)
  repeat
    local bytes = from:read(-4096)
    local sent = bytes and to:write(bytes) and to:flush()
  until not sent
  to:shutdown "w"
end

local function tunnel(connection, request)
  local host, port = request.target:match("^(.-):(%d+)$")
  -- Requests of specs never leave the machine, whatever their target.
  local far = (host == "127.0.0.1" or host == "localhost") and socket.connect("127.0.0.1", port)
  if not far then
    return
  end
  far:setmode("bn", "bn")
  far:onerror(function(_, _, why)
    return why
  end)
  connection:write("HTTP/1.1 200 Connection established\r\n\r\n")
  connection:flush()
  local ended, back = condition.new(), true
  spawn(cqueues.running(), function()
    splice(far, connection)
    back = false
    ended:signal()
  end)
  splice(connection, far)
  if back then
    ended:wait(IDLE_LIMIT)
  end
  far:close()
end

local function next_request(connection, listener_name, connection_id)
  local line = connection:read("*L")
  local method, target, version = (line or ""):match("^(%S+) (%S+) (HTTP/%d%.%d)")
  local headers = method and read_headers(connection)
  if not headers then
    return nil
  end
  return {
    method = method,
    target = target,
    version = version,
    headers = headers,
    listener = listener_name,
    connection = connection_id,
    at = cqueues.monotime(),
  }
end

-- Responds to one request; true if the connection can be used for another.
local function serve_request(connection, request)
  local first, second = route(request)
  if first == "control" then
    request.body = read_body(connection, request.headers)
    request.name = request.target:match("([^/]*)$")
    return response.send(connection, control[second](request), request)
  end
  local chosen = record(scenario_named(first), request, request.connection)
  if chosen.tunnel then
    tunnel(connection, request)
    return false
  end
  if chosen.read_body ~= false then
    request.body = read_body(connection, request.headers)
  end
  return response.send(connection, chosen, request)
end

local function prepare(connection)
  connection_count = connection_count + 1
  connection:setmode("bn", "bf")
  connection:setmaxline(1024 * 1024)
  connection:settimeout(IDLE_LIMIT)
  connection:onerror(function(_, _, why)
    return why
  end)
  return connection_count
end

local function serve_connection(connection, name, context)
  local id = prepare(connection)
  local going_on = not context or connection:starttls(context)
  while going_on do
    local request = next_request(connection, name, id)
    going_on = request and serve_request(connection, request)
  end
  connection:close()
end

local function tls_context(pair, mutual)
  local context = ssl_context.new(pair.protocol or "TLS", true)
  if pair.ciphers then
    context:setCipherList(pair.ciphers)
  end
  context:setCertificate(pair.certificate)
  context:setPrivateKey(pair.key)
  if pair.chain then
    local sent = chain.new()
    for _, certificate in ipairs(pair.chain) do
      sent:add(certificate)
    end
    context:setCertificateChain(sent)
  end
  if mutual then
    local trusted = store.new()
    trusted:add(made.authority.certificate)
    context:setStore(trusted)
    context:setVerify(ssl_context.VERIFY_PEER + ssl_context.VERIFY_FAIL_IF_NO_PEER_CERT)
  end
  return context
end

-- `serve` is called with each connection, in a coroutine of its own.
local function listen(queue, address, serve)
  local server = assert(socket.listen(address, 0))
  assert(server:listen())
  local _, _, port = server:localname()
  queue:wrap(function()
    for connection in server:clients() do
      spawn(queue, serve, connection)
    end
  end)
  return port
end

local function listen_for_http(queue, name, context)
  local port = listen(queue, "127.0.0.1", function(connection)
    serve_connection(connection, name, context)
  end)
  listeners[name] = { url = (context and "https" or "http") .. "://127.0.0.1:" .. port }
end

local function listen_on_ipv6(queue)
  local possible, port = pcall(listen, queue, "::1", function(connection)
    serve_connection(connection, "ipv6")
  end)
  if possible then
    listeners.ipv6 = { url = ("http://[::1]:%d"):format(port) }
  end
end

local function http2_context()
  local context = tls_context(made.good)
  context:setAlpnSelect(function(_, offered)
    for _, protocol in ipairs(offered) do
      if protocol == "h2" then
        return protocol
      end
    end
    return nil
  end)
  return context
end

-- HTTP/1.1 from a listener for HTTP/2.
local function serve_one_by_one(connection, behaviour)
  while next_request(connection) do
    cqueues.sleep(behaviour.each_ms / 1000)
    connection:write "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    connection:flush()
  end
end

-- http2_connections: only that many connections, the first ones, are offered HTTP/2; the others get HTTP/1.1.
function control.listener(request)
  local behaviour = cjson.decode(request.body)
  local scheme = behaviour.http2 and "https" or "http"
  local most_http2 = behaviour.http2 and (behaviour.http2_connections or math.huge) or 0
  local with_http2, without_http2
  if behaviour.http2 then
    with_http2, without_http2 = http2_context(), tls_context(made.good)
  end
  local count = { open = 0, most = 0, total = 0 }
  local port = listen(cqueues.running(), "127.0.0.1", function(connection)
    prepare(connection)
    count.open, count.total = count.open + 1, count.total + 1
    count.most = math.max(count.most, count.open)
    local serve, context = raw.serve, nil
    if count.total <= most_http2 then
      serve, context = http2.serve, with_http2
    elseif behaviour.http2 then
      serve, context = serve_one_by_one, without_http2
    end
    if not context or connection:starttls(context) then
      serve(connection, behaviour, spawn)
    end
    connection:close()
    count.open = count.open - 1
  end)
  counts[port] = count
  return json_response { url = ("%s://127.0.0.1:%d"):format(scheme, port) }
end

-- Like the listener "http", on another address of this machine.
function control.outer(request)
  local address = request.target:match "([^/]*)$"
  local possible, port = pcall(listen, cqueues.running(), address, function(connection)
    serve_connection(connection, "outer")
  end)
  return json_response { url = possible and ("http://%s:%d"):format(address, port) or nil }
end

local function main()
  local queue = cqueues.new()
  listen_for_http(queue, "http")
  listen_on_ipv6(queue)
  for name, pair in pairs(made) do
    if name ~= "authority" and name ~= "client" then
      listen_for_http(queue, name, tls_context(pair))
    end
  end
  listen_for_http(queue, "mutual", tls_context(made.good, true))
  queue:wrap(function()
    -- The parent has the other end, which closes with the parent, however that ends.
    cqueues.poll({ pollfd = 0, events = "r" }, LIFETIME)
    os.exit(0)
  end)
  io.stdout:write(
    ("fault server listening on %s %s\n"):format(listeners.http.url, listeners.good.url)
  )
  io.stdout:flush()
  assert(queue:loop())
end

main()
