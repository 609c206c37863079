-- busted's output for spec/run. On standard output: a line for each spec file, and failures in full.
-- In the file named by -Xoutput: a line for each test as it begins and as it ends, so that the counts hold, and the
-- test that was running is known, even when the process dies (a crash, a sanitizer's report) before its summary.
local clock = require("system").monotime
local pretty = require "pl.pretty"

local function describe(message)
  if message == nil then
    return "no message"
  elseif type(message) == "string" then
    return message
  end
  local metatable = getmetatable(message)
  if type(metatable) == "table" and metatable.__tostring then
    return tostring(message)
  end
  return pretty.write(message)
end

return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()
  local results =
    assert(io.open(assert(options.arguments[1], "name the results file with -Xoutput"), "w"))
  results:setvbuf "line"
  io.stdout:setvbuf "line"

  local file, started, counts

  local function record(kind, name)
    results:write(kind, " ", (name:gsub("%s+", " ")), "\n")
  end

  local function show(entry)
    local trace = entry.trace or entry.element.trace or {}
    local place = ("%s:%s"):format(trace.short_src or "?", trace.currentline or "?")
    io.write(("\nFAILED  %s\n%s: %s\n"):format(entry.name, place, describe(entry.message)))
    if entry.isError and trace.traceback then
      io.write(trace.traceback, "\n")
    end
    io.write "\n"
  end

  local function file_start(element)
    file, started, counts = element.name, clock(), { passed = 0, failed = 0, pending = 0 }
    return nil, true
  end

  local function file_end()
    local line = ("%-48s %5d passed"):format(file, counts.passed)
    for _, kind in ipairs { "failed", "pending" } do
      if counts[kind] > 0 then
        line = ("%s, %d %s"):format(line, counts[kind], kind)
      end
    end
    io.write(("%s  (%.1f s)\n"):format(line, clock() - started))
    return nil, true
  end

  local function test_start(element)
    record("running", handler.getFullName(element))
    return nil, true
  end

  local function test_end(element, _, status)
    local name = handler.getFullName(element)
    if status == "success" then
      counts.passed = counts.passed + 1
      record("passed", name)
    elseif status == "pending" then
      counts.pending = counts.pending + 1
      record("pending", name)
    else
      counts.failed = counts.failed + 1
      record("failed", name)
      show(
        status == "failure" and handler.failures[#handler.failures]
          or handler.errors[#handler.errors]
      )
    end
    return nil, true
  end

  -- Errors outside of tests: a file that does not load, a hook.
  local function error_outside(element)
    if element.descriptor ~= "it" then
      if counts then
        counts.failed = counts.failed + 1
      end
      record("failed", handler.getFullName(element))
      show(handler.errors[#handler.errors])
    end
    return nil, true
  end

  local function suite_end()
    record("finished", "")
    return nil, true
  end

  busted.subscribe({ "file", "start" }, file_start)
  busted.subscribe({ "file", "end" }, file_end)
  busted.subscribe({ "test", "start" }, test_start, { predicate = handler.cancelOnPending })
  busted.subscribe({ "test", "end" }, test_end, { predicate = handler.cancelOnPending })
  busted.subscribe({ "error" }, error_outside)
  busted.subscribe({ "failure" }, error_outside)
  busted.subscribe({ "suite", "end" }, suite_end)
  return handler
end
