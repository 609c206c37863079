-- Jobs used inside hooks, key functions, loggers, transports and callbacks: their own and others'.
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local safe = require "vault.safe"
local vault = require "vault"

local OK = { body = '{"status_code":200,"status":"OK","data":[]}' }
local BUSY = { status = 503, body = '{"message":"busy"}' }
local MISSING = { status = 404, body = '{"message":"unknown"}' }
local QUICK = { backoff = { initial_interval = 1, max_interval = 1 } }
local LIMIT = 20000 -- milliseconds

-- Places where a function of the program runs during a job. Each sets the function in the
-- configuration, and returns the server's response.
local places = {
  api_key = function(config, f)
    config.api_key = function()
      f()
      return "k"
    end
    return { BUSY, OK }
  end,
  debug_logger = function(config, f)
    config.debug_logger = f
    return { BUSY, OK }
  end,
  transport = function(config, f)
    config.transport = function()
      f()
      return { status = 200, headers = {}, body = OK.body }
    end
    return { OK }
  end,
  before_request = function(config, f)
    config.hooks = { before_request = f }
    return { BUSY, OK }
  end,
  after_response = function(config, f)
    config.hooks = { after_response = f }
    return { OK }
  end,
  on_retry = function(config, f)
    config.hooks = { on_retry = f }
    return { BUSY, OK }
  end,
  on_error = function(config, f)
    config.hooks = { on_error = f }
    return { MISSING }
  end,
}

local names = {}
for name in pairs(places) do
  names[#names + 1] = name
end
table.sort(names)

describe("inside a job's own hook", function()
  local host = hosts.wire()
  local client
  after_each(function()
    if client then
      client:close()
    end
  end)
  teardown(function()
    host:stop()
  end)

  -- Starts a job during which f(job) runs at that place, after `job` is assigned.
  local function start_with(place, f, config, options)
    config = config or {}
    config.retries = QUICK
    local job
    local responses = places[place](config, function()
      if job then
        f(job)
      end
    end)
    client = host:client(host:script(responses), config)
    job = client.async.connections.list(nil, options)
    return job
  end

  local waits = {
    ["job:wait"] = function(job)
      return job:wait()
    end,
    ["job:wait with a timeout"] = function(job)
      return job:wait(LIMIT)
    end,
    ["vault.wait_all"] = function(job)
      return vault.wait_all { job }
    end,
  }
  for _, place in ipairs(names) do
    for name, wait in pairs(waits) do
      it(("(%s) %s raises"):format(place, name), function()
        local problem
        local job = start_with(place, function(job)
          local passed, err = pcall(wait, job)
          problem = problem or (not passed and err)
        end)
        pcall(job.wait, job)
        assert.is_true(vault.is_error(problem, "InvalidRequestError"), tostring(problem))
        assert.truthy(problem.message:find("its own hook", 1, true))
      end)
    end

    -- on_error is called with the final error.
    local outcome = place == "on_error" and "NotFoundResponse" or "RequestAbortedError"

    it(("(%s) client:poll does not wait for it"):format(place), function()
      local polled
      local job = start_with(place, function()
        polled = client:poll(1e9)
      end)
      pcall(job.wait, job)
      assert.equal(0, polled)
    end)

    it(("(%s) job:cancel ends it, with one callback"):format(place), function()
      local called = 0
      local job = start_with(
        place,
        function(job)
          job:cancel()
        end,
        nil,
        {
          callback = function()
            called = called + 1
          end,
        }
      )
      local _, err = pcall(job.wait, job)
      assert.is_true(vault.is_error(err, outcome), tostring(err))
      assert.equal(1, called)
      assert.is_false(client:_is_busy())
    end)

    it(("(%s) client:close ends it, with one callback"):format(place), function()
      local called = 0
      local job = start_with(
        place,
        function()
          client:close()
        end,
        nil,
        {
          callback = function()
            called = called + 1
          end,
        }
      )
      local _, err = pcall(job.wait, job)
      assert.is_true(vault.is_error(err, outcome), tostring(err))
      assert.equal(1, called)
      assert.is_false(client:_is_busy())
    end)
  end

  it("(on_error, of a cancelled job) job:cancel has no effect", function()
    local called, errors = 0, 0
    local job = start_with(
      "on_error",
      function(job)
        errors = errors + 1
        job:cancel()
      end,
      nil,
      {
        callback = function()
          called = called + 1
        end,
      }
    )
    job:cancel()
    local _, err = pcall(job.wait, job)
    assert.is_true(vault.is_error(err, "RequestAbortedError"), tostring(err))
    assert.equal(1, called)
    assert.equal(1, errors)
  end)

  it("job:wait raises with vault.safe too", function()
    local problem, job
    client = safe.new {
      server_url = host:script({ OK }).url,
      api_key = "k",
      app_id = "a",
      consumer_id = "c",
      hooks = {
        after_response = function()
          local _, err = pcall(job.wait, job)
          problem = err
        end,
      },
    }
    job = client.async.connections.list()
    assert.equal(200, job:wait().status_code)
    assert.is_true(vault.is_error(problem, "InvalidRequestError"), tostring(problem))
  end)

  it("another job can be waited for, unless its own hook waits for the first one", function()
    local first, second, inner, began_to_wait
    client = host:client(host:script { OK }, {
      hooks = {
        after_response = function(event)
          local other = event.url:find("api=crm", 1, true) and second or first
          if not began_to_wait then
            began_to_wait = true
            other:wait()
          else
            local _, err = pcall(other.wait, other)
            inner = err
          end
        end,
      },
    })
    first = client.async.connections.list { api = "crm" }
    second = client.async.connections.list { api = "ats" }
    vault.wait_all({ first, second }, LIMIT)
    assert.is_true(vault.is_error(inner, "InvalidRequestError"), tostring(inner))
    assert.equal(200, first:result().status_code)
    assert.equal(200, second:result().status_code)
  end)

  it("a job can be waited for in its callback", function()
    local result, all, job
    client = host:client(host:script { OK })
    job = client.async.connections.list(nil, {
      callback = function()
        result = job:wait()
        all = vault.wait_all { job }
      end,
    })
    job:wait()
    assert.equal(200, result.status_code)
    assert.is_true(all)
  end)

  for _, loop in ipairs(rawget(_G, "ngx") and {} or loops.installed()) do
    it(("on %s, job:wait raises"):format(loop.name), function()
      local problem, job
      client = host:client(host:script { OK }, {
        loop = loop.name,
        hooks = {
          after_response = function()
            local _, err = pcall(job.wait, job)
            problem = err
          end,
        },
      })
      loop.run(function()
        job = client.async.connections.list()
        job:wait()
      end)
      assert.is_true(vault.is_error(problem, "InvalidRequestError"), tostring(problem))
    end)
  end
end)

describe("a plain call", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  for _, place in ipairs { "api_key", "debug_logger", "before_request" } do
    it(("whose %s closes the client is not sent"):format(place), function()
      local client
      local config = {}
      places[place](config, function()
        client:close()
      end)
      local peer = host:script { OK }
      client = host:client(peer, config)
      local passed, err = pcall(client.connections.list)
      assert.is_false(passed)
      assert.is_true(vault.is_error(err, "RequestAbortedError"), tostring(err))
      assert.equal(0, #peer:requests())
    end)

    it(("of client.async whose %s closes the client is not sent"):format(place), function()
      local client
      local config = {}
      places[place](config, function()
        client:close()
      end)
      local peer = host:script { OK }
      client = host:client(peer, config)
      local passed, job = pcall(client.async.connections.list)
      local err = job
      if passed then
        passed, err = pcall(job.wait, job)
      end
      assert.is_false(passed)
      assert.is_true(vault.is_error(err, "RequestAbortedError"), tostring(err))
      assert.equal(0, #peer:requests())
    end)
  end

  it("whose on_retry closes the client ends without the pause", function()
    local client
    local config = {}
    places.on_retry(config, function()
      client:close()
    end)
    config.retries =
      { backoff = { initial_interval = 60000, max_interval = 60000, max_elapsed_time = 1e6 } }
    local peer = host:script { BUSY }
    client = host:client(peer, config)
    local passed, err = pcall(client.connections.list)
    assert.is_false(passed)
    assert.is_true(vault.is_error(err, "RequestAbortedError"), tostring(err))
    assert.equal(1, #peer:requests())
    assert.is_true(err.elapsed_ms < 30000) -- the least that the pause takes
  end)
end)
