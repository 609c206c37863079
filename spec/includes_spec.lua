-- .ci/includes.lua: which files of src/ may include which. On 5.4 only, which is the version that it runs on.
if _VERSION ~= "Lua 5.4" then
  return
end

local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read "*a"
  local _, _, status = pipe:close()
  return text, status
end

describe("the check of includes", function()
  local directory
  before_each(function()
    directory = output_of("mktemp -d"):match "^[^\n]+"
  end)
  after_each(function()
    os.execute(("rm -rf '%s'"):format(directory))
  end)

  -- Writes files of these texts, and returns what the check prints of them, one line each, and its status.
  local function check(files)
    for name, text in pairs(files) do
      os.execute(("mkdir -p '%s/%s'"):format(directory, name:match "^[^/]+"))
      local file = assert(io.open(directory .. "/" .. name, "w"))
      file:write(text)
      file:close()
    end
    local text, status = output_of(("lua5.4 .ci/includes.lua '%s'"):format(directory))
    local lines = {}
    for line in text:gmatch "[^\n]+" do
      lines[#lines + 1] = line:gsub(directory .. "/", "")
    end
    return lines, status
  end

  it("prints nothing for src/", function()
    assert.same({ "", 0 }, { output_of "lua5.4 .ci/includes.lua" })
  end)

  it("accepts includes in one direction", function()
    local lines, status = check {
      ["base/buffer.h"] = "#include <stddef.h>\n",
      ["http/transfer.c"] = '#include "http/transfer.h"\n#include <curl/curl.h>\n',
      ["http/transfer.h"] = '#include "base/buffer.h"\n',
      ["call/call.c"] = '#include "http/transfer.h"\n#include <lauxlib.h>\n',
    }
    assert.same({}, lines)
    assert.equal(0, status)
  end)

  it("prints a ring, also of two files and through a third", function()
    local lines, status = check {
      ["base/a.h"] = '#include "base/b.h"\n',
      ["base/b.c"] = '#include "base/c.h"\n',
      ["base/c_private.h"] = '#include "base/a.h"\n',
      ["call/one.h"] = '#include "call/two.h"\n',
      ["call/two.h"] = '#include "call/one.h"\n',
    }
    assert.same({
      "these files include each other: base/a, base/b, base/c",
      "these files include each other: call/one, call/two",
    }, lines)
    assert.equal(1, status)
  end)

  it("prints an include that points the wrong way", function()
    local lines, status = check {
      ["base/buffer.c"] = '#include "http/transfer.h"\n',
      ["http/transfer.h"] = "",
    }
    assert.same(
      { 'base/buffer.c includes "http/transfer.h": src/base must not include src/http' },
      lines
    )
    assert.equal(1, status)
  end)

  it("prints headers of Lua and libcurl where they do not belong", function()
    local lines, status = check {
      ["http/transfer.c"] = "#include <lua.h>\n",
      ["base/clock.c"] = "# include <curl/curl.h>\n",
    }
    assert.same({
      "base/clock.c includes <curl/curl.h>: src/base must not know libcurl",
      "http/transfer.c includes <lua.h>: src/http must not know Lua",
    }, lines)
    assert.equal(1, status)
  end)

  it("prints an include without its directory, and an unknown directory", function()
    local lines, status = check {
      ["base/buffer.c"] = '#include "buffer.h"\n',
      ["new/file.c"] = "",
    }
    assert.same({
      'base/buffer.c includes "buffer.h": write the directory too, as in "base/buffer.h"',
      "new/file.c: nothing says what src/new may include; add it to .ci/includes.lua",
    }, lines)
    assert.equal(1, status)
  end)
end)
