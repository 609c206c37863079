--- Runs a function with a debug hook that raises at its n-th event, for n = 1, 2, 3 ... until the
-- function ends first.
local debug_hooks = {}

debug_hooks.MESSAGE = "raised by the debug hook"

-- What debug.sethook takes. "all" is what the stock interpreter's handler of SIGINT sets.
local masks = {
  { name = "call", mask = "c", count = 0 },
  { name = "return", mask = "r", count = 0 },
  { name = "line", mask = "l", count = 0 },
  { name = "count", mask = "", count = 1 },
  { name = "all", mask = "crl", count = 1 },
}

-- Up to this n every one is tried, beyond it one in 20.
local EVERY, EVERY_IN_COROUTINE = 400, 60
if os.getenv "VAULT_SPEC_SLOW" then
  EVERY, EVERY_IN_COROUTINE = 20, 10
end

local function next_n(n, every)
  return n < every and n + 1 or n + math.ceil(n / 20)
end

-- Returns a function that sets such a hook, and one that returns whether it has raised.
local function new_hook(mask, n)
  local left = n
  local function hook()
    left = left - 1
    if left == 0 then
      debug.sethook()
      error(debug_hooks.MESSAGE, 0)
    end
  end
  return function()
    debug.sethook(hook, mask.mask, mask.count)
  end, function()
    return left <= 0
  end
end

-- Returns whether the hook has raised, whether f returned, and what it returned or raised.
local function run(f, mask, n)
  local set, has_raised = new_hook(mask, n)
  local passed, outcome = pcall(function()
    set()
    local passed, outcome = pcall(f)
    debug.sethook()
    return { passed, outcome }
  end)
  debug.sethook()
  if passed then
    passed, outcome = outcome[1], outcome[2]
  end
  return has_raised(), passed, outcome
end

--- Whether the value is what the hook has raised, or an error object that says so.
function debug_hooks.is_hooks(value)
  if type(value) == "table" and type(value.cause) == "string" then
    value = value.cause
  end
  return (tostring(value):find(debug_hooks.MESSAGE, 1, true)) ~= nil
end

-- Calls attempt(mask, n, label) for every kind of event and every n, up to `every` at least, until
-- that returns false: no hook has raised. Returns how often one has.
local function walk(every, attempt)
  local count = 0
  for _, mask in ipairs(masks) do
    local n = 1
    while attempt(mask, n, ("%s event %d"):format(mask.name, n)) do
      count = count + 1
      n = next_n(n, every)
    end
  end
  return count
end

--- Calls f with a hook that raises at its n-th event, for every n and every kind of event; after
-- each, check(passed, outcome, label). Returns how often a hook has raised.
function debug_hooks.each(f, check)
  return walk(EVERY, function(mask, n, label)
    local raised, passed, outcome = run(f, mask, n)
    check(passed, outcome, label)
    return raised
  end)
end

--- The same for the coroutine that f runs in: start(g) has g run in one, and returns when that has
-- ended. f calls nothing in protected mode and raises nothing by itself.
function debug_hooks.each_in_coroutine(f, start)
  return walk(EVERY_IN_COROUTINE, function(mask, n, label)
    local set, has_raised = new_hook(mask, n)
    start(function()
      set()
      f()
      debug.sethook()
    end, label)
    debug.sethook()
    return has_raised()
  end)
end

return debug_hooks
