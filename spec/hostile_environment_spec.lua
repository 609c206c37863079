-- examples/quickstart and spec/run, called where an attacker has left files and variables. On 5.4 only, which is
-- the version that both build here.
local results = require "spec.support.results"

if _VERSION ~= "Lua 5.4" or not os.execute "command -v bash >/dev/null" then
  return
end
-- Not for sanitizers and Valgrind: these are shells and compilers.
if os.getenv "LD_PRELOAD" or os.getenv "VAULT_SPEC_SLOW" then
  return
end

local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>&1; echo status $?"))
  local text = pipe:read "*a"
  pipe:close()
  return text, text:match "status (%d+)\n$"
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- Modules that the commands load, by names under which Lua would find them here.
local MODULES =
  { "vault", "cjson", "socket", "system", "spec/support/busted", "busted/runner", "vault/sandbox" }

describe("a command called in a hostile directory", function()
  local root, directory, mark

  setup(function()
    root = output_of("pwd"):match "^[^\n]+"
    directory = output_of("mktemp -d"):match "^[^\n]+"
    mark = directory .. "/was-run"
    local trap = ("io.open(%q, 'w'):close()\n"):format(mark)
    for _, name in ipairs(MODULES) do
      local path = ("%s/%s.lua"):format(directory, name)
      os.execute(("mkdir -p '%s'"):format(path:match "^(.*)/"))
      write(path, trap)
    end
    write(directory .. "/init.lua", trap)
    -- What "cd examples/.." would find by CDPATH.
    os.execute(
      ("mkdir -p '%s/examples' '%s/spec' '%s/.ci'"):format(directory, directory, directory)
    )
    write(directory .. "/.ci/setup.sh", ("touch '%s'\n"):format(mark))
  end)

  teardown(function()
    os.execute(("rm -rf '%s'"):format(directory))
    results.add("hostile environment", "commands called in a hostile directory", 2)
  end)

  local function run(place, command)
    local variables = { "-u VAULT_SPEC_EAGER_COLLECTOR" }
    for _, name in ipairs { "API_KEY", "APP_ID", "CONSUMER_ID", "SERVER_URL" } do
      variables[#variables + 1] = "-u APIDECK_" .. name
    end
    for _, name in ipairs { "LUA_INIT", "LUA_INIT_5_4" } do
      variables[#variables + 1] = ("%s='@%s/init.lua'"):format(name, directory)
    end
    variables[#variables + 1] = ("CDPATH='%s'"):format(directory)
    local words = table.concat(variables, " ")
    return output_of(("cd '%s' && env %s bash %s"):format(place, words, command))
  end

  local function assert_not_run(said)
    local file = io.open(mark)
    if file then
      file:close()
      os.remove(mark)
      error("what was left there was run:\n" .. said, 2)
    end
  end

  it("runs no file of that directory: examples/quickstart", function()
    for _, place in ipairs { directory, root } do
      local command = place == root and "examples/quickstart" or root .. "/examples/quickstart"
      local said, status = run(place, command)
      assert_not_run(said)
      assert.equal("0", status, said)
      assert.matches("The sandbox listens on", said, 1, true)
    end
  end)

  it("runs no file of that directory: spec/run", function()
    for _, place in ipairs { directory, root } do
      local file = place == root and "spec/did_you_mean_spec.lua"
        or root .. "/spec/did_you_mean_spec.lua"
      local command = place == root and "spec/run" or root .. "/spec/run"
      local said, status = run(place, command .. " --no-install --lua 5.4 " .. file)
      assert_not_run(said)
      assert.equal("0", status, said)
      assert.matches("[1-9]%d* passed, 0 failed", said)
    end
  end)
end)

describe("spec/run --curl", function()
  local directory
  setup(function()
    directory = output_of("mktemp -d"):match "^[^\n]+"
  end)
  teardown(function()
    os.execute(("rm -rf '%s'"):format(directory))
  end)

  local function run(prefix)
    local command =
      "bash spec/run --no-install --lua 5.4 --build '%s/build' --curl '%s' spec/did_you_mean_spec.lua"
    return output_of(command:format(directory, prefix))
  end

  it("refuses a libcurl that sends writes again by itself", function()
    os.execute(("mkdir -p '%s/include/curl' '%s/lib'"):format(directory, directory))
    write(directory .. "/include/curl/curl.h", '#include "curlver.h"\n')
    write(directory .. "/include/curl/curlver.h", '#define LIBCURL_VERSION "7.80.0"\n')
    write(directory .. "/lib/libcurl.so", "")
    local output, status = run(directory)
    assert.equal("1", status, output)
    -- What other specs load stays as it was.
    local cache = io.open("build/5.4/CMakeCache.txt")
    assert.is_nil(cache and cache:read("*a"):find(directory, 1, true))
    assert.truthy(
      output:find("libcurl 7.80.0 is too old; 7.81 or newer is needed", 1, true),
      output
    )
  end)

  it("refuses a missing libcurl and a relative path", function()
    for prefix, says in pairs {
      [directory .. "/none"] = "no libcurl with its headers under " .. directory,
      ["opt/curl"] = "--curl needs an absolute path",
    } do
      local output, status = run(prefix)
      assert.equal("1", status, output)
      assert.truthy(output:find(says, 1, true), output)
    end
  end)
end)

describe(".ci/run", function()
  it("--list names each step that it runs, once, in any order", function()
    local listed, seen = output_of ".ci/run --list", {}
    for name in listed:gsub("status %d+\n$", ""):gmatch "([%w-]+)\n" do
      assert.is_nil(seen[name], name)
      seen[name] = true
    end
    local file = assert(io.open ".ci/run")
    for line in file:lines() do
      local name = line:match "^%s*step ([%w-]+) "
      if name then
        assert.is_true(seen[name], name)
        seen[name] = nil
      end
    end
    file:close()
    assert.is_nil(next(seen))
  end)

  it("refuses a step that there is not, and says how to see them", function()
    local said, status = output_of ".ci/run --only no-such-step"
    assert.equal("1", status)
    assert.matches("no step 'no-such-step'; see .ci/run --list", said, 1, true)
  end)
end)
