--- The state of the sandbox: accounts (one for each consumer of each application) with their
-- connections, sessions, and the `state` values of its pages.
local connection = require "vault.sandbox.connection"
local json = require "vault.sandbox.json"

local store = {}
local methods = {}
local metatable = { __name = "vault.sandbox.store", __index = methods }

--- `options`: connectors, now (a function of milliseconds), token (a function that returns a new
-- random token), populated, on_account (a function that gets every new account; optional).
function store.new(options)
  local self = setmetatable(options, metatable)
  self:clear()
  return self
end

function methods:clear()
  self.accounts = {}
  self.account_list = {}
  self.account_sequence = 0
  self.visits = {}
  self.sessions = {}
  self.touched = {}
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

local function account_key(app_id, consumer_id)
  return app_id .. "\0" .. consumer_id
end

--- The account of a consumer of an application, or nil.
function methods:find_account(app_id, consumer_id)
  return self.accounts[account_key(app_id, consumer_id)]
end

local function new_account(self, app_id, consumer_id)
  local now = self.now()
  self.account_sequence = self.account_sequence + 1
  return {
    sequence = self.account_sequence,
    app_id = app_id,
    consumer_id = consumer_id,
    metadata = {},
    records = {},
    states = {},
    requests = 0,
    requests_by_second = {},
    created_at = now,
    updated_at = now,
  }
end

--- The account of a consumer of an application, created where there is none.
function methods:account(app_id, consumer_id)
  local account = self:find_account(app_id, consumer_id)
  if account then
    return account
  end
  account = new_account(self, app_id, consumer_id)
  self.accounts[account_key(app_id, consumer_id)] = account
  self.account_list[#self.account_list + 1] = account
  if self.populated then
    populate(self, account)
  end
  if self.on_account then
    self.on_account(account)
  end
  return account
end

--- Removes an account with its connections, pages and sessions.
function methods:remove_account(account)
  for _, state in pairs(account.states) do
    self.visits[state] = nil
  end
  for token, session in pairs(self.sessions) do
    if session.account == account then
      self.sessions[token] = nil
    end
  end
  for index, other in ipairs(self.account_list) do
    if other == account then
      table.remove(self.account_list, index)
      break
    end
  end
  self.accounts[account_key(account.app_id, account.consumer_id)] = nil
  account.records = {}
  self.touched[account] = true
end

--- Counts a request of the account.
function methods:count_request(account)
  local now = self.now()
  local second = math.floor(now / 1000)
  account.requests = account.requests + 1
  account.requests_by_second[second] = (account.requests_by_second[second] or 0) + 1
  account.requested_at = now
end

--- Stores a session, and removes those that have expired.
function methods:add_session(session)
  local now = self.now()
  for token, other in pairs(self.sessions) do
    if other.expires_at <= now then
      self.sessions[token] = nil
    end
  end
  self.sessions[session.token] = session
end

--- The session of a token, or nil where there is none or it has expired.
function methods:session(token)
  local session = self.sessions[token]
  return session and session.expires_at > self.now() and session or nil
end

local function new_visit(self, account, connector, redirect_uri)
  local state = self.token()
  self.visits[state] = {
    account = account,
    connector = connector,
    csrf_token = self.token(),
    redirect_uri = redirect_uri,
  }
  return state
end

--- The `state` of this connection's pages. It does not change, so that earlier URLs stay valid.
function methods:state_of(account, connector)
  local state = account.states[connector.id]
  if not state then
    state = new_visit(self, account, connector)
    account.states[connector.id] = state
  end
  return state
end

--- The `state` of a callback that ends at `redirect_uri`. A new one replaces the connection's last.
function methods:callback_state(account, connector, redirect_uri)
  local key = "callback\0" .. connector.id
  self.visits[account.states[key] or ""] = nil
  account.states[key] = new_visit(self, account, connector, redirect_uri)
  return account.states[key]
end

--- The account and connector of a `state`: { account, connector, csrf_token }; for a callback with
-- `redirect_uri`.
function methods:visit(state)
  return self.visits[state]
end

--- Removes the state of a callback, which is valid once.
function methods:end_callback(state)
  self.visits[state] = nil
end

--- The record of an account's connection, created and enabled where there is none.
function methods:ensure(account, connector)
  local record = account.records[connector.id]
  if not record then
    record = connection.new_record(connector, self.now())
    account.records[connector.id] = record
  end
  return record
end

--- Marks a record of the account as changed.
function methods:touch(account, record)
  record.updated_at = self.now()
  record.revision = (record.revision or 0) + 1
  self.touched[account] = true
end

--- Removes the record of an account's connection.
function methods:remove(account, connector)
  account.records[connector.id] = nil
  self.touched[account] = true
end

return store
