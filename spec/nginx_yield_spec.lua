--- Plain calls inside nginx where LuaJIT cannot yield. Nothing is defined where nginx with Lua is not
-- installed, or the interpreter is not the one that nginx has.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

-- Each calls `f` from a C function, or from where LuaJIT cannot yield for another reason.
local PLACES = {
  ["a required chunk"] = "package.loaded.chunk = nil package.preload.chunk = f require 'chunk'",
  ["a comparator of table.sort"] = "table.sort({ 1, 2 }, f)",
  ["a function given to string.gsub"] = "('x'):gsub('x', f)",
  ["a reader of load"] = "load(f)",
  ["the handler of xpcall"] = "xpcall(error, f)",
  ["a finalizer"] = "do local p = newproxy(true) getmetatable(p).__gc = f end collectgarbage()",
  ["a debug hook"] = "debug.sethook(f, '', 1) local x = 1 debug.sethook()",
  ["an ffi callback"] = [[
    local ffi = require "ffi"
    local array = ffi.new("int[2]", 2, 1)
    pcall(ffi.cdef, "void qsort(void *, size_t, size_t, int (*)(const void *, const void *));")
    local callback = ffi.cast("int (*)(const void *, const void *)", function() f() return 0 end)
    jit.off(true, true)
    ffi.C.qsort(array, 2, 4, callback)
    callback:free()
  ]],
}

-- The calls made there.
local CALLS = {
  ["a plain call"] = "counted.connections.list()",
  ["a plain call of the module"] = "vault.connections.list()",
  ["job:wait"] = "slow:wait()",
  ["job:wait with a limit"] = "slow:wait(10)",
  ["vault.wait_all"] = "vault.wait_all { slow }",
}

describe("inside nginx, where LuaJIT cannot yield,", function()
  local host, here

  setup(function()
    host = require("spec.support.nginx_host").new()
    here = host:start {
      main = "env APIDECK_API_KEY=k; env APIDECK_SERVER_URL=" .. host.upstream.url .. ";",
      http = [[
        init_worker_by_lua_block {
          sent = 0
          counted = vault.new {
            server_url = config.server_url, api_key = "k", headers = { ["x-delay"] = "0.001" },
            hooks = { before_request = function() sent = sent + 1 end },
          }
        }
      ]],
      server = [[
        location = /call {
          content_by_lua_block {
            local place = assert(loadstring("local f = ... " .. ngx.unescape_uri(ngx.var.arg_place)))
            local call = assert(loadstring("slow = ... " .. ngx.unescape_uri(ngx.var.arg_call)))
            local before, err = sent
            local slow = client.async.connections.list(nil, { headers = { ["x-delay"] = "0.01" } })
            local function f()
              if not err then
                local _, raised = pcall(call, slow)
                err = raised or "nothing raised"
              end
            end
            pcall(place, f)
            ngx.say(vault.is_error(err, "InvalidRequestError") and err.message or tostring(err))
            ngx.say("sent ", sent - before)
            -- A crash caused by the first wait would happen in the second.
            ngx.say(counted.connections.list().status, " ", slow:wait().status)
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

  for place, place_code in pairs(PLACES) do
    for call, call_code in pairs(CALLS) do
      it(call .. " in " .. place .. " raises and sends nothing", function()
        local path = ("/call?place=%s&call=%s"):format(escape(place_code), escape(call_code))
        local worker = select(2, here:get "/worker")
        for _ = 1, 3 do
          local _, body = here:get(path)
          local message, rest = tostring(body):match "^([^\n]*)\n(.*)$"
          assert.matches("cannot be suspended here", message, 1, true)
          assert.matches("client.async", message, 1, true)
          assert.are.equal("sent 0\nOK OK\n", rest)
        end
        assert.are.equal(worker, (select(2, here:get "/worker")))
      end)
    end
  end

  -- LuaJIT continues these after a yield.
  for name, place in pairs {
    ["an __index metamethod"] = "return setmetatable({}, { __index = f }).x",
    ["a __tostring metamethod"] = "tostring(setmetatable({}, { __tostring = f }))",
    ["the iterator of a loop"] = "for _ in f do end",
  } do
    it("but a plain call in " .. name .. " waits", function()
      local call =
        escape "local passed, result = pcall(counted.connections.list) error(result.status)"
      local _, body = here:get(("/call?place=%s&call=%s"):format(escape(place), call))
      assert.matches("OK\nsent 1\nOK OK\n$", body)
    end)
  end
end)

-- nginx can also load the module built for Lua 5.1, as by LuaRocks. spec/run has built it if it runs all versions.
local build_for_51 = nginx.build():gsub("[^/]+$", "5.1")
local library = io.open(build_for_51 .. "/vault.so")
if library then
  library:close()
  describe("the module as built for Lua 5.1, inside nginx", function()
    it("suspends calls under pcall, and refuses them where LuaJIT cannot yield", function()
      local host = require("spec.support.nginx_host").new()
      local here = host:start {
        build = build_for_51,
        server = [[
          location = /call {
            content_by_lua_block {
              local _, result = pcall(client.connections.list)
              local _, refused
              table.sort({ 1, 2 }, function()
                _, refused = pcall(client.connections.list)
              end)
              ngx.print(result.status, " ", refused.name)
            }
          }
        ]],
      }
      assert.are.equal("OK InvalidRequestError", (select(2, here:get "/call")))
      host:finish()
      host:stop()
    end)
  end)
end
