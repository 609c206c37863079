--- Faults on demand: failures of a network or a busy server, for tests.
--
-- A fault is a table of
--   status            response with this status; its body is `body`, or an error shaped like Apideck's
--   body              text, or a table that is sent as JSON
--   headers           more headers, or other ones, of the response
--   detail, type_name, message   of the error body
--   delay_ms          wait before the response's head
--   retry_after       header retry-after: a number (seconds, also fractions) or text as it is
--   retry_after_date  header retry-after as an HTTP date this many seconds from now
--   retry_after_ms    header retry-after-ms; with status 401 also detail.debug.retry_after_ms, which
--                     is a unix time
--   downstream_reset  header x-downstream-ratelimit-reset, this many seconds from now, and its two
--                     companions
--   cut_body          send only this many bytes of the body, then close the connection
--   reset             reset the connection: "before_head" (or true) or "after_head"
--   processed         whether the operation takes effect: by default not where `status` is set, else yes
--   times             how many requests it hits; without it all of them
--   operation         hits only this one ("vault.connections.get")
--   key               distinguishes header faults whose text is otherwise equal
--
-- The header x-sandbox-fault has the fields as `name=value`, separated by ';', with percent-encoded
-- values:
--   x-sandbox-fault: status=503; retry-after=2; times=1
-- The sandbox counts `times` by the whole text of the header: every request that carries the same
-- text counts as one more, so a retried request fails `times` times and then succeeds. Add
-- `key=<a new value>` to count from zero again.
local errors = require "vault.sandbox.errors"
local json = require "vault.sandbox.json"
local url = require "vault.sandbox.url"

local faults = {}
local methods = {}
local metatable = { __name = "vault.sandbox.faults", __index = methods }

local MAX_COUNTED_HEADERS = 10000

local function is_natural(value)
  return type(value) == "number" and value >= 0 and value == math.floor(value)
end

local function is_amount(value)
  return type(value) == "number" and value >= 0 and value < math.huge
end

local function is_header_text(value)
  return type(value) == "string" and not value:find("[%z\1-\31\127]")
end

-- RFC 9110, section 5.6.2: a token.
local function is_header_name(value)
  return type(value) == "string" and value:find("^[%w!#$%%&'*+.^_`|~-]+$") ~= nil
end

local function is_headers(value)
  if type(value) ~= "table" then
    return false
  end
  for name, text in pairs(value) do
    if not is_header_name(name) or not is_header_text(text) then
      return false
    end
  end
  return true
end

local function is_any_text(value)
  return type(value) == "string"
end

local checks = {
  status = function(value)
    return is_natural(value) and value >= 200 and value <= 599
  end,
  body = function(value)
    return type(value) == "string" or type(value) == "table"
  end,
  headers = is_headers,
  detail = function(value)
    return type(value) == "string" or type(value) == "table"
  end,
  type_name = is_any_text,
  message = is_any_text,
  delay_ms = is_amount,
  retry_after = function(value)
    return is_amount(value) or is_header_text(value)
  end,
  retry_after_date = is_amount,
  retry_after_ms = is_amount,
  downstream_reset = is_amount,
  cut_body = is_natural,
  reset = function(value)
    return value == true or value == "before_head" or value == "after_head"
  end,
  processed = function(value)
    return type(value) == "boolean"
  end,
  times = is_natural,
  operation = is_any_text,
  key = is_any_text,
}

-- What is wrong with a fault, or nil. `operations` is the set of operation ids.
local function mistake(fault, operations)
  for name, value in pairs(fault) do
    if not checks[name] then
      return "unknown fault field '" .. tostring(name) .. "'"
    elseif not checks[name](value) then
      return "fault field '" .. name .. "' cannot be " .. tostring(value)
    end
  end
  if fault.operation and not operations[fault.operation] then
    return "unknown operation '" .. fault.operation .. "'"
  end
end

--- `operations`: the set of operation ids.
function faults.new(operations)
  local self = setmetatable({ operations = operations }, metatable)
  self:clear()
  return self
end

function methods:clear()
  self.standing = {}
  self.counts = {}
  self.counted = 0
end

local handle_metatable = {
  __name = "vault.sandbox.fault",
  __index = {
    --- Removes the fault.
    clear = function(self)
      self.times = 0
    end,
  },
}

--- Sets a fault for every request from now on; the first set that matches a request hits it.
-- Returns an object with `hits`, the number of requests that it hit, and `clear()`.
function methods:add(fault)
  if type(fault) ~= "table" then
    error("a fault must be a table", 3)
  end
  local message = mistake(fault, self.operations)
  if message then
    error(message, 3)
  end
  local entry = { hits = 0, times = fault.times or math.huge, fault = json.copy(fault) }
  setmetatable(entry, handle_metatable)
  self.standing[#self.standing + 1] = entry
  return entry
end

local words = { ["true"] = true, ["false"] = false }

local function header_value(name, text)
  if words[text] ~= nil then
    return words[text]
  elseif name == "reset" then
    return (text:gsub("-", "_"))
  elseif name ~= "body" and name ~= "key" and name ~= "detail" and name ~= "message" then
    return tonumber(text) or text
  end
  return text
end

--- The fault of a header's text; or nil and what is wrong with it.
function faults.parse(text, operations)
  local fault = {}
  for part in text:gmatch("[^;]+") do
    local name, value = part:match("^%s*([%a_-]+)%s*=%s*(.-)%s*$")
    if not name then
      name, value = part:match("^%s*([%a_-]+)%s*$"), "true"
    end
    if name then
      name = name:lower():gsub("-", "_")
      fault[name] = header_value(name, url.decode(value))
    elseif part:find("%S") then
      return nil, "expected name=value, got '" .. part .. "'"
    end
  end
  local message = mistake(fault, operations)
  if message then
    return nil, message
  end
  return fault
end

local function take_header(self, text, operation_id)
  local fault, message = faults.parse(text, self.operations)
  if not fault then
    return nil, message
  elseif fault.operation and fault.operation ~= operation_id then
    return nil
  elseif not fault.times then
    return fault
  end
  local count = self.counts[text] or 0
  if count >= fault.times then
    return nil
  elseif count == 0 then
    if self.counted >= MAX_COUNTED_HEADERS then
      self.counts, self.counted = {}, 0
    end
    self.counted = self.counted + 1
  end
  self.counts[text] = count + 1
  return fault
end

local function take_standing(self, operation_id)
  local index = 1
  while self.standing[index] do
    local entry = self.standing[index]
    local wanted = entry.fault.operation
    if entry.hits >= entry.times then
      table.remove(self.standing, index)
    elseif wanted == nil or wanted == operation_id then
      entry.hits = entry.hits + 1
      return entry.fault
    else
      index = index + 1
    end
  end
end

--- The fault that hits this request, if any; or nil and what is wrong with the request's own.
function methods:take(header, operation_id)
  if header then
    local fault, message = take_header(self, header, operation_id)
    if fault or message then
      return fault, message
    end
  end
  return take_standing(self, operation_id)
end

--- Whether the operation takes effect in spite of the fault: a client that loses the response cannot
-- know.
function faults.is_processed(fault)
  if fault.processed ~= nil then
    return fault.processed
  end
  return fault.status == nil or fault.status < 300
end

-- RFC 9110, section 5.6.7; not by os.date's %a and %b, which follow the locale.
local days = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local months =
  { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

local function http_date(seconds)
  local date = os.date("!*t", seconds)
  return string.format(
    "%s, %02d %s %04d %02d:%02d:%02d GMT",
    days[date.wday],
    date.day,
    months[date.month],
    date.year,
    date.hour,
    date.min,
    date.sec
  )
end

local function number_text(number)
  return (string.format("%.3f", number):gsub("%.?0+$", ""))
end

local function whole(number)
  return string.format("%.0f", number)
end

local function set_headers(fault, headers, now_ms)
  if fault.retry_after then
    local value = fault.retry_after
    headers["retry-after"] = type(value) == "number" and number_text(value) or value
  elseif fault.retry_after_date then
    headers["retry-after"] = http_date(math.ceil(now_ms / 1000 + fault.retry_after_date))
  end
  if fault.retry_after_ms then
    headers["retry-after-ms"] = whole(fault.retry_after_ms)
  end
  if fault.downstream_reset then
    headers["x-downstream-ratelimit-limit"] = "100"
    headers["x-downstream-ratelimit-remaining"] = "0"
    local reset = math.ceil(now_ms / 1000 + fault.downstream_reset)
    headers["x-downstream-ratelimit-reset"] = whole(reset)
  end
  for name, value in pairs(fault.headers or {}) do
    headers[name:lower()] = value
  end
end

-- The detail of a 401 during the cooldown of a token refresh.
local function cooldown_detail(fault, now_ms)
  return {
    type = "refresh_token_connector_error",
    message = "Token refresh failed with 401 error",
    debug = {
      retry_after_ms = math.floor(now_ms + fault.retry_after_ms),
      cooldown_remaining_ms = fault.retry_after_ms,
    },
  }
end

local function body_of(fault, now_ms)
  if type(fault.body) == "table" then
    return json.encode(fault.body), "application/json; charset=utf-8"
  elseif fault.body then
    local is_html = fault.body:find("^%s*<")
    return fault.body, is_html and "text/html; charset=utf-8" or "application/json; charset=utf-8"
  elseif fault.status < 400 then
    return "", nil
  end
  local detail = fault.detail
  if not detail and fault.status == 401 and fault.retry_after_ms then
    detail = cooldown_detail(fault, now_ms)
  end
  local problem = errors.problem(fault.status, {
    type_name = fault.type_name,
    message = fault.message,
    detail = detail,
  })
  return json.encode(errors.body(problem)), "application/json; charset=utf-8"
end

--- Applies a fault to a response. What only the driver can do is left in `response.fault`:
-- { delay_ms, cut_body, reset }.
function faults.apply(fault, response, now_ms)
  if fault.status and (fault.status >= 300 or fault.body) or fault.body then
    response.status = fault.status or response.status
    response.body, response.headers["content-type"] = body_of(fault, now_ms)
  elseif fault.status then
    response.status = fault.status
  end
  set_headers(fault, response.headers, now_ms)
  local reset = fault.reset
  response.fault = {
    delay_ms = fault.delay_ms,
    cut_body = fault.cut_body,
    reset = reset == true and "before_head" or reset,
  }
end

return faults
