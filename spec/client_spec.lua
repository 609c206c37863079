-- The client object: its lifetime, its resources, its text.
local child = require "spec.support.child"
local collect_garbage = require "spec.support.collect_garbage"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

local PIPEDRIVE = { service_id = "pipedrive", unified_api = "crm" }
local OPERATIONS = { "list", "get", "update", "delete", "imports", "token", "migrate" }

describe("the module", function()
  it("is a table with the names of the contract", function()
    assert.truthy(vault._VERSION:match "^%d+%.%d+%.%d+")
    assert.equal("string", type(vault._NAME))
    assert.equal("userdata", type(vault.null))
    assert.equal("function", type(vault.new))
    assert.equal("function", type(vault.array))
    assert.equal("function", type(vault.is_error))
    for _, name in ipairs(OPERATIONS) do
      assert.equal("function", type(vault.connections[name]))
    end
  end)

  it("sets no global and can be required inside a coroutine", function()
    local output = child.run [[
      local before = {}
      for name in pairs(_G) do before[name] = true end
      local vault = coroutine.wrap(function() return require "vault" end)()
      local safe = coroutine.wrap(function() return require "vault.safe" end)()
      for name in pairs(_G) do assert(before[name], name) end
      print(type(vault.new), type(safe.new), vault == safe)
    ]]
    assert.equal("function\tfunction\tfalse\n", output)
  end)

  it("can be loaded again beside existing clients and errors", function()
    local client = vault.new {
      api_key = "k",
      transport = function()
        return { status = 401, body = '{"message":"Unauthorized","detail":"Unknown key"}' }
      end,
    }
    local err = expect.error("UnauthorizedResponse", client.connections.list)
    package.loaded.vault = nil
    local again = require "vault"
    package.loaded.vault = vault
    assert.are_not.equal(vault, again)
    assert.is_true(again.is_error(err, "UnauthorizedResponse"))
    expect.says(tostring(err), "Unauthorized: Unknown key")
    expect.error("UnauthorizedResponse", client.connections.list)
    client:close()
  end)

  it("marks an existing or a new table as an array", function()
    local given = { 1 }
    assert.equal(given, vault.array(given))
    assert.equal("table", type(vault.array()))
    assert.not_equal(vault.array(), vault.array())
    assert.is_false((pcall(vault.array, "text")))
  end)
end)

for _, host in ipairs(hosts.all()) do
  describe("a client over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    local function client_of(config)
      local peer = host:script { { echo = true } }
      return host:client(peer, config), peer
    end

    it("has the operations of the contract, and no other", function()
      local client = client_of()
      for _, name in ipairs(OPERATIONS) do
        assert.equal("function", type(client.connections[name]))
      end
      assert.is_nil(client.connections.add)
    end)

    it("raises on use when it is closed, and may be closed again", function()
      local client, peer = client_of()
      client.connections.list()
      client:close()
      client:close()
      for _, name in ipairs(OPERATIONS) do
        expect.invalid("closed", client.connections[name], PIPEDRIVE)
      end
      assert.equal(1, #peer:requests())
    end)

    it("raises when it is closed between reading an operation and calling it", function()
      local client = client_of()
      local list = client.connections.list
      client:close()
      expect.invalid("closed", list)
    end)

    it("is kept alive by its operations", function()
      local client, peer = client_of()
      local connections, get = client.connections, client.connections.get
      client = nil -- luacheck: ignore
      collect_garbage()
      assert.equal("GET", connections.list().data.method)
      connections = nil -- luacheck: ignore
      collect_garbage()
      assert.equal("GET", get(PIPEDRIVE).data.method)
      assert.equal(2, #peer:requests())
    end)

    it("is collected, closed or not, used or not", function()
      local peer = host:script { { echo = true } }
      local weak = setmetatable({}, { __mode = "k" })
      for i = 1, 20 do
        local client = host:client(peer)
        weak[client] = true
        if i % 2 == 0 then
          client.connections.list()
        end
        if i % 3 == 0 then
          client:close()
        end
      end
      collect_garbage()
      assert.is_nil(next(weak))
    end)

    it("is collected although its own hooks refer to it", function()
      local weak = setmetatable({}, { __mode = "v" })
      local function use()
        local peer = host:script { { echo = true } }
        local client
        client = host:client(peer, {
          hooks = {
            on_error = function()
              return client
            end,
          },
        })
        client.connections.list()
        weak[1] = client
      end
      use()
      collect_garbage()
      assert.is_nil(weak[1])
    end)

    it("does not show its key", function()
      local client = client_of { api_key = "key-xplanted" }
      assert.equal("string", type(tostring(client)))
      expect.silent_about(tostring(client), "xplanted")
      for _, text in ipairs(expect.strings_of { client.connections, debug.getmetatable(client) }) do
        expect.silent_about(text, "xplanted")
      end
    end)

    it("is independent of other clients", function()
      local first, first_peer = client_of { app_id = "first" }
      local second, second_peer = client_of { app_id = "second" }
      first.connections.list()
      second.connections.list()
      first:close()
      second.connections.list()
      assert.equal(1, #first_peer:requests())
      assert.equal("first", first_peer:requests()[1]:header "x-apideck-app-id")
      assert.equal(2, #second_peer:requests())
      assert.equal("second", second_peer:requests()[2]:header "x-apideck-app-id")
    end)

    it("is usable after errors of every kind", function()
      local peer = host:script {
        { status = 404 },
        { status = 200, body = "oops" },
        { fault = "lost" },
        { echo = true },
      }
      local client = host:client(peer, { retries = false })
      expect.error("NotFoundResponse", client.connections.list)
      expect.error("ResponseValidationError", client.connections.list)
      expect.error("ConnectionError", client.connections.list)
      expect.error("InvalidRequestError", client.connections.get, {})
      assert.equal("GET", client.connections.list().data.method)
    end)

    local compile = loadstring or load
    local closing = compile "local client = ... ; local held <close> = client ; return held"
    if closing then
      it("is closed at the end of its block with <close>", function()
        local client = client_of()
        assert.equal(client, closing(client))
        expect.invalid("closed", client.connections.list)
      end)
    end
  end)
end

describe("a client's connections", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  it("are reused for one call after another", function()
    local peer = host:script { { echo = true } }
    local client = host:client(peer)
    for _ = 1, 5 do
      client.connections.list()
    end
    client.connections.update {
      service_id = "s",
      unified_api = "crm",
      connection = { enabled = true },
    }
    client.connections.list()
    local seen, connections = peer:requests()
    assert.equal(7, #seen)
    assert.equal(1, connections)
    assert.equal("GET", seen[7].method)
    assert.equal("", seen[7].body or "")
    assert.is_nil(seen[7]:header "content-length")
  end)

  local function descriptors()
    local found = {}
    for number = 3, 255 do
      local file = io.open("/proc/self/fdinfo/" .. number, "r")
      if file then
        found[number] = file:read("*a"):match "flags:%s*(%d+)"
        file:close()
      end
    end
    return found
  end

  local linux = io.open("/proc/self/fdinfo/0", "r")
  if linux then
    linux:close()

    local function check_close_on_exec(peer)
      -- A client that is collected meanwhile would free its descriptor's number for a new one.
      collect_garbage()
      local before = descriptors()
      collectgarbage("stop")
      local client = host:client(peer)
      client.connections.list()
      local after = descriptors()
      collectgarbage("restart")
      local opened = 0
      for number, flags in pairs(after) do
        if not before[number] then
          opened = opened + 1
          -- O_CLOEXEC is 02000000: the seventh octal digit from the right is odd or 2, 3, 6, 7.
          local digit = tonumber(flags:sub(-7, -7))
          assert.truthy(digit and math.floor(digit / 2) % 2 == 1, flags)
        end
      end
      assert.is_true(opened >= 1)
      client:close()
    end

    it("have close-on-exec descriptors", function()
      check_close_on_exec(host:script { { echo = true } })
    end)

    it("have close-on-exec descriptors where the free numbers are not contiguous", function()
      local peer = host:script { { echo = true } }
      collect_garbage()
      local files = {}
      for i = 1, 40 do
        files[i] = io.open("/dev/null", "rb")
      end
      files[5]:close()
      files[20]:close()
      files[39]:close()
      check_close_on_exec(peer)
      for _, file in ipairs(files) do
        if io.type(file) == "file" then
          file:close()
        end
      end
    end)

    it("are closed by close", function()
      local peer = host:script { { echo = true } }
      local before = descriptors()
      for _ = 1, 5 do
        local client = host:client(peer)
        client.connections.list()
        client:close()
      end
      local after = descriptors()
      for number in pairs(after) do
        assert.truthy(before[number], "descriptor " .. number .. " is left open")
      end
    end)

    it("are closed by the garbage collector", function()
      local peer = host:script { { echo = true } }
      collect_garbage()
      local before = descriptors()
      for _ = 1, 5 do
        host:client(peer).connections.list()
      end
      collect_garbage()
      for number in pairs(descriptors()) do
        assert.truthy(before[number], "descriptor " .. number .. " is left open")
      end
    end)

    it("keep no memory of large bodies", function()
      if os.getenv "LD_PRELOAD" then -- AddressSanitizer keeps what is freed for a while
        return
      end
      local peer = host:script { { body = "{}" } }
      local output = child.run(([[
        local client = require("vault").new { server_url = %q, api_key = "k" }
        local function resident()
          collectgarbage()
          collectgarbage()
          for line in io.lines "/proc/self/status" do
            local kilobytes = line:match "^VmRSS:%%s*(%%d+)"
            if kilobytes then
              return tonumber(kilobytes) / 1024
            end
          end
        end
        client.connections.list()
        local blob = ("x"):rep(40 * 1024 * 1024)
        local before = resident() -- with what rep has left in the heap
        client.connections.update {
          service_id = "s",
          unified_api = "crm",
          connection = { metadata = { blob = blob } },
        }
        print(resident() - before < 20)
      ]]):format(peer.url))
      assert.equal("true\n", output)
    end)
  end
end)

describe("a process", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  it("ends cleanly with clients left open", function()
    local peer = host:script { { echo = true } }
    local code = ([[
      local vault = require "vault"
      client = vault.new { server_url = %q, api_key = "k" }
      client.connections.list()
      other = vault.new { server_url = %q, api_key = "k" }
      other.connections.list()
      print "done"
    ]]):format(peer.url, peer.url)
    local output, status = child.run(code)
    assert.equal("done\n", output)
    assert.equal("0", status)
    output, status = child.run(code .. "os.exit(0)")
    assert.equal("done\n", output)
    assert.equal("0", status)
  end)

  -- The interpreter of Lua 5.1 prints no error object; LuaJIT's and later ones use __tostring.
  local prints_objects = _VERSION ~= "Lua 5.1" or rawget(_G, "jit")
  it("that does not catch an error prints its text", function()
    local peer = host:script { { status = 404, body = '{"message":"gone","type_name":"T"}' } }
    local output, status = child.run(([[
      local vault = require "vault"
      vault.new { server_url = %q, api_key = "key-xplanted" }.connections.list()
    ]]):format(peer.url))
    assert.equal("1", status)
    if prints_objects then
      expect.says(output, "NotFoundResponse (404) in vault.connections.list: gone [T, 1 attempt]")
    end
    expect.silent_about(output, "xplanted")
  end)
end)

it("a client and its jobs have readable names and protected metatables", function()
  local client = vault.new { api_key = "k", server_url = "http://127.0.0.1:1" }
  local job = client.async.connections.list()
  for name, object in pairs { ["vault.client"] = client, ["vault.job"] = job } do
    assert.is_false(getmetatable(object))
    assert.equal(name, debug.getmetatable(object).__name)
  end
  assert.equal("vault.client (http://127.0.0.1:1)", tostring(client))
  client:close()
  assert.equal("vault.client (http://127.0.0.1:1, closed)", tostring(client))
end)

it("a call passes no state to the next one", function()
  local seen = {}
  local client = vault.new {
    api_key = "k",
    server_url = "http://127.0.0.1:1/mine",
    timeout_ms = 1234,
    retries = { backoff = { initial_interval = 1 } },
    transport = function(request)
      seen[#seen + 1] = request
      return { status = #seen == 2 and 503 or 200, body = "{}" }
    end,
  }
  client.connections.update({
    service_id = "s",
    unified_api = "crm",
    consumer_id = "other",
    connection = { enabled = true },
  }, {
    server_url = "http://127.0.0.1:1/other",
    headers = { ["x-once"] = "1" },
    timeout_ms = 5,
    retries = false,
  })
  client.connections.list() -- in two attempts
  assert.equal(3, #seen)
  for i = 2, 3 do
    assert.equal("GET", seen[i].method)
    assert.equal("http://127.0.0.1:1/mine/vault/connections", seen[i].url)
    assert.equal(1234, seen[i].timeout_ms)
    assert.is_nil(seen[i].body)
    assert.is_nil(seen[i].headers["x-once"])
    assert.is_nil(seen[i].headers["content-type"])
    assert.is_nil(seen[i].headers["x-apideck-consumer-id"])
  end
end)

it("a client has fields with string keys only", function()
  local client = vault.new { api_key = "k" }
  assert.is_nil(client[1])
  assert.is_nil(client[client])
end)
