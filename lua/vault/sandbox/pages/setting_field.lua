--- A form field of a connector as HTML, and its value in a form that was sent.
local html = require "vault.sandbox.pages.html"
local json = require "vault.sandbox.json"

local setting_field = {}

local input_types = {
  email = "email",
  url = "url",
  tel = "tel",
  date = "date",
  time = "time",
  number = "number",
  password = "password",
  datetime = "datetime-local",
}

local function has(value, wanted)
  if json.is_array(value) then
    for _, item in ipairs(value) do
      if item == wanted then
        return true
      end
    end
  end
  return value == wanted
end

local function option_html(option, value)
  if option.options then
    local out = { '<optgroup label="' .. html.escape(option.label) .. '">' }
    for _, inner in ipairs(option.options) do
      out[#out + 1] = option_html(inner, value)
    end
    return table.concat(out) .. "</optgroup>\n"
  end
  return string.format(
    '<option value="%s"%s>%s</option>\n',
    html.escape(option.value),
    has(value, option.value) and " selected" or "",
    html.escape(option.label)
  )
end

local function select_html(field, name, value)
  local is_multiple = field.type == "multi-select"
  local out = { "<select" .. name .. (is_multiple and " multiple" or "") .. ">\n" }
  if not is_multiple then
    out[#out + 1] = '<option value=""></option>\n'
  end
  for _, option in ipairs(field.options or {}) do
    out[#out + 1] = option_html(option, value)
  end
  return table.concat(out) .. "</select>"
end

local function control_html(field)
  local value = field.value
  local name = ' name="setting.' .. html.escape(field.id) .. '"'
  if field.options and not field.allow_custom_values then
    return select_html(field, name, value)
  elseif field.type == "checkbox" then
    return "<input" .. name .. ' type="checkbox"' .. (value == true and " checked" or "") .. ">"
  end
  local text = type(value) == "table" and "" or value == json.null and "" or html.escape(value)
  if field.type == "textarea" then
    return "<textarea" .. name .. ">" .. text .. "</textarea>"
  end
  local input_type = input_types[field.type] or "text"
  return "<input" .. name .. ' type="' .. input_type .. '" value="' .. text .. '">'
end

--- Whether a user can set the field.
function setting_field.is_shown(field)
  return not field.hidden and not field.disabled
end

--- The field, one of a Connection's form_fields, with its value.
function setting_field.html(field)
  local required = field.required and " (required)" or ""
  return "<label>"
    .. html.escape(field.label)
    .. required
    .. "<br>"
    .. control_html(field)
    .. "</label>\n"
end

--- The value that a form sets: null removes the setting. `texts` are the texts sent for the field.
function setting_field.value(field, texts)
  local text = texts[1]
  if field.type == "checkbox" then
    return text ~= nil
  elseif field.type == "multi-select" then
    return json.array(texts)
  elseif text == nil or text == "" then
    return json.null
  elseif field.type == "number" then
    return tonumber(text) or text
  end
  return text
end

return setting_field
