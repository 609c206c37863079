--- Expectations about error objects, shared by the specs.
local vault = require "vault"

local expect = {}

--- Calls `f`, which must raise an error object of this name; returns it.
function expect.error(name, f, ...)
  local returned, err = pcall(f, ...)
  if returned then
    error(("expected %s, but the call returned"):format(name), 2)
  end
  if not vault.is_error(err, name) then
    error(("expected %s, got %s"):format(name, tostring(err)), 2)
  end
  return err
end

local function contains(text, parts, level)
  for _, part in ipairs(parts) do
    if not tostring(text):find(part, 1, true) then
      error(("%q does not say %q"):format(tostring(text), part), level + 1)
    end
  end
end

--- Calls `f`, which must raise InvalidRequestError with a message that contains all of `parts`.
function expect.invalid(parts, f, ...)
  local err = expect.error("InvalidRequestError", f, ...)
  contains(err.message, type(parts) == "table" and parts or { parts }, 2)
  return err
end

--- `text` must contain each of the given plain strings.
function expect.says(text, ...)
  contains(text, { ... }, 2)
end

--- `text` must contain none of the given plain strings.
function expect.silent_about(text, ...)
  for _, part in ipairs { ... } do
    if tostring(text):find(part, 1, true) then
      error(("%q shows %q"):format(tostring(text), part), 2)
    end
  end
end

--- Every string in `value`, at any depth, keys and metatables included; `skip`
-- names fields of the top level to leave out.
function expect.strings_of(value, skip, seen, found)
  seen, found = seen or {}, found or {}
  if type(value) == "string" then
    found[#found + 1] = value
  elseif type(value) == "table" and not seen[value] then
    seen[value] = true
    for key, member in pairs(value) do
      if not (skip and skip[key]) then
        expect.strings_of(key, nil, seen, found)
        expect.strings_of(member, nil, seen, found)
      end
    end
    expect.strings_of(debug.getmetatable(value), nil, seen, found)
  end
  return found
end

return expect
