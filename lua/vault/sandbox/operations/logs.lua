--- logs.list: the sandbox's own requests of the consumer, newest first.
local cursor = require "vault.sandbox.cursor"
local request_log = require "vault.sandbox.request_log"
local time = require "vault.sandbox.time"

local operations = {}

local path_matches = {
  CONTAINS = function(path, text)
    return path:find(text, 1, true) ~= nil
  end,
  STARTS_WITH = function(path, text)
    return path:sub(1, #text) == text
  end,
  ENDS_WITH = function(path, text)
    return text == "" or path:sub(-#text) == text
  end,
  EXACT = function(path, text)
    return path == text
  end,
}

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

-- One check for each member of the filter.
local checks = {
  connector_id = function(entry, id)
    return entry.connector ~= nil and (entry.connector.service_id == id or entry.connector.id == id)
  end,
  path = function(entry, text, filter)
    return path_matches[filter.path_match_mode or "CONTAINS"](entry.path, text)
  end,
  http_method = function(entry, method)
    return entry.method == method:upper()
  end,
  http_methods = function(entry, methods)
    return contains(methods, entry.method)
  end,
  status_code = function(entry, status)
    return entry.status == status
  end,
  status_codes = function(entry, statuses)
    return contains(statuses, entry.status)
  end,
  start_date = function(entry, text)
    return entry.at >= time.parse(text)
  end,
  end_date = function(entry, text)
    return entry.at <= time.parse(text)
  end,
  -- Every request of the sandbox is one of Vault.
  exclude_unified_apis = function(_, apis)
    return not ("," .. apis:gsub("%s", "") .. ","):find(",vault,", 1, true)
  end,
}

local function accepts(entry, filter)
  for name, value in pairs(filter) do
    if checks[name] and not checks[name](entry, value, filter) then
      return false
    end
  end
  return true
end

operations["vault.logs.list"] = function(context)
  local filter = context.query.filter or {}
  local log, base_url = context.settings.log, context.settings.base_url
  local function is_shown(entry)
    return entry.account == context.account and accepts(entry, filter)
  end
  local page, problem = cursor.page(context.query, "log", function(sequence)
    local entry, index = log:before(sequence, is_shown)
    if entry then
      return request_log.row(entry, base_url), index
    end
  end)
  if not page then
    return nil, problem
  end
  return { status = 200, data = page.rows, meta = page.meta }
end

return operations
