--- The connection of an nginx worker to Redis on which it hears of what other machines have done.
--
-- A timer has it, and starts the next one when it is lost. What was published meanwhile was missed:
-- the owner is told of each new connection.
local link = require "vault.guard.redis_link"
local semaphore = require "ngx.semaphore"
local start_timer = require "vault.guard.timer"

local ngx = rawget(_G, "ngx")

local CHECK = 0.5 -- seconds between two looks for the worker's end
local HEARTBEAT_MS = 5000 -- between two messages to oneself
local SILENCE_MS = 15000 -- after which a connection is taken for dead
-- Seconds before another connection is tried: at once, since forgets are missed meanwhile, then less
-- and less often.
local SECOND_PAUSE, LONGEST_PAUSE = 0.1, 1
local FOR_EVER_MS = 24 * 60 * 60 * 1000 -- each read that times out would be logged as an error

local subscription = {}
subscription.__index = subscription

--- `owner` has is_over(), subscribed(), unsubscribed(), ended(), hear(message), send_heartbeat().
function subscription.new(options, channel, owner, clock)
  return setmetatable({
    options = options,
    channel = channel,
    owner = owner,
    clock = clock,
    pause = 0,
  }, subscription)
end

-- Runs in a light thread of its own.
local function read(self, connection, ended)
  while true do
    local reply, problem = connection:read_reply()
    if type(reply) == "table" and reply[1] == "message" then
      self.heard = self.clock()
      local heard, raised = pcall(self.owner.hear, self.owner, reply[3])
      if not heard then
        ngx.log(ngx.ERR, "vault.guard: ", tostring(raised))
      end
    elseif not reply and problem ~= "timeout" then
      break
    end
  end
  ended:post()
end

-- Until the connection is lost, or the worker ends.
local function listen(self, connection)
  connection:set_timeout(FOR_EVER_MS)
  local ended = semaphore.new()
  local reader = ngx.thread.spawn(read, self, connection, ended)
  local beat = self.clock()
  self.heard = beat
  while not ended:wait(CHECK) and not self.owner:is_over() do
    local now = self.clock()
    if now - self.heard > SILENCE_MS then
      break
    elseif now - beat > HEARTBEAT_MS then
      beat = now
      self.owner:send_heartbeat()
    end
  end
  ngx.thread.kill(reader)
end

local function subscribe(self)
  local connection = link.connect(self.options)
  if not connection then
    return nil
  end
  if not connection:subscribe(self.channel) then
    connection:close()
    return nil
  end
  return connection
end

local function attend(self)
  local connection = subscribe(self)
  if connection then
    self.pause = 0
    self.owner:subscribed()
    listen(self, connection)
    self.owner:unsubscribed()
    connection:close()
  end
end

local run

local function start_again(self)
  if not start_timer(self.pause, run, self) then
    self.owner:ended()
  end
  self.pause = math.min(math.max(self.pause * 2, SECOND_PAUSE), LONGEST_PAUSE)
end

function run(premature, self)
  if premature or self.owner:is_over() then
    return self.owner:ended()
  end
  local attended, problem = pcall(attend, self)
  if not attended then
    ngx.log(ngx.ERR, "vault.guard: ", tostring(problem))
  end
  start_again(self)
end

--- Returns whether a timer could be started.
function subscription:start()
  return start_timer(0, run, self)
end

return subscription
