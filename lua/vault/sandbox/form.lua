--- The settings of a connection by its connector's form fields: values, missing ones, invalid ones.
local json = require "vault.sandbox.json"

local form = {}

local function is_given(value)
  if type(value) == "table" then
    return next(value) ~= nil
  end
  return value ~= nil and value ~= json.null and value ~= ""
end

local function setting(settings, field)
  local value = settings and settings[field.id]
  if value == nil then
    value = field.default_value
  end
  return value
end

local function has_option(options, value)
  for _, option in ipairs(options or {}) do
    if option.value == value or (option.options and has_option(option.options, value)) then
      return true
    end
  end
  return false
end

local function is_option(value, field)
  return field.allow_custom_values or has_option(field.options, value)
end

local function are_options(value, field)
  if not json.is_array(value) then
    return false
  end
  for _, item in ipairs(value) do
    if not is_option(item, field) then
      return false
    end
  end
  return true
end

local function matching(pattern)
  return function(value)
    return type(value) == "string" and value:find(pattern) ~= nil
  end
end

local function is_text(value)
  return type(value) == "string" or type(value) == "number"
end

-- The checks of the types; types without one take any text or number.
local type_checks = {
  checkbox = function(value)
    return type(value) == "boolean"
  end,
  number = function(value)
    return tonumber(value) ~= nil
  end,
  email = matching "^[^%s@]+@[^%s@]+$",
  url = matching "^https?://[^%s/]+",
  date = matching "^%d%d%d%d%-%d%d%-%d%d$",
  time = matching "^%d%d:%d%d",
  datetime = matching "^%d%d%d%d%-%d%d%-%d%d[T ]%d%d:%d%d",
  select = is_option,
  ["filtered-select"] = is_option,
  ["multi-select"] = are_options,
}

local function is_rejected(value, field)
  for _, rejected in ipairs(field.rejected or {}) do
    if value == rejected then
      return true
    end
  end
  return false
end

--- Ids of the required fields without a value; of those in `only` (a list of ids) where it is
-- given.
function form.missing(connector, settings, only)
  local wanted
  if only then
    wanted = {}
    for _, id in ipairs(only) do
      wanted[id] = true
    end
  end
  local missing = {}
  for _, field in ipairs(connector.form_fields) do
    local counts = field.required
    if wanted then
      counts = wanted[field.id]
    end
    if counts and not is_given(setting(settings, field)) then
      missing[#missing + 1] = field.id
    end
  end
  return missing
end

--- Ids of the fields with a value that the connector refuses.
function form.invalid(connector, settings)
  local invalid = {}
  for _, field in ipairs(connector.form_fields) do
    local value = settings and settings[field.id]
    local accepts = type_checks[field.type] or is_text
    if is_given(value) and (not accepts(value, field) or is_rejected(value, field)) then
      invalid[#invalid + 1] = field.id
    end
  end
  return invalid
end

-- The value of a field that is not set, by type.
local function empty_value(field)
  if field.type == "checkbox" then
    return false
  elseif field.type == "multi-select" then
    return json.array()
  elseif field.type == "select" or field.type == "number" then
    return json.null
  end
  return ""
end

local wire_names = {
  "id",
  "label",
  "placeholder",
  "description",
  "type",
  "mask",
  "required",
  "disabled",
  "custom_field",
  "hidden",
  "deprecated",
  "sensitive",
  "prefix",
  "suffix",
  "options",
  "allow_custom_values",
  "default_value",
  "target",
  "filter",
}

--- The form_fields of a response, each with its `value`; sensitive ones in clear, as Vault sends
-- them.
function form.fields(connector, settings)
  local fields = json.array()
  for _, field in ipairs(connector.form_fields) do
    local shown = {}
    for _, name in ipairs(wire_names) do
      shown[name] = field[name]
    end
    local value = setting(settings, field)
    if value == nil then
      value = empty_value(field)
    end
    shown.value = value
    fields[#fields + 1] = shown
  end
  return fields
end

return form
