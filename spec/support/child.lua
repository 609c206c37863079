--- Runs Lua code in a child process under the interpreter of the specs, with
-- the environment variables given: how environment, exit and standard error are tested.
local child = {}

local function interpreter()
  local lowest = 0
  while arg and arg[lowest - 1] do
    lowest = lowest - 1
  end
  return arg and lowest < 0 and arg[lowest] or "lua"
end

local function quoted(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

--- The output of `code` (standard error included), and its exit status as text.
-- `environment` replaces the APIDECK_ and proxy variables of this process.
function child.run(code, environment)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(code)
  file:close()
  local words = { "env" }
  for _, name in ipairs { "API_KEY", "APP_ID", "CONSUMER_ID", "SERVER_URL", "DEBUG" } do
    words[#words + 1] = "-u APIDECK_" .. name
  end
  for _, name in ipairs { "http_proxy", "https_proxy", "all_proxy", "no_proxy" } do
    words[#words + 1] = ("-u %s -u %s"):format(name, name:upper())
  end
  words[#words + 1] = "LUA_PATH=" .. quoted(package.path)
  words[#words + 1] = "LUA_CPATH=" .. quoted(package.cpath)
  for name, value in pairs(environment or {}) do
    words[#words + 1] = name .. "=" .. quoted(value)
  end
  words[#words + 1] = quoted(interpreter()) .. " " .. quoted(path) .. " 2>&1; echo exit=$?"
  local pipe = assert(io.popen(table.concat(words, " "), "r"))
  local output = pipe:read "*a"
  pipe:close()
  os.remove(path)
  local text, status = output:match "^(.*)exit=(%d+)\n$"
  return text, status
end

return child
