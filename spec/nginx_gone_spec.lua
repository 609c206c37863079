--- Plain calls inside nginx whose light thread is killed, or whose request ends, while they wait.
-- Nothing is defined where nginx with Lua is not installed, or the interpreter is not the one that
-- nginx has.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

describe("inside nginx", function()
  local host, here

  setup(function()
    host = require("spec.support.nginx_host").new()
    here = host:start {
      http = [[
        init_worker_by_lua_block {
          function new_client()
            return vault.new {
              server_url = config.server_url, api_key = "k", max_connections = 4,
              headers = { ["x-delay"] = "1" },
            }
          end
          few = new_client()
          function start_forty(call)
            local threads = {}
            for i = 1, 40 do
              threads[i] = ngx.thread.spawn(call)
            end
            return threads
          end
        }
      ]],
      server = [[
        location = /kill {
          content_by_lua_block {
            local threads = start_forty(few.connections.list)
            ngx.sleep(0.1)
            for _, thread in ipairs(threads) do
              assert(ngx.thread.kill(thread))
            end
            ngx.print(few.connections.list(nil, { headers = { ["x-delay"] = "0" } }).status)
          }
        }
        location = /leave {
          content_by_lua_block {
            start_forty(few.connections.list)
            few.connections.list()
          }
        }
        location = /exit {
          content_by_lua_block {
            start_forty(few.connections.list)
            ngx.sleep(0.1)
            ngx.exit(204)
          }
        }
        location = /access {
          access_by_lua_block {
            start_forty(few.connections.list)
            few.connections.list()
          }
          content_by_lua_block { ngx.print("not reached") }
        }
        location = /call {
          content_by_lua_block {
            ngx.print(few.connections.list(nil, { headers = { ["x-delay"] = "0" } }).status)
          }
        }
        location = /some {
          content_by_lua_block {
            local threads = {}
            for i = 1, 8 do
              threads[i] = ngx.thread.spawn(few.connections.list, nil, {
                headers = { ["x-delay"] = "0.3" },
              })
            end
            ngx.sleep(0.1)
            for i = 1, 8, 2 do
              ngx.thread.kill(threads[i])
            end
            for i = 2, 8, 2 do
              ngx.print(select(2, ngx.thread.wait(threads[i])).status, " ")
            end
          }
        }
        location = /job {
          content_by_lua_block {
            local job = few.async.connections.list(nil, {
              headers = { ["x-delay"] = "0.3" },
              callback = function(result) ngx.shared.seen:set("job", result.status) end,
            })
            ngx.thread.kill(ngx.thread.spawn(job.wait, job))
            ngx.print(job:wait().status, " ", ngx.shared.seen:get("job"))
          }
        }
      ]],
    }
  end)

  teardown(function()
    local said = host:finish()
    host:stop()
    assert.not_matches("exited on signal", said)
    assert.not_matches("vault:", said)
  end)

  -- Calls are sent in order: had the forty remained, all of them would have arrived before the
  -- next one.
  local function check_few_arrive(act)
    local before = host:count()
    act()
    local arrived = host:count() - before
    assert.is_true(arrived <= 13, arrived .. " calls arrived")
  end

  it("queued calls of killed light threads are not sent", function()
    check_few_arrive(function()
      assert.are.equal("OK", select(2, here:get "/kill"))
    end)
  end)

  for _, path in ipairs { "/leave", "/access" } do
    it("queued calls of a request whose client has disconnected are not sent: " .. path, function()
      check_few_arrive(function()
        assert.are.equal("timeout", select(2, here:get(path, 0.2)))
        assert.are.equal("OK", select(2, here:get "/call"))
      end)
    end)
  end

  it("queued calls of a request that has ended are not sent", function()
    check_few_arrive(function()
      assert.are.equal(204, (here:get "/exit"))
      assert.are.equal("OK", select(2, here:get "/call"))
    end)
  end)

  it("the calls of other light threads continue", function()
    assert.are.equal("OK OK OK OK ", select(2, here:get "/some"))
  end)

  it("a job continues when the light thread that waits for it is killed", function()
    assert.are.equal("OK OK", select(2, here:get "/job"))
  end)
end)
