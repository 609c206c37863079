--- What guard.redis has Redis do, as Lua scripts: each is atomic.
--
-- The keys of a connection, in this order: the epoch of the store, the epoch of the connection, the
-- value, the lock. A value is written together with the epochs under which it was asked for, and
-- counts only as long as both are the same.
local scripts = {}

--- ARGV: a new text for epochs that are missing, the asker's name, for how long its lock and the
-- epochs last in ms. Returns both epochs, what to do ("fresh": use the value; "ask"; "wait":
-- somebody asks), the value ("" for none), and for how many ms it may be served and is fresh.
scripts.begin = [[
local function epoch(key)
  local value = redis.call('get', key)
  if value then
    redis.call('pexpire', key, ARGV[4])
    return value
  end
  redis.call('set', key, ARGV[1], 'px', ARGV[4])
  return ARGV[1]
end
local epochs = epoch(KEYS[1]) .. '/' .. epoch(KEYS[2])
local kept, left, fresh = '', 0, 0
local value = redis.call('get', KEYS[3])
if value then
  local asked, whole, young, text = string.match(value, '^(%S+) (%d+) (%d+) (.*)$')
  if asked == epochs then
    kept, left = text, redis.call('pttl', KEYS[3])
    fresh = young - (whole - left)
  end
end
if fresh > 0 then
  return { epochs, 'fresh', kept, left, fresh }
end
local lock = redis.call('get', KEYS[4])
local of_now = epochs .. ' '
if lock and lock ~= of_now .. ARGV[2] and string.sub(lock, 1, #of_now) == of_now then
  return { epochs, 'wait', kept, left, 0 }
end
redis.call('set', KEYS[4], of_now .. ARGV[2], 'px', ARGV[3])
return { epochs, 'ask', kept, left, 0 }
]]

--- Whoever waits goes on, also where there is no room for the value (pcall).
-- ARGV: the epochs under which it was asked, the asker's name, the value ("" for none), for how many
-- ms it may be served and is fresh; a channel and a message for it.
scripts.finish = [[
local epochs = (redis.call('get', KEYS[1]) or '') .. '/' .. (redis.call('get', KEYS[2]) or '')
if ARGV[3] ~= '' and epochs == ARGV[1] then
  redis.pcall('set', KEYS[3], ARGV[1] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[3], 'px', ARGV[4])
end
if redis.call('get', KEYS[4]) == ARGV[1] .. ' ' .. ARGV[2] then
  redis.call('del', KEYS[4])
end
return redis.call('publish', ARGV[6], ARGV[7])
]]

--- KEYS: what is to be gone; an epoch among them. ARGV: a channel and a message for it.
scripts.forget = [[
redis.call('del', unpack(KEYS))
return redis.call('publish', ARGV[1], ARGV[2])
]]

return scripts
