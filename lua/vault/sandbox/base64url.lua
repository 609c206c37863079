--- Base64 for URLs, without padding (RFC 4648, section 5).
local base64url = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

function base64url.encode(bytes)
  local out = {}
  for index = 1, #bytes, 3 do
    local first, second, third = bytes:byte(index, index + 2)
    local bits = first * 65536 + (second or 0) * 256 + (third or 0)
    local count = third and 4 or second and 3 or 2
    for place = 1, count do
      local digit = math.floor(bits / 64 ^ (4 - place)) % 64 + 1
      out[#out + 1] = ALPHABET:sub(digit, digit)
    end
  end
  return table.concat(out)
end

return base64url
