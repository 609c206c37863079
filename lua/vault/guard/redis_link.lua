--- The connection of an nginx worker to Redis on which commands are sent.
--
-- One timer has it. Commands that come while it waits for replies are sent together afterwards, so
-- that any number of requests costs one connection and few round trips. What fails is remembered for
-- a moment, in which nothing is sent.
local semaphore = require "ngx.semaphore"
local start_timer = require "vault.guard.timer"

local ngx = rawget(_G, "ngx")
local unpack = table.unpack or unpack

local LARGEST_BATCH = 256
local PROBE_MS = 250 -- between two tries of a Redis that has failed
local COMPLAINT_MS = 10000 -- between two log lines about commands that Redis refuses
local IDLE = 0.25 -- seconds between two looks for the worker's end
local TICK = 0.05 -- seconds between two ticks while somebody wants them

local link = {}
link.__index = link

--- `options`: of guard.redis. `owner` has is_busy(), is_over() and tick(), which are called
-- between commands.
function link.new(options, owner, clock)
  return setmetatable({
    options = options,
    owner = owner,
    clock = clock,
    queue = {},
    failed = false,
    probe_at = 0,
    complain_at = 0,
    running = false,
  }, link)
end

--- lua-resty-redis, or nil where it is not installed. Debian's lua-nginx-redis has another name for it.
function link.find_library()
  for _, name in ipairs { "resty.redis", "nginx.redis" } do
    local found, library = pcall(require, name)
    if found then
      return library
    end
  end
end

--- Opens a connection: a lua-resty-redis object, or nil and why not.
function link.connect(options)
  local connection, problem = link.find_library():new()
  if not connection then
    return nil, problem
  end
  connection:set_timeout(options.timeout_ms)
  local done
  if options.unix_socket then
    done, problem = connection:connect("unix:" .. options.unix_socket)
  else
    done, problem = connection:connect(options.host, options.port)
  end
  if done and options.username then
    done, problem = connection:auth(options.username, options.password)
  elseif done and options.password then
    done, problem = connection:auth(options.password)
  end
  if done and options.database ~= 0 then
    done, problem = connection:select(options.database)
  end
  if not done then
    connection:close()
    return nil, problem
  end
  return connection
end

-- A Redis that has started again may have restored an older state, with epochs from before a forget.
-- Its run_id is another one, and part of every key. Some proxies do not know INFO.
local function run_id_of(connection)
  local info = connection:info "server"
  return type(info) == "string" and info:match "run_id:(%x+)" or "-"
end

local function close(self)
  if self.connection then
    self.connection:close()
    self.connection = nil
  end
end

--- Leaves Redis alone until it answers again.
function link:fail(problem)
  self.probe_at = self.clock() + PROBE_MS
  if not self.failed then
    self.failed = true
    ngx.log(
      ngx.WARN,
      "vault.guard: Redis cannot be used, each machine serves itself meanwhile: ",
      problem
    )
  end
end

local function complain(self, problem)
  local now = self.clock()
  if now >= self.complain_at then
    self.complain_at = now + COMPLAINT_MS
    ngx.log(ngx.WARN, "vault.guard: Redis refuses a command: ", problem)
  end
end

--- Whether it is left alone right now.
function link:is_down()
  return self.failed
end

local function open(self)
  local connection, problem = link.connect(self.options)
  if not connection then
    return nil, problem
  end
  self.run_id = run_id_of(connection)
  self.connection = connection
  return connection
end

-- Returns a list of the replies; or nil and why not.
local function exchange_once(self, batch)
  local reused = self.connection ~= nil
  local connection, problem = self.connection, nil
  if not reused then
    connection, problem = open(self)
  end
  if not connection then
    return nil, problem, false
  end
  connection:init_pipeline(#batch)
  for _, command in ipairs(batch) do
    local arguments = command.build(self.run_id:sub(1, 12))
    connection[arguments[1]](connection, unpack(arguments, 2))
  end
  local replies
  replies, problem = connection:commit_pipeline()
  if not replies then
    close(self)
  end
  return replies, problem, reused
end

-- A kept connection may have been closed while nothing was sent: then once more, on a new one. All
-- commands can be repeated.
local function exchange(self, batch)
  if self.failed then
    return nil, "it has failed a moment ago"
  end
  local replies, problem, reused = exchange_once(self, batch)
  if not replies and reused and problem ~= "timeout" then
    replies, problem = exchange_once(self, batch)
  end
  return replies, problem
end

local function hand_out(command, reply, problem)
  local called, raised = pcall(command.callback, reply, problem)
  if not called then
    ngx.log(ngx.ERR, "vault.guard: ", tostring(raised))
  end
end

local function carry_out(self, batch)
  local replies, problem = exchange(self, batch)
  if not replies then
    self:fail(problem)
  end
  for i, command in ipairs(batch) do
    local reply = replies and replies[i]
    if type(reply) == "table" and reply[1] == false then
      complain(self, reply[2]) -- OOM, READONLY, NOAUTH, LOADING, ...
      hand_out(command, nil, reply[2])
    elseif not reply then
      hand_out(command, nil, problem or "no reply")
    else
      hand_out(command, reply)
    end
  end
end

local function probe(self)
  close(self)
  local connection, problem = open(self)
  if connection and connection:ping() == "PONG" then
    self.failed = false
    ngx.log(ngx.WARN, "vault.guard: Redis can be used again")
  else
    close(self)
    self:fail(problem)
  end
end

local function take_batch(self)
  local batch, queue = {}, self.queue
  while queue[1] and #batch < LARGEST_BATCH do
    batch[#batch + 1] = table.remove(queue, 1)
  end
  return batch
end

-- Returns true when nothing is left to be done.
local function step(self)
  local owner = self.owner
  if self.queue[1] then
    carry_out(self, take_batch(self))
  elseif owner:is_over() then
    return true
  elseif self.failed and self.clock() >= self.probe_at then
    probe(self)
  else
    self.work:wait(owner:is_busy() and TICK or IDLE)
  end
  owner:tick()
end

local function run(_, self)
  repeat
    local stepped, over = pcall(step, self)
    if not stepped then
      ngx.log(ngx.ERR, "vault.guard: ", tostring(over))
      close(self)
      self:fail "an error in this module"
    end
  until stepped and over
  self.running = false
  close(self)
end

--- Has a command sent: `build(run_id)` gives its words, `callback(reply, problem)` is called in the
-- link's timer. Returns false where that is not possible now.
function link:send(build, callback)
  if self:is_down() then
    return false
  end
  if not self.running then
    self.work = semaphore.new()
    if not start_timer(0, run, self) then
      return false
    end
    self.running = true
  end
  self.queue[#self.queue + 1] = { build = build, callback = callback }
  self.work:post()
  return true
end

return link
