-- What can be wrong with a connection.
local assert = require "luassert"
local socket = require "socket"

local BODY = '{"data":{"ok":true}}'
local DONE = { headers = { { "connection", "close" } }, body = BODY, finish = "close" }
-- Larger than the kernel's buffers of both ends of a connection on Linux: 4 and 6 MiB.
local LARGE = {
  service_id = "pipedrive",
  unified_api = "crm",
  connection = { metadata = { blob = ("x"):rep(16 * 1024 * 1024) } },
}

local function unused_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return port
end

-- A listener with a full queue drops connections: they neither fail nor succeed.
local hole
local function blackhole()
  if not hole then
    local listener = assert(socket.bind("127.0.0.1", 0, 0))
    hole = { listener, select(2, listener:getsockname()) }
    for i = 3, 6 do
      hole[i] = socket.tcp()
      hole[i]:settimeout(0)
      hole[i]:connect("127.0.0.1", hole[2])
    end
    socket.sleep(0.05)
  end
  return "http://127.0.0.1:" .. hole[2]
end

local function lost(name, listener)
  return { name, listener = listener, is = "ConnectionError", code = "reset", attempts = 2 }
end

local function stale(name, finish)
  return {
    name,
    warm = true,
    responses = { { raw = "", finish = finish }, DONE },
    is = "success",
    check = function(_, response)
      assert.equal(1, response.attempts)
    end,
    patch = { is = "ConnectionError", code = "reset" },
  }
end

local elsewhere

-- Redirects are not followed: the runner counts requests to the first server, this counts those to the other.
local function redirect(name, status, location)
  return {
    "redirects " .. name,
    response = function(server)
      elsewhere = server:script({ DONE }, "http", "elsewhere")
      local target = type(location) == "function" and location(elsewhere) or location
      return { status = status, headers = { { "location", target }, { "connection", "close" } } }
    end,
    is = "APIError",
    status = status,
    after = function()
      assert.equal(0, #elsewhere:requests())
    end,
  }
end

return {
  title = "a connection",
  {
    "is refused",
    url = function()
      return "http://127.0.0.1:" .. unused_port()
    end,
    is = "ConnectionError",
    code = "refused",
    attempts = 2,
    unsent = true,
  },
  {
    "is swallowed while it is made",
    url = blackhole,
    is = "RequestTimeoutError",
    phase = "connect",
    attempts = 2,
    limited = true,
  },
  {
    "is to a host that cannot be resolved",
    -- A label of more than 63 bytes (RFC 1035, 2.3.4) is refused without a DNS query.
    url = function()
      return "https://" .. ("a"):rep(64) .. ".invalid"
    end,
    is = "ConnectionError",
    code = "dns",
    attempts = 2,
    unsent = true,
  },
  {
    "is to a server that has IPv6 only",
    needs = function(server)
      return server.urls.ipv6
    end,
    over = "ipv6",
    response = DONE,
    is = "success",
  },
  {
    "is refused over IPv6",
    needs = function(server)
      return server.urls.ipv6
    end,
    url = function()
      return "http://[::1]:" .. unused_port()
    end,
    is = "ConnectionError",
    code = "refused",
    attempts = 2,
    unsent = true,
  },
  lost("is closed as soon as it is made", { finish = "close" }),
  {
    "is reset as soon as it is made",
    listener = { finish = "reset" },
    is = "ConnectionError",
    code = { "reset", "connect" },
    attempts = 2,
    unsent = "perhaps",
  },
  lost("is closed while the request comes", { read = "something", finish = "close" }),
  lost("is reset while the request comes", { read = "something", finish = "reset" }),
  {
    "is closed while a long request comes",
    listener = { read = "something", finish = "reset" },
    request = LARGE,
    is = "ConnectionError",
    code = "reset",
  },
  {
    "takes nothing of a long request",
    listener = { finish = "sleep" },
    request = LARGE,
    is = "RequestTimeoutError",
    phase = "send",
    limited = true,
  },
  {
    "is spoken on before the request",
    listener = {
      raw = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n",
      finish = "close",
    },
    is = "APIError",
    status = 408,
    attempts = 2,
  },
  stale("is kept, and closed by the server at the next request", "close"),
  stale("is kept, and reset by the server at the next request", "reset"),
  {
    "is kept, and closed by the server meanwhile",
    responses = { { body = BODY, finish = "close" }, DONE },
    is = "success",
  },
  redirect("to itself, without end", 302, "?again"),
  redirect("to another origin", 301, function(target)
    return (target.url:gsub("127%.0%.0%.1", "localhost"))
  end),
  redirect("to another origin, with the method", 307, function(target)
    return (target.url:gsub("127%.0%.0%.1", "localhost"))
  end),
  redirect("to another scheme", 308, "file:///etc/passwd"),
  redirect("to a script", 303, "javascript:alert(1)"),
  redirect("to nowhere", 302, ""),
}
