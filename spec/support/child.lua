--- Runs Lua code in a child process under the interpreter of the specs, with
-- the environment variables given: how environment, exit and standard error are tested.
local child = {}

--- The command of the interpreter that runs the specs.
function child.interpreter()
  local lowest = 0
  while arg and arg[lowest - 1] do
    lowest = lowest - 1
  end
  return arg and lowest < 0 and arg[lowest] or "lua"
end

local function quoted(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

-- The command that runs the file under `environment`.
local function command_of(path, environment)
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
  words[#words + 1] = quoted(child.interpreter()) .. " " .. quoted(path)
  return table.concat(words, " ")
end

local function write(code)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(code)
  file:close()
  return path
end

--- The output of `code` (standard error included), and its exit status as text.
-- `environment` replaces the APIDECK_ and proxy variables of this process. `redirection` replaces
-- that of standard error. With `seconds` it is ended after that time; its status is 124 then.
function child.run(code, environment, redirection, seconds)
  local path = write(code)
  local command = command_of(path, environment)
  if seconds then
    command = ("timeout %g %s"):format(seconds, command)
  end
  local pipe = io.popen(("%s %s; echo exit=$?"):format(command, redirection or "2>&1"), "r")
  local output = pipe:read "*a"
  pipe:close()
  os.remove(path)
  local text, status = output:match "^(.*)exit=(%d+)\n$"
  return text, status
end

local process = {}
process.__index = process

--- Starts `code` in the background: { pid, output }, the latter the file of what it writes.
function child.start(code, environment)
  local self = setmetatable({ path = write(code), output = os.tmpname() }, process)
  local command = command_of(self.path, environment)
  local pipe = io.popen(
    ("exec 3>&1; exec >%s 2>&1; %s 3>&- & echo $! >&3"):format(quoted(self.output), command)
  )
  self.pid = pipe:read "*l"
  pipe:close()
  return self
end

--- Removes its files.
function process:remove()
  os.remove(self.path)
  os.remove(self.output)
end

return child
