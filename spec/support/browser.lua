--- Drives a headless Chromium through chromedriver (the W3C's WebDriver protocol). It reaches
-- 127.0.0.1 only, and runs no scripts of pages.
local cjson = require("cjson").new()
local http = require "socket.http"
local ltn12 = require "ltn12"
local socket = require "socket"

local LIMIT = 10 -- seconds for chromedriver to start, and for an element to appear
-- The key under which a response names an element: section 11 of the standard.
local ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

local browser = {}
local methods = {}
methods.__index = methods

local function is_installed(command)
  local status = os.execute(("command -v %s >/dev/null 2>&1"):format(command))
  return status == true or status == 0
end

function browser.is_here()
  return is_installed "chromedriver" and is_installed "chromium"
end

local function command(self, method, path, body)
  local text = body and cjson.encode(body)
  local parts = {}
  local _, status = http.request {
    url = self.driver .. path,
    method = method,
    headers = { ["content-type"] = "application/json", ["content-length"] = text and #text or 0 },
    source = text and ltn12.source.string(text),
    sink = ltn12.sink.table(parts),
  }
  if type(status) ~= "number" then
    return nil, status
  end
  local value = cjson.decode(table.concat(parts)).value
  if status ~= 200 then
    return nil, value.error .. ": " .. value.message
  end
  return value
end

local function in_session(self, method, path, body)
  local value, problem = command(self, method, "/session/" .. self.session .. path, body)
  if problem then
    error(problem, 3)
  end
  return value
end

local CAPABILITIES = {
  capabilities = {
    alwaysMatch = {
      browserName = "chrome",
      ["goog:chromeOptions"] = {
        args = {
          "--headless=new",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-dev-shm-usage",
          "--disable-background-networking",
          "--no-first-run",
          "--window-size=900,1000",
          "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        },
        prefs = { profile = { managed_default_content_settings = { javascript = 2 } } },
      },
    },
  },
}

function browser.start(port)
  local self = setmetatable({ driver = "http://127.0.0.1:" .. port }, methods)
  local pipe =
    assert(io.popen(("chromedriver --port=%d >/dev/null 2>&1 </dev/null & echo $!"):format(port)))
  self.pid = pipe:read "*l"
  pipe:close()
  local deadline = socket.gettime() + LIMIT
  local session, problem
  repeat
    socket.sleep(0.1)
    session, problem = command(self, "POST", "/session", CAPABILITIES)
  until session or socket.gettime() > deadline
  if not session then
    os.execute("kill " .. self.pid)
    error("the browser did not start: " .. tostring(problem), 2)
  end
  self.session = session.sessionId
  return self
end

function methods:open(url)
  in_session(self, "POST", "/url", { url = url })
end

--- Waits for the element of the CSS selector, and returns it.
function methods:find(selector)
  local deadline = socket.gettime() + LIMIT
  repeat
    local found = in_session(self, "POST", "/elements", {
      using = "css selector",
      value = selector,
    })
    if found[1] then
      return found[1][ELEMENT]
    end
    socket.sleep(0.05)
  until socket.gettime() > deadline
  error("no such element: " .. selector .. "\n" .. self:source(), 2)
end

function methods:has(selector)
  local found = in_session(self, "POST", "/elements", {
    using = "css selector",
    value = selector,
  })
  return found[1] ~= nil
end

local function text_of(self, selector)
  return in_session(self, "GET", "/element/" .. self:find(selector) .. "/text")
end

--- The text of the element, waited for until it is `expected`: a click may still be loading the
-- page. Returns the last text when the expected one does not appear.
function methods:text(selector, expected)
  local deadline = socket.gettime() + LIMIT
  local read, text
  repeat
    read, text = pcall(text_of, self, selector)
  until (read and text == expected) or socket.gettime() > deadline
  return text
end

function methods:click(selector)
  in_session(self, "POST", "/element/" .. self:find(selector) .. "/click", {})
end

function methods:type(selector, text)
  in_session(self, "POST", "/element/" .. self:find(selector) .. "/value", { text = text })
end

function methods:source()
  return in_session(self, "GET", "/source")
end

function methods:address()
  return in_session(self, "GET", "/url")
end

--- Writes a screenshot as PNG, for debugging.
function methods:screenshot(path)
  local data = in_session(self, "GET", "/screenshot")
  local file = assert(io.open(path, "wb"))
  file:write((require("mime").unb64(data)))
  file:close()
end

function methods:stop()
  pcall(command, self, "DELETE", "/session/" .. self.session)
  os.execute("kill " .. self.pid .. " 2>/dev/null")
end

return browser
