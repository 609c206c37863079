-- Runs every scenario with the first, the second, the third ... allocation failing, until none
-- fails; and checks the state after each run. Arguments: the harness, --every K (only each K-th
-- allocation), names of scenarios.
local every = 1
local wanted = {}
local harness = ...
local arguments = { select(2, ...) }
local position = 1
while arguments[position] do
  if arguments[position] == "--every" then
    every = assert(tonumber(arguments[position + 1]), "--every needs a number")
    position = position + 2
  else
    wanted[#wanted + 1] = arguments[position]
    position = position + 1
  end
end

-- Each fails once, or it and all later ones fail. A Lua state collects garbage and tries again when
-- an allocation fails: "once" tests a collection at every allocation.
local kinds = {
  { resource = "lua", lasting = false },
  { resource = "lua", lasting = true },
  { resource = "core", lasting = false },
  { resource = "core", lasting = true },
  { resource = "curl", lasting = false },
  { resource = "curl", lasting = true },
  { resource = "system", lasting = false },
}

local failures = 0
local totals = {}
local points_of = {} -- by scenario

local function fail(label, format, ...)
  failures = failures + 1
  io.stderr:write("FAILED ", label, ": ", format:format(...), "\n")
  if failures >= 50 then
    error("too many failures", 0)
  end
end

local function new_state()
  return assert(harness.new(harness.server_port, harness.closed_port))
end

-- The outcome without a failure.
local function run_whole(state, name)
  assert(select(2, state:call("prepare", name, name)))
  local refused, ok, outcome = state:call("run", name, name)
  assert(refused == 0)
  local _, _, described = state:call("describe_last", name, name)
  local raises = select(3, state:call("raises", name, name))
  if ok == (raises ~= "") or described:sub(1, #raises) ~= raises then
    error(("%s: with everything there: %s"):format(name, ok and outcome or described), 0)
  end
  local used, why = select(2, state:call("use", name, name))
  if not used then
    error(name .. ": with everything there: " .. why, 0)
  end
  assert(select(2, state:call("forget", name, name)))
  local also = select(3, state:call("also", name, name))
  return { also = also, ok = ok, text = ok and outcome or described }
end

-- The beginnings of other outcomes that a failure may have. (A connection that cannot be opened is
-- retried, so that the expected outcome can come from a later attempt.)
local no_thread = "UnexpectedClientError|cannot start the background thread: "
local allowed = {
  lua = { "not enough memory" },
  core = { "not enough memory", no_thread },
  curl = { "not enough memory", no_thread, "ConnectionError|127.0.0.1:" },
  system = {
    "not enough memory",
    no_thread,
    "ConnectionError|127.0.0.1:",
    "Too many open files",
    "Permission denied",
  },
}

local function is_allowed(kind, described)
  for _, beginning in ipairs(allowed[kind.resource]) do
    if described:sub(1, #beginning) == beginning then
      return true
    end
  end
  return false
end

local function check_outcome(label, kind, expected, ok, outcome, described)
  if ok then
    if not expected.ok or outcome ~= expected.text then
      fail(label, "returned %q, expected %q", outcome, expected.text)
    end
  elseif
    described ~= expected.text
    and outcome ~= expected.also
    and not is_allowed(kind, described)
  then
    fail(label, "ended in %s, expected %q", described, expected.text)
  end
end

-- The engine's thread frees the handles of a closed client when it next runs.
local function settled_memory(before)
  local deadline = harness.seconds() + 5
  while true do
    local now = { harness.live() }
    if now[2] == before[2] and now[3] == before[3] or harness.seconds() > deadline then
      return now
    end
    harness.pause()
  end
end

local function check_memory(label, before)
  local names = { "Lua", "libcurl", "the module" }
  local now = settled_memory(before)
  for i = 2, 3 do
    if now[i] ~= before[i] then
      fail(label, "%d blocks of %s are left, there were %d", now[i], names[i], before[i])
      before[i] = now[i]
    end
  end
end

local function run_once(state, name, kind, n, expected, label)
  local ready, why = select(2, state:call("prepare", name, label))
  if not ready then
    fail(label, "cannot be prepared: %s", why)
  end
  local refused, ok, outcome = state:call("run", name, label, kind.resource, n, kind.lasting)
  local _, _, described = state:call("describe_last", name, label)
  check_outcome(label, kind, expected, ok, outcome, described)
  local used, problem = select(2, state:call("use", name, label))
  if not used then
    fail(label, "is unusable afterwards: %s", problem)
  end
  local closed, reason = select(2, state:call("forget", name, label))
  if not closed then
    fail(label, "cannot be closed: %s", reason)
  end
  return refused
end

local function close_once(name, kind, n, label)
  local state = new_state()
  assert(select(2, state:call("prepare", name, label)))
  return state:close(label, kind.resource, n, kind.lasting)
end

local function run_fresh(name, kind, n, expected, label)
  local state = new_state()
  local refused = run_once(state, name, kind, n, expected, label)
  state:close(label)
  return refused
end

-- attempt(n, label) -> number of failures. The engine's thread allocates too, so that one run may
-- need fewer than another: three runs in a row without a failure end the scenario.
local function run_all(name, kind, attempt)
  local n, points, quiet = 1, 0, 0
  local before = { harness.live() }
  while quiet < 3 do
    local label = ("%s, %s %d%s"):format(name, kind.resource, n, kind.lasting and " and on" or "")
    if attempt(n, label) > 0 then
      points = points + 1
      quiet = 0
    else
      quiet = quiet + 1
    end
    check_memory(label, before)
    n = n + every
  end
  totals[kind.resource] = (totals[kind.resource] or 0) + points
  return points
end

local function run_kind(name, kind, fresh, closing, expected)
  if closing then
    return run_all(name, kind, function(n, label)
      return close_once(name, kind, n, label)
    end)
  end
  if fresh then
    return run_all(name, kind, function(n, label)
      return run_fresh(name, kind, n, expected, label)
    end)
  end
  local state = new_state()
  for _ = 1, 3 do
    run_whole(state, name)
  end
  local bytes = state:bytes()
  local points = run_all(name, kind, function(n, label)
    local refused = run_once(state, name, kind, n, expected, label)
    state:bytes() -- collects garbage before the checks
    return refused
  end)
  -- Tables keep their largest size; a leak grows with the number of runs.
  local growth = state:bytes() - bytes
  if growth > 16384 then
    fail(name, "%d bytes more in use after %d runs", growth, points)
  end
  state:close(name)
  return points
end

local function run_scenario(name)
  local state = new_state()
  local fresh = select(3, state:call("is_fresh", name, name)) == "yes"
  local closing = select(3, state:call("is_closing", name, name)) == "yes"
  local expected = not closing and run_whole(state, name)
  state:close(name)
  local counts, began = {}, harness.seconds()
  for i, kind in ipairs(kinds) do
    counts[i] = run_kind(name, kind, fresh, closing, expected)
    points_of[name] = (points_of[name] or 0) + counts[i]
  end
  io.stdout:write(
    ("%-34s %s  %.1f s\n"):format(name, table.concat(counts, " "), harness.seconds() - began)
  )
  io.stdout:flush()
end

local state = harness.new(harness.server_port, harness.closed_port)
if not state then
  print "This Lua takes no allocator of a host's: nothing can be refused"
  return
end
local all = select(3, state:call("list_scenarios", "", "list"))
state:close ""
if #wanted == 0 then
  for name in all:gmatch "[^\n]+" do
    wanted[#wanted + 1] = name
  end
end

-- libcurl is initialised once per process, here: by vault.new, and where that fails by the first call.
do
  local fresh = new_state()
  local label = "initialisation of libcurl refused"
  assert(select(2, fresh:call("prepare", "first call", label)))
  local refused, ok, outcome = fresh:call("run", "first call", label, "system", 1, true)
  if refused ~= 2 or ok or outcome ~= "not enough memory" then
    fail(label, "ended in %s after %d refusals", outcome, refused)
  end
  refused, ok, outcome = fresh:call("run", "first call", label, "system", 1, false)
  if refused ~= 1 or not ok then
    fail(label, "once only, ended in %s after %d refusals", outcome, refused)
  end
  local used, problem = select(2, fresh:call("use", "first call", label))
  if not used then
    fail(label, "is never made up for: %s", problem)
  end
  fresh:close(label)
end

for _, name in ipairs(wanted) do
  run_scenario(name)
end
local function sum(resource)
  return totals[resource] or 0
end
print(
  ("refused: %d of Lua's, %d of libcurl's, %d of the module's, %d of the system's"):format(
    sum "lua",
    sum "curl",
    sum "core",
    sum "system"
  )
)
local results = assert(loadfile(harness.directory .. "/../support/results.lua"))()
results.add("allocations", "scenarios", #wanted)
results.add("allocations", "allocations of Lua's refused", sum "lua")
results.add("allocations", "allocations of libcurl's refused", sum "curl")
results.add("allocations", "allocations of the module's refused", sum "core")
results.add("allocations", "calls of the system refused", sum "system")
for _, operation in ipairs { "list", "get", "update", "delete", "imports", "token", "migrate" } do
  local points = (points_of[operation] or 0) + (points_of["async " .. operation] or 0)
  results.add("allocations", "of these in connections." .. operation, points)
end
results.add("allocations", "leaks, wrong outcomes, unusable clients", failures)
if failures > 0 then
  error(failures .. " failures", 0)
end
