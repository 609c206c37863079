-- A debug hook may raise at any call, return, line and instruction: a profiler's, a time limit's, or the
-- one that the stock interpreter sets when Ctrl-C is pressed. Whatever it interrupts, nothing leaks or
-- hangs, callbacks run once, and the client is usable.
local debug_hooks = require "spec.support.debug_hooks"
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local safe = require "vault.safe"
local socket = require "socket"
local vault = require "vault"

local ONE = { service_id = "pipedrive", unified_api = "crm" }
local OK =
  { body = '{"status_code":200,"status":"OK","data":[{"id":"crm+pipedrive","name":"Pipedrive"}]}' }
local MISSING = {
  status = 404,
  body = '{"status_code":404,"error":"Not Found","type_name":"EntityNotFoundError",'
    .. '"message":"Unknown","detail":"No such connection","ref":"https://developers.apideck.com"}',
}
local BUSY = { status = 503, body = '{"message":"busy"}' }
local STALLED = { body = OK.body, before_ms = 60000 }
local LIMIT = 20 -- seconds; more than anything here takes on a loaded machine

local function count_descriptors()
  local pipe = io.popen "ls /proc/self/fd /proc/$PPID/fd 2>/dev/null | wc -l"
  local count = tonumber(pipe:read "*a")
  pipe:close()
  return count
end

local function count_threads()
  local file = io.open("/proc/self/status")
  if not file then
    return 0
  end
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "Threads:%s*(%d+)")
end

local function collect_twice()
  collectgarbage()
  collectgarbage()
end

describe("a debug hook that raises", function()
  local host = hosts.wire()
  local jit = rawget(_G, "jit")
  local ok, missing, busy, stalled
  setup(function()
    ok, missing, busy = host:script { OK }, host:script { MISSING }, host:script { BUSY }
    stalled = host:script { STALLED }
    if jit then
      jit.off() -- compiled code runs no hooks
    end
  end)
  teardown(function()
    if jit then
      jit.on()
    end
    host:stop()
  end)

  -- The first attempt meets a busy server.
  local function at_first_busy(event)
    event.url = event.url:gsub("^http://[^/]*/[^/]*", event.attempt == 1 and busy.url or ok.url)
  end

  local function ignore() end

  local everything = {
    api_key = function()
      return "sandbox-key"
    end,
    debug_logger = ignore,
    retries = { backoff = { initial_interval = 1, max_interval = 1 } },
    hooks = {
      before_request = ignore,
      after_response = ignore,
      on_retry = ignore,
      on_error = ignore,
    },
  }

  local function with(changes)
    local config = {}
    for name, value in pairs(everything) do
      config[name] = value
    end
    for name, value in pairs(changes) do
      config[name] = value
    end
    return config
  end

  local function settle(client, label)
    local deadline = socket.gettime() + LIMIT
    while client:_is_busy() do
      assert(socket.gettime() < deadline, label .. ": a job never ends")
      client:poll(1000)
    end
  end

  local function use(client, label)
    settle(client, label)
    local called, result = pcall(client.connections.list, nil, { server_url = ok.url })
    assert(called and result.data[1].name == "Pipedrive", label .. ": " .. tostring(result))
  end

  local function use_asynchronously(client, label)
    use(client, label)
    local job = client.async.connections.list(nil, { server_url = ok.url })
    local result, reason = job:wait(LIMIT * 1000)
    assert(result and result.data[1].name == "Pipedrive", label .. ": " .. tostring(reason))
  end

  -- Runs the case with a hook at each of its events; `expected` checks the other possible outcomes.
  local function run_case(case)
    local client = case.client or host:client(case.peer or ok, case.config)
    local state = {}
    local function f()
      return case.run(client, state)
    end
    f() -- makes connections and the background thread
    settle(client, "at first")
    collect_twice()
    local descriptors, threads = count_descriptors(), count_threads()
    local count = debug_hooks.each(function()
      return f()
    end, function(passed, outcome, label)
      if not passed and not debug_hooks.is_hooks(outcome) then
        error(label .. ": " .. tostring(outcome), 0)
      end
      if passed and case.expect then
        case.expect(outcome, label)
      end
      if case.clean then
        case.clean(state)
      end
      settle(client, label)
      if case.after then
        case.after(state, label, passed)
      end
      local use_again = case.asynchronous and use_asynchronously or use
      use_again(client, label)
    end)
    assert.is_true(count > 0)
    collect_twice()
    assert.is_true(count_threads() <= threads + 1)
    assert.is_true(count_descriptors() <= descriptors + 10)
    client:close()
  end

  local function is_result(result, label)
    assert(type(result) == "table" and result.status_code == 200, label .. ": " .. tostring(result))
  end

  describe("in a plain call", function()
    it("passes its error on unchanged", function()
      run_case {
        run = function(client)
          return (client.connections.list())
        end,
        expect = is_result,
      }
    end)

    it("inside a coroutine passes its error on unchanged", function()
      local client = host:client(ok)
      debug_hooks.each(function()
        local thread = coroutine.running()
        return thread
      end, ignore)
      local finished = coroutine.wrap(function()
        local count = debug_hooks.each(function()
          return (client.connections.list())
        end, function(passed, outcome, label)
          assert(passed or debug_hooks.is_hooks(outcome), label)
          use(client, label)
        end)
        return count
      end)()
      assert.is_true(finished > 0)
      client:close()
    end)

    it("that has a body passes its error on unchanged", function()
      local request = {
        service_id = "pipedrive",
        unified_api = "crm",
        connection = setmetatable({ settings = { instance_url = "https://example.com" } }, {}),
      }
      run_case {
        run = function(client)
          return (client.connections.update(request, { headers = { ["x-trace"] = "1" } }))
        end,
        expect = is_result,
      }
    end)

    it(
      "with hooks, a key function, a logger and a retry passes its error on, or is their error's cause",
      function()
        local hooks = with {}
        hooks.hooks = { before_request = at_first_busy, on_retry = ignore, after_response = ignore }
        run_case {
          config = hooks,
          run = function(client)
            return (client.connections.list())
          end,
          expect = is_result,
        }
      end
    )

    it("over a transport passes its error on, or is the cause of the transport's error", function()
      run_case {
        config = {
          transport = function(request)
            return { status = request.url and 200, headers = { ["x-a"] = "b" }, body = OK.body }
          end,
        },
        run = function(client)
          return (client.connections.list())
        end,
        expect = is_result,
      }
    end)

    it("that fails passes its error on, or is the cause of the call's error", function()
      run_case {
        peer = missing,
        config = with {},
        run = function(client)
          local _, err = pcall(client.connections.get, ONE)
          if debug_hooks.is_hooks(err) then
            error(err, 0)
          end
          return tostring(err)
        end,
        expect = function(text, label)
          assert(text:find("NotFoundResponse (404)", 1, true), label .. ": " .. text)
        end,
      }
    end)

    it("that is invalid passes its error on", function()
      run_case {
        run = function(client)
          local _, err = pcall(client.connections.get, { serviceId = "pipedrive" })
          return err
        end,
        expect = function(err, label)
          assert(vault.is_error(err, "InvalidRequestError") or debug_hooks.is_hooks(err), label)
        end,
      }
    end)

    it("of vault.safe is raised, not returned", function()
      local client =
        safe.new { server_url = missing.url, api_key = "k", app_id = "a", consumer_id = "c" }
      run_case {
        client = client,
        run = function()
          local result, err = client.connections.get(ONE)
          assert(result == nil)
          return err
        end,
        expect = function(err, label)
          assert(vault.is_error(err, "NotFoundResponse"), label .. ": " .. tostring(err))
        end,
      }
    end)
  end)

  it("in vault.new leaves no partly built client", function()
    run_case {
      run = function()
        local client =
          vault.new(with { server_url = ok.url, headers = { ["x-a"] = "b" }, proxy = "" })
        client:close()
        return tostring(client)
      end,
    }
  end)

  it("in require leaves the modules loadable", function()
    local names = { "vault", "vault.safe", "vault.schema" }
    local loaded = {}
    for i, name in ipairs(names) do
      loaded[i] = package.loaded[name]
    end
    run_case {
      run = function()
        for _, name in ipairs(names) do
          package.loaded[name] = nil
          require(name)
        end
        return require("vault").null
      end,
      clean = function()
        for _, name in ipairs(names) do
          package.loaded[name] = nil -- Lua 5.1 marks what has failed to load
          assert(require(name))
        end
      end,
    }
    for i, name in ipairs(names) do
      package.loaded[name] = loaded[i]
    end
  end)

  -- Starts a job, and counts its callbacks.
  local function start(client, state, request)
    state.started, state.called = false, 0
    local function callback()
      state.called = state.called + 1
    end
    state.job = client.async.connections.list(request, { callback = callback })
    state.started = true
    return state.job
  end

  -- Unless the hook has raised just before the callback: then poll or wait has raised that.
  local function is_called_once(state, label, passed)
    local least = state.started and passed and 1 or 0
    assert(
      state.called == 1 or state.called == least,
      ("%s: %d callbacks"):format(label, state.called)
    )
    local missed = state.started and state.called == 0
    state.missed = (state.missed or 0) + (missed and 1 or 0)
    assert(state.missed <= 20, label .. ": callbacks are not called")
    state.called, state.started = 0, false
  end

  describe("with a job", function()
    it("during start and wait leaves a job that has failed or can be collected", function()
      run_case {
        asynchronous = true,
        run = function(client)
          return (client.async.connections.list():wait())
        end,
        expect = is_result,
      }
    end)

    it("in a coroutine leaves a job that has failed or can be collected", function()
      local client = host:client(ok)
      coroutine.wrap(function()
        debug_hooks.each(function()
          return (client.async.connections.list():wait())
        end, function(passed, outcome, label)
          assert(passed or debug_hooks.is_hooks(outcome), label)
          use_asynchronously(client, label)
        end)
      end)()
      client:close()
    end)

    it("still lets the callback be called once", function()
      run_case {
        asynchronous = true,
        run = function(client, state)
          local job = start(client, state)
          while not job:done() do
            client:poll(1000)
          end
        end,
        after = is_called_once,
      }
    end)

    it("with hooks, a key function, a logger and retries keeps callbacks", function()
      run_case {
        asynchronous = true,
        config = with {
          hooks = { before_request = at_first_busy, on_retry = ignore, on_error = ignore },
        },
        run = function(client, state)
          start(client, state):wait()
        end,
        after = is_called_once,
      }
    end)

    it("over a transport keeps callbacks", function()
      run_case {
        asynchronous = true,
        config = {
          transport = function()
            return { status = 200, headers = {}, body = OK.body }
          end,
        },
        run = function(client, state)
          start(client, state):wait()
        end,
        after = is_called_once,
      }
    end)

    it("during wait_all leaves every job collectable", function()
      run_case {
        asynchronous = true,
        run = function(client)
          local jobs = {}
          for i = 1, 3 do
            jobs[i] = client.async.connections.list()
          end
          assert(vault.wait_all(jobs, LIMIT * 1000))
          return (jobs[3]:result())
        end,
        expect = is_result,
      }
    end)

    it("of vault.safe is raised, not returned", function()
      local client =
        safe.new { server_url = ok.url, api_key = "k", app_id = "a", consumer_id = "c" }
      run_case {
        asynchronous = true,
        client = client,
        run = function()
          return (client.async.connections.list():wait())
        end,
        expect = function(result, label)
          assert(result and result.status_code == 200, label)
        end,
      }
    end)

    it("during cancel leaves it running or cancelled", function()
      run_case {
        asynchronous = true,
        config = { timeout_ms = 300, retries = false }, -- for a job without a reference
        clean = function(state)
          if state.job then
            state.job:cancel()
          end
        end,
        run = function(client, state)
          state.job = nil
          state.job = client.async.connections.list(nil, { server_url = stalled.url })
          state.job:cancel()
          local _, err = pcall(state.job.wait, state.job)
          return err
        end,
        expect = function(err, label)
          assert(
            vault.is_error(err, "RequestAbortedError") or debug_hooks.is_hooks(err),
            label .. ": " .. tostring(err)
          )
        end,
      }
    end)
  end)

  it("during close leaves a client that can be closed", function()
    run_case {
      run = function(_, state)
        state.client = nil
        local client = host:client(stalled, with {})
        state.client = client
        for _ = 1, 3 do
          client.async.connections.list()
        end
        client:close()
      end,
      clean = function(state)
        if state.client then
          state.client:close()
        end
      end,
    }
  end)

  -- A hook belongs to one coroutine, but in LuaJIT to all: also to that of the loop.
  for _, loop in ipairs((rawget(_G, "ngx") or rawget(_G, "jit")) and {} or loops.installed()) do
    describe("in one coroutine of " .. loop.name, function()
      for _, name in ipairs { "a plain call", "job:wait" } do
        it(("during %s leaves the other coroutines running"):format(name), function()
          local client = host:client(ok, { loop = loop.name })
          local function list()
            if name == "a plain call" then
              return (client.connections.list())
            end
            return (client.async.connections.list():wait(LIMIT * 1000))
          end
          loop.run(list)
          local count = debug_hooks.each_in_coroutine(list, function(f, label)
            local others = {}
            local function other()
              local result = list()
              others[#others + 1] = result
            end
            local passed, err = pcall(loop.all, { other, f, other })
            assert(passed or debug_hooks.is_hooks(err), label .. ": " .. tostring(err))
            for i = 1, 2 do
              -- On copas the coroutine also steps the others' jobs.
              if others[i] or loop.name ~= "copas" then
                is_result(others[i], label)
              end
            end
            is_result(loop.run(list), label)
          end)
          assert.is_true(count > 0)
          settle(client, "at the end")
          client:close()
        end)
      end
    end)
  end
end)
