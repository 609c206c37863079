-- A game's screen of connections: each card appears when its response has arrived, and no frame waits
-- for one. examples/love/run starts it with a sandbox.
--
--   --frames N        quit after N frames
--   --reload N        load everything again after every N frames
--   --screenshot FILE before quitting, write the last frame as a PNG
--   --blocking        for contrast: plain calls, which stop the frame until the response is there
local vault = require "vault"
local meter = require "meter"
local screen = require "screen"

local FRAME = 1 / 60
-- Delays in the sandbox, so that responses arrive like over a network, one after the other.
local LATENCY_MS, LATENCY_STEP_MS = 150, 25
local FIRST_LOAD = 10 -- in this frame, so that it is measured like others
local clock = love.timer.getTime

local options = { frames = math.huge }
local state = { cards = {}, in_flight = 0, errors = 0, loads = 0, time = 0 }
local times = meter.new(240)
local client

local function read_options(arguments)
  local index = 1
  while arguments[index] do
    local name = arguments[index]:match "^%-%-(%a+)$"
    if name == "frames" or name == "reload" then
      index = index + 1
      options[name] = assert(tonumber(arguments[index]), "--" .. name .. " needs a number")
    elseif name == "screenshot" then
      index = index + 1
      options.screenshot = assert(arguments[index], "--screenshot needs a file")
    elseif name == "blocking" then
      options.blocking = true
    else
      error("unknown argument " .. arguments[index], 0)
    end
    index = index + 1
  end
end

local function new_client()
  return vault.new { timeout_ms = 5000 }
end

local function fail(err)
  state.errors = state.errors + 1
  state.message = tostring(err)
end

-- Starts an operation; `receive` gets its response in a later frame, from client:poll().
local function start(operation, request, latency_ms, receive)
  local headers = { ["x-sandbox-fault"] = "delay-ms=" .. latency_ms }
  state.in_flight = state.in_flight + 1
  local function finish(result, err)
    state.in_flight = state.in_flight - 1
    if result then
      receive(result)
    else
      fail(err)
    end
  end
  if options.blocking then
    local ok, result = pcall(client.connections[operation], request, { headers = headers })
    finish(ok and result, result)
  else
    client.async.connections[operation](request, { headers = headers, callback = finish })
  end
end

local function add_card(result)
  state.cards[#state.cards + 1] = { connection = result.data, since = state.time }
end

-- The list, then all of its connections at once. A new client opens new connections to the server, the
-- slowest case.
local function load_connections()
  client:close()
  client = new_client()
  state.cards, state.loads, state.message = {}, state.loads + 1, nil
  start("list", {}, LATENCY_MS, function(result)
    for index, row in ipairs(result.data) do
      local request = { service_id = row.service_id, unified_api = row.unified_api }
      start("get", request, LATENCY_MS + index * LATENCY_STEP_MS, add_card)
    end
  end)
end

function love.load(arguments)
  read_options(arguments)
  client = new_client()
  client:pollfd() -- starts the background thread now, not in a frame
end

function love.update(seconds)
  state.time = state.time + seconds
  local phase = options.reload and times.count % options.reload or times.count
  if phase == FIRST_LOAD and state.in_flight == 0 then
    times:measure(clock, load_connections)
  end
  times:measure(clock, function()
    client:poll()
  end)
  times:finish(seconds * 1000, FRAME * 1000, state.in_flight > 0)
end

function love.draw()
  screen.draw(state, times, options.blocking and "plain calls" or "client.async and client:poll()")
end

function love.keypressed(key)
  if key == "escape" then
    love.event.quit()
  elseif key == "r" and state.in_flight == 0 then
    times:measure(clock, load_connections)
  elseif key == "b" and state.in_flight == 0 then
    options.blocking = not options.blocking
  end
end

local function save(image, file_name)
  local file = assert(io.open(file_name, "wb"))
  file:write(image:encode("png"):getString())
  file:close()
end

local function report()
  print(
    ("%d frames, %d of them with calls in flight; %d loads, %d cards in the last one, %d errors"):format(
      times.count,
      times.busy,
      state.loads,
      #state.cards,
      state.errors
    )
  )
  local text = "longest time in this module per frame: %.3f ms (less what it waited for a processor: "
    .. "%.3f); frames lost to it: %d"
  print(text:format(times.longest_call, times.longest_own, times.lost))
  if state.message then
    print(state.message)
  end
end

-- The status is for scripts: every load must have succeeded, with all of its cards on the screen.
local function quit()
  report()
  client:close()
  local complete = state.errors == 0 and state.in_flight == 0 and #state.cards > 0
  love.event.quit(complete and 0 or 1)
end

-- LÖVE's own loop waits for the display, which a machine without one does not have: this one keeps
-- the rate itself.
function love.run()
  love.load(love.arg.parseGameArguments(arg))
  love.timer.step()
  local next_frame = clock()
  return function()
    love.event.pump()
    for name, a, b, c, d, e, f in love.event.poll() do
      if name == "quit" then
        return a or 0
      end
      love.handlers[name](a, b, c, d, e, f)
    end
    love.update(love.timer.step())
    love.graphics.origin()
    love.graphics.clear(love.graphics.getBackgroundColor())
    love.draw()
    local last = times.count == options.frames
    if last and options.screenshot then
      love.graphics.captureScreenshot(function(image)
        save(image, options.screenshot)
      end)
    end
    love.graphics.present()
    if last then
      quit()
    end
    next_frame = math.max(next_frame + FRAME, clock() - FRAME)
    love.timer.sleep(math.max(0, next_frame - clock()))
  end
end
