--- The settings of a connection as an HTML form, made from its form_fields, and back.
local html = require "html"
local vault = require "vault"

local settings_form = {}

local FIELD = [[
<div class="field">
<label for="{id}">{label}{{required}}</label>
{{prefix}}{{control}}{{suffix}}
<small>{description}</small>
</div>
]]

-- The type of an <input> for each type of field; others are text.
local input_types = {
  tel = "tel",
  phone = "tel",
  email = "email",
  url = "url",
  datetime = "datetime-local",
  date = "date",
  time = "time",
  number = "number",
  password = "password",
}

local function attributes(field)
  return html.fill('id="{id}" name="{name}" placeholder="{placeholder}"', {
    id = "field-" .. field.id,
    name = "settings." .. field.id,
    placeholder = field.placeholder,
  }) .. (field.disabled and " disabled" or "")
end

--- Whether the value may not be shown, nor sent to the browser.
local function is_secret(field)
  return field.sensitive == true or field.type == "password"
end

local function is_given(value)
  return value ~= nil and value ~= vault.null and value ~= ""
end

local function value_of(field)
  local value = field.value
  if not is_given(value) then
    value = field.default_value
  end
  return is_given(value) and value or nil
end

-- "required" only where a value is missing: a secret that is stored stays when its input is empty.
local function required(field)
  local kept = is_secret(field) and is_given(field.value)
  return field.required and not kept and " required" or ""
end

local function secret_input(field)
  local shown = { id = field.id, placeholder = field.placeholder, disabled = field.disabled }
  if is_given(field.value) then
    shown.placeholder = "•••••••• (stored; leave empty to keep it)"
  end
  return ('<input type="password" autocomplete="new-password" %s%s>'):format(
    attributes(shown),
    required(field)
  )
end

local function input(field)
  local value = value_of(field)
  if field.type == "datetime" and value then
    value = tostring(value):gsub(" ", "T"):match "^%d+%-%d+%-%d+T%d+:%d+" or value
  end
  return ('<input type="%s"%s value="%s" %s%s>'):format(
    input_types[field.type] or "text",
    field.type == "number" and ' step="any"' or "",
    value and html.escape(value) or "",
    attributes(field),
    required(field)
  )
end

local function textarea(field)
  local value = value_of(field)
  return ('<textarea rows="4" %s%s>\n%s</textarea>'):format(
    attributes(field),
    required(field),
    value and html.escape(value) or ""
  )
end

local function checkbox(field)
  local checked = value_of(field) == true and " checked" or ""
  return ('<input type="checkbox" value="true" %s%s>'):format(attributes(field), checked)
end

local function is_chosen(field, option)
  local value = value_of(field)
  if type(value) ~= "table" then
    return tostring(value) == tostring(option.value)
  end
  for _, item in ipairs(value) do
    if tostring(item) == tostring(option.value) then
      return true
    end
  end
  return false
end

-- Options of both kinds: real data leave option_type out, a group is what has options.
local function options(field, list)
  local parts = {}
  for _, option in ipairs(list or {}) do
    if option.options then
      parts[#parts + 1] = html.fill('<optgroup label="{label}">{{options}}</optgroup>', {
        label = option.label,
        options = options(field, option.options),
      })
    else
      parts[#parts + 1] = html.fill('<option value="{value}"{{selected}}>{label}</option>', {
        value = option.value,
        selected = is_chosen(field, option) and " selected" or nil,
        label = option.label or option.value,
      })
    end
  end
  return table.concat(parts)
end

local function select(field)
  return ("<select %s%s>\n%s%s</select>"):format(
    attributes(field),
    required(field),
    html.fill('<option value="">{text}</option>', { text = field.placeholder or "" }),
    options(field, field.options)
  )
end

local function multi_select(field)
  return ("<select multiple %s%s>\n%s</select>"):format(
    attributes(field),
    required(field),
    options(field, field.options)
  )
end

-- Where other values are allowed: an input that offers the options.
local function filtered_select(field)
  if not field.allow_custom_values then
    return select(field)
  end
  local list = "options-" .. html.escape(field.id)
  return ('<input list="%s" value="%s" %s%s><datalist id="%s">%s</datalist>'):format(
    list,
    html.escape(value_of(field) or ""),
    attributes(field),
    required(field),
    list,
    options(field, field.options)
  )
end

local function read_only(field)
  return ('<input readonly value="%s" %s>'):format(
    html.escape(value_of(field) or ""),
    attributes { id = field.id }
  )
end

local function nothing()
  return ""
end

local controls = {
  textarea = textarea,
  checkbox = checkbox,
  boolean = checkbox,
  select = select,
  ["filtered-select"] = filtered_select,
  ["multi-select"] = multi_select,
  copy = read_only,
  info = nothing,
}

local function is_shown(field)
  return not field.hidden and field.type ~= "hidden"
end

local function is_editable(field)
  return is_shown(field) and not field.disabled and field.type ~= "copy" and field.type ~= "info"
end

local function affix(text)
  return is_given(text) and html.fill('<span class="affix">{text}</span>', { text = text }) or nil
end

--- The fields of the connection's form.
function settings_form.render(fields)
  local parts = {}
  for _, field in ipairs(fields) do
    if is_shown(field) then
      local control = is_secret(field) and secret_input or controls[field.type] or input
      parts[#parts + 1] = html.fill(FIELD, {
        id = "field-" .. field.id,
        label = field.label or field.id,
        required = field.required and '<abbr title="required">*</abbr>' or nil,
        prefix = affix(field.prefix),
        control = control(field),
        suffix = affix(field.suffix),
        description = field.description,
      })
    end
  end
  return table.concat(parts)
end

-- The option's own value, whose type may be another than the form's text.
local function option_value(list, text)
  for _, option in ipairs(list or {}) do
    if option.options then
      local value = option_value(option.options, text)
      if value ~= nil then
        return value
      end
    elseif tostring(option.value) == text then
      return option.value
    end
  end
end

local function chosen(field, given)
  local value = option_value(field.options, given)
  if value == nil and field.allow_custom_values then
    value = given
  end
  return value
end

local function many_chosen(field, given)
  local values = vault.array()
  for _, text in ipairs(type(given) == "table" and given or { given }) do
    values[#values + 1] = chosen(field, text)
  end
  return values
end

-- An empty input keeps a stored secret, and removes any other value.
local function emptied(field)
  if is_secret(field) or not is_given(field.value) then
    return nil
  end
  return vault.null
end

local function read(field, given)
  if field.type == "checkbox" or field.type == "boolean" then
    return given == "true"
  elseif field.type == "multi-select" then
    return many_chosen(field, given)
  end
  if type(given) == "table" then
    given = given[1]
  end
  if type(given) ~= "string" or given == "" then
    return emptied(field)
  elseif field.type == "select" or field.type == "filtered-select" then
    return chosen(field, given)
  elseif field.type == "number" then
    return tonumber(given) or given
  end
  return given
end

--- The settings of a submitted form: only fields of this connection.
function settings_form.read(fields, arguments)
  local settings = {}
  for _, field in ipairs(fields) do
    if is_editable(field) then
      settings[field.id] = read(field, arguments["settings." .. field.id])
    end
  end
  return settings
end

return settings_form
