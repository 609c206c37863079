--- URLs and forms.
local url = {}

--- Percent-decodes; an invalid escape is kept.
function url.decode(text)
  return (
    text:gsub("%%(%x%x)", function(digits)
      return string.char(tonumber(digits, 16))
    end)
  )
end

function url.encode(text)
  return (
    text:gsub("[^%w%-_%.~]", function(character)
      return string.format("%%%02X", character:byte())
    end)
  )
end

--- The fields of a query or of an application/x-www-form-urlencoded body, in order: a list of
-- { name, value }.
function url.decode_pairs(text)
  local list = {}
  for pair in text:gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    list[#list + 1] = {
      name = url.decode((name:gsub("%+", " "))),
      value = url.decode((value:gsub("%+", " "))),
    }
  end
  return list
end

--- The same by name; of equal names the first wins.
function url.by_name(list)
  local fields = {}
  for _, pair in ipairs(list) do
    if fields[pair.name] == nil then
      fields[pair.name] = pair.value
    end
  end
  return fields
end

--- The path and the query of a URL or of a request target.
function url.split(text)
  local target = text:gsub("#.*$", "")
  local after_authority = target:match("^%a[%w+.-]*://[^/?]*(.*)$")
  target = after_authority or target
  local path, query = target:match("^([^?]*)%??(.*)$")
  return path == "" and "/" or path, query
end

--- Whether a browser may be redirected to `text`: an absolute http or https URL without characters
-- that could end a header line.
function url.is_redirect_target(text)
  return type(text) == "string"
    and not text:find("[%z\1-\32\127\\]")
    and text:lower():find("^https?://[^/?#]+") ~= nil
end

--- `text` with one more query field, before its fragment.
function url.with_field(text, name, value)
  local base, fragment = text:match("^([^#]*)(.*)$")
  local separator = base:find("?", 1, true) and "&" or "?"
  return base .. separator .. url.encode(name) .. "=" .. url.encode(value) .. fragment
end

return url
