-- What can be wrong with a response before its body begins.
local assert = require "luassert"

local CLOSED = { { "connection", "close" } }
local BODY = '{"data":{"ok":true}}'

local function head(...)
  return "HTTP/1.1 200 OK\r\n"
    .. table.concat({ ... }, "\r\n")
    .. ("\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"):format(#BODY)
    .. BODY
end

local function raw(text, finish)
  return { raw = text, finish = finish or "close" }
end

local function lost(name, response, code)
  return { name, response = response, is = "ConnectionError", code = code or "reset", attempts = 2 }
end

local function fine(name, response, check)
  return { name, response = response, is = "success", check = check }
end

local function many_headers(count)
  local lines = {}
  for i = 1, count do
    lines[i] = ("x-%d: %d"):format(i, i)
  end
  return table.concat(lines, "\r\n")
end

return {
  title = "a response's head",
  lost("reset by RST before it", raw("", "reset")),
  lost("closed before it", raw ""),
  lost("cut within the first line", raw "HTTP/1.1 2"),
  lost("cut by RST within the first line", raw("HTTP/1.1 2", "reset")),
  lost("cut within a header", raw "HTTP/1.1 200 OK\r\ncontent-le"),
  lost("cut by RST within a header", raw("HTTP/1.1 200 OK\r\ncontent-le", "reset")),
  lost("cut before the empty line", raw "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"),
  lost("cut after an interim response", raw "HTTP/1.1 100 Continue\r\n\r\n"),
  lost("is no HTTP", raw "220 mail.example ESMTP ready\r\n", "protocol"),
  lost("is HTTP/0.9, a body and nothing else", raw '{"data":{}}', "protocol"),
  lost("claims HTTP/9.9", raw("HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}"), "protocol"),
  lost("has no status", raw "HTTP/1.1 \r\ncontent-length: 2\r\n\r\n{}", "protocol"),
  lost("has the status 99999", raw "HTTP/1.1 99999 OK\r\ncontent-length: 2\r\n\r\n{}", "protocol"),
  lost("has the status -1", raw "HTTP/1.1 -1 OK\r\ncontent-length: 2\r\n\r\n{}", "protocol"),
  lost("has a NUL in a header", raw(head "x-nul: a\0b"), "protocol"),
  lost("has a header of 110,000 bytes", raw(head("x: " .. ("a"):rep(110000))), "protocol"),
  lost(
    "has headers without end",
    { raw = "HTTP/1.1 200 OK\r\n", endless = "x-more: yes\r\n" },
    "protocol"
  ),
  lost("has one header without end", { raw = "HTTP/1.1 200 OK\r\nx: ", endless = "y" }, "protocol"),
  lost(
    "has interim answers without end",
    { raw = "", endless = "HTTP/1.1 102 Processing\r\n\r\n" },
    "protocol"
  ),
  lost(
    "is switched to another protocol",
    raw "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"
  ),
  {
    "comes byte by byte, without end",
    response = { raw = "HTTP/1.1 200 OK\r\nx: " .. ("y"):rep(1000), step_ms = 20 },
    is = "RequestTimeoutError",
    phase = "first_byte",
    attempts = 2,
    limited = true,
  },
  {
    "stalls before it",
    response = { raw = "", finish = "stall" },
    is = "RequestTimeoutError",
    phase = "first_byte",
    attempts = 2,
    limited = true,
  },
  {
    "stalls within it",
    response = { raw = "HTTP/1.1 200 OK\r\nx: ", finish = "stall" },
    is = "RequestTimeoutError",
    phase = "first_byte",
    attempts = 2,
    limited = true,
  },
  fine("has a header of 90,000 bytes", raw(head("x: " .. ("a"):rep(90000))), function(_, response)
    assert.equal(90000, #response.headers.x)
  end),
  -- libcurl 8 takes at most 5,000.
  fine("has 4,900 headers", raw(head(many_headers(4900))), function(_, response)
    assert.equal("4900", response.headers["x-4900"])
  end),
  fine("has 1,000 interim responses", {
    interim = ("HTTP/1.1 102 Processing\r\n\r\n"):rep(1000),
    headers = CLOSED,
    body = BODY,
    finish = "close",
  }),
  fine(
    "has a folded header",
    raw(head("x-folded: one", "  two", "x-next: y")),
    function(_, response)
      assert.equal("one two", response.headers["x-folded"])
      assert.equal("y", response.headers["x-next"])
    end
  ),
  lost("has a line that is not a header", raw(head("no header at all", "x-next: y")), "protocol"),
  fine(
    "has lines that end in LF only",
    raw((head("x-next: y"):gsub("\r", ""))),
    function(_, response)
      assert.equal("y", response.headers["x-next"])
    end
  ),
  fine("has bytes that are no UTF-8", raw(head "x-latin: \xE9"), function(_, response)
    assert.equal("\xE9", response.headers["x-latin"])
  end),
}
