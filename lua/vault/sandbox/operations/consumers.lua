--- consumers.* and consumer_request_counts.*.
local consumer = require "vault.sandbox.consumer"
local cursor = require "vault.sandbox.cursor"
local errors = require "vault.sandbox.errors"
local merge = require "vault.sandbox.merge"
local time = require "vault.sandbox.time"

local operations = {}

-- The account that the path names, or nil and the problem.
local function find(context)
  local consumer_id = context.parameters.consumer_id
  local account = context.store:find_account(context.app_id, consumer_id)
  if not account then
    return nil, errors.entity_not_found("consumer", consumer_id)
  end
  return account
end

local function details(context, account)
  return { status = 200, data = consumer.details(account, context.store.connectors) }
end

local searched = { "account_name", "user_name", "email" }

local function matches_search(account, text)
  text = text:lower()
  if account.consumer_id:lower():find(text, 1, true) then
    return true
  end
  for _, name in ipairs(searched) do
    local value = account.metadata[name]
    if type(value) == "string" and value:lower():find(text, 1, true) then
      return true
    end
  end
  return false
end

local function accepts(account, context)
  local filter = context.query.filter or {}
  return account.app_id == context.app_id
    and (not filter.consumer_id or account.consumer_id == filter.consumer_id)
    and (not filter.search or matches_search(account, filter.search))
end

-- Oldest first, so that new consumers come at the end of the last page. The list is sorted by
-- sequence number: the index of the row after one is found by halving.
local function index_after(accounts, sequence)
  local low, high = 1, #accounts + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if accounts[middle].sequence <= sequence then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

operations["vault.consumers.list"] = function(context)
  local accounts = context.store.account_list
  local page, problem = cursor.page(context.query, "consumer", function(sequence)
    for index = index_after(accounts, sequence or 0), #accounts do
      local account = accounts[index]
      if accepts(account, context) then
        return consumer.row(account, context.store.connectors), account.sequence
      end
    end
  end)
  if not page then
    return nil, problem
  end
  return { status = 200, data = page.rows, meta = page.meta }
end

operations["vault.consumers.get"] = function(context)
  local account, problem = find(context)
  if not account then
    return nil, problem
  end
  return details(context, account)
end

operations["vault.consumers.create"] = function(context)
  local consumer_id = context.body.consumer_id
  if consumer_id == "" then
    return nil, errors.invalid_body("create_consumer_request.consumer_id", "must not be empty")
  elseif context.store:find_account(context.app_id, consumer_id) then
    return nil, errors.problem(409, { detail = "A consumer with this id already exists" })
  end
  local account = context.store:account(context.app_id, consumer_id)
  account.metadata = merge(nil, context.body.metadata) or {}
  return details(context, account)
end

operations["vault.consumers.update"] = function(context)
  local account, problem = find(context)
  if not account then
    return nil, problem
  end
  account.metadata = merge(account.metadata, context.body.metadata) or {}
  account.updated_at = context.now()
  return details(context, account)
end

operations["vault.consumers.delete"] = function(context)
  local account, problem = find(context)
  if not account then
    return nil, problem
  end
  context.store:remove_account(account)
  return { status = 200, data = { consumer_id = account.consumer_id } }
end

operations["vault.consumer_request_counts.list"] = function(context)
  local account, problem = find(context)
  if not account then
    return nil, problem
  end
  local query = context.query
  local first = math.floor(time.parse(query.start_datetime) / 1000)
  local last = math.floor(time.parse(query.end_datetime) / 1000)
  local count = 0
  for second, requests in pairs(account.requests_by_second) do
    if second >= first and second <= last then
      count = count + requests
    end
  end
  return {
    status = 200,
    data = {
      application_id = account.app_id,
      consumer_id = account.consumer_id,
      start_datetime = query.start_datetime,
      end_datetime = query.end_datetime,
      aggregated_request_count = count,
      request_counts = consumer.request_counts(count),
    },
  }
end

return operations
