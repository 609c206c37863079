--- The screen: cards, an animation, and the graph of frame times.
local screen = {}

local graphics = love.graphics

local STATE_COLOURS = {
  available = { 0.45, 0.50, 0.58 },
  added = { 0.93, 0.69, 0.23 },
  authorized = { 0.33, 0.62, 0.93 },
  callable = { 0.30, 0.78, 0.47 },
  invalid = { 0.90, 0.35, 0.33 },
}
local INK, FAINT, PANEL = { 0.93, 0.94, 0.96 }, { 0.55, 0.59, 0.66 }, { 0.15, 0.17, 0.21 }
local CARD_WIDTH, CARD_HEIGHT, GAP, COLUMNS = 170, 52, 14, 5
local LEFT, TOP = 27, 92
local GRAPH = { x = 27, y = 470, width = 906, height = 90, full_ms = 33.4 }
local SLIDE_SECONDS = 0.25

graphics.setBackgroundColor(0.09, 0.10, 0.13)
local fonts = {
  title = graphics.newFont(24),
  text = graphics.newFont(12),
  small = graphics.newFont(11),
}

local function write(font, colour, text, x, y)
  graphics.setFont(fonts[font])
  graphics.setColor(colour)
  graphics.print(text, x, y)
end

local function draw_card(card, index, time)
  local column, row = (index - 1) % COLUMNS, math.floor((index - 1) / COLUMNS)
  local arrived = math.min(1, (time - card.since) / SLIDE_SECONDS)
  local x = LEFT + column * (CARD_WIDTH + GAP)
  local y = TOP + row * (CARD_HEIGHT + GAP) + (1 - arrived) * 24
  local connection = card.connection
  local colour = STATE_COLOURS[connection.state] or FAINT
  graphics.setColor(PANEL[1], PANEL[2], PANEL[3], arrived)
  graphics.rectangle("fill", x, y, CARD_WIDTH, CARD_HEIGHT, 6)
  graphics.setColor(colour[1], colour[2], colour[3], arrived)
  graphics.rectangle("fill", x, y, 6, CARD_HEIGHT, 3)
  write("text", INK, connection.name, x + 18, y + 8)
  write("small", colour, connection.unified_api .. "  " .. connection.state, x + 18, y + 29)
end

-- Turns once a second: a late frame shows as a jump.
local function draw_spinner(time, x, y)
  local angle = time * 2 * math.pi
  graphics.setLineWidth(5)
  graphics.setColor(PANEL)
  graphics.circle("line", x, y, 20)
  graphics.setColor(STATE_COLOURS.authorized)
  graphics.arc("line", "open", x, y, 20, angle, angle + 1.6)
end

local function draw_line(ms, text)
  local y = GRAPH.y + GRAPH.height * (1 - ms / GRAPH.full_ms)
  graphics.setColor(FAINT[1], FAINT[2], FAINT[3], 0.5)
  graphics.setLineWidth(1)
  graphics.line(GRAPH.x, y, GRAPH.x + GRAPH.width, y)
  write("small", FAINT, text, GRAPH.x + 4, y - 15)
end

-- Grey: time between frames. Over it, the time in this module: green, and red above 1 ms.
local function draw_graph(times)
  graphics.setColor(PANEL)
  graphics.rectangle("fill", GRAPH.x, GRAPH.y, GRAPH.width, GRAPH.height)
  local step, bottom = GRAPH.width / times.size, GRAPH.y + GRAPH.height
  times:each(function(index, frame_ms, call_ms)
    local x = GRAPH.x + (index - 1) * step
    local frame_height = math.min(1, frame_ms / GRAPH.full_ms) * GRAPH.height
    local call_height = math.min(1, call_ms / GRAPH.full_ms) * GRAPH.height
    graphics.setColor(0.28, 0.31, 0.38)
    graphics.rectangle("fill", x, bottom - frame_height, step - 1, frame_height)
    graphics.setColor(call_ms > 1 and STATE_COLOURS.invalid or STATE_COLOURS.callable)
    graphics.rectangle("fill", x, bottom - call_height, step - 1, math.max(call_height, 1))
  end)
  draw_line(16.7, "16.7 ms, a frame")
end

function screen.draw(state, times, way)
  write("title", INK, "Vault connections", LEFT, 24)
  write(
    "small",
    FAINT,
    ("%d shown, %d calls in flight"):format(#state.cards, state.in_flight),
    LEFT,
    58
  )
  draw_spinner(state.time, 905, 46)
  for index, card in ipairs(state.cards) do
    draw_card(card, index, state.time)
  end
  write(
    "small",
    FAINT,
    ("frame times (grey) and what of them is %s; longest %.3f ms, frames lost to it: %d"):format(
      way,
      times.longest_call,
      times.lost
    ),
    GRAPH.x,
    GRAPH.y - 20
  )
  draw_graph(times)
  write("small", FAINT, "R load again    B plain calls, for contrast    Esc quit", LEFT, 572)
  if state.message then
    write("small", STATE_COLOURS.invalid, state.message, LEFT + 320, 572)
  end
end

return screen
