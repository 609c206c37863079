--- The socket that notifies a host which can watch no descriptor (src/base/wakeup_socket.c).
local child = require "spec.support.child"
local fork = require "spec.support.fork"
local hosts = require "spec.support.hosts"
local unix = require "socket.unix"

describe("the wakeup socket", function()
  local host, client, reader

  setup(function()
    host = hosts.wire()
  end)

  teardown(function()
    host:stop()
  end)

  before_each(function()
    client = host:client(host:script { { body = '{"data":[]}' } })
  end)

  after_each(function()
    if reader then
      reader:close()
      reader = nil
    end
    client:close()
  end)

  local function output_of(command)
    local pipe = io.popen(command .. " 2>&1")
    local text = pipe:read "*a"
    pipe:close()
    return text
  end

  local function connect(path)
    reader = assert(unix.stream and unix.stream() or unix())
    assert(reader:connect(path))
    reader:settimeout(5)
  end

  local function attach()
    connect(assert(client:_listen()))
    assert.is_true(client:_accept())
  end

  it("is in a private directory, and only until it is connected", function()
    local path = assert(client:_listen())
    local directory = path:match "^(.*)/[^/]+$"
    assert.matches("^drwx%-%-%-%-%-%-", output_of("ls -ld " .. directory))
    connect(path)
    assert.is_true(client:_accept())
    assert.matches("No such file", output_of("ls -d " .. directory))
  end)

  it("is removed when no connection has been made", function()
    local path = assert(client:_listen())
    assert.is_false(client:_accept())
    assert.matches("No such file", output_of("ls -d " .. path))
    assert.is_false(client:_is_connected())
    assert.is_false(client:_accept())
  end)

  it("accepts a connection of this process only", function()
    local path = assert(client:_listen())
    local code = "local s = require 'socket.unix'; s = s.stream and s.stream() or s();"
      .. " print(s:connect(%q))"
    assert.matches("1", (child.run(code:format(path))))
    assert.is_false(client:_accept())
  end)

  it("delivers a byte when a job can be collected", function()
    attach()
    assert.is_true(client:_is_connected())
    reader:settimeout(0)
    assert.are.equal("timeout", select(2, reader:receive(1)))
    reader:settimeout(5)
    local job = client.async.connections.list()
    assert.are.equal(1, #assert(reader:receive(1)))
    assert.is_true(client:_is_busy())
    client:poll(0)
    assert.is_true(job:done())
    assert.is_false(client:_is_busy())
  end)

  it("is left to the parent by a forked child", function()
    local path = assert(client:_listen())
    local text = fork.run(function()
      client:pollfd() -- a port of the child's own, in place of the parent's
      return "done"
    end)
    if text then
      assert.equal("done", text)
      connect(path)
      assert.is_true(client:_accept())
    end
  end)

  it("delivers a byte when it is notified", function()
    attach()
    client:_wakeup()
    assert.are.equal(1, #assert(reader:receive(1)))
  end)

  it("does not change the descriptor of poll", function()
    attach()
    local job = client.async.connections.list()
    job:wait(5000)
    assert.is_true(job:done())
  end)

  it("can be closed and opened again", function()
    attach()
    reader:close()
    assert.is_false(client:_is_connected())
    client.async.connections.list():wait(5000)
    attach()
    assert.is_true(client:_is_connected())
    client:_wakeup()
    assert.are.equal(1, #assert(reader:receive(1)))
  end)

  it("is in /tmp where TMPDIR is too long for an address", function()
    local code = [[
      local client = require("vault").new { api_key = "k" }
      print((assert(client:_listen())))
      client:_accept()
    ]]
    assert.matches("^/tmp/vault%-", (child.run(code, { TMPDIR = "/" .. ("x"):rep(100) })))
    assert.matches("^/tmp/vault%-", (child.run(code, { TMPDIR = "relative" })))
    assert.matches("^/tmp/vault%-", (child.run(code, { TMPDIR = "." })))
  end)

  it("is removed when the state is closed before it is connected", function()
    local code = [[
      local client = require("vault").new { api_key = "k" }
      print((assert(client:_listen())))
    ]]
    local path = child.run(code):match "%S+"
    assert.matches("No such file", output_of("ls -d " .. path:match "^(.*)/[^/]+$"))
  end)

  it("is used to collect in slices", function()
    local jobs = {}
    for i = 1, 5 do
      jobs[i] = client.async.connections.list()
    end
    local slices = 0
    repeat
      slices = slices + (client:_collect(0) and 0 or 1)
      local all = true
      for _, job in ipairs(jobs) do
        all = all and job:done()
      end
    until all
    assert.are.equal(5, slices)
  end)

  describe("an adapter", function()
    it("can query whether the process has other Lua states with clients", function()
      client:pollfd()
      assert.is_false(client:_has_other_states())
    end)

    it("can query, once, whether a function that a client calls has tried to yield", function()
      local hooked = host:client(host:script { { body = "{}" } }, {
        hooks = {
          before_request = function()
            coroutine.yield()
          end,
        },
      })
      assert.is_false(client:_take_refused_yield())
      local called
      coroutine.wrap(function()
        called = pcall(hooked.connections.list)
      end)()
      assert.is_false(called)
      assert.is_true(client:_take_refused_yield())
      assert.is_false(client:_take_refused_yield())
      hooked:close()
    end)

    it("can create an error object, and query whether the client raises", function()
      local err, safe = client:_new_error("APIError", "words", "vault.connections.get")
      assert.equal("APIError in vault.connections.get: words", tostring(err))
      assert.is_false(safe)
    end)

    it(
      "has every function called that waits for a job, whatever they raise, and poll raises the first error",
      function()
        local job = client.async.connections.list({}, {
          callback = function()
            error("callback", 0)
          end,
        })
        local called = {}
        for i = 1, 4 do
          job:_add_waiter(function()
            called[#called + 1] = i
            error("waiter " .. i, 0)
          end)
        end
        local ok, err
        while not job:done() do
          ok, err = pcall(client.poll, client, 1000)
        end
        assert.is_false(ok)
        assert.equal("callback", err)
        assert.same({ 1, 2, 3, 4 }, called)

        local other = client.async.connections.list()
        local function first()
          error("first", 0)
        end
        other:_add_waiter(first)
        other:_add_waiter(print)
        other:_remove_waiter(print)
        other:_remove_waiter(error) -- it was never registered
        local second_called = false
        other:_add_waiter(function()
          second_called = true
          error("second", 0)
        end)
        while not other:done() do
          ok, err = pcall(client.poll, client, 1000)
        end
        assert.is_false(ok)
        assert.equal("first", err)
        assert.is_true(second_called)
      end
    )
  end)
end)
