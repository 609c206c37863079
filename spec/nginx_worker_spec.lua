--- The life cycle of nginx's workers with the module: start, replacement, end. This takes more than
-- ten seconds, since nginx's own timers and timeouts have a resolution of one second. Nothing is defined
-- where nginx with Lua is not installed, or the interpreter is not the one that nginx has.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

local socket = require "socket"

local function threads_of(pid)
  local pipe = io.popen(("ls /proc/%s/task | wc -l"):format(pid))
  local count = tonumber((pipe:read "*a"))
  pipe:close()
  return count
end

local function descriptors_of(pid)
  local pipe = io.popen(("ls /proc/%s/fd | wc -l"):format(pid))
  local count = tonumber((pipe:read "*a"))
  pipe:close()
  return count
end

describe("nginx with the module", function()
  local host, here

  local function start(parts)
    here = host:start(parts)
  end

  setup(function()
    host = require("spec.support.nginx_host").new()
  end)

  teardown(function()
    host:stop()
  end)

  after_each(function()
    host:finish_cleanly()
  end)

  describe("the reader of the wakeup socket", function()
    it("leaves nothing in the directory for temporary files", function()
      local directory = os.tmpname()
      os.remove(directory)
      os.execute("mkdir " .. directory)
      start {
        main = ("env TMPDIR=%s;"):format(directory),
        server = "location = /call { content_by_lua_block { ngx.print(client.connections.list().status) } }",
      }
      assert.are.equal("OK", select(2, here:get "/call"))
      -- rmdir succeeds on an empty directory only.
      local emptied = os.execute("rmdir " .. directory)
      assert.is_true(emptied == true or emptied == 0)
    end)

    it(
      "causes an error that names the directive while nginx cannot start it, and starts once it can",
      function()
        start {
          http = "lua_max_running_timers 1;",
          server = [[
          location = /occupy {
            content_by_lua_block {
              ngx.timer.at(0, function() ngx.sleep(1.6) end)
              ngx.print("occupied")
            }
          }
          location = /call {
            content_by_lua_block {
              local called, result = pcall(client.connections.list)
              ngx.print(called and result.status or tostring(result))
            }
          }
        ]],
        }
        here:get "/occupy"
        local started = socket.gettime()
        local _, body = here:get "/call"
        assert.matches("^UnexpectedClientError in vault.connections.list: ", body)
        assert.matches("lua_max_running_timers", body)
        local elapsed = socket.gettime() - started
        assert.is_true(elapsed > 0.9 and elapsed < 5, "it took " .. elapsed .. " s")
        socket.sleep(0.7)
        assert.are.equal("OK", select(2, here:get "/call"))
        -- nginx reports the timers that it refuses as alerts.
        here.said = function()
          return ""
        end
      end
    )
  end)

  describe("worker_shutdown_timeout", function()
    -- Where a call is made that receives no response.
    local PLACES = {
      ["a request"] = "content_by_lua_block { silent.connections.list() }",
      ["the access phase"] = "access_by_lua_block { silent.connections.list() }",
      ["a light thread"] = "content_by_lua_block { ngx.thread.spawn(silent.connections.list) }",
      ["a timer"] = [[
        content_by_lua_block {
          ngx.timer.at(0, function() silent.connections.list() end)
          ngx.sleep(5)
        }
      ]],
      ["a pause"] = [[
        content_by_lua_block {
          client.connections.list(nil, {
            server_url = "http://127.0.0.1:1",
            retries = { backoff = { initial_interval = 20000, max_interval = 20000 } },
          })
        }
      ]],
      ["a job that nobody waits for"] = [[
        content_by_lua_block {
          silent.async.connections.list()
          ngx.sleep(5)
        }
      ]],
      ["a request that waits for a job"] = [[
        content_by_lua_block {
          local job = silent.async.connections.list()
          while not job:wait(1000) do end
        }
      ]],
    }

    local listener

    before_each(function()
      listener = assert(socket.bind("127.0.0.1", 0))
    end)

    after_each(function()
      listener:close()
    end)

    local function start_with(server)
      local _, port = listener:getsockname()
      start {
        main = "worker_shutdown_timeout 300ms;",
        http = ([[
          init_worker_by_lua_block {
            silent = vault.new {
              server_url = "http://127.0.0.1:%d", api_key = "k", timeout_ms = 60000,
              hooks = { on_error = function(event) ngx.log(ngx.NOTICE, "ended: ", event.error.name) end },
            }
          }
        ]]):format(port),
        server = "lua_check_client_abort off;" .. server,
      }
    end

    for place, code in pairs(PLACES) do
      it("ends a worker with a call under way in " .. place, function()
        start_with(("location = /wait { %s }"):format(code))
        local worker = select(2, here:get "/worker")
        here:get("/wait", 0.2)
        assert.is_true(nginx.is_alive(worker))
        here:signal "HUP"
        -- By itself the call would end after a minute.
        assert.is_true(nginx.until_true(function()
          return not nginx.is_alive(worker)
        end, 15))
        assert.are_not.equal(worker, (select(2, here:get "/worker")))
      end)
    end

    it("ends calls under way with RequestAbortedError, and later ones are refused", function()
      start_with [[
        location = /wait {
          content_by_lua_block {
            ngx.timer.at(0, function()
              local _, aborted = pcall(silent.connections.list)
              local _, refused = pcall(silent.connections.list)
              local job = silent.async.connections.list()
              ngx.log(ngx.NOTICE, "aborted: ", aborted.name, " ", aborted.message)
              ngx.log(ngx.NOTICE, "refused: ", refused.name, " ", refused.message)
              ngx.log(ngx.NOTICE, "job: ", job:done(), " ", select(2, pcall(job.result, job)).name)
            end)
          }
        }
      ]]
      here:get("/wait", 0.2)
      local said, ended = here:stop "QUIT"
      host.here = nil
      assert.is_true(ended)
      assert.matches("aborted: RequestAbortedError [^\n]*worker_shutdown_timeout", said)
      assert.matches("refused: InvalidRequestError [^\n]*worker_shutdown_timeout", said)
      assert.matches("job: true RequestAbortedError", said)
      assert.not_matches("exited on signal", said)
    end)

    it("allows calls in timers until then", function()
      start {
        main = "worker_shutdown_timeout 2s;",
        http = [[
          init_worker_by_lua_block {
            ngx.timer.at(0, function()
              while not ngx.worker.exiting() do
                client.connections.list()
              end
              local result = client.connections.list()
              ngx.log(ngx.NOTICE, "after the signal: ", result.status)
            end)
          }
        ]],
        server = "",
      }
      socket.sleep(0.3)
      local said, ended = here:stop "QUIT"
      host.here = nil
      assert.is_true(ended)
      assert.matches("after the signal: OK", said, 1, true)
    end)
  end)

  describe("a worker", function()
    local CALL = [[
      location = /call {
        content_by_lua_block {
          local called, result = pcall(client.connections.list)
          ngx.status = called and 200 or 500
          ngx.print(called and result.status or tostring(result))
        }
      }
    ]]

    local function worker()
      return (select(2, here:get "/worker"))
    end

    it("loses no call when it is replaced under load", function()
      start { server = CALL }
      here:get "/call"
      local first = worker()
      local reloads = 0
      local outcomes = here:load("/call", 16, 2, function(passed)
        if passed > 0.5 * (reloads + 1) and reloads < 3 then
          reloads = reloads + 1
          here:signal "HUP"
        end
      end)
      local answered = outcomes[200] or 0
      outcomes[200] = nil
      assert.are.same({}, outcomes)
      assert.are.equal(3, reloads)
      assert.is_true(answered > 100, answered .. " calls only")
      assert.are_not.equal(first, worker())
      assert.is_true(nginx.until_true(function()
        return not nginx.is_alive(first)
      end, 3))
    end)

    for _, signal in ipairs { "QUIT", "TERM" } do
      it("ends on the signal " .. signal, function()
        start { server = CALL }
        assert.are.equal("OK", select(2, here:get "/call"))
        local pid = worker()
        local started = socket.gettime()
        local _, ended = here:stop(signal)
        host.here = nil
        assert.is_true(ended)
        assert.is_false(nginx.is_alive(pid))
        assert.is_true(socket.gettime() - started < 4)
      end)
    end

    it("completes requests under way before it quits", function()
      start { server = CALL }
      local quit
      local outcomes = here:load("/call", 4, 0.05, function(passed)
        if passed > 0.04 and not quit then
          quit = here:signal "QUIT"
        end
      end)
      assert.are.equal(0, (outcomes[500] or 0) + (outcomes.lost or 0))
      assert.is_true(outcomes[200] >= 4)
    end)

    it("leaks nothing with lua_code_cache off", function()
      start {
        http = "lua_code_cache off;",
        server = CALL,
      }
      local pid = worker()
      for _ = 1, 3 do
        assert.are.equal("OK", select(2, here:get "/call"))
      end
      local threads, descriptors = threads_of(pid), descriptors_of(pid)
      local outcomes = here:load("/call", 2, 1, function() end)
      assert.is_true(outcomes[200] > 10)
      outcomes[200] = nil
      assert.are.same({}, outcomes)
      socket.sleep(0.2)
      assert.are.equal(pid, worker())
      assert.are.equal(threads, threads_of(pid))
      assert.is_true(descriptors_of(pid) <= descriptors + 4)
      assert.is_true(threads <= 2)
      -- nginx calls the directive itself an alert.
      here.said = function()
        return ""
      end
    end)
  end)
end)
