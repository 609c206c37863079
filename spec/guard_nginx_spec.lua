--- vault.guard inside nginx, with the cache of one Lua state and with a shared dict. Nothing is
-- defined where nginx with Lua is not installed, or the interpreter is not the one that nginx has.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

local guard_fleet = require "spec.support.guard_fleet"

local ROOMY, TINY = "1m", "12k"

local function describe_shared(title, options)
  describe("a guard in nginx with " .. title, function()
    local fleet, machine

    setup(function()
      fleet = guard_fleet.new()
      machine = fleet:start(options)
    end)
    teardown(function()
      local said = fleet:stop()
      assert.not_matches("exited on signal", said)
      assert.not_matches("%[error%]", said)
      assert.not_matches("%[alert%]", said)
    end)

    -- A connection that no other case has.
    local services = 0
    local service
    before_each(function()
      services = services + 1
      service = "service=" .. title:gsub("%W", "-") .. services
      fleet:answer "delay=0.1"
      fleet:count "reset"
    end)

    local function check()
      return guard_fleet.get(machine, "/check?" .. service)
    end

    for outcome, answer in pairs {
      allowed = "state=callable",
      refused = "state=added",
      ["refused "] = "status=404",
      APIError = "status=503",
    } do
      it("makes one call for a thousand callers in all workers: " .. answer, function()
        fleet:answer("delay=0.3&" .. answer)
        local sums = guard_fleet.ask_all({ machine }, "/many?n=63&" .. service, 16)
        assert.same({ [outcome:gsub(" ", "")] = 63 * 16 }, sums)
        assert.equal(1, fleet:count())
      end)
    end

    it("makes one call to a server that hangs, and bounds the check", function()
      fleet:answer "delay=5"
      local sums = guard_fleet.ask_all({ machine }, "/many?n=8&" .. service, 8)
      assert.same({ RequestTimeoutError = 64 }, sums)
      assert.equal(1, fleet:count())
    end)

    it("makes one call for each of many connections", function()
      local sums = guard_fleet.ask_all({ machine }, "/each?n=100&" .. service, 6)
      assert.same({ allowed = 600 }, sums)
      assert.equal(100, fleet:count())
    end)

    it("refuses in every worker after a forget, and after a webhook's event", function()
      for _, path in ipairs { "/forget?", "/event?" } do
        fleet:answer "state=callable"
        guard_fleet.get(machine, "/forget?" .. service)
        guard_fleet.ask_all({ machine }, "/many?n=4&" .. service, 12)
        assert.equal("allowed", check())
        fleet:answer "state=callable&enabled=false"
        assert.equal("true", guard_fleet.get(machine, path .. service))
        local sums = guard_fleet.ask_all({ machine }, "/many?n=4&" .. service, 12)
        assert.same({ refused = 48 }, sums)
      end
    end)

    it("forgets everything at an event that does not say what it is about", function()
      assert.equal("allowed", check())
      fleet:answer "enabled=false"
      guard_fleet.get(machine, "/event")
      assert.equal("refused", check())
    end)

    it("never uses what was asked before a forget", function()
      fleet:answer "state=callable&delay=0.4"
      local told = {}
      local asked = guard_fleet.connect(machine, "/check?" .. service)
      assert.is_true(nginx.until_true(function()
        return fleet:count() == 1
      end))
      fleet:answer "enabled=false&delay=0.1"
      guard_fleet.get(machine, "/forget?" .. service)
      for i = 1, 8 do
        told[i] = check()
      end
      assert.matches("refused$", asked:receive "*a")
      asked:close()
      for i = 1, 8 do
        assert.equal("refused", told[i])
      end
      assert.equal("refused", check())
      assert.equal(2, fleet:count())
    end)

    it("serves others when the request that began the call is gone", function()
      fleet:answer "delay=0.4"
      assert.equal("killed", guard_fleet.get(machine, "/kill?" .. service))
      assert.equal("timeout", select(2, machine:get("/check?" .. service, 0.1)))
      assert.equal("allowed", check())
      assert.equal(1, fleet:count())
    end)

    it("answers from what it knows in phases that cannot wait, and says why else", function()
      local _, _, head = machine:get("/filter?" .. service)
      assert.matches("InvalidRequestError", head)
      assert.matches("header_filter", head)
      check()
      _, _, head = machine:get("/filter?" .. service)
      assert.matches("allowed", head)
    end)
  end)
end

local SERVER = [[
  location = /filter {
    content_by_lua_block { ngx.print("here") }
    header_filter_by_lua_block {
      local answer, err = connections:check(request())
      ngx.header.x_told = told(answer, err) .. " " .. tostring(err)
    }
  }
]]

describe_shared("a shared dict", {
  cache = 'guard.shared_dict("connections")',
  http = "lua_check_client_abort on;",
  dict_size = ROOMY,
  server = SERVER,
})

describe_shared("a cache of its own", {
  cache = "guard.memory()",
  http = "lua_check_client_abort on;",
  workers = 1,
  server = SERVER,
})

describe("a guard in nginx", function()
  local fleet

  setup(function()
    fleet = guard_fleet.new()
  end)
  after_each(function()
    fleet:stop_machines()
  end)
  teardown(function()
    fleet:stop()
  end)

  it("stays right with a shared dict that is too small", function()
    fleet:answer "state=callable&delay=0.01"
    local machine =
      fleet:start { cache = 'guard.shared_dict("connections")', dict_size = TINY, server = SERVER }
    for _ = 1, 3 do
      local sums = guard_fleet.ask_all({ machine }, "/each?n=200&service=s", 3)
      assert.same({ allowed = 600 }, sums)
    end
    fleet:answer "enabled=false&delay=0.01"
    guard_fleet.get(machine, "/event")
    assert.same({ refused = 600 }, guard_fleet.ask_all({ machine }, "/each?n=200&service=s", 3))
  end)

  it("makes an epoch that was evicted anew: old answers do not come back", function()
    fleet:answer "state=callable&delay=0.01"
    local machine = fleet:start {
      cache = 'guard.shared_dict("connections")',
      server = SERVER .. [[
        location = /evict {
          content_by_lua_block {
            local dict, found = ngx.shared.connections, 0
            for _, key in ipairs(dict:get_keys(0)) do
              if key:find(ngx.var.arg_what) then
                dict:delete(key)
                found = found + 1
              end
            end
            ngx.print(found)
          }
        }
      ]],
    }
    for _, what in ipairs { ":ec", ":e$", ":vc" } do
      fleet:answer "state=callable&delay=0.01"
      guard_fleet.get(machine, "/forget")
      assert.equal("allowed", guard_fleet.get(machine, "/check"))
      fleet:answer "enabled=false&delay=0.01"
      assert.equal("allowed", guard_fleet.get(machine, "/check"))
      assert.equal("1", guard_fleet.get(machine, "/evict?what=" .. what))
      assert.equal("refused", guard_fleet.get(machine, "/check"))
    end
  end)

  it("is not held by a worker that died while it asked", function()
    fleet:answer "delay=20"
    fleet:count "reset"
    local machine = fleet:start {
      cache = 'guard.shared_dict("connections")',
      guard = "timeout_ms = 600000",
      workers = 2,
      server = SERVER .. [[
        location = /owner {
          content_by_lua_block {
            for _, key in ipairs(ngx.shared.connections:get_keys(0)) do
              local pid = key:find ":l" and ngx.shared.connections:get(key):match "^%d+"
              if pid then
                return ngx.print(pid)
              end
            end
          }
        }
      ]],
    }
    assert.equal("killed", guard_fleet.get(machine, "/kill"))
    assert.is_true(nginx.until_true(function()
      return fleet:count() == 1
    end))
    fleet:answer "delay=0.01"
    local waiting = {}
    for i = 1, 4 do
      waiting[i] = guard_fleet.connect(machine, "/check")
    end
    assert.is_true(nginx.kill(guard_fleet.get(machine, "/owner")))
    for _, connection in ipairs(waiting) do
      connection:receive "*a" -- nothing, where it was that worker's
      connection:close()
    end
    assert.equal("allowed", guard_fleet.get(machine, "/check"))
    assert.equal(2, fleet:count())
  end)

  it("names the shared dict that is missing", function()
    local started, problem =
      pcall(fleet.start, fleet, { cache = 'guard.shared_dict("missing")', workers = 1 })
    assert.is_false(started)
    assert.matches("lua_shared_dict missing 10m;", tostring(problem), 1, true)
  end)
end)
