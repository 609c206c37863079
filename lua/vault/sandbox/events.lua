--- Webhook events: changes of connections as signed requests.
--
-- The events come from comparing the connections before and after, so that operations, pages and
-- simulated events cause the same ones.
local consumer = require "vault.sandbox.consumer"
local json = require "vault.sandbox.json"
local time = require "vault.sandbox.time"

local events = {}
local methods = {}
local metatable = { __name = "vault.sandbox.events", __index = methods }

--- `options`: store, secret (to sign with).
function events.new(options)
  options.listeners = {}
  return setmetatable(options, metatable)
end

-- The compared fields of a connection, and the entity of its event, also of its deletion.
local function summary(connector, record, account)
  return {
    connector = connector,
    entity = consumer.connection(connector, record, account.consumer_id),
    revision = record.revision,
    migrated_from = record.migrated_from,
    enabled = record.enabled,
    revoked = record.revoked,
    refresh_queued = record.refresh_queued == true,
    refresh_failed = record.last_refresh_failed_at ~= 0,
    degraded = record.last_downstream_error_at ~= 0,
  }
end

local function summaries(account, connectors)
  local by_id = {}
  for _, connector in ipairs(connectors.list) do
    local record = account.records[connector.id]
    if record then
      by_id[connector.id] = summary(connector, record, account)
    end
  end
  return by_id
end

-- The events of a connection that is there before and after, in the order in which they are sent, and
-- the function that detects each.
local changes = {
  {
    "vault.connection.disabled",
    function(before, after)
      return before.enabled and not after.enabled
    end,
  },
  {
    "vault.connection.revoked",
    function(before, after)
      return after.revoked and not before.revoked
    end,
  },
  {
    "vault.connection.token_refresh.failed",
    function(before, after)
      return after.refresh_failed and not before.refresh_failed
    end,
  },
  {
    "vault.connection.token_refresh.pending",
    function(before, after)
      return after.refresh_queued and not before.refresh_queued and not after.refresh_failed
    end,
  },
  {
    "vault.connection.token_refresh.recovered",
    function(before, after)
      return before.refresh_queued and not after.refresh_queued and after.entity.state ~= "added"
    end,
  },
  {
    "vault.connection.downstream.degraded",
    function(before, after)
      return after.degraded and not before.degraded
    end,
  },
  {
    "vault.connection.downstream.recovered",
    function(before, after)
      return before.degraded and not after.degraded
    end,
  },
}

local function is_callable(of)
  return of ~= nil and of.entity.state == "callable" and of.entity.enabled
end

local function added_events(after)
  local first = after.migrated_from and "migrated" or "created"
  return { "vault.connection." .. first }
end

local function changed_events(before, after)
  local names = {}
  for _, change in ipairs(changes) do
    if change[2](before, after) then
      names[#names + 1] = change[1]
    end
  end
  if #names == 0 and before.revision ~= after.revision then
    names[1] = "vault.connection.updated"
  end
  return names
end

-- The names of the events between two summaries, of which one may be nil.
local function names_between(before, after, moved)
  if not after then
    return moved and {} or { "vault.connection.deleted" }
  end
  local names = before and changed_events(before, after) or added_events(after)
  if is_callable(after) and not is_callable(before) then
    names[#names + 1] = "vault.connection.callable"
  end
  return names
end

-- Whether the connection of an id was migrated: another one came from it.
local function was_moved(id, before, after)
  for other, now in pairs(after) do
    if now.migrated_from == id and not before[other] then
      return true
    end
  end
  return false
end

local function request_of(self, name, subject)
  local now = self.store.now()
  local payload = {
    event_id = self.store.token(),
    event_type = name,
    service_id = subject.connector.service_id,
    entity_id = subject.connector.id,
    entity_type = "Connection",
    entity = subject.entity,
    execution_attempt = 1,
    occurred_at = time.format(now),
  }
  local body = json.encode { payload = payload }
  return {
    method = "POST",
    headers = {
      ["content-type"] = "application/json; charset=utf-8",
      ["x-apideck-event-type"] = name,
      ["x-apideck-idempotency-key"] = self.store.token(),
      ["x-apideck-signature"] = require("vault").webhook.sign(body, self.secret),
    },
    body = body,
  }
end

--- Calls `listener` with the request of every event from now on.
function methods:listen(listener)
  if #self.listeners == 0 then
    for _, account in ipairs(self.store.account_list) do
      self:watch(account)
    end
  end
  self.listeners[#self.listeners + 1] = listener
end

--- Stores the present connections of an account; later changes cause events.
function methods:watch(account)
  if #self.listeners > 0 then
    account.published = summaries(account, self.store.connectors)
  end
end

local function requests_of(self, account)
  local connectors = self.store.connectors
  local before, after = account.published or {}, summaries(account, connectors)
  local requests = {}
  for _, connector in ipairs(connectors.list) do
    local was, is = before[connector.id], after[connector.id]
    if was or is then
      local moved = not is and was_moved(connector.id, before, after)
      for _, name in ipairs(names_between(was, is, moved)) do
        requests[#requests + 1] = request_of(self, name, is or was)
      end
    end
  end
  account.published = after
  return requests
end

--- Sends the events of everything that has changed since the last time.
function methods:publish()
  local touched = self.store.touched
  self.store.touched = {}
  if #self.listeners == 0 then
    return
  end
  for account in pairs(touched) do
    for _, request in ipairs(requests_of(self, account)) do
      for _, listener in ipairs(self.listeners) do
        listener(request)
      end
    end
  end
end

return events
