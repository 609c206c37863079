--- custom_mappings.* and connection_custom_mappings.*: the sources of the application's own fields.
local connection = require "vault.sandbox.connection"
local errors = require "vault.sandbox.errors"
local json = require "vault.sandbox.json"

local operations = {}

local function record_of(context)
  return context.account.records[context.connector.id]
end

local function rows_of(context)
  local consumer_id = context.account.consumer_id
  return connection.custom_mappings(context.connector, record_of(context), consumer_id)
end

-- The mapping that the path names, as a response shows it; or nil and the problem.
local function find(context)
  local id = context.parameters.target_field_id
  for _, row in ipairs(rows_of(context)) do
    if row.id == id then
      return row
    end
  end
  return nil, errors.entity_not_found("custom_mapping", id)
end

operations["vault.custom_mappings.list"] = function(context)
  return { status = 200, data = rows_of(context) }
end

-- An id is <unified api>+<resource>+<field>.
operations["vault.connection_custom_mappings.list"] = function(context)
  local rows = json.array()
  for _, row in ipairs(rows_of(context)) do
    if row.id:match("^[^+]*%+([^+]*)%+") == context.parameters.resource then
      rows[#rows + 1] = row
    end
  end
  return { status = 200, data = rows }
end

operations["vault.custom_mappings.get"] = function(context)
  local row, problem = find(context)
  if not row then
    return nil, problem
  end
  return { status = 200, data = row }
end

-- Stores a value, or removes it with nil, where the mapping has one (`wanted` = true) or has none
-- (false); else the problem is that of `problem_of`.
local function change(context, wanted, value, problem_of)
  local row, problem = find(context)
  local record = record_of(context)
  if not row then
    return nil, problem
  elseif not record then
    return nil, errors.connection_not_found(context.connector.id)
  elseif (record.mappings[row.id] ~= nil) ~= wanted then
    return nil, problem_of(row.id)
  end
  record.mappings[row.id] = value
  context.store:touch(context.account, record)
  return true
end

local function mapped_already(id)
  return errors.problem(409, { detail = "A custom mapping of " .. id .. " already exists" })
end

local function not_mapped(id)
  return errors.entity_not_found("custom_mapping", id)
end

operations["vault.custom_mappings.create"] = function(context)
  local changed, problem = change(context, false, context.body.value, mapped_already)
  if not changed then
    return nil, problem
  end
  return { status = 200, data = (find(context)) }
end

operations["vault.custom_mappings.update"] = function(context)
  local changed, problem = change(context, true, context.body.value, not_mapped)
  if not changed then
    return nil, problem
  end
  return { status = 200, data = (find(context)) }
end

operations["vault.custom_mappings.delete"] = function(context)
  local changed, problem = change(context, true, nil, not_mapped)
  if not changed then
    return nil, problem
  end
  return { status = 204 }
end

return operations
