-- Functions and methods that are called wrongly raise error objects that say how to call them.
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local safe = require "vault.safe"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local function nothing() end

local DOT = "call operations with a dot: client.connections."

describe("an operation called with a colon", function()
  it("raises an error that names the mistake, with a request, options or neither", function()
    local client = vault.new { api_key = "k", server_url = "http://127.0.0.1:1" }
    for _, group in ipairs { client.connections, client.async.connections, vault.connections } do
      expect.invalid(DOT .. "get", group.get, group, PIPEDRIVE)
      expect.invalid(DOT .. "get", group.get, group, PIPEDRIVE, { timeout_ms = 5 })
      expect.invalid(DOT .. "list", group.list, group)
      expect.invalid(DOT .. "list", group.list, group, { zzzzzzzz = 1 })
    end
    expect.invalid(DOT .. "get", client.connections.get, client, PIPEDRIVE)
  end)

  it("returns that error in vault.safe", function()
    local client = assert(safe.new { server_url = "http://127.0.0.1:1" })
    for _, group in ipairs { client.connections, client.async.connections, safe.connections } do
      local result, err = group.get(group, PIPEDRIVE)
      assert.is_nil(result)
      expect.says(err.message, DOT .. "get")
    end
  end)

  it("raises that error for vault.new", function()
    expect.invalid("call vault.new with a dot", vault.new, vault, { api_key = "k" })
    local client, err = safe.new(safe, { api_key = "k" })
    assert.is_nil(client)
    expect.says(err.message, "call vault.new with a dot")
  end)
end)

for _, host in ipairs(hosts.all()) do
  describe("the options of a call over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    it("are checked after the whole request", function()
      local peer = host:script { { echo = true } }
      local client = host:client(peer)
      local wrong = { zzzzzzzz = 1 }
      for message, request in pairs {
        ["'serviceId'"] = { serviceId = "x" },
        ["service_id: required"] = {},
        ["unified_api: must not be empty"] = { service_id = "s", unified_api = "" },
        ["service_id: expected a string"] = { service_id = 5, unified_api = "crm" },
        ["consumer_id: expected"] = { service_id = "s", unified_api = "c", consumer_id = 5 },
      } do
        expect.invalid(message, client.connections.get, request, wrong)
      end
      expect.invalid("configured: expected", client.connections.list, { configured = 1 }, wrong)
      local update = { service_id = "s", unified_api = "crm", connection = { enabled = 1 } }
      expect.invalid("connection.enabled", client.connections.update, update, wrong)
      expect.invalid("request: expected a table", client.connections.get, 5, wrong)
      expect.invalid("zzzzzzzz", client.connections.get, PIPEDRIVE, wrong)
      assert.equal(0, #peer:requests())
    end)

    it("select the server of the checked request", function()
      local second = host:script { { echo = true } }
      local client = host:client(second, { server_url = "http://127.0.0.1:1/elsewhere" })
      client.connections.list({ api = "crm", configured = false }, { server_url = second.url })
      client.connections.list({ api = "crm" }, { server_url = second.url .. "?tenant=7" })
      client.connections.list({}, { server_url = second.url .. "?tenant=7" })
      local seen = second:requests()
      assert.equal("/vault/connections?api=crm&configured=false", seen[1].path)
      assert.equal("/vault/connections?tenant=7&api=crm", seen[2].path)
      assert.equal("/vault/connections?tenant=7", seen[3].path)
    end)
  end)
end

for _, loop in ipairs(require("spec.support.loops").installed()) do
  it(
    "job:wait over " .. loop.name .. " refuses a self that is no job, and times that are no numbers",
    function()
      local client = vault.new { loop = loop.name, transport = nothing, retries = false }
      local job = client.async.connections.list()
      expect.invalid({ "expected a job", "colon" }, job.wait)
      expect.invalid(
        "timeout_ms: expected a number of milliseconds, got a string",
        job.wait,
        job,
        "x"
      )
      expect.invalid("timeout_ms: expected a number of milliseconds, at least 0", job.wait, job, -1)
      expect.invalid("got a table", vault.wait_all, { job }, {})
      client:close()
    end
  )
end

for _, module in ipairs { vault, safe } do
  local name = module == vault and "vault" or "vault.safe"
  describe("a method of " .. name, function()
    local client, job
    setup(function()
      client = assert(module.new { transport = nothing, retries = false })
      job = assert(client.async.connections.list())
      pcall(job.wait, job)
    end)
    teardown(function()
      client:close()
    end)

    it("called with a dot names the missing self", function()
      for _, method in ipairs { "done", "wait", "result", "cancel" } do
        expect.invalid({ "expected a job", "nothing", "colon" }, job[method])
        expect.invalid({ "expected a job", "a table", "colon" }, job[method], {})
        expect.invalid({ "expected a job", "a userdata", "colon" }, job[method], client)
      end
      for _, method in ipairs { "poll", "pollfd", "events", "timeout", "close" } do
        expect.invalid({ "expected a client", "nothing", "colon" }, client[method])
        expect.invalid({ "expected a client", "a number", "colon" }, client[method], 5)
        expect.invalid({ "expected a client", "a userdata", "colon" }, client[method], job)
      end
    end)

    it("called with a dot is named where Lua knows its name", function()
      local _, err = pcall(function()
        job.result()
      end)
      expect.says(err.message, "result: expected a job", "job:result(...)")
      _, err = pcall(function()
        client.close()
      end)
      expect.says(err.message, "close: expected a client", "client:close(...)")
    end)

    it("refuses times that are no numbers", function()
      for _, time in ipairs { "x", {}, true, vault.null } do
        local message = "timeout_ms: expected a number of milliseconds, got"
        expect.invalid(message, job.wait, job, time)
        expect.invalid(message, client.poll, client, time)
        expect.invalid(message, module.wait_all, { job }, time)
        expect.invalid(message, module.wait_all, {}, time)
      end
      for _, time in ipairs { -1, -math.huge, 0 / 0 } do
        expect.invalid("at least 0", job.wait, job, time)
        expect.invalid("at least 0", client.poll, client, time)
        expect.invalid("at least 0", module.wait_all, { job }, time)
      end
    end)

    it("job:result of a running job raises an error that says so", function()
      local started = assert(client.async.connections.list())
      expect.invalid("not done yet", started.result, started)
    end)
  end)

  describe(name .. ".wait_all", function()
    local client, job
    setup(function()
      client = assert(module.new { transport = nothing, retries = false })
      job = assert(client.async.connections.list())
    end)
    teardown(function()
      client:close()
    end)

    it("refuses values other than lists of jobs", function()
      local wait_all = module.wait_all
      expect.invalid("vault.wait_all: jobs: expected a list of jobs, got nil", wait_all)
      expect.invalid("expected a list of jobs, got a userdata", wait_all, job)
      expect.invalid("expected a list { job, ... }, but it has a string", wait_all, { a = job })
      expect.invalid("expected a list { job, ... }", wait_all, { job, n = 1 })
      expect.invalid("jobs[1]: expected a job of client.async, got nil", wait_all, { [2] = job })
      expect.invalid(
        "jobs[2]: expected a job of client.async, got nil",
        wait_all,
        { job, nil, job }
      )
      expect.invalid(
        "jobs[2]: expected a job of client.async, got a boolean",
        wait_all,
        { job, true }
      )
      expect.invalid(
        "jobs[1]: expected a job of client.async, got a userdata",
        wait_all,
        { client }
      )
    end)

    it("checks all of them before it waits for any", function()
      local fresh = assert(client.async.connections.list())
      expect.invalid("jobs[2]", module.wait_all, { fresh, 5 })
      assert.is_false(fresh:done())
    end)
  end)

  it(name .. ".array refuses values other than tables", function()
    for _, value in ipairs { 1, "x", true, print } do
      expect.invalid("vault.array: expected a table, got", module.array, value)
    end
    expect.invalid("already has a metatable", module.array, setmetatable({}, {}))
  end)
end
