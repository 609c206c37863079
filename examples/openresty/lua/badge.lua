--- The names of connection states on Apideck's pages, and the actions that they allow.
local badge = {}

-- The first row that holds gives the text and the colour.
local rows = {
  {
    "Pending confirmation",
    "warning",
    function(c)
      return c.health == "pending_confirmation"
    end,
  },
  {
    "Needs configuration",
    "warning",
    function(c)
      return c.integration_state == "needs_configuration"
    end,
  },
  {
    "Invalid configuration",
    "error",
    function(c)
      return c.state == "invalid"
    end,
  },
  {
    "Not connected",
    "neutral",
    function(c)
      return c.state == "available"
    end,
  },
  {
    "Disabled",
    "neutral",
    function(c)
      return not c.enabled
    end,
  },
  {
    "Unauthorized",
    "warning",
    function(c)
      return c.state == "added"
    end,
  },
  {
    "Input required",
    "warning",
    function(c)
      return c.state == "authorized"
    end,
  },
  {
    "Connected",
    "success",
    function(c)
      return c.state == "callable"
    end,
  },
}

--- Text and colour; an unknown state is shown unchanged.
function badge.of(connection)
  for _, row in ipairs(rows) do
    if row[3](connection) then
      return row[1], row[2]
    end
  end
  return connection.state or "Unknown", "neutral"
end

local function is_given(value)
  return value ~= nil and value ~= ""
end

local function has_settings_to_authorize(connection)
  local values = {}
  for _, field in ipairs(connection.form_fields or {}) do
    values[field.id] = field.value
  end
  for id, value in pairs(connection.settings or {}) do
    values[id] = value
  end
  for _, id in ipairs(connection.settings_required_for_authorization or {}) do
    if not is_given(values[id]) then
      return false
    end
  end
  return true
end

--- Whether a user can authorize it now.
function badge.can_authorize(connection)
  return connection.enabled == true
    and connection.auth_type == "oauth2"
    and connection.state ~= "callable"
    and has_settings_to_authorize(connection)
end

return badge
