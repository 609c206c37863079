--- The nginx adapter, in real workers. Nothing is defined where nginx with Lua is not installed, or
-- the interpreter is not the one that nginx has.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

local sandbox_process = require "spec.support.sandbox_process"
local socket = require "socket"

describe("inside nginx", function()
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

  describe("a plain call", function()
    it("suspends in every phase that allows it", function()
      start {
        server = [[
          location = /rewrite {
            set $response "";
            rewrite_by_lua_block { ngx.var.response = client.connections.list().status }
            content_by_lua_block { ngx.print(ngx.var.response) }
          }
          location = /access {
            access_by_lua_block { ngx.ctx.status = client.connections.list().status }
            content_by_lua_block { ngx.print(ngx.ctx.status) }
          }
          location = /content { content_by_lua_block { ngx.print(client.connections.list().status) } }
          location = /timer {
            content_by_lua_block {
              local done = require("ngx.semaphore").new()
              local status
              ngx.timer.at(0, function()
                status = client.connections.list().status
                done:post()
              end)
              done:wait(5)
              ngx.print(status)
            }
          }
        ]],
      }
      for _, phase in ipairs { "rewrite", "access", "content", "timer" } do
        local status, body = here:get("/" .. phase)
        assert.are.same({ phase, 200, "OK" }, { phase, status, body })
      end
    end)

    it("suspends in the TLS handshake and in server_rewrite_by_lua", function()
      local port = nginx.free_port()
      local certificate = os.tmpname()
      local file = assert(io.open(certificate, "wb"))
      local pair = require("spec.support.certificates").make().good
      file:write(pair.certificate:toPEM(), pair.key:toPEM "private")
      file:close()
      start {
        http = ([[
          server {
            listen 127.0.0.1:%d ssl;
            ssl_certificate %s;
            ssl_certificate_key %s;
            ssl_certificate_by_lua_block {
              ngx.shared.seen:set("phases", client.connections.list().status)
            }
            server_rewrite_by_lua_block { ngx.ctx.status = client.connections.list().status }
            location / { content_by_lua_block { ngx.print(ngx.shared.seen:get("phases"), " ", ngx.ctx.status) } }
          }
        ]]):format(port, certificate, certificate),
        server = ([[
          location = /handshake {
            content_by_lua_block {
              local socket = ngx.socket.tcp()
              assert(socket:connect("127.0.0.1", %d))
              assert(socket:sslhandshake(nil, "localhost", false))
              assert(socket:send("GET / HTTP/1.0\r\nhost: localhost\r\n\r\n"))
              ngx.print((assert(socket:receive("*a")):match("\r\n\r\n(.*)$")))
            }
          }
        ]]):format(port),
      }
      local status, body = here:get "/handshake"
      os.remove(certificate)
      assert.are.same({ 200, "OK OK" }, { status, body })
    end)

    it("suspends only its light thread", function()
      start {
        server = [[
          location = /threads {
            content_by_lua_block {
              local threads = {}
              for i = 1, 10 do
                threads[i] = ngx.thread.spawn(client.connections.list, {}, {
                  headers = { ["x-delay"] = "0.5" },
                })
              end
              local answered = 0
              for i = 1, 10 do
                local ran, result = ngx.thread.wait(threads[i])
                answered = answered + (ran and result.status == "OK" and 1 or 0)
              end
              ngx.print(answered)
            }
          }
        ]],
      }
      here:get "/threads" -- the connections are made
      local started, slowest, trivial = socket.gettime(), 0, 0
      local outcomes = here:load("/threads", 1, 0.01, function()
        local before = socket.gettime()
        assert.are.equal(200, (here:get "/trivial"))
        slowest = math.max(slowest, socket.gettime() - before)
        trivial = trivial + 1
      end)
      local elapsed = socket.gettime() - started
      assert.are.same({ [200] = 1 }, outcomes)
      assert.is_true(elapsed < 3, "10 calls of 500 ms took " .. elapsed .. " s")
      assert.is_true(trivial > 1 and slowest < 0.45, "the worker was held for " .. slowest .. " s")
      assert.are.equal("10", select(2, here:get "/threads"))
    end)

    it("of the default client suspends too", function()
      start {
        main = ("env APIDECK_SERVER_URL=%s; env APIDECK_API_KEY=k;"):format(host.upstream.url),
        server = [[
          location = /default {
            content_by_lua_block {
              local first = ngx.thread.spawn(vault.connections.list)
              local started = ngx.now()
              local result = vault.connections.list()
              ngx.thread.wait(first)
              ngx.update_time()
              ngx.print(result.status, " ", ngx.now() - started < 0.18)
            }
          }
        ]],
      }
      assert.are.equal("OK true", select(2, here:get "/default"))
    end)

    it("is refused in a phase that cannot suspend, and the error names the alternative", function()
      start {
        server = [[
          location = /init { content_by_lua_block { ngx.print(tostring(raised_in_init)) } }
          location = /set {
            set_by_lua_block $raised { return tostring(select(2, pcall(client.connections.list))) }
            content_by_lua_block { ngx.print(ngx.var.raised) }
          }
          location = /header_filter {
            content_by_lua_block { ngx.print("") }
            header_filter_by_lua_block {
              ngx.header.raised = tostring(select(2, pcall(client.connections.list)))
            }
          }
          location = /body_filter {
            content_by_lua_block { ngx.print("-") }
            body_filter_by_lua_block {
              if not ngx.arg[2] then
                ngx.arg[1] = tostring(select(2, pcall(client.connections.list)))
              end
            }
          }
          location = /log {
            content_by_lua_block { ngx.print(ngx.shared.seen:get("log")) }
            log_by_lua_block {
              ngx.shared.seen:set("log", tostring(select(2, pcall(client.connections.list))))
            }
          }
        ]],
      }
      here:get "/log"
      local function check(phase, text)
        assert.matches(
          "^InvalidRequestError in vault.connections.list: nginx cannot wait in the phase '"
            .. phase
            .. "'; ",
          text
        )
      end
      for _, phase in ipairs { "init", "set", "body_filter", "log" } do
        check(phase, select(2, here:get("/" .. phase)))
      end
      local _, _, head = here:get "/header_filter"
      local raised = head:match "raised: ([^\r]*)"
      check("header_filter", raised)
      assert.matches("client.async", raised, 1, true)
      assert.matches("ngx.timer.at(0,", raised, 1, true)
      assert.matches("init_worker_by_lua", select(2, here:get "/init"), 1, true)
    end)

    it("of vault.safe returns that error", function()
      start {
        server = [[
          location = /safe {
            set_by_lua_block $response {
              local result, err = require("vault.safe").new(config).connections.list()
              return tostring(result) .. " " .. err.name
            }
            content_by_lua_block { ngx.print(ngx.var.response) }
          }
        ]],
      }
      assert.are.equal("nil InvalidRequestError", select(2, here:get "/safe"))
    end)

    it("raises API errors unchanged", function()
      local sandbox = sandbox_process.start()
      start {
        http = ('init_worker_by_lua_block { sandbox = "%s" }'):format(sandbox.url),
        server = [[
          location = /error {
            content_by_lua_block {
              local api = vault.new {
                server_url = sandbox,
                api_key = "sandbox-key",
                app_id = "sandbox-app",
                consumer_id = "sandbox-consumer",
              }
              local request = { unified_api = "crm", service_id = "nowhere" }
              local raised, err = pcall(api.connections.get, request)
              ngx.say(tostring(raised), " ", tostring(vault.is_error(err, "NotFoundResponse")))
              ngx.say(err.status_code, " ", err.operation, " ", err.attempts)
              ngx.say(tostring(vault.is_error(err.data) == false and err.detail ~= nil))
            }
          }
          location = /refused {
            content_by_lua_block {
              local api = vault.new {
                server_url = "http://127.0.0.1:1",
                api_key = "k",
                retries = { backoff = { initial_interval = 1 }, max_attempts = 2 },
              }
              local _, err = pcall(api.connections.list)
              ngx.print(err.name, " ", err.code, " ", err.attempts)
            }
          }
        ]],
      }
      local _, body = here:get "/error"
      assert.are.equal("false true\n404 vault.connections.get 1\ntrue\n", body)
      assert.are.equal("ConnectionError refused 2", select(2, here:get "/refused"))
      sandbox:stop()
    end)

    it("uses the client's transport", function()
      start {
        server = [[
          location = /transport {
            content_by_lua_block {
              local api = vault.new {
                api_key = "k",
                transport = function()
                  return { status = 200, headers = {}, body = '{"data":[],"status":"local"}' }
                end,
              }
              ngx.print(api.connections.list().status)
            }
          }
        ]],
      }
      assert.are.equal("local", select(2, here:get "/transport"))
    end)
  end)

  describe("a job", function()
    it("completes although its phase is over", function()
      start {
        server = [[
          location = /log {
            content_by_lua_block { ngx.print("done") }
            log_by_lua_block {
              client.async.connections.list(nil, {
                callback = function(result, err)
                  ngx.shared.seen:set("result", result and result.status or tostring(err))
                end,
              })
            }
          }
          location = /seen { content_by_lua_block { ngx.print(ngx.shared.seen:get("result")) } }
        ]],
      }
      assert.are.equal("done", select(2, here:get "/log"))
      assert.is_true(nginx.until_true(function()
        return select(2, here:get "/seen") == "OK"
      end, 5))
    end)

    it("can be started in init_by_lua", function()
      start {
        server = "location = /init { content_by_lua_block { ngx.print(job_of_init_is_there) } }",
      }
      assert.are.equal("true", select(2, here:get "/init"))
    end)

    it("is waited for with a timeout, by several threads, and with wait_all", function()
      start {
        server = [[
          location = /wait {
            content_by_lua_block {
              local jobs = {}
              for i = 1, 3 do
                jobs[i] = client.async.connections.list()
              end
              ngx.say(tostring(jobs[1]:wait(20)), " ", select(2, jobs[1]:wait(20)))
              local other = ngx.thread.spawn(function() return jobs[1]:wait().status end)
              ngx.say(jobs[1]:wait().status, " ", select(2, ngx.thread.wait(other)))
              ngx.say(tostring(vault.wait_all(jobs, 1000)), " ", jobs[3]:result().status)
              local late = client.async.connections.list(nil, { headers = { ["x-delay"] = "2" } })
              ngx.say(tostring((late:wait(1100))), " ", select(2, vault.wait_all({ late }, 10)))
              late:cancel()
              ngx.say(select(2, pcall(late.wait, late)).name)
            }
          }
        ]],
      }
      local _, body = here:get "/wait"
      assert.are.equal("nil timeout\nOK OK\ntrue OK\nnil timeout\nRequestAbortedError\n", body)
    end)

    it("resumes the threads that wait for it when it is cancelled", function()
      start {
        server = [[
          location = /cancel {
            content_by_lua_block {
              local job = client.async.connections.list(nil, { headers = { ["x-delay"] = "5" } })
              local waiting = ngx.thread.spawn(function()
                return select(2, pcall(job.wait, job)).name
              end)
              ngx.sleep(0.05)
              job:cancel()
              local started = ngx.now()
              local _, name = ngx.thread.wait(waiting)
              ngx.update_time()
              ngx.print(name, " ", ngx.now() - started < 0.5)
            }
          }
        ]],
      }
      assert.are.equal("RequestAbortedError true", select(2, here:get "/cancel"))
    end)

    it("can be cancelled when the browser has disconnected", function()
      start {
        server = [[
          location = /abort {
            content_by_lua_block {
              local job = client.async.connections.list(nil, {
                headers = { ["x-delay"] = "5" },
                callback = function(_, err) ngx.shared.seen:set("aborted", err.name) end,
              })
              ngx.on_abort(function()
                job:cancel()
                ngx.exit(499)
              end)
              job:wait()
            }
          }
          location = /seen { content_by_lua_block { ngx.print(ngx.shared.seen:get("aborted")) } }
        ]],
      }
      assert.are.equal("timeout", select(2, here:get("/abort", 0.1)))
      assert.is_true(nginx.until_true(function()
        return select(2, here:get "/seen") == "RequestAbortedError"
      end, 2))
    end)

    it("whose callback raises is reported in the log, and other jobs continue", function()
      start {
        server = [[
          location = /raise {
            content_by_lua_block {
              client.async.connections.list(nil, { callback = function() error("oh no") end })
              ngx.print(client.connections.list().status)
            }
          }
        ]],
      }
      assert.are.equal("OK", select(2, here:get "/raise"))
      assert.are.equal("OK", select(2, here:get "/raise"))
      assert.matches("vault: a callback raised: .*oh no", here:said())
    end)

    it("may last longer than the request that waits for it", function()
      start {
        server = [[
          location = /gone { content_by_lua_block { ngx.print(client.connections.list().status) } }
          location = /killed {
            content_by_lua_block {
              local waiting = ngx.thread.spawn(client.connections.list)
              ngx.thread.kill(waiting)
              ngx.print("killed")
            }
          }
        ]],
      }
      for _ = 1, 20 do
        assert.are.equal("timeout", select(2, here:get("/gone", 0.01)))
        assert.are.equal("killed", select(2, here:get "/killed"))
      end
      assert.are.equal("OK", select(2, here:get "/gone"))
    end)
  end)
end)
