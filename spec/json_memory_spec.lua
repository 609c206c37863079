-- Memory use of the JSON reader and writer, also when allocations fail.
local child = require "spec.support.child"
local cjson = require "cjson"
local documents = require "spec.support.json_documents"
local internal = require "vault_internal"
local support = require "spec.support.json"

local json = internal.json
local KEEP = { keep_nulls = true }
local difference, read, written = support.difference, support.read, support.written

describe("the JSON reader", function()
  it("allocates nothing that outlives its value, and nothing when it fails", function()
    local function used_after(times)
      for _ = 1, times do
        for _, text in ipairs { "[1,[2,{}]]", '{"a":"\\n' .. ("x"):rep(2000) .. '"}' } do
          read(text)
          json.decode(text:sub(1, -2))
        end
      end
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local before = used_after(10)
    -- A leak of one table or string each time would exceed this.
    assert.is_true(used_after(2000) - before < 100)
  end)

  it("interns no field name that is longer than any of the API's", function()
    -- In a process of its own, since the number of interned names is limited.
    local output = child.run [[
      local json = require("vault_internal").json
      local function used()
        collectgarbage()
        collectgarbage()
        return collectgarbage "count"
      end
      json.decode "{}"
      local before = used()
      for i = 1, 50 do
        json.decode(('{"%s%d":1}'):format(("x"):rep(100000), i))
      end
      print(used() - before < 1000) -- of 5,000 KB
    ]]
    assert.equal("true\n", output)
  end)

  it("is correct however eager the garbage collector is", function()
    -- A string with escapes that outgrows its buffer several times.
    local lines = ("\n" .. ("x"):rep(60)):rep(100)
    local written_lines = written(lines)
    local pause = collectgarbage("setpause", 1)
    local multiplier = collectgarbage("setstepmul", 100000)
    local problem = read(written_lines) ~= lines and "a long string differs" or nil
    for _, text, value in documents.each(5, 60) do
      problem = problem
        or difference(
          setmetatable({ value }, documents.array),
          read("[" .. text .. "]", KEEP),
          true,
          true
        )
    end
    collectgarbage("setpause", pause)
    collectgarbage("setstepmul", multiplier)
    assert.is_nil(problem)
  end)

  it("keeps the buffer of a long string through collections", function()
    if _VERSION == "Lua 5.1" then -- neither 5.1 nor LuaJIT collects when an allocation fails
      return
    end
    local lines = ("\n" .. ("x"):rep(60)):rep(100)
    local text = written(lines)
    local passed, result = internal.with_collections(json.decode, text)
    assert.is_true(passed, result)
    assert.equal(lines, result)
  end)
end)

describe("when Lua runs out of memory", function()
  local value = {
    settings = { a = { 1, 2.5, "x\n", json.null }, ["caf\195\169"] = { b = {} } },
    configuration = { { resource = "leads", defaults = {} } },
  }

  -- Calls f with increasing memory until it succeeds.
  local function outlast(f)
    for allocations = 0, 2000 do
      local ok, result, message = internal.with_allocations(allocations, f)
      if ok then
        return result, message
      end
      assert.equal("not enough memory", result)
    end
  end

  it("the writer raises, and works again with enough memory", function()
    local text = outlast(function()
      return json.encode(value, "Connection", "connection")
    end)
    assert.same(cjson.decode(written(value)).settings, cjson.decode(text).settings)
    local _, message = outlast(function()
      return json.encode({ enabled = { value } }, "Connection", "connection")
    end)
    assert.equal("connection.enabled: expected a boolean, got an array", message)
  end)

  it("the reader raises, and works again with enough memory", function()
    local source = written(value):gsub("leads", "l\\u00e9" .. ("x"):rep(2000))
    local got = outlast(function()
      return json.decode(source, KEEP)
    end)
    assert.is_nil(difference(cjson.decode(source), got, true, false))
  end)
end)

-- An object whose finalizer calls f.
local function finalized(f)
  if newproxy then -- Lua 5.1 and LuaJIT
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = f
    return proxy
  end
  return setmetatable({}, { __gc = f })
end

describe("a finalizer that runs while a document is read", function()
  it("may read another one, and each name is interned once", function()
    local name, calls, awaited
    local function finalize()
      calls = calls + 1
      if calls == awaited then
        json.decode(('{"%s":1}'):format(name))
      end
    end
    local pause = collectgarbage("setpause", 0)
    local before = json.kept_names()
    local count = 0
    for i = 1, 60 do
      name, calls, awaited = ("name_in_finalizer_%d"):format(i), 0, math.huge
      local text = ('{"%s":1,"%s":2}'):format(name, name)
      for _ = 1, 300 do
        finalized(finalize)
      end
      calls, awaited = 0, i % 30 + 1
      assert.equal(2, json.decode(text)[name])
      count = count + 1
    end
    collectgarbage("setpause", pause)
    assert.is_true(json.kept_names() - before <= count)
  end)
end)
