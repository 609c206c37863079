--- Errors inside nginx: what a light thread's parent receives. Nothing is defined where nginx with
-- Lua is not installed, or the interpreter is not the one that nginx has.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

-- What raises, each in a light thread of its own: { name, error, code }.
local RAISING = {
  {
    "a plain call",
    "NotFoundResponse",
    "api.connections.get({ unified_api = 'crm', service_id = 'x' })",
  },
  { "a plain call with a wrong request", "InvalidRequestError", "api.connections.get({})" },
  {
    "a blocking call",
    "NotFoundResponse",
    "vault.new(blocking).connections.get({ unified_api = 'crm', service_id = 'x' })",
  },
  {
    "a blocking call with a wrong request",
    "InvalidRequestError",
    "vault.new(blocking).connections.get({ unified_api = 1, service_id = 'x' }, {})",
  },
  {
    "a job with a wrong request",
    "InvalidRequestError",
    "api.async.connections.get({ unified_api = 1, service_id = 'x' }, {})",
  },
  { "job:wait", "NotFoundResponse", "api.async.connections.list():wait()" },
  {
    "job:wait of a blocking client",
    "NotFoundResponse",
    "vault.new(blocking).async.connections.list():wait(5000)",
  },
  {
    "job:result",
    "NotFoundResponse",
    "local job = api.async.connections.list() vault.wait_all { job } return 1, job:result()",
  },
  { "vault.new", "InvalidRequestError", "vault.new { app_idd = 'a' }" },
}

-- The location that the README shows.
local function readme_location()
  local file = assert(io.open("README.md"))
  local text = file:read "*a"
  file:close()
  return (assert(text:match "```nginx\n(.-)```"))
end

describe("inside nginx", function()
  local host, here

  setup(function()
    host = require("spec.support.nginx_host").new()
    here = host:start {
      http = [[
        init_worker_by_lua_block {
          local function not_found()
            return { status = 404, headers = {}, body = '{"message":"nothing there"}' }
          end
          api = vault.new { server_url = config.server_url, api_key = "k", transport = not_found }
          blocking = {
            server_url = config.server_url, api_key = "k", transport = not_found, loop = "none",
          }
        }
      ]],
      server = [[
        location = /raise {
          content_by_lua_block {
            local code = ngx.unescape_uri(ngx.var.arg_code)
            local f = assert(loadstring(code))
            local function describe(returned, err, ...)
              return ("%s %s %d"):format(tostring(returned), err.name, select("#", returned, err, ...))
            end
            ngx.say(describe(ngx.thread.wait(ngx.thread.spawn(f))))
            ngx.say(describe(coroutine.resume(coroutine.create(f))))
            ngx.say(describe(pcall(f)))
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

  it("the location shown in the README responds, and logs errors", function()
    local other = require("spec.support.nginx_host").new()
    local works = other:start { server = readme_location() }
    assert.are.equal(200, (works:get "/connections"))
    other:finish()
    local fails = other:start {
      http = [[
        init_worker_by_lua_block {
          client = vault.new { server_url = "http://127.0.0.1:1", api_key = "k", retries = false }
        }
      ]],
      server = readme_location(),
    }
    assert.are.equal(502, (fails:get "/connections"))
    assert.matches("ConnectionError in vault.connections.list: ", other:finish(), 1, true)
    other:stop()
  end)

  for _, case in ipairs(RAISING) do
    it(case[1] .. " raises its error object and no other value", function()
      local code = case[3]:gsub("[^%w]", function(c)
        return ("%%%02x"):format(c:byte())
      end)
      local _, body = here:get("/raise?code=" .. code)
      local line = ("false %s 2\n"):format(case[2])
      assert.are.equal(line:rep(3), body)
    end)
  end
end)
