--- A double of copas 4, for machines with copas 1, where these differ: threads begin in a later step
-- and can be removed, a read may pause after it is made, everything that has waited for a read stays in
-- a log, a step waits for the next timer, and loop() returns when nothing is left to do. As in
-- src/copas.lua of copas 4.11, where the same functions have these names.
local coxpcall = require "coxpcall"
local socket = require "socket"

local copas = { _VERSION = "a double of Copas 4" }

local STEP = 0.1 -- seconds: the timer of copas' own

local reading, sleeping = {}, {} -- of { socket, thread } and { due, thread }
local read_log, handlers = {}, {}
local removed = setmetatable({}, { __mode = "k" })
copas._reading_log = read_log

local function tick(thread, ...)
  if removed[thread] then
    return
  end
  local resumed, what, queue = coroutine.resume(thread, ...)
  if resumed and queue then
    queue[#queue + 1] = { what, thread }
  elseif not resumed then
    (handlers[thread] or print)(what, thread)
  end
end

function copas.pause(seconds)
  coroutine.yield(socket.gettime() + (seconds or 0), sleeping)
end

function copas.addthread(f, ...)
  local thread = coroutine.create(function(...)
    copas.pause()
    return f(...)
  end)
  tick(thread, ...)
  return thread
end

function copas.removethread(thread)
  removed[thread] = true
  for i = #sleeping, 1, -1 do
    if sleeping[i][2] == thread then
      table.remove(sleeping, i)
    end
  end
end

function copas.seterrorhandler(handler)
  handlers[coxpcall.running()] = handler
end

-- One read in ten pauses in copas; here it is every second one.
local reads = 0
local function pause_sometimes()
  reads = reads + 1
  if reads % 2 == 0 then
    copas.pause()
  end
end

function copas.receive(object)
  while true do
    local value, problem = object:receive "*l"
    pause_sometimes()
    if value or problem ~= "timeout" then
      read_log[object] = nil
      return value, problem
    end
    read_log[object] = socket.gettime()
    coroutine.yield(object, reading)
  end
end

local function take(object)
  for i, entry in ipairs(reading) do
    if entry[1] == object then
      table.remove(reading, i)
      return entry[2]
    end
  end
end

local function resume_readable(seconds)
  local objects = {}
  for i, entry in ipairs(reading) do
    objects[i] = entry[1]
  end
  for _, object in ipairs((socket.select(objects, nil, seconds))) do
    tick(take(object), object)
  end
end

local function resume_due()
  local now, due = socket.gettime(), {}
  for i = #sleeping, 1, -1 do
    if sleeping[i][1] <= now then
      table.insert(due, 1, table.remove(sleeping, i)[2])
    end
  end
  for _, thread in ipairs(due) do
    tick(thread)
  end
end

function copas.step(seconds)
  local left = math.min(seconds or STEP, STEP)
  for _, entry in ipairs(sleeping) do
    left = math.min(left, math.max(0, entry[1] - socket.gettime()))
  end
  resume_readable(left)
  resume_due()
end

function copas.loop()
  while #reading > 0 or #sleeping > 0 do
    copas.step()
  end
end

return copas
