--- Runs a function with a debug hook that raises at its n-th event, for n = 1, 2, 3 ... until the
-- function ends before that.
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

local SLOW = os.getenv "VAULT_SPEC_SLOW"
-- Beyond this many events not every n is tried, unless VAULT_SPEC_SLOW is set.
local EVERY = 150

local function next_n(n)
  if SLOW or n < EVERY then
    return n + 1
  end
  return n + math.floor(n / 20)
end

-- Returns whether the hook has raised, whether f returned, and what it returned or raised.
local function run(f, mask, n)
  local left = n
  local function hook()
    left = left - 1
    if left == 0 then
      debug.sethook()
      error(debug_hooks.MESSAGE, 0)
    end
  end
  local passed, outcome = pcall(function()
    debug.sethook(hook, mask.mask, mask.count)
    local passed, outcome = pcall(f)
    debug.sethook()
    return { passed, outcome }
  end)
  debug.sethook()
  if passed then
    passed, outcome = outcome[1], outcome[2]
  end
  return left <= 0, passed, outcome
end

--- Whether the value is what the hook has raised, or an error object that says so.
function debug_hooks.is_hooks(value)
  if type(value) == "table" and type(value.cause) == "string" then
    value = value.cause
  end
  return (tostring(value):find(debug_hooks.MESSAGE, 1, true)) ~= nil
end

--- Calls f with a hook that raises at its n-th event, for every n and every kind of event; after
-- each, check(passed, outcome, label). Returns how often a hook has raised.
function debug_hooks.each(f, check)
  local count = 0
  for _, mask in ipairs(masks) do
    local n, raised = 0, true
    while raised do
      n = n == 0 and 1 or next_n(n)
      local passed, outcome
      raised, passed, outcome = run(f, mask, n)
      count = count + (raised and 1 or 0)
      check(passed, outcome, ("%s event %d"):format(mask.name, n))
    end
  end
  return count
end

return debug_hooks
