--- Earlier versions of the reduced document (src/api/vault.json), each as a JSON merge patch (RFC 7396) of the next
-- newer one, in spec/support/api_history.json. They come from https://github.com/apideck-libraries/openapi-specs,
-- reduced by .ci/api/reduce.lua; those whose facts are the same as the next one's are left out. Written by
--
--   lua5.4 spec/support/api_history.lua reduced.json...   (newest first) >spec/support/api_history.json
local cjson = require("cjson").new()

local api_history = {}

local function is_object(value)
  return type(value) == "table" and #value == 0 and next(value) ~= nil
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

-- RFC 7396, section 2.
local function apply(target, patch)
  if not is_object(patch) then
    return patch
  end
  local result = {}
  for name, value in pairs(is_object(target) and target or {}) do
    result[name] = value
  end
  for name, value in pairs(patch) do
    if value == cjson.null then
      result[name] = nil
    else
      result[name] = apply(result[name], value)
    end
  end
  return result
end

local function difference(from, to)
  if not (is_object(from) and is_object(to)) then
    return to
  end
  local patch = {}
  for name, value in pairs(to) do
    if not same(from[name], value) then
      patch[name] = difference(from[name], value)
    end
  end
  for name in pairs(from) do
    if to[name] == nil then
      patch[name] = cjson.null
    end
  end
  return patch
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return cjson.decode(text)
end

--- The versions, newest first.
function api_history.versions()
  local versions = { read "src/api/vault.json" }
  for index, patch in ipairs(read "spec/support/api_history.json") do
    versions[index + 1] = apply(versions[index], patch)
  end
  return versions
end

-- With json_text, so that the file depends on the documents only.
function api_history.write(paths)
  package.path = ".ci/?.lua;" .. package.path
  local json_text = require "api.json_text"
  local function marked(value)
    if value == cjson.null then
      return json_text.null
    elseif type(value) ~= "table" then
      return value
    end
    local result = is_object(value) and {} or json_text.array()
    for key, member in pairs(value) do
      result[key] = marked(member)
    end
    return result
  end
  local patches = json_text.array()
  for index = 2, #paths do
    patches[index - 1] = marked(difference(read(paths[index - 1]), read(paths[index])))
  end
  return json_text.write(patches)
end

if arg and arg[0] and arg[0]:find "api_history%.lua$" then
  io.write(api_history.write(arg))
end

return api_history
