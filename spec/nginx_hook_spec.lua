--- Functions that a client calls inside nginx and that try to wait, where ngx_lua cannot.
-- Nothing is defined where nginx with Lua is not installed, or the interpreter is not the one that
-- nginx has.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

-- The function that waits is called `wait`.
local PLACES = {
  ["before_request"] = "config.hooks = { before_request = wait }",
  ["after_response"] = "config.hooks = { after_response = wait }",
  ["the key function"] = "config.api_key = function() wait() return 'k' end",
  ["a transport"] = "config.transport = wait",
}
local WAITS = {
  ["ngx.sleep"] = "ngx.sleep(0.01)",
  ["a cosocket"] = "ngx.socket.tcp():connect('127.0.0.1', %d)",
  ["a subrequest"] = "ngx.location.capture('/trivial')",
  ["a semaphore"] = "require('ngx.semaphore').new():wait(1)",
  ["a light thread"] = "ngx.thread.spawn(function() ngx.sleep(0.01) end)",
  ["a coroutine"] = "for _ in coroutine.wrap(function() coroutine.yield(1) end) do end",
  ["coroutine.yield"] = "coroutine.yield()",
}

describe("inside nginx", function()
  local host, here

  setup(function()
    host = require("spec.support.nginx_host").new()
    here = host:start {
      server = [[
        location = /call {
          content_by_lua_block {
            local headers = { ["x-delay"] = "0.002" }
            local args = ngx.req.get_uri_args()
            local wait = assert(loadstring(args.wait))
            local config = { server_url = config.server_url, api_key = "k", headers = headers }
            assert(loadstring("local config, wait = ... " .. args.place))(config, wait)
            local api = vault.new(config)
            for _ = 1, 3 do
              local _, err = pcall(api.connections.list)
              ngx.print(err.name, " ")
            end
            ngx.print(client.connections.list(nil, { headers = headers }).status)
          }
        }
        location = /callback {
          content_by_lua_block {
            local headers = { ["x-delay"] = "0.002" }
            local callback = assert(loadstring(ngx.req.get_uri_args().wait))
            local job = client.async.connections.list(nil, { headers = headers, callback = callback })
            ngx.print(job:wait().status, " ")
            ngx.print(client.connections.list(nil, { headers = headers }).status)
          }
        }
      ]],
    }
  end)

  teardown(function()
    local said = host:finish()
    host:stop()
    assert.not_matches("exited on signal", said)
  end)

  local function escape(code)
    return (code:gsub("[^%w]", function(c)
      return ("%%%02x"):format(c:byte())
    end))
  end

  -- Several requests, since a wait may crash the worker later.
  local function check_answers(expected, path)
    local worker = select(2, here:get "/worker")
    for _ = 1, 3 do
      assert.are.equal(expected, (select(2, here:get(path))))
    end
    assert.are.equal(worker, (select(2, here:get "/worker")))
  end

  for wait, wait_code in pairs(WAITS) do
    for place, place_code in pairs(PLACES) do
      it(wait .. " in " .. place .. " is an error, and the worker survives", function()
        local code = escape(wait_code:format(host.upstream.port))
        local path = ("/call?place=%s&wait=%s"):format(escape(place_code), code)
        check_answers(("UnexpectedClientError "):rep(3) .. "OK", path)
      end)
    end

    it(wait .. " in a callback is an error, and the worker survives", function()
      check_answers("OK OK", "/callback?wait=" .. escape(wait_code:format(host.upstream.port)))
    end)
  end

  it("waits of many coroutines in after_response are errors, and the worker survives", function()
    local wait =
      "local f = coroutine.wrap(function() ngx.sleep(0.01) coroutine.yield() end) f() f()"
    local path = ("/call?place=%s&wait=%s"):format(escape(PLACES.after_response), escape(wait))
    local worker = select(2, here:get "/worker")
    local outcomes = here:load(path, 8, 1, function() end)
    outcomes[200] = nil
    assert.are.same({}, outcomes)
    assert.are.equal(worker, (select(2, here:get "/worker")))
  end)
end)
