--- What a guard keeps of one connection, and what it answers from that.
--
--     fresh_until, stale_until   by client._monotonic_ms: answers without asking; may be served when
--                                Apideck cannot be asked
--     stale                      true: it is being served because Apideck could not be asked
--     found, state, enabled, health, name, service_id    the connection, or
--     error                      true; and the fields of an error, each under "error_" and its name
--
-- An entry is flat (strings, numbers, booleans), so that it can be kept as text; it is not changed once
-- it is stored. Those of guard.redis also have redis_epochs.
local entry = {}

-- The fields of an error that are kept. Not body, data, detail and headers: they are large, and what
-- the server sent there is for the program that made the call.
local ERROR_FIELDS = {
  "name",
  "message",
  "operation",
  "method",
  "url",
  "status_code",
  "code",
  "phase",
  "type_name",
  "ref",
  "request_id",
  "retry_after_ms",
  "attempts",
  "elapsed_ms",
}

local function of_type(kind, value)
  if type(value) == kind then
    return value
  end
  return nil -- absent, or vault.null with keep_nulls
end

--- Of what connections.get returned; nil where that tells nothing of a connection.
function entry.of_result(result, service_id)
  local connection = result.data
  if type(connection) ~= "table" then
    return nil
  end
  return {
    found = true,
    state = of_type("string", connection.state),
    enabled = connection.enabled == true,
    health = of_type("string", connection.health),
    name = of_type("string", connection.name),
    service_id = of_type("string", connection.service_id) or service_id,
  }
end

--- Of a connection that does not exist.
function entry.of_absence(service_id)
  return { found = false, enabled = false, service_id = service_id }
end

function entry.of_error(err)
  local kept = { error = true }
  for _, name in ipairs(ERROR_FIELDS) do
    local value = err[name]
    if type(value) == "string" or type(value) == "number" then
      kept["error_" .. name] = value
    end
  end
  return kept
end

--- The same entry, served because Apideck could not be asked.
function entry.as_stale(last, fresh_until)
  local copy = {}
  for name, value in pairs(last) do
    copy[name] = value
  end
  copy.stale = true
  copy.fresh_until = fresh_until
  return copy
end

local function new_error(kept, client)
  local err = client:_new_error(kept.error_name, kept.error_message)
  for _, name in ipairs(ERROR_FIELDS) do
    err[name] = kept["error_" .. name]
  end
  return err
end

--- What guard:check returns of it: tables that are the caller's own.
function entry.answer(kept, client, stale)
  if kept.error then
    return nil, new_error(kept, client)
  end
  local enabled = kept.enabled
  return {
    allowed = enabled and kept.state == "callable",
    state = kept.state,
    enabled = enabled,
    health = kept.health,
    name = kept.name,
    service_id = kept.service_id,
    stale = stale or kept.stale or false,
  }
end

local kinds = { string = "s", number = "n", boolean = "b" }

--- As text: name=type length:value, for each field but the two times.
function entry.encode(kept)
  local parts = {}
  for name, value in pairs(kept) do
    if name ~= "fresh_until" and name ~= "stale_until" then
      local text = tostring(value)
      parts[#parts + 1] = ("%s=%s%d:%s"):format(name, kinds[type(value)], #text, text)
    end
  end
  return table.concat(parts)
end

local readers = {
  s = function(text)
    return text
  end,
  n = tonumber,
  b = function(text)
    return text == "true"
  end,
}

--- The entry of such a text; nil where it is something else.
function entry.decode(text, first)
  local kept, position = {}, first or 1
  while position <= #text do
    local name, kind, length, start = text:match("^([%w_]+)=([snb])(%d+):()", position)
    length = tonumber(length)
    if not name or start + length - 1 > #text then
      return nil
    end
    kept[name] = readers[kind](text:sub(start, start + length - 1))
    position = start + length
  end
  local is_error = kept.error == true and kept.error_name and kept.error_message
  local is_connection = kept.found ~= nil and kept.enabled ~= nil
  return (is_error or is_connection) and kept or nil
end

return entry
