--- Content codings that the fault server needs, and bombs: bodies that are far larger after decompression.
local coding = {}

local crc_table = {}
for byte = 0, 255 do
  local value = byte
  for _ = 1, 8 do
    value = value & 1 == 1 and 0xEDB88320 ~ (value >> 1) or value >> 1
  end
  crc_table[byte] = value
end

local function crc32(text)
  local crc = 0xFFFFFFFF
  for i = 1, #text do
    crc = crc_table[(crc ~ text:byte(i)) & 0xFF] ~ (crc >> 8)
  end
  return crc ~ 0xFFFFFFFF
end

local function adler32(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = (a + text:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return b << 16 | a
end

-- RFC 1951, 3.2.4: blocks without compression, at most 65535 bytes each.
local function stored_blocks(text)
  local blocks = {}
  local first = 1
  repeat
    local part = text:sub(first, first + 65534)
    first = first + #part
    local final = first > #text and 1 or 0
    blocks[#blocks + 1] = string.pack("<BI2I2", final, #part, ~#part & 0xFFFF) .. part
  until final == 1
  return table.concat(blocks)
end

local GZIP_HEAD = "\31\139\8\0\0\0\0\0\0\3" -- RFC 1952, 2.3

local encoders, bombs = {}, {}

function encoders.gzip(text)
  return GZIP_HEAD .. stored_blocks(text) .. string.pack("<I4I4", crc32(text), #text)
end

function encoders.deflate(text)
  return "\120\1" .. stored_blocks(text) .. string.pack(">I4", adler32(text))
end

-- RFC 1951, 3.2.6: one literal space, then repetitions of it, 258 bytes for
-- the 13 bits of "length 258 (code 285), distance 1". The checksum at the end
-- is wrong: no client should get there.
function bombs.gzip(size)
  local bits, pending, bytes = 0, 0, {}
  local function put(code, width)
    for i = width - 1, 0, -1 do
      pending = pending | (code >> i & 1) << bits
      bits = bits + 1
      if bits == 8 then
        bytes[#bytes + 1] = string.char(pending)
        bits, pending = 0, 0
      end
    end
  end
  put(1, 1) -- final block
  put(2, 2) -- fixed codes: 01, least significant bit first
  put(0x30 + 32, 8) -- the literal " "
  for _ = 1, size // 258 do
    put(197, 8)
    put(0, 5)
  end
  put(0, 7) -- end of block
  put(0, 7)
  return GZIP_HEAD .. table.concat(bytes) .. string.pack("<I4I4", 0, size)
end

-- RFC 8878, 3.1.1: blocks of one byte repeated, 128 KiB for four bytes of the wire.
local ZSTD_HEAD = "\40\181\47\253\0\80" -- no checksum, a window of 1 MiB
local ZSTD_BLOCK = 128 * 1024

function bombs.zstd(size)
  local head = 1 << 1 | ZSTD_BLOCK << 3 -- type 1: RLE_Block
  local blocks = size // ZSTD_BLOCK
  return ZSTD_HEAD
    .. string.pack("<I3B", head, 32):rep(blocks - 1)
    .. string.pack("<I3B", head | 1, 32) -- the last one
end

-- RFC 7932: 64 MiB of spaces, as Google's encoder writes them at quality 11.
local BROTLI_BOMB_SIZE = 64 * 1024 * 1024
local BROTLI_BOMB = "cfffff7ff82540e2b14020f7fe9ffffffff04b00c4610180eefd3fffffffe1970088c32200ddfbfffcffffc72f"
  .. "0110870500baf7ff"

function bombs.br(size)
  assert(size == BROTLI_BOMB_SIZE, "there is one brotli bomb only")
  return (BROTLI_BOMB:gsub("%x%x", function(byte)
    return string.char(tonumber(byte, 16))
  end))
end

function coding.encode(name, text)
  return encoders[name](text)
end

function coding.bomb(name, size)
  return bombs[name](size)
end

return coding
