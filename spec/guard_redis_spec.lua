--- vault.guard in a fleet: three nginx of several workers with one Redis. Nothing is defined where
-- nginx with Lua, redis-server or lua-resty-redis is not installed, or the interpreter is not the one
-- that nginx has.
local nginx = require "spec.support.nginx"
local redis_server = require "spec.support.redis_server"
if not (nginx.is_here() and redis_server.is_here()) then
  return
end

local guard_fleet = require "spec.support.guard_fleet"
local results = require "spec.support.results"
local socket = require "socket"

local function describe_fleet(title, options)
  describe("a fleet with Redis and " .. title, function()
    local fleet, redis, machines

    setup(function()
      redis = redis_server.new():start()
      fleet = guard_fleet.new()
      machines = {}
      for i = 1, 3 do
        machines[i] = fleet:start {
          cache = ("guard.redis { port = %d, %s }"):format(redis.port, options.redis),
          workers = options.workers,
          guard = options.guard,
          http = "lua_check_client_abort on;",
        }
      end
    end)
    teardown(function()
      local said = fleet:stop()
      redis:remove()
      assert.not_matches("exited on signal", said)
      assert.not_matches("%[error%][^\n]*%[lua%]", said) -- nginx itself logs connections that are lost
      assert.not_matches("%[alert%]", said)
    end)

    local services = 0
    local service
    before_each(function()
      if not redis.pid then
        redis:start()
      end
      services = services + 1
      service = "service=" .. title:gsub("%W", "-") .. services
      fleet:answer "delay=0.1"
      -- All workers of all machines use Redis, and listen.
      assert.is_true(nginx.until_true(function()
        guard_fleet.ask_all(machines, "/many?n=1&service=warm", 8)
        return redis:count_subscribers "vault:guard:events" == 3 * options.workers
          and guard_fleet.all_say(machines, "/forget?service=warm", 8, "true")
      end, 20))
      fleet:count "reset"
    end)

    local function check(machine)
      return guard_fleet.get(machine, "/check?" .. service)
    end

    local function ask_all(connections)
      return guard_fleet.ask_all(machines, "/many?n=8&" .. service, connections or 8)
    end

    -- Until every worker of every machine refuses; the milliseconds that took.
    local function time_to_refuse(began)
      assert.is_true(nginx.until_true(function()
        local sums = ask_all(4)
        return sums.refused == 3 * 4 * 8
      end, 10))
      return (socket.gettime() - began) * 1000
    end

    for outcome, answer in pairs {
      allowed = "state=callable",
      refused = "state=added",
      ["refused "] = "status=404",
      APIError = "status=503",
    } do
      it("makes one call for a thousand callers on three machines: " .. answer, function()
        fleet:answer("delay=0.5&" .. answer)
        local sums = guard_fleet.ask_all(machines, "/many?n=42&" .. service, 8)
        assert.same({ [outcome:gsub(" ", "")] = 3 * 8 * 42 }, sums)
        assert.equal(1, fleet:count())
      end)
    end

    it("makes one call to a server that hangs", function()
      fleet:answer "delay=5"
      assert.same({ RequestTimeoutError = 192 }, ask_all())
      assert.equal(1, fleet:count())
    end)

    it("serves one machine with what another has asked", function()
      for _, machine in ipairs(machines) do
        assert.equal("allowed", check(machine))
      end
      assert.equal(1, fleet:count())
    end)

    for _, path in ipairs { "/forget?", "/event?" } do
      it("refuses on every machine after " .. path, function()
        fleet:answer "state=callable"
        assert.same({ allowed = 192 }, ask_all())
        fleet:answer "enabled=false&delay=0"
        local began = socket.gettime()
        assert.equal("true", guard_fleet.get(machines[1], path .. service))
        results.add("guard", "ms from a forget to refusals by all machines", time_to_refuse(began))
        assert.same({ refused = 192 }, ask_all())
      end)
    end

    it("forgets everything of the fleet at an event that does not say what it is about", function()
      assert.same({ allowed = 192 }, ask_all())
      fleet:answer "enabled=false&delay=0"
      assert.equal("true", guard_fleet.get(machines[3], "/event"))
      time_to_refuse(0)
    end)

    it("never uses what was asked on another machine before a forget", function()
      fleet:answer "state=callable&delay=0.5"
      local asked = {}
      for i, machine in ipairs(machines) do
        asked[i] = guard_fleet.connect(machine, "/check?" .. service)
      end
      assert.is_true(nginx.until_true(function()
        return fleet:count() == 1
      end))
      fleet:answer "enabled=false&delay=0.1"
      assert.equal("true", guard_fleet.get(machines[2], "/forget?" .. service))
      for _, machine in ipairs(machines) do
        assert.equal("refused", check(machine))
      end
      for i = 1, 3 do
        assert.matches("refused$", asked[i]:receive "*a")
        asked[i]:close()
      end
      socket.sleep(0.5) -- the first call has ended
      assert.same({ refused = 192 }, ask_all())
      assert.equal(2, fleet:count())
    end)

    it("serves others when the request that began the call is gone", function()
      fleet:answer "delay=0.4"
      assert.equal("killed", guard_fleet.get(machines[1], "/kill?" .. service))
      for _, machine in ipairs(machines) do
        assert.equal("allowed", check(machine))
      end
      assert.equal(1, fleet:count())
    end)

    it(
      "lets each machine serve itself while Redis is stopped, and shares again afterwards",
      function()
        assert.same({ allowed = 192 }, ask_all())
        redis:stop()
        assert.same({ allowed = 192 }, ask_all()) -- what each one knows
        service = service .. "-new"
        fleet:count "reset"
        assert.same({ allowed = 192 }, ask_all())
        local calls = fleet:count()
        assert.is_true(calls >= 3 and calls <= 3 * options.askers, calls)
        fleet:answer "enabled=false&delay=0"
        assert.equal("nil", guard_fleet.get(machines[1], "/forget?" .. service))
        if options.askers == 1 then -- else another worker may be asked
          assert.equal("refused", check(machines[1]))
        end
        redis:start()
        -- The others hear of it, or have missed it and start anew.
        time_to_refuse(0)
      end
    )

    it("lets each machine serve itself while Redis hangs", function()
      redis:signal "STOP"
      local sums = ask_all()
      local calls = fleet:count()
      redis:signal "CONT"
      assert.same({ allowed = 192 }, sums)
      assert.is_true(calls <= 3 * options.askers, calls)
    end)

    it("takes nothing from a Redis that has restored what it knew before a forget", function()
      assert.same({ allowed = 192 }, ask_all())
      assert.equal("+OK", redis:command "SAVE")
      fleet:answer "enabled=false&delay=0"
      assert.equal("true", guard_fleet.get(machines[1], "/forget?" .. service))
      redis:stop()
      redis:start()
      time_to_refuse(0)
    end)

    it("hears of a forget although its connection was lost at that moment", function()
      assert.same({ allowed = 192 }, ask_all())
      fleet:answer "enabled=false&delay=0"
      redis:command "CLIENT KILL TYPE pubsub"
      assert.equal("true", guard_fleet.get(machines[1], "/forget?" .. service))
      time_to_refuse(0)
    end)

    it("notices nothing of a kept connection that Redis has closed", function()
      check(machines[1])
      assert.equal("allowed", check(machines[2]))
      redis:command "CLIENT KILL TYPE normal"
      fleet:count "reset"
      service = service .. "-new"
      for _, machine in ipairs(machines) do
        assert.equal("allowed", check(machine))
      end
      assert.equal(1, fleet:count())
    end)

    it("stays right when Redis evicts what it likes", function()
      assert.equal("+OK", redis:command "CONFIG SET maxmemory-policy allkeys-random")
      redis:command "CONFIG RESETSTAT"
      redis:command("CONFIG SET maxmemory " .. redis:info "used_memory" + 50000)
      fleet:answer "state=callable&delay=0.01"
      local path = "/each?n=200&" .. service
      assert.same({ allowed = 600 }, guard_fleet.ask_all(machines, path, 1))
      assert.is_true(redis:info "evicted_keys" > 0)
      fleet:answer "enabled=false&delay=0.01"
      assert.equal("true", guard_fleet.get(machines[1], "/event"))
      assert.is_true(nginx.until_true(function()
        return guard_fleet.ask_all(machines, path, 1).refused == 600
      end))
      redis:command "CONFIG SET maxmemory 0"
    end)

    it("stays right when Redis has no room", function()
      redis:command "CONFIG SET maxmemory-policy noeviction"
      redis:command "CONFIG SET maxmemory 1"
      fleet:answer "state=callable&delay=0.02"
      assert.same({ allowed = 192 }, ask_all())
      redis:command "CONFIG SET maxmemory 0"
      assert.is_true(nginx.until_true(function()
        fleet:answer "enabled=false&delay=0.02"
        return guard_fleet.get(machines[1], "/forget?" .. service) == "true"
      end))
      time_to_refuse(0)
    end)

    -- The last case: it ends a machine.
    it("lets a worker end, and shares what that has still asked", function()
      fleet:answer "delay=0.5"
      local asked = guard_fleet.connect(machines[3], "/check?" .. service)
      assert.is_true(nginx.until_true(function()
        return fleet:count() == 1
      end))
      local _, ended = machines[3]:stop "QUIT"
      assert.is_true(ended)
      assert.matches("allowed$", asked:receive "*a")
      asked:close()
      assert.equal("allowed", check(machines[1]))
      assert.equal(1, fleet:count())
    end)
  end)
end

describe("guard.redis", function()
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

  it("names the option that is wrong", function()
    for options, message in pairs {
      ["{ prot = 6379 }"] = "unknown field 'prot'; did you mean 'port'?",
      ["{ port = '6379' }"] = "port: expected a number, got a string",
      ["{ timeout_ms = 0 }"] = "timeout_ms: expected a number, at least 1",
      ["{ host = 5 }"] = "host: expected a string, got a number",
      ["{ username = 'u' }"] = "username: needs a password",
      ["{ dict = 'missing' }"] = "lua_shared_dict missing 10m;",
      ["'127.0.0.1'"] = "guard.redis: options: expected a table, got a string",
    } do
      local started, problem =
        pcall(fleet.start, fleet, { cache = "guard.redis(" .. options .. ")", workers = 1 })
      assert.is_false(started)
      assert.matches(message, tostring(problem), 1, true)
    end
  end)

  it("uses a password and a database, and does without a Redis that refuses it", function()
    local redis = redis_server.new "--requirepass sesame"
    redis.password = "sesame"
    redis:start()
    local machines = {}
    for i, options in ipairs {
      "password = 'sesame', database = 3",
      "username = 'default', password = 'sesame', database = 3",
      "password = 'wrong'",
    } do
      machines[i] = fleet:start {
        cache = ("guard.redis { port = %d, %s }"):format(redis.port, options),
        workers = 1,
      }
    end
    for i, calls in ipairs { 1, 1, 2 } do
      assert.equal("allowed", guard_fleet.get(machines[i], "/check"))
      assert.equal(calls, fleet:count())
    end
    local said = fleet:stop_machines()
    assert.matches("Redis cannot be used[^\n]*WRONGPASS", said)
    assert.not_matches("sesame", said)
    redis:remove()
  end)
end)

describe("a guard with a Redis that never answers", function()
  it("waits for it once, and not for each check", function()
    local silent = assert(socket.bind("127.0.0.1", 0))
    local _, port = silent:getsockname()
    local fleet = guard_fleet.new()
    local machine = fleet:start {
      cache = ("guard.redis { port = %d, dict = 'connections' }"):format(port),
      workers = 1,
    }
    fleet:answer "delay=0"
    for i = 1, 50 do
      assert.equal("allowed", guard_fleet.get(machine, "/check?service=" .. i))
    end
    assert.equal("nil", guard_fleet.get(machine, "/forget?service=1"))
    fleet:answer "enabled=false&delay=0"
    assert.equal("refused", guard_fleet.get(machine, "/check?service=1"))
    assert.equal(51, fleet:count())
    local said = fleet:stop()
    silent:close()
    local _, failures = said:gsub("Redis cannot be used", "")
    assert.equal(1, failures)
  end)
end)

describe("a fleet with Redis while Apideck fails", function()
  it("serves the last answer of any machine", function()
    local redis, fleet = redis_server.new():start(), guard_fleet.new()
    local machines = {}
    for i = 1, 2 do
      machines[i] = fleet:start {
        cache = ("guard.redis { unix_socket = '%s/socket' }"):format(redis.directory),
        guard = "ttl_ms = 300, error_ttl_ms = 60000",
        workers = 1,
      }
    end
    fleet:answer "state=callable&delay=0"
    assert.equal("allowed", guard_fleet.get(machines[1], "/check"))
    fleet:answer "status=503&delay=0"
    assert.is_true(nginx.until_true(function()
      return guard_fleet.get(machines[2], "/check") == "allowed stale"
    end))
    assert.is_true(nginx.until_true(function()
      return guard_fleet.get(machines[1], "/check") == "allowed stale"
    end))
    assert.equal(2, fleet:count())
    fleet:stop()
    redis:remove()
  end)
end)

describe("a machine whose workers were replaced", function()
  it("serves nothing from before, since nobody has listened", function()
    local redis, fleet = redis_server.new():start(), guard_fleet.new()
    local machines = {}
    for i = 1, 2 do
      machines[i] = fleet:start {
        cache = ("guard.redis { port = %d, dict = 'connections' }"):format(redis.port),
        workers = 1,
      }
      fleet:answer "state=callable&delay=0"
      assert.equal("allowed", guard_fleet.get(machines[i], "/check"))
    end
    local function wait_for_subscribers(count)
      assert.is_true(nginx.until_true(function()
        return redis:count_subscribers "vault:guard:events" == count
      end))
    end
    wait_for_subscribers(2)
    machines[1]:signal "HUP"
    wait_for_subscribers(1)
    fleet:answer "enabled=false&delay=0"
    assert.equal("true", guard_fleet.get(machines[2], "/forget"))
    assert.equal("refused", guard_fleet.get(machines[1], "/check"))
    fleet:stop()
    redis:remove()
  end)
end)

describe("a machine that cannot hear what is published", function()
  it("does not serve as its last answer what was asked before a forget", function()
    local redis, fleet = redis_server.new():start(), guard_fleet.new()
    assert.equal("+OK", redis:command "ACL SETUSER deaf on >secret ~* resetchannels +@all")
    local deaf = fleet:start {
      cache = ("guard.redis { port = %d, username = 'deaf', password = 'secret' }"):format(
        redis.port
      ),
      guard = "ttl_ms = 300",
      workers = 1,
    }
    local other = fleet:start {
      cache = ("guard.redis { port = %d }"):format(redis.port),
      workers = 1,
    }
    fleet:answer "state=callable&delay=0"
    assert.equal("allowed", guard_fleet.get(deaf, "/check"))
    fleet:answer "status=503&delay=0"
    assert.equal("true", guard_fleet.get(other, "/forget"))
    assert.is_true(nginx.until_true(function()
      return guard_fleet.get(deaf, "/check") ~= "allowed"
    end))
    assert.equal("APIError", guard_fleet.get(deaf, "/check"))
    assert.equal("APIError", guard_fleet.get(other, "/check"))
    fleet:stop()
    redis:remove()
  end)
end)

describe_fleet("a shared dict on each machine", {
  redis = 'dict = "connections"',
  workers = 2,
  askers = 1, -- on each machine, where Redis cannot be asked
})

describe_fleet("the memory of each worker", {
  redis = "timeout_ms = 200",
  workers = 2,
  askers = 2,
})
