-- Many concurrent jobs, and the process's end, forks and collections while some are in flight.
local child = require "spec.support.child"
local collect_garbage = require "spec.support.collect_garbage"
local elapsed_ms = require "spec.support.elapsed_ms"
local expect = require "spec.support.expect"
local fork = require "spec.support.fork"
local hosts = require "spec.support.hosts"
local responses = require "spec.support.responses"
local socket = require "socket"
local vault = require "vault"

local OK = responses.OK
local SLOW = responses.delayed(100)
local STALLED = responses.STALLED

local function start(client, count, options)
  local jobs = {}
  for i = 1, count do
    jobs[i] = client.async.connections.list({}, options)
  end
  return jobs
end

describe("asynchronous calls", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  describe("run concurrently", function()
    it("1,000 on one client", function()
      local client = host:client(host:script { { body = OK.body, before_ms = 300 } })
      local jobs
      assert.is_true(elapsed_ms(function()
        jobs = start(client, 1000)
      end) < 10000)
      assert.is_true(vault.wait_all(jobs, 30000))
      for _, job in ipairs(jobs) do
        assert.equal(200, job:result().status_code)
      end
      client:close()
    end)

    it("over kept connections", function()
      local peer = host:script { OK }
      local client = host:client(peer)
      for _ = 1, 20 do
        client.async.connections.list():wait()
      end
      local requests, connections = peer:requests()
      assert.equal(20, #requests)
      assert.equal(1, connections)
      client:close()
    end)

    it("over one connection where TLS negotiates HTTP/2, the first calls too", function()
      local server = host:server()
      local url = server:listener { http2 = true, counted = true }
      local client = host:client(
        { url = url },
        { tls = { ca_file = server.authority_file }, proxy = "" }
      )
      local jobs = start(client, 30)
      assert.is_true(vault.wait_all(jobs, 20000))
      for _, job in ipairs(jobs) do
        local result, response = job:result()
        assert.equal("2", response.http_version)
        assert.equal(1, result.data.connection)
      end
      client:close()
    end)

    it("over at most max_connections", function()
      local peer = host:script { SLOW }
      local client = host:client(peer, { max_connections = 3 })
      local jobs = start(client, 12)
      local took = elapsed_ms(vault.wait_all, jobs)
      local requests, connections = peer:requests()
      assert.equal(12, #requests)
      assert.is_true(connections <= 3, connections)
      assert.is_true(took >= 4 * 100 - 20, took)
      client:close()
    end)

    it("in the order in which they were started, where connections are few", function()
      local peer = host:script { { body = OK.body, before_ms = 10 } }
      local client = host:client(peer, { max_connections = 1 })
      local jobs = {}
      for i = 1, 12 do
        jobs[i] = client.async.connections.list { api = "api-" .. i }
      end
      assert.is_true(vault.wait_all(jobs, 20000))
      for i, request in ipairs(peer:requests()) do
        assert.equal("/vault/connections?api=api-" .. i, request.path)
      end
      client:close()
    end)

    it("without one client's queue holding up another's", function()
      local client = host:client(host:script { STALLED }, { max_connections = 1 })
      local other = host:client(host:script { OK })
      start(client, 10)
      assert.is_true(elapsed_ms(function()
        other.async.connections.list():wait()
      end) < 10000)
      client:close()
      other:close()
    end)

    it("while plain calls of the same client still block", function()
      local peer = host:script { SLOW, OK }
      local client = host:client(peer)
      local job = client.async.connections.list()
      socket.sleep(0.05)
      assert.equal(200, client.connections.list().status_code)
      assert.is_false(job:done())
      assert.equal(200, job:wait().status_code)
      client:close()
    end)
  end)

  describe("end with their client", function()
    it("when it is closed, 1,000 at once", function()
      local client = host:client(host:script { STALLED })
      local aborted = 0
      local jobs = start(client, 1000, {
        callback = function(_, err)
          aborted = aborted + (err.name == "RequestAbortedError" and 1 or 0)
        end,
      })
      socket.sleep(0.1)
      local took = elapsed_ms(client.close, client)
      assert.is_true(took < 10000, took) -- 100 ms on an idle machine
      assert.equal(1000, aborted)
      for _, job in ipairs(jobs) do
        expect.error("RequestAbortedError", job.result, job)
      end
      client:close()
      assert.equal(1000, aborted)
    end)

    it("also those whose responses have arrived", function()
      local client = host:client(host:script { OK })
      local jobs = start(client, 5)
      socket.sleep(0.1)
      client:close()
      for _, job in ipairs(jobs) do
        expect.error("RequestAbortedError", job.wait, job)
      end
    end)

    it("and close raises what a callback raised, after all others have run", function()
      local client = host:client(host:script { STALLED })
      local reported = 0
      start(client, 5, {
        callback = function()
          reported = reported + 1
          error("from the callback", 0)
        end,
      })
      local passed, err = pcall(client.close, client)
      assert.is_false(passed)
      assert.equal("from the callback", err)
      assert.equal(5, reported)
      client:close()
    end)

    it("when it is collected, and no callback runs", function()
      local peer = host:script { STALLED }
      local called = false
      local weak = setmetatable({}, { __mode = "k" })
      do
        local client = host:client(peer)
        start(client, 20, {
          callback = function()
            called = true
          end,
        })
        weak[client] = true
      end
      collect_garbage()
      assert.is_nil(next(weak))
      local other = host:client(host:script { OK })
      other.async.connections.list():wait()
      other:poll(50)
      assert.is_false(called)
      other:close()
    end)

    it("but not while one of its jobs is referenced", function()
      local client = host:client(host:script { SLOW })
      local job = client.async.connections.list()
      client = nil -- luacheck: ignore
      collect_garbage()
      assert.equal(200, job:wait().status_code)
    end)

    it("and complete when only their client is referenced", function()
      local client = host:client(host:script { SLOW })
      local status
      client.async.connections.list({}, {
        callback = function(result)
          status = result.status_code
        end,
      })
      collect_garbage()
      while client:poll(5000) == 0 do
        assert.is_nil(status)
      end
      assert.equal(200, status)
      client:close()
    end)
  end)

  describe("survive", function()
    it("a garbage collector that never pauses", function()
      local client = host:client(host:script { OK })
      local ended = 0
      for _ = 1, 100 do
        client.async.connections.list({}, {
          callback = function()
            ended = ended + 1
          end,
        })
        collectgarbage()
        client:poll(2)
        collectgarbage()
      end
      while ended < 100 and client:poll(5000) > 0 do
        collectgarbage()
      end
      assert.equal(100, ended)
      client:close()
    end)

    it("callbacks that cancel one another", function()
      local client = host:client(host:script { OK })
      local jobs, ended = {}, 0
      for i = 1, 50 do
        jobs[i] = client.async.connections.list({}, {
          callback = function()
            ended = ended + 1
            jobs[i % 50 + 1]:cancel()
          end,
        })
      end
      vault.wait_all(jobs)
      while client:poll(100) > 0 do
        assert.is_true(ended <= 50)
      end
      assert.equal(50, ended)
      client:close()
    end)
  end)

  describe("do not crash the process", function()
    local function script_of_child(scripted, rest)
      local peer = host:script(scripted)
      return ([[
        local vault = require "vault"
        local client = vault.new {
          server_url = "%s", api_key = "sandbox-key", retries = false,
        }
        local function start(count)
          for _ = 1, count do
            client.async.connections.list({}, { callback = function() print "called" end })
          end
        end
      ]]):format(peer.url) .. rest
    end

    it("when it ends by os.exit with jobs in flight", function()
      for _, response in ipairs { STALLED, OK } do
        local text, status = child.run(script_of_child(
          { response },
          [[
          start(50)
          client:poll(20)
          os.exit(7)
        ]]
        ))
        assert.equal("7", status, text)
      end
    end)

    it("when its state is closed with jobs in flight", function()
      for _, response in ipairs { STALLED, OK } do
        local text, status = child.run(script_of_child(
          { response },
          [[
          start(50)
          _G.kept = client
        ]]
        ))
        assert.equal("0", status, text)
        assert.equal("", text)
      end
    end)

    it("when its state is closed by os.exit", function()
      local text, status = child.run(script_of_child(
        { STALLED },
        [[
        start(50)
        os.exit(0, true)
      ]]
      ))
      assert.equal("0", status, text)
      assert.equal("", text)
    end)

    it("when a finalizer uses the client as the state is closed", function()
      local text, status = child.run(script_of_child(
        { OK },
        [[
        local function finalizer()
          local started, problem = pcall(start, 1)
          print(started or vault.is_error(problem) or problem)
        end
        if _VERSION == "Lua 5.1" then
          _G.held = newproxy(true)
          getmetatable(_G.held).__gc = finalizer
        else
          _G.held = setmetatable({}, { __gc = finalizer })
        end
        start(3)
      ]]
      ))
      assert.equal("0", status, text)
      assert.equal("true\n", text)
    end)

    it("when it ends by an error", function()
      local text, status = child.run(script_of_child(
        { STALLED },
        [[
        start(10)
        error "the end"
      ]]
      ))
      assert.equal("1", status)
      expect.says(text, "the end")
    end)

    -- Linux only: /proc.
    local on_linux = io.open "/proc/self/status" ~= nil
    local it_on_linux = on_linux and it or function() end

    it_on_linux("but for one thread, which takes none of its signals", function()
      local client = host:client(host:script { OK })
      client.async.connections.list():wait()
      local stat = assert(io.open "/proc/self/stat")
      local process = stat:read "*n"
      stat:close()
      local pipe = io.popen(("ls /proc/%d/task"):format(process))
      local others = 0
      for thread in pipe:lines() do
        local status = tonumber(thread) ~= process
          and io.open(("/proc/self/task/%s/status"):format(thread))
        if status then
          others = others + 1
          -- As bits, signal 1 the lowest: SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM.
          local blocked = tonumber(status:read("*a"):match "SigBlk:%s*%x-(%x%x%x%x)\n", 16)
          status:close()
          for _, signal in ipairs { 1, 2, 10, 12, 13, 14, 15 } do
            assert.equal(1, math.floor(blocked / 2 ^ (signal - 1)) % 2, signal)
          end
        end
      end
      pipe:close()
      assert.is_true(others >= 1)
      client:close()
    end)

    it_on_linux("inside of a started program: every descriptor is close-on-exec", function()
      local client = host:client(host:script { STALLED })
      local function inherited()
        local pipe = io.popen "ls -l /proc/self/fd"
        local text = pipe:read "*a"
        pipe:close()
        local _, count = text:gsub("socket:", "socket:")
        assert.is_nil(text:find("eventfd", 1, true), text)
        return count
      end
      local before = inherited()
      start(client, 10)
      socket.sleep(0.1)
      assert.equal(before, inherited())
      client:close()
    end)
  end)

  describe("after a fork", function()
    local forked = fork.run

    it("start anew in the child, with the clients of the parent", function()
      local peer = host:script { OK }
      local client = host:client(peer)
      client.async.connections.list():wait()
      client.connections.list()
      local text = forked(function()
        local first = client.async.connections.list():wait(5000)
        local second = client.connections.list()
        return first.status_code + second.status_code
      end)
      if text then
        assert.equal("400", text)
        assert.equal(200, client.async.connections.list():wait(5000).status_code)
        -- The child uses none of the parent's connections: both would read each other's responses.
        assert.equal(4, (select(2, peer:requests())))
      end
      client:close()
    end)

    it("and the plain ones do not end the parent's TLS connections", function()
      local server = host:server()
      local peer = server:script({ OK }, "good")
      local client = host:client(peer, { tls = { ca_file = server.authority_file }, proxy = "" })
      client.connections.list()
      local text = forked(function()
        client:close()
        return "closed"
      end)
      if text then
        assert.equal("closed", text)
        client.connections.list()
        assert.equal(1, (select(2, peer:requests())))
      end
      client:close()
    end)

    it("that were in flight belong to the parent", function()
      local client = host:client(host:script { SLOW })
      local job = client.async.connections.list()
      local text = forked(function()
        local passed, err = pcall(job.wait, job, 5000)
        return tostring(passed) .. " " .. err.name .. " " .. err.message
      end)
      if text then
        expect.says(text, "false RequestAbortedError", "forked")
        assert.equal(200, job:wait(5000).status_code)
      end
      client:close()
    end)

    it("run their callbacks in the child, from poll", function()
      local client = host:client(host:script { SLOW })
      local reported = {}
      client.async.connections.list({}, {
        callback = function(result, err)
          reported[#reported + 1] = result and result.status_code or err.name
        end,
      })
      local text = forked(function()
        local count = client:poll(2000)
        return count .. " " .. table.concat(reported, ",")
      end)
      if text then
        assert.equal("1 RequestAbortedError", text)
        assert.equal(1, client:poll(5000))
        assert.same({ 200 }, reported)
      end
      client:close()
    end)

    it("work in a child that was forked while the thread was busy", function()
      local client = host:client(host:script { OK })
      for _ = 1, 20 do
        local jobs = start(client, 50)
        local text = forked(function()
          local other = host:client(host:script { OK })
          return other.async.connections.list():wait(20000).status_code
        end)
        assert.equal("200", text or "200")
        assert.is_true(vault.wait_all(jobs, 20000))
      end
      client:close()
    end)

    it("are cancelled in the child by closing or collecting the client", function()
      local client = host:client(host:script { SLOW })
      local job = client.async.connections.list()
      local text = forked(function()
        client:close()
        client, job = nil, nil
        collect_garbage()
        local other = host:client(host:script { OK })
        return other.async.connections.list():wait(5000).status_code
      end)
      if text then
        assert.equal("200", text)
        assert.equal(200, job:wait(5000).status_code)
      end
      client:close()
    end)
  end)
end)
