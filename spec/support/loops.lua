--- The event loops that are installed for this Lua, each as
--   name                         what vault.new { loop = name } takes
--   run(f, ...)                  calls f in a coroutine of a loop, runs the loop until all is done,
--                                and returns or raises what f did
--   all(functions [, seconds])   the same for many at once; raises the first error
--   sleep(seconds)               suspends the running coroutine
--   enter(), leave()             before and after a case
-- On plain Lua 5.1 coroutines cannot yield across pcall, so what runs in them uses coxpcall.
local coxpcall = require "coxpcall"
local socket = require "socket"

local gettime = socket.gettime -- which specs replace

local loops = {}

local LIMIT = 60 -- seconds

local function pack(...)
  return { n = select("#", ...), ... }
end

local unpack = table.unpack or unpack

-- The function to start as a coroutine, and the table for its outcome.
local function caught(f)
  local outcome = {}
  return function()
    outcome.value = pack(coxpcall.pcall(f))
  end, outcome
end

local function check_all(outcomes)
  for _, outcome in ipairs(outcomes) do
    assert(outcome.value, "a coroutine was never resumed")
    if not outcome.value[1] then
      error(outcome.value[2], 0)
    end
  end
end

local function count_unfinished(outcomes)
  local count = 0
  for _, outcome in ipairs(outcomes) do
    count = count + (outcome.value and 0 or 1)
  end
  return count
end

local function new_cqueues()
  local cqueues = require "cqueues"
  local loop = { name = "cqueues", sleep = cqueues.sleep }
  function loop.drive(starts)
    local controller = cqueues.new()
    for _, start in ipairs(starts) do
      controller:wrap(start)
    end
    assert(controller:loop(LIMIT))
  end
  return loop
end

local function new_luv()
  local uv = require "luv"
  local loop = { name = "luv" }
  function loop.sleep(seconds)
    local thread = coxpcall.running()
    local timer = uv.new_timer()
    uv.update_time()
    uv.timer_start(timer, math.floor(seconds * 1000), 0, function()
      uv.close(timer)
      assert(coroutine.resume(thread))
    end)
    coroutine.yield()
  end
  function loop.drive(starts)
    for _, start in ipairs(starts) do
      assert(coroutine.resume(coroutine.create(start)))
    end
    uv.run() -- returns when no handle is active: an adapter that keeps one would hang here
  end
  return loop
end

-- copas must be loaded before socket.http, whose requests it would replace; those of the
-- specs must block.
local function require_copas()
  local http, protect, newtry = package.loaded["socket.http"], socket.protect, socket.newtry
  package.loaded["socket.http"] = nil
  local found, copas = pcall(require, "copas")
  package.loaded["socket.http"] = http
  socket.protect, socket.newtry = protect, newtry
  assert(found, copas)
  return copas
end

-- copas 1 has no timers: a socket that is never readable, and the loop's steps.
local function copas_sleep(copas)
  local sleeper = {}
  sleeper.__index = sleeper
  function sleeper.getfd(self)
    return self.socket:getfd()
  end
  function sleeper.dirty(self)
    return socket.gettime() >= self.due
  end
  function sleeper.receive(self)
    return self:dirty() or nil, "timeout"
  end
  function sleeper.close() end
  return function(seconds)
    local idle = socket.udp()
    assert(idle:setsockname("127.0.0.1", 0))
    copas.receive(setmetatable({ socket = idle, due = socket.gettime() + seconds }, sleeper))
    idle:close()
  end
end

local function run_in(copas, name)
  local sleep = copas.pause or copas.sleep or copas_sleep(copas)
  local loop = { name = "copas", title = name, copas = copas, sleep = sleep }
  function loop.drive(starts, outcomes)
    for _, start in ipairs(starts) do
      copas.addthread(start)
    end
    local deadline = gettime() + LIMIT
    while count_unfinished(outcomes) > 0 do
      assert(gettime() < deadline, "the loop does not end")
      copas.step(loop.step or 0.002)
    end
  end
  return loop
end

local function new_copas()
  local copas = require_copas()
  return run_in(copas, copas._VERSION)
end

-- The adapter uses the copas that was loaded with it: the double needs another adapter.
local function new_copas_double()
  local double = require "spec.support.copas4"
  local loop = run_in(double, double._VERSION)
  local mine, theirs = { copas = double }, {}
  function loop.enter()
    for _, name in ipairs { "copas", "vault.loop.copas" } do
      theirs[name] = package.loaded[name]
      package.loaded[name] = mine[name]
    end
    mine["vault.loop.copas"] = require "vault.loop.copas"
  end
  function loop.leave()
    for _, name in ipairs { "copas", "vault.loop.copas" } do
      package.loaded[name] = theirs[name]
    end
  end
  return loop
end

local function nothing() end

local function add_runners(loop)
  loop.title = loop.title or loop.name
  loop.enter, loop.leave = loop.enter or nothing, loop.leave or nothing
  function loop.all(functions)
    local starts, outcomes = {}, {}
    for i, f in ipairs(functions) do
      starts[i], outcomes[i] = caught(f)
    end
    loop.drive(starts, outcomes)
    check_all(outcomes)
    return outcomes
  end
  function loop.run(f, ...)
    local arguments = pack(...)
    local outcomes = loop.all {
      function()
        return f(unpack(arguments, 1, arguments.n))
      end,
    }
    return unpack(outcomes[1].value, 2, outcomes[1].value.n)
  end
  return loop
end

local function load(makers)
  local list = {}
  for _, new in ipairs(makers) do
    local loaded, loop = pcall(new)
    if loaded then
      list[#list + 1] = add_runners(loop)
    end
  end
  return list
end

--- The loops that can be loaded here.
function loops.installed()
  return load { new_cqueues, new_luv, new_copas }
end

--- The installed loops, and doubles of others.
function loops.known()
  return load { new_cqueues, new_luv, new_copas, new_copas_double }
end

return loops
