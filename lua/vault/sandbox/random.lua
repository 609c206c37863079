--- Ids and tokens: random, or with a seed the same in every run.
local random = {}
local methods = {}
local metatable = { __name = "vault.sandbox.random", __index = methods }

local function system_bytes(count)
  local file = io.open("/dev/urandom", "rb")
  if not file then
    return nil
  end
  -- Unbuffered: a buffer would read much more than `count`.
  file:setvbuf("no")
  local bytes = file:read(count)
  file:close()
  return bytes and #bytes == count and bytes or nil
end

-- For systems without /dev/urandom: differs between runs, but can be guessed.
local function weak_seed()
  local address = tonumber(tostring({}):match("(%x+)$") or "0", 16) or 0
  return os.time() + math.floor(os.clock() * 1e6) + address
end

function random.new(seed)
  return setmetatable({ seeded = seed ~= nil, state = (seed or weak_seed()) % 2 ^ 32 }, metatable)
end

-- Numerical Recipes' generator; its product stays below 2^53, exact in a float.
local function next_word(self)
  self.state = (1664525 * self.state + 1013904223) % 2 ^ 32
  return string.format("%04x", math.floor(self.state / 2 ^ 16))
end

--- 32 hexadecimal digits.
function methods:token()
  local bytes = not self.seeded and system_bytes(16)
  if bytes then
    return (bytes:gsub(".", function(byte)
      return string.format("%02x", byte:byte())
    end))
  end
  local words = {}
  for index = 1, 8 do
    words[index] = next_word(self)
  end
  return table.concat(words)
end

return random
