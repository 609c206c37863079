-- How many connections a client has, how long it keeps them, and when it closes them. This takes about ten seconds: a
-- change of a CA file is noticed once a second, and lifetimes are measured by the thread's own clock.
local collect_garbage = require "spec.support.collect_garbage"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local socket = require "socket"
local vault = require "vault"

local MAX_CONCURRENT_STREAMS = 3 -- RFC 9113 6.5.2
local WAIT_LIMIT = 10 -- seconds; what the specs wait for takes milliseconds

local host = hosts.wire()

local function server_of(behaviour)
  behaviour.http2 = true
  behaviour.each_ms = behaviour.each_ms or 20
  if behaviour.streams then
    behaviour.settings = { { MAX_CONCURRENT_STREAMS, behaviour.streams } }
  end
  local url = host:server():listener(behaviour)
  return url, function()
    return host:server():connections(url)
  end
end

local function client_of(url, config)
  config = config or {}
  config.tls = config.tls or { ca_file = host:server().authority_file }
  config.proxy = config.proxy or ""
  config.retries = false
  return host:client({ url = url }, config)
end

local function start(client, count)
  local jobs = {}
  for i = 1, count do
    jobs[i] = client.async.connections.list()
  end
  return jobs
end

local function run(client, count)
  local jobs = start(client, count)
  vault.wait_all(jobs)
  for _, job in ipairs(jobs) do
    job:result()
  end
end

local function wait_until(condition)
  local deadline = socket.gettime() + WAIT_LIMIT
  while not condition() do
    assert(socket.gettime() < deadline, "it has not happened in time")
    socket.sleep(0.01)
  end
end

teardown(function()
  host:stop()
end)

describe("max_connections bounds the connections of jobs", function()
  local function expect_bound(bound, jobs, behaviour, config)
    local url, connections = server_of(behaviour)
    config = config or {}
    config.max_connections = bound
    local client = client_of(url, config)
    run(client, jobs)
    local most = connections().most
    assert.is_true(most <= bound, most)
    client:close()
    return most
  end

  it("where the server allows few streams on each", function()
    assert.equal(3, expect_bound(3, 120, { streams = 5 }))
  end)

  it("where the server allows one stream", function()
    assert.equal(4, expect_bound(4, 40, { streams = 1 }))
  end)

  it("where the limit is one", function()
    expect_bound(1, 20, { streams = 2 })
  end)

  it("over HTTP/1.1", function()
    assert.equal(3, expect_bound(3, 30, { http2_connections = 0 }))
  end)

  it("where later connections negotiate another HTTP version", function()
    expect_bound(3, 60, { streams = 5, http2_connections = 1 })
  end)

  it("through a proxy", function()
    local proxy = host:server():script({ { tunnel = true } }, "http", "connect").root
    expect_bound(2, 30, { streams = 5 }, { proxy = proxy })
  end)

  it("and time in its queue does not count towards timeout_ms", function()
    -- 60 rounds of 20 ms, the last ones after the time that an attempt has
    expect_bound(1, 120, { streams = 2 }, { timeout_ms = 1000 })
  end)

  it("of each client separately", function()
    local url, connections = server_of { http2_connections = 0 }
    local clients, jobs = {}, {}
    for i = 1, 3 do
      clients[i] = client_of(url, { max_connections = 2 })
      for _, job in ipairs(start(clients[i], 10)) do
        jobs[#jobs + 1] = job
      end
    end
    vault.wait_all(jobs)
    assert.equal(6, connections().most)
    for _, client in ipairs(clients) do
      client:close()
    end
  end)
end)

describe("HTTP/2 streams of jobs", function()
  it("share one connection, even when all start at once", function()
    local url, connections = server_of {}
    local client = client_of(url)
    run(client, 60)
    -- One; on a machine so slow that a handshake takes a second, another is opened.
    assert.is_true(connections().total <= 3, connections().total)
    client:close()
  end)

  it("use as many connections as they need where the server allows few streams", function()
    local url, connections = server_of { streams = 10 }
    local client = client_of(url)
    run(client, 60)
    run(client, 60)
    assert.is_true(connections().total <= 12, connections().total)
    client:close()
  end)
end)

describe("a client closes its idle connections", function()
  for name, behaviour in pairs { ["HTTP/1.1"] = { http2_connections = 0 }, ["HTTP/2"] = {} } do
    it("when it is closed, over " .. name, function()
      local url, connections = server_of(behaviour)
      local client = client_of(url)
      run(client, 5)
      assert.is_true(connections().open > 0)
      client:close()
      wait_until(function()
        return connections().open == 0
      end)
    end)
  end

  it("when it is collected", function()
    local url, connections = server_of {}
    do
      local client = client_of(url)
      run(client, 5)
    end
    assert.is_true(connections().open > 0)
    collect_garbage()
    wait_until(function()
      return connections().open == 0
    end)
  end)

  it("and no others", function()
    local url, connections = server_of {}
    local client, other = client_of(url), client_of(url)
    run(client, 1)
    run(other, 1)
    assert.equal(2, connections().open)
    client:close()
    wait_until(function()
      return connections().open == 1
    end)
    run(other, 1)
    assert.equal(2, connections().total)
    other:close()
  end)

  it("and those of the calls that it aborts", function()
    local url, connections = server_of { each_ms = 20000 }
    local client = client_of(url)
    start(client, 5)
    wait_until(function()
      return connections().open > 0
    end)
    client:close()
    wait_until(function()
      return connections().open == 0
    end)
  end)
end)

describe("connection_lifetime_ms", function()
  local function call(client)
    return client.connections.list()
  end

  local function job(client)
    return client.async.connections.list():wait()
  end

  for name, behaviour in pairs { ["HTTP/1.1"] = { http2_connections = 0 }, ["HTTP/2"] = {} } do
    for driver, process_requests in pairs { ["plain calls"] = call, jobs = job } do
      local title = (" of %s over %s"):format(driver, name)
      it("ends connections" .. title, function()
        local url, connections = server_of(behaviour)
        local client = client_of(url, { connection_lifetime_ms = 200 })
        process_requests(client)
        assert.equal(1, connections().total)
        socket.sleep(0.3)
        process_requests(client)
        assert.equal(2, connections().total)
        client:close()
      end)

      it("leaves younger connections" .. title, function()
        local url, connections = server_of(behaviour)
        local client = client_of(url, { connection_lifetime_ms = 600000 })
        for _ = 1, 3 do
          process_requests(client)
          socket.sleep(0.02)
        end
        assert.equal(1, connections().total)
        client:close()
      end)
    end
  end

  it("ends a connection that is never idle, without failing a call", function()
    local url, connections = server_of { each_ms = 50 }
    local client = client_of(url, { connection_lifetime_ms = 300 })
    local failed, running = nil, 0
    local function start_one()
      running = running + 1
      client.async.connections.list({}, {
        callback = function(_, err)
          failed = failed or err
          running = running - 1
        end,
      })
    end
    local deadline = socket.gettime() + WAIT_LIMIT
    while connections().total < 4 and socket.gettime() < deadline do
      start_one()
      client:poll(10)
      assert.is_true(running > 0)
    end
    while running > 0 do
      client:poll(100)
    end
    assert.is_nil(failed)
    assert.is_true(connections().total >= 4)
    -- Unused connections have been closed.
    wait_until(function()
      return connections().open <= 1
    end)
    client:close()
  end)

  it("does not exceed max_connections", function()
    local url, connections = server_of { each_ms = 5, http2_connections = 0 }
    local client = client_of(url, { connection_lifetime_ms = 50, max_connections = 3 })
    run(client, 300)
    local count = connections()
    assert.is_true(count.total > 3, count.total)
    assert.is_true(count.most <= 3 + 3, count.most) -- the server may see the end of one after the start of the next
    client:close()
  end)
end)

describe("connections that are too old, but in use,", function()
  it(
    "count towards max_connections, except that one more is made where there is no other",
    function()
      local url, connections = server_of { each_ms = 100, streams = 2 }
      local client = client_of(url, { connection_lifetime_ms = 150, max_connections = 4 })
      run(client, 80)
      local count = connections()
      assert.is_true(count.total > 4, count.total)
      assert.is_true(count.most <= 4 + 2, count.most) -- the server may see the end of one after the start of the next
      client:close()
    end
  )
end)

describe("a ca_file that changes on disk", function()
  local minute = 0

  -- A file changed within the last two seconds may be incomplete, so that the module does not read it.
  local function write(path, text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    minute = minute + 1
    os.execute(("touch -t 2020010100%02d %s"):format(minute, path))
  end

  local function call(client)
    return pcall(client.connections.list)
  end

  local function job(client)
    local running = client.async.connections.list()
    return pcall(running.wait, running)
  end

  local unknown_authority
  setup(function()
    unknown_authority = require("spec.support.certificates").make().authority.certificate:toPEM()
  end)

  for driver, process_requests in pairs { ["plain calls"] = call, jobs = job } do
    it("is used by running clients for " .. driver, function()
      local path = os.tmpname()
      local right, wrong = host:server().authority_pem, unknown_authority
      write(path, right)
      local url = server_of { each_ms = 1 }
      local client = client_of(url, { tls = { ca_file = path } })
      assert.is_true(process_requests(client))
      for _, text in ipairs { wrong, right } do
        write(path, text)
        local expected, passed, err = text == right, nil, nil
        wait_until(function()
          passed, err = process_requests(client)
          return passed == expected
        end)
        if not expected then
          expect.error("ConnectionError", error, err)
          assert.equal("tls", err.code)
        end
      end
      os.remove(path)
      client:close()
    end)
  end
end)
