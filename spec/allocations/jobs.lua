-- Asynchronous calls.
local host, tools, scenarios = ...
local url = tools.url
local one = tools.one
local new_client = tools.new_client
local describe = tools.describe
local expect = tools.expect
local call_list = tools.call_list
local hooks = tools.hooks
local transport = tools.transport
local list_without_server = tools.list_without_server

local function start(self, options)
  self.job = self.client.async.connections.get(one, options)
  return self.job
end
local function finish(self)
  if self.job then
    return describe(self.job:wait())
  end
  return "no job"
end

scenarios["job with callback"] = {
  fresh = true,
  run = function(self)
    local reported
    local job = start(self, {
      callback = function(result, err, response)
        reported = err or { describe(result, response) }
      end,
    })
    while not job:done() do
      self.client:poll(1000)
    end
    -- An allocation of the callback may have failed: then poll raised that, or it is the outcome.
    expect(reported, "the callback was not called")
    if not reported[1] then
      error(reported, 0)
    end
    return reported[1]
  end,
}
scenarios["job with callback and error"] = {
  raises = "NotFoundResponse",
  fresh = true,
  server = "404",
  run = scenarios["job with callback"].run,
}
scenarios["job with options of TLS"] = {
  fresh = true,
  config = {
    proxy = "",
    tls = {
      ca_file = "/dev/null",
      ca_path = "/",
      ca_pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      cert_file = "/dev/null",
      key_file = "/dev/null",
    },
  },
  run = function(self)
    return describe(start(self):wait())
  end,
}
scenarios["job with hooks"] = {
  fresh = true,
  server = "flaky",
  also = "APIError",
  config = { hooks = hooks },
  run = function(self)
    return describe(start(self):wait())
  end,
}
scenarios["job with transport"] = {
  fresh = true,
  config = { transport = transport },
  run = function(self)
    return self.client.async.connections.list():wait().status
  end,
  good = list_without_server,
}
scenarios["jobs, wait_all"] = {
  fresh = true,
  run = function(self)
    local jobs = {}
    for i = 1, 3 do
      jobs[i] = self.client.async.connections.list()
    end
    expect(require("vault").wait_all(jobs), "wait_all")
    return describe(jobs[1]:result())
      .. describe(jobs[2]:wait())
      .. describe(jobs[3]:result())
      .. tostring(jobs[3])
  end,
}
scenarios["job collected"] = {
  fresh = true,
  prepare = function(self)
    start(self)
  end,
  run = finish,
}
scenarios["job that times out"] = {
  raises = "RequestTimeoutError",
  fresh = true,
  server = "never",
  config = { timeout_ms = 10, retries = false },
  also = "RequestTimeoutError", -- after another time, in another phase
  run = function(self)
    return describe(start(self):wait())
  end,
}
scenarios["job waited for in vain"] = {
  fresh = true,
  server = "never",
  prepare = function(self)
    start(self)
  end,
  run = function(self)
    local result, reason = self.job:wait(1)
    expect(result == nil and not self.job:done(), "it is done")
    return reason
  end,
}
scenarios["cancel"] = {
  raises = "RequestAbortedError",
  fresh = true,
  server = "never",
  prepare = function(self)
    self.reported = 0
    start(self, {
      callback = function()
        self.reported = self.reported + 1
      end,
    })
  end,
  run = function(self)
    self.job:cancel()
    return finish(self)
  end,
  good = function(self)
    self.job:cancel()
    expect(self.job:done(), "cancelled but not done")
    self.client:poll()
    expect(self.reported == 1, "the callback was called " .. self.reported .. " times")
    describe(self.client.connections.list(nil, { server_url = url .. "ok" }))
  end,
}
scenarios["close with jobs in flight"] = {
  fresh = true,
  server = "never",
  prepare = function(self)
    self.reported = 0
    self.jobs = {}
    for i = 1, 3 do
      self.jobs[i] = self.client.async.connections.get(one, {
        callback = function()
          self.reported = self.reported + 1
        end,
      })
    end
  end,
  run = function(self)
    self.client:close()
    return "closed"
  end,
  good = function(self)
    self.client:close()
    for i = 1, 3 do
      expect(self.jobs[i]:done(), "closed with a job under way")
    end
    expect(self.reported == 3, "callbacks were called " .. self.reported .. " times")
    self.client = new_client()
    call_list(self)
  end,
}
-- The test is lua_close, after this.
scenarios["lua_close with jobs in flight"] = {
  fresh = true,
  server = "never",
  closing = true,
  prepare = function(self)
    for i = 1, 3 do
      self[i] = self.client.async.connections.get(one)
    end
  end,
}
scenarios["lua_close with jobs finished"] = {
  fresh = true,
  closing = true,
  prepare = function(self)
    start(self):wait()
    for i = 1, 3 do
      self[i] = self.client.async.connections.get(one)
    end
  end,
}
scenarios["job forgotten"] = {
  fresh = true,
  server = "never",
  run = function(self)
    self.client.async.connections.get(one)
    self.client:close()
    self.client = nil
    collectgarbage()
    collectgarbage()
    return "forgotten"
  end,
  good = function(self)
    self.client = new_client()
    call_list(self)
  end,
}
scenarios["descriptor and alarm"] = {
  fresh = true,
  run = function(self)
    expect(self.client:pollfd() > 0 and self.client:events() == "r", "pollfd")
    local alarm = self.client:_timer(1)
    local other = self.client:_timer(60000)
    other:cancel()
    self.client:_wakeup()
    self.client:poll(1)
    alarm:cancel()
    return "rung"
  end,
}
scenarios["wake socket"] = {
  fresh = true,
  run = function(self)
    local path, problem = self.client:_listen()
    if not path then
      error(problem, 0)
    end
    self.descriptor = host.connect(path)
    if not self.descriptor then
      error("Too many open files", 0)
    end
    local accepted = self.client:_accept()
    if not accepted then
      error("Too many open files", 0)
    end
    expect(self.client:_is_connected(), "not connected")
    return describe(start(self):wait())
  end,
  good = function(self)
    if self.descriptor then
      host.disconnect(self.descriptor)
    end
    call_list(self)
  end,
}
