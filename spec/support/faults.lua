--- Runs a table of faults: each row over the blocking driver and over jobs, with a request that may be repeated and
-- with one that may not. A row is { title, fields }:
--
--   response   of the fault server, see fault_server_response.lua, or a function of the
--              server that returns it;
--   responses  several, the last one repeatedly; or
--   listener   how it treats a connection, see fault_server_raw.lua; or
--   url        a function of the server, for everything else
--   scheme     of the listener's URL, "http" by default
--   over       the server's listener that gives the response, "http" by default
--   warm       a successful response comes first, over a kept connection
--   unseen     no request reaches that listener
--   config     of the client; a function of the server or a table
--   is         the error's name, or "success"
--   code, phase, status   of the error; code may be a list of what the kernel's timing makes of it
--   says       part of the message
--   attempts   of a GET that may make two; 1 by default; a list where that is libcurl's choice
--   unsent     a PATCH is retried too, since nothing of it can have been processed; "perhaps" where timing
--              decides
--   patch      what differs for a PATCH, which has a body
--   request    of the PATCH, instead of a small one; then there is no GET
--   limited    the call ends by its timeout, no sooner. Without it, the call ends at once, that is long before
--              timeout_ms
--   needs      a function of the server: can this machine do it?
--   check      a function of the result and the response
--   done       a function of the server: the URL of a successful response for such a client
--   after      a function, called at the end
--
-- After every row a plain call by the same client must succeed, and the key and the setting must be in no text of
-- the error, the traceback or the log.
local expect = require "spec.support.expect"
local assert = require "luassert"
local socket = require "socket"
local vault = require "vault"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local MARK = "Fv17planted" -- in all that is secret
local KEY = "key-" .. MARK
local LONG_MS = 30000 -- never reached by a call that ends at once
local short_ms = 150
local SLACK_MS = 10000 -- a loaded machine under Valgrind
local DONE = {
  headers = { { "connection", "close" } },
  body = '{"data":{"ok":true}}',
  finish = "close",
}
local KEPT = { body = DONE.body }
local REQUESTS = {
  get = { service_id = "pipedrive", unified_api = "crm" },
  update = {
    service_id = "pipedrive",
    unified_api = "crm",
    connection = { settings = { token = "setting-" .. MARK } },
  },
}

local faults = { searched = 0 } -- how many texts were searched for secrets

faults.drivers = {
  {
    name = "blocking",
    call = function(client, operation, ...)
      return client.connections[operation](...)
    end,
  },
  {
    name = "asynchronously",
    call = function(client, operation, ...)
      return client.async.connections[operation](...):wait()
    end,
  },
}

local function field(row, name, operation)
  local patch = operation == "update" and row.patch
  if patch and patch[name] ~= nil then
    return patch[name]
  end
  return row[name]
end

local function config_of(row, server, lines)
  local config = {
    -- Logging a large body is slow under a sanitizer.
    debug_logger = not row.request and function(line)
      lines[#lines + 1] = line
    end or nil,
    api_key = KEY,
    app_id = "app",
    consumer_id = "consumer",
    timeout_ms = row.limited and short_ms or LONG_MS,
    proxy = "",
    retries = { max_attempts = 2, backoff = { initial_interval = 1, max_interval = 1 } },
  }
  local own = row.config
  for name, value in pairs(type(own) == "function" and own(server) or own or {}) do
    config[name] = value
  end
  return config
end

local function expected_attempts(row, operation)
  if operation == "get" or row.unsent == true then
    return row.attempts or 1
  end
  return 1
end

local function url_of(row, server)
  if row.url then
    return row.url(server)
  elseif row.listener then
    local url = server:listener(row.listener)
    return row.scheme and url:gsub("^http:", row.scheme .. ":", 1) or url
  end
  local response = type(row.response) == "function" and row.response(server) or row.response
  local responses = { unpack(row.responses or { response }) }
  if row.warm then
    table.insert(responses, 1, KEPT)
  end
  local peer = server:script(responses, row.over)
  return peer.url, peer
end

local function assert_in_time(row, ms, attempts)
  attempts = type(attempts) == "table" and attempts[#attempts] or attempts
  local most = (row.limited and short_ms * attempts or 0) + SLACK_MS
  if ms > most then
    error(("took %.0f ms, more than %.0f"):format(ms, most), 0)
  end
  local least = row.is == "RequestTimeoutError" and short_ms * attempts * 0.9 or 0
  if ms < least then
    error(("took %.0f ms, less than %.0f"):format(ms, least), 0)
  end
end

local function is_one_of(wanted, value)
  if type(wanted) ~= "table" then
    return wanted == value
  end
  for _, one in ipairs(wanted) do
    if one == value then
      return true
    end
  end
  return false
end

local function assert_error(row, operation, err)
  assert.is_true(vault.is_error(err), tostring(err))
  local undecided = operation == "update" and row.unsent == "perhaps"
  for name, wanted in pairs {
    name = field(row, "is", operation),
    code = field(row, "code", operation),
    phase = field(row, "phase", operation),
    status_code = field(row, "status", operation),
    attempts = undecided and { 1, 2 } or expected_attempts(row, operation),
  } do
    if not is_one_of(wanted, err[name]) then
      local text = "%s of %s: expected %s, got %s"
      error(text:format(name, tostring(err), tostring(wanted), tostring(err[name])), 0)
    end
  end
  local says = field(row, "says", operation)
  if says then
    expect.says(err.message, says)
  end
end

local function assert_silent(err, trace, lines, is_quiet)
  expect.silent_about(table.concat(lines, "\n"), MARK)
  assert(#lines > 0 or is_quiet, "nothing was logged")
  faults.searched = faults.searched + #lines
  if vault.is_error(err) then
    local texts = expect.strings_of(err)
    texts[#texts + 1] = tostring(err)
    texts[#texts + 1] = trace
    for _, text in ipairs(texts) do
      expect.silent_about(text, MARK)
    end
    faults.searched = faults.searched + #texts
  end
end

-- The server has seen exactly the attempts that the client reports.
local function assert_seen(row, operation, peer)
  local wanted = row.unseen and 0 or expected_attempts(row, operation)
  local seen = #peer:requests()
  if not is_one_of(wanted, seen) then
    error(("the server saw %d requests, not %s"):format(seen, tostring(wanted)), 0)
  end
end

local function assert_usable(row, driver, client, server)
  local url = row.done and row.done(server) or server:script({ DONE }).url
  local result =
    driver.call(client, "get", REQUESTS.get, { server_url = url, timeout_ms = LONG_MS })
  assert.is_true(result.data.ok)
end

local function try(row, driver, operation, server)
  local lines, trace = {}, nil
  local config = config_of(row, server, lines)
  local client = vault.new(config)
  local url, peer = url_of(row, server)
  local options = { server_url = url }
  if row.warm then
    driver.call(client, "get", REQUESTS.get, options)
  end
  local request = row.request or REQUESTS[operation]
  local began = socket.gettime()
  local returned, result, response = xpcall(function()
    return driver.call(client, operation, request, options)
  end, function(err)
    trace = debug.traceback(tostring(err))
    return err
  end)
  assert_in_time(row, (socket.gettime() - began) * 1000, expected_attempts(row, operation))
  if field(row, "is", operation) ~= "success" then
    assert(not returned, "the call returned")
    assert_error(row, operation, result)
  elseif not returned then
    error(result, 0)
  elseif row.check then
    row.check(result, response)
  end
  assert_silent(result, trace, lines, row.request)
  if peer and not row.warm then
    assert_seen(row, operation, peer)
  end
  if row.after then
    row.after()
  end
  if config.proxy == "" then
    assert_usable(row, driver, client, server)
  end
  client:close()
end

--- Makes timeouts long enough for a TLS handshake on this machine, which may be slow; and finds out the
-- version of libcurl and the content codings that it supports.
function faults.calibrate(server)
  local peer = server:script({ DONE }, "good")
  local client = vault.new {
    server_url = peer.url,
    tls = { ca_file = server.authority_file },
    proxy = "",
  }
  client.connections.list() -- the first one loads libraries
  local _, response = client.connections.list()
  client:close()
  local request = peer:requests()[1]
  server.codings = request:header "accept-encoding" or ""
  local major, minor = request:header("user-agent"):match "libcurl/(%d+)%.(%d+)"
  server.libcurl = major * 1000 + minor
  short_ms = math.min(3000, math.max(short_ms, math.ceil(4 * response.elapsed_ms)))
end

--- Tests one row over one driver, with both requests; raises where the outcome differs from the row.
function faults.try(row, driver, server)
  if not row.request then
    try(row, driver, "get", server)
  end
  if not row.limited or row.request or driver == faults.drivers[1] then -- the timeout of one driver is enough
    try(row, driver, "update", server)
  end
end

return faults
