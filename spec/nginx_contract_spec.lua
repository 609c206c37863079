--- The specs that run over every host, once more inside a worker of nginx. Nothing is defined where
-- nginx with Lua is not installed, or the interpreter is not the one that nginx has.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

local LIMIT = 300 -- seconds for all of them

local FILES = {
  "call",
  "client",
  "contract",
  "error",
  "headers_option",
  "hooks",
  "identity",
  "request",
  "retry_call",
  "round_trip",
  "secrets",
  "server_url",
  "values",
}

local MAIN = [[
env PATH;
env LUA_PATH;
env LUA_CPATH;
env LUA_PATH_5_4;
env LUA_CPATH_5_4;
working_directory %s;
]]

local SERVER = [[
location = /run {
  content_by_lua_block {
    package.path, package.cpath = %q, %q
    local files = {}
    for name in ngx.var.arg_files:gmatch "[^,]+" do
      files[#files + 1] = "spec/" .. name .. "_spec.lua"
    end
    local prefix = ngx.config.prefix()
    require "spec.support.busted_in_nginx"(prefix .. "report", prefix .. "results", files)
    ngx.say "ended"
  }
}
]]

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

describe("inside a worker of nginx", function()
  local report, results

  setup(function()
    local pipe = io.popen "pwd"
    local directory = pipe:read "*l"
    pipe:close()
    local server = nginx.start {
      main = MAIN:format(directory),
      server = SERVER:format(package.path, package.cpath),
    }
    local status, body = server:get("/run?files=" .. table.concat(FILES, ","), LIMIT)
    local said = server:said()
    if status == 200 then
      report, results = read(server.prefix .. "/report"), read(server.prefix .. "/results")
    end
    server:stop()
    assert(status == 200 and body == "ended\n", tostring(body) .. "\n" .. said)
  end)

  for _, name in ipairs(FILES) do
    it("the spec of " .. name .. " passes", function()
      local file = ("spec/%s_spec.lua"):format(name)
      local passed, rest =
        report:match("\n?" .. file:gsub("%p", "%%%0") .. "%s+(%d+) passed([^\n]*)")
      assert(passed and tonumber(passed) > 0, "no such line in the report:\n" .. report)
      if rest:find "failed" then
        error("it failed there:\n" .. report)
      end
    end)
  end

  it("every test that has begun ends", function()
    local counts = { running = 0, passed = 0, failed = 0, pending = 0, finished = 0 }
    for kind in results:gmatch "([^\n ]+)[^\n]*\n" do
      counts[kind] = counts[kind] + 1
    end
    assert.equal(1, counts.finished)
    assert.equal(counts.running, counts.passed + counts.pending)
    assert.equal(0, counts.failed)
  end)
end)
