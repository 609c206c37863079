--- What the sandbox remembers: the connections of each (application, consumer), and the states that
-- its pages go by.
local connection = require "vault.sandbox.connection"
local json = require "vault.sandbox.json"

local store = {}
local methods = {}
local metatable = { __name = "vault.sandbox.store", __index = methods }

--- `options`: connectors, now (a function of milliseconds), token (a function of fresh unguessable
-- text), populated.
function store.new(options)
  local self = setmetatable(options, metatable)
  self:clear()
  return self
end

function methods:clear()
  self.accounts = {}
  self.visits = {}
end

local function populate(self, account)
  local now = self.now()
  for _, connector in ipairs(self.connectors.list) do
    local initial = connector.initial
    if initial then
      local record = connection.new_record(connector, now)
      for name, value in pairs(json.copy(initial)) do
        record[name] = value
      end
      account.records[connector.id] = record
    end
  end
end

--- The account of a consumer of an application, made when first asked for.
function methods:account(app_id, consumer_id)
  local key = app_id .. "\0" .. consumer_id
  local account = self.accounts[key]
  if not account then
    account = { app_id = app_id, consumer_id = consumer_id, records = {}, states = {} }
    self.accounts[key] = account
    if self.populated then
      populate(self, account)
    end
  end
  return account
end

--- The `state` by which the pages of this connection are reached. It does not change, so that a URL
-- handed out earlier stays good, and is known only to those who may read the connection.
function methods:state_of(account, connector)
  local state = account.states[connector.id]
  if not state then
    state = self.token()
    account.states[connector.id] = state
    self.visits[state] = { account = account, connector = connector, csrf_token = self.token() }
  end
  return state
end

--- What a `state` stands for: { account, connector, csrf_token }.
function methods:visit(state)
  return self.visits[state]
end

--- The record of an account's connection, made as an enabled one where there is none.
function methods:ensure(account, connector)
  local record = account.records[connector.id]
  if not record then
    record = connection.new_record(connector, self.now())
    account.records[connector.id] = record
  end
  return record
end

function methods:touch(record)
  record.updated_at = self.now()
end

return store
