--- Checks the tables that a program gives: what is wrong as text, or nil.
local fields = {}

local function with_article(kind)
  return (kind:find "^[aeiou]" and "an " or "a ") .. kind
end

local function type_of(value)
  return value == nil and "nil" or with_article(type(value))
end

local function sorted_names(known)
  local names = {}
  for name in pairs(known) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The table's own fields that are not among the keys of `known`.
function fields.unknown(given, known, nearest)
  for name in next, given do
    if known[name] == nil then
      if type(name) ~= "string" then
        return ("has %s as a key; its fields are named by strings"):format(type_of(name))
      end
      local names = sorted_names(known)
      local meant = nearest(name, names)
      if meant then
        return ("unknown field '%s'; did you mean '%s'?"):format(name, meant)
      end
      return ("unknown field '%s'; known are %s"):format(name, table.concat(names, ", "))
    end
  end
end

--- `what`: the field's name.
function fields.wrong_type(what, expected, value)
  return ("%s: expected %s, got %s"):format(what, with_article(expected), type_of(value))
end

--- A number of at least `least`, and not NaN or infinite.
function fields.wrong_number(what, value, least)
  if type(value) ~= "number" then
    return fields.wrong_type(what, "number", value)
  elseif not (value >= least and value < math.huge) then
    return ("%s: expected a number, at least %g"):format(what, least)
  end
end

--- Text with at least one visible character.
function fields.wrong_text(what, value)
  if value == nil then
    return ("missing field '%s'"):format(what)
  elseif type(value) ~= "string" then
    return fields.wrong_type(what, "string", value)
  elseif not value:find "%S" then
    return ("%s: must not be empty"):format(what)
  end
end

return fields
