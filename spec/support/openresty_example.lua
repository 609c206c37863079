--- Starts examples/openresty/run, with the sandbox behind it, and makes requests to it.
local http = require "socket.http"
local ltn12 = require "ltn12"
local nginx = require "spec.support.nginx"

local COMMAND = "env -u APIDECK_API_KEY %s examples/openresty/run --no-install --port %d >%s 2>&1"
  .. " </dev/null & echo $!"
local LIMIT = 120 -- seconds: it builds the module where that has not been done

local example = {}
local methods = {}
methods.__index = methods

local function read_file(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

--- `account`: environment variables of another Vault than its own sandbox.
function example.start(account)
  local variables = {}
  for name, value in pairs(account or {}) do
    variables[#variables + 1] = ("%s=%s"):format(name, value)
  end
  local self = setmetatable({ port = nginx.free_port(), output = os.tmpname() }, methods)
  local words = table.concat(variables, " ")
  local pipe = assert(io.popen(COMMAND:format(words, self.port, self.output)))
  self.pid = pipe:read "*l"
  pipe:close()
  nginx.until_true(function()
    self.vault_url = self:said():match "The Vault behind it is at (%S+)"
    return self.vault_url or not nginx.is_alive(self.pid)
  end, LIMIT)
  if not self.vault_url then
    error("the example did not start: " .. self:said(), 2)
  end
  self.url = "http://127.0.0.1:" .. self.port
  return self
end

function methods:said()
  return read_file(self.output)
end

--- Status, body and headers. `options`: { form = text of a POST, cookie = text }.
function methods:request(path, options)
  options = options or {}
  local parts = {}
  local form = options.form
  local _, status, headers = http.request {
    url = self.url .. path,
    method = form and "POST" or "GET",
    redirect = false,
    headers = {
      cookie = options.cookie,
      ["content-type"] = form and "application/x-www-form-urlencoded",
      ["content-length"] = form and #form,
    },
    source = form and ltn12.source.string(form),
    sink = ltn12.sink.table(parts),
  }
  return status, table.concat(parts), headers
end

function methods:stop()
  os.execute("kill " .. self.pid)
  nginx.until_true(function()
    return not nginx.is_alive(self.pid)
  end)
  os.remove(self.output)
end

return example
