-- Many calls, blocking ones and jobs, to servers that fail at random: every call must have the outcome of its fault,
-- and in the second half the process must hold no more memory, descriptors and threads than in the first.
-- Run without busted:
--
--   LUA_PATH="./?.lua;lua/?.lua;lua/?/init.lua;;" LUA_CPATH="build/5.4/?.so;;" lua5.4 spec/endurance.lua [calls [seed]]
--
-- 20,000 calls by default, which take at most half a minute; a million take half an hour. A seed always gives the
-- same calls.
local fault_server = require "spec.support.fault_server_process"
local internal = require "vault_internal"
local results = require "spec.support.results"
local socket = require "socket"
local vault = require "vault"

local CALLS = tonumber(arg[1]) or 20000
local SEED = tonumber(arg[2]) or 1
local IN_FLIGHT = 32
local CLIENT_CALLS = 1000 -- after so many a client is replaced, even with jobs in flight
local SAMPLES = 20
-- How much higher the second half may peak: kept connections and their buffers vary.
local LIMITS = { rss = 4096, heap = 1024, lua = 64, descriptors = 16, threads = 0 }
local CLOSE = { { "connection", "close" } }
local LIST = '{"data":['
  .. ('{"id":"crm+pipedrive","enabled":true,"settings":{"a":[1,2.5]}},'):rep(50)
  .. "1]}"

local server = fault_server.start(7200)

local function refused_url()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return "http://127.0.0.1:" .. port
end

-- The weight of each, its name as an outcome, the server's response.
local function plan()
  local function at(response, listener)
    return server:script({ response }, listener).url
  end
  return {
    { 400, "success", at { body = '{"data":{"ok":true}}' } },
    { 60, "success", at { body = LIST } },
    { 30, "success", at { body = LIST, chunk = 700 } },
    { 30, "success", at { body = LIST, encoding = "gzip" } },
    { 30, "success", at { body = LIST, headers = CLOSE, finish = "close" } },
    { 30, "success", at({ body = '{"data":{"ok":true}}' }, "good") },
    { 60, "NotFoundResponse", at { status = 404, body = '{"message":"no","detail":{"a":[]}}' } },
    { 30, "UnauthorizedResponse", at { status = 401, body = "<html>no</html>" } },
    { 30, "APIError", at { status = 500, body = '{"message":"broken"}' } },
    { 30, "APIError", at { status = 429, headers = { { "retry-after", "3600" } }, body = "{}" } },
    { 30, "ConnectionError", at { raw = "", finish = "close" } },
    { 30, "ConnectionError", at { raw = "", finish = "reset" } },
    { 30, "ConnectionError", at { raw = "HTTP/1.1 200 OK\r\nx: ", finish = "close" } },
    { 30, "ConnectionError", at { raw = "nonsense\r\n\r\n", finish = "close" } },
    { 10, "ConnectionError", at({ body = "{}" }, "expired") },
    { 10, "ConnectionError", refused_url() },
    { 5, "ConnectionError", "https://" .. ("a"):rep(64) .. ".invalid" },
    { 30, "ResponseValidationError", at { body = LIST, cut_body = 1000, finish = "close" } },
    { 30, "ResponseValidationError", at { body = '{"data":' } },
    { 30, "ResponseValidationError", at { body = ("["):rep(5000) } },
    {
      10,
      "ResponseValidationError",
      at { body = "0123456789", repeat_body = 20000, finish = "close" },
    },
    { 4, "RequestTimeoutError", at { raw = "", finish = "stall" } },
    { 4, "RequestTimeoutError", at { body = LIST, cut_body = 100, finish = "stall" } },
  }
end

-- ANSI C's example of rand: the same everywhere.
local state = SEED
local function random(limit)
  state = (state * 1103515245 + 12345) % 2147483648
  return math.floor(state / 65536) % limit
end

local kinds, total = plan(), 0
for _, kind in ipairs(kinds) do
  total = total + kind[1]
end

local function draw()
  local left = random(total)
  for _, kind in ipairs(kinds) do
    left = left - kind[1]
    if left < 0 then
      return kind
    end
  end
end

local REQUESTS = {
  get = { service_id = "pipedrive", unified_api = "crm" },
  list = { api = "crm" },
  delete = { service_id = "pipedrive", unified_api = "crm" },
  update = {
    service_id = "pipedrive",
    unified_api = "crm",
    connection = { settings = { token = ("t"):rep(500) } },
  },
}
local OPERATIONS = { "get", "list", "update", "delete" }

local counts =
  { blocking = 0, jobs = 0, cancelled = 0, aborted = 0, invalid = 0, clients = 0, faults = 0 }
local wrong = {}
local client, ended, in_flight

local function new_client()
  counts.clients = counts.clients + 1
  return vault.new {
    api_key = "k",
    app_id = "a",
    consumer_id = "c",
    timeout_ms = 30000,
    max_response_bytes = 100000,
    proxy = "",
    tls = { ca_file = server.authority_file },
    retries = {
      max_attempts = 2,
      backoff = { initial_interval = 1, max_interval = 1, max_elapsed_time = 1000 },
    },
  }
end

-- Short for stalls, and long for the others.
local function options_of(kind)
  local stalls = kind[2] == "RequestTimeoutError"
  return {
    server_url = kind[3],
    timeout_ms = stalls and 30 or nil,
    retries = stalls and false or nil,
  }
end

local function note(kind, err)
  ended = ended + 1
  local outcome = err and (vault.is_error(err) and err.name or tostring(err)) or "success"
  counts.faults = counts.faults + (outcome == "success" and 0 or 1)
  if outcome ~= kind[2] then
    local text = ("%s instead of %s"):format(
      outcome == "success" and outcome or tostring(err),
      kind[2]
    )
    wrong[text] = (wrong[text] or 0) + 1
  end
end

local function call(kind, operation)
  counts.blocking = counts.blocking + 1
  local returned, err = pcall(client.connections[operation], REQUESTS[operation], options_of(kind))
  note(kind, not returned and err or nil)
end

local function start(kind, operation)
  counts.jobs = counts.jobs + 1
  in_flight = in_flight + 1
  local cancelled = false
  local options = options_of(kind)
  function options.callback(_, err)
    in_flight = in_flight - 1
    if err and err.name == "RequestAbortedError" then
      local why = cancelled and "cancelled" or "aborted"
      counts[why] = counts[why] + 1
      ended = ended + 1
    else
      note(kind, err)
    end
  end
  local job = client.async.connections[operation](REQUESTS[operation], options)
  if random(50) == 0 then
    cancelled = true
    job:cancel()
  end
end

local function misuse()
  counts.invalid = counts.invalid + 1
  ended = ended + 1
  local returned, err = pcall(client.connections.get, { service_id = "..", unified_api = "crm" })
  assert(not returned and vault.is_error(err, "InvalidRequestError"))
end

local function step()
  local kind, operation = draw(), OPERATIONS[1 + random(#OPERATIONS)]
  if operation == "delete" and kind[2] == "NotFoundResponse" then
    operation = "get" -- a retried DELETE treats a 404 as success
  end
  local way = random(100)
  if way < 3 then
    misuse()
  elseif way < 50 then
    call(kind, operation)
  else
    start(kind, operation)
  end
  if in_flight >= IN_FLIGHT then
    client:poll(5000)
  end
  if ended % 64 == 0 then
    client:poll(0)
  end
end

local function descriptors()
  local pipe = assert(io.popen "ls /proc/$PPID/fd | wc -l")
  local count = tonumber(pipe:read "*a") - 1 -- the pipe's
  pipe:close()
  return count
end

local function status_of(name)
  for line in io.lines "/proc/self/status" do
    local value = line:match("^" .. name .. ":%s*(%d+)")
    if value then
      return tonumber(value)
    end
  end
end

local function sample(began)
  client:close() -- ends the jobs in flight, and so makes the samples comparable
  client = nil
  collectgarbage()
  collectgarbage()
  local now = {
    calls = ended,
    seconds = socket.gettime() - began,
    rss = status_of "VmRSS",
    heap = math.floor((internal.memory.in_use() or 0) / 1024),
    lua = math.floor(collectgarbage "count"),
    descriptors = descriptors(),
    threads = status_of "Threads",
  }
  print(
    ("%8d calls %7.1f s  RSS %6d KB  allocated %6d KB  Lua %5d KB  %d descriptors  %d threads"):format(
      now.calls,
      now.seconds,
      now.rss,
      now.heap,
      now.lua,
      now.descriptors,
      now.threads
    )
  )
  io.stdout:flush()
  return now
end

local function run()
  local began = socket.gettime()
  local samples, started = {}, 0
  ended, in_flight = 0, 0
  while #samples < SAMPLES do
    client = new_client()
    local last = math.floor(CALLS * (#samples + 1) / SAMPLES)
    while started < last do
      step()
      started = started + 1
      if started % CLIENT_CALLS == 0 then
        client:close()
        client = new_client()
      end
    end
    samples[#samples + 1] = sample(began)
    assert(ended == started, "a call has not ended")
  end
  return samples
end

local function peak(samples, field, from, to)
  local most = 0
  for i = from, to do
    most = math.max(most, samples[i][field])
  end
  return most
end

local function growth(samples, field)
  local half = math.floor(#samples / 2)
  return peak(samples, field, half + 1, #samples) - peak(samples, field, 1, half)
end

local samples = run()
server:stop()
local last = samples[#samples]
local mistaken, grown = 0, {}
for text, count in pairs(wrong) do
  mistaken = mistaken + count
  io.stderr:write(("%6d times: %s\n"):format(count, text))
end
print(
  ("%d calls in %.0f s: %d blocking, %d jobs (%d cancelled, %d ended by close), %d invalid"):format(
    last.calls,
    last.seconds,
    counts.blocking,
    counts.jobs,
    counts.cancelled,
    counts.aborted,
    counts.invalid
  )
)
print(("%d errors, as the faults wanted; %d clients"):format(counts.faults, counts.clients))
results.add("endurance", "calls", last.calls)
results.add("endurance", "of these, with a fault", counts.faults)
results.add("endurance", "ended other than their fault says", mistaken)
for field, limit in pairs(LIMITS) do
  grown[field] = growth(samples, field)
  print(("the second half peaks %d higher: %s"):format(grown[field], field))
  assert(grown[field] <= limit, field .. " has grown")
end
results.add(
  "endurance",
  "allocated memory, peak of the second half over the first's, KB (max)",
  grown.heap
)
results.add("endurance", "RSS, the same, KB (max)", grown.rss)
results.add("endurance", "descriptors, the same (max)", grown.descriptors)
assert(mistaken == 0, "calls ended other than their fault says")
