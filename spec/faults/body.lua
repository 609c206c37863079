-- What can be wrong with a response's body on the wire.
-- An RST discards what the client has not read: it must have read the head before.
local APART_MS = 200
local JSON = '{"data":{"text":"' .. ("abcdefgh"):rep(64) .. '"}}'
local CLOSE = { "connection", "close" }
local CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"

local function response(fields)
  fields.headers = fields.headers or {}
  table.insert(fields.headers, CLOSE)
  fields.finish = fields.finish or "close"
  return fields
end

local function raw(text, finish)
  return { raw = text, finish = finish or "close" }
end

local function with_length(value)
  return raw(
    "HTTP/1.1 200 OK\r\nconnection: close\r\n"
      .. value:gsub("[^;]+", "content-length: %0\r\n"):gsub(";", "")
      .. "\r\n"
      .. JSON
  )
end

-- A 2xx with an incomplete body: retried where the request may be.
local function cut(name, fields)
  return { name, response = fields, is = "ResponseValidationError", status = 200, attempts = 2 }
end

-- Not retried: it would be too large again.
local function too_much(name, fields)
  return {
    name,
    response = fields,
    config = { max_response_bytes = 1024 * 1024 },
    is = "ResponseValidationError",
    status = 200,
    says = "max_response_bytes",
  }
end

-- Not retried: libcurl could not decode it the next time either.
local function unknown(name, fields, coding)
  return {
    name,
    response = fields,
    is = "ResponseValidationError",
    status = 200,
    says = ("its content-encoding '%s' is unknown"):format(coding),
  }
end

-- Not every libcurl has every coding built in.
local function where_known(coding, row)
  row.needs = function(server)
    return server.codings:find(coding, 1, true)
  end
  return row
end

local function refused(name, fields)
  return { name, response = fields, is = "ConnectionError", code = "protocol", attempts = 2 }
end

local function fine(name, fields)
  return { name, response = fields, is = "success" }
end

local function late(name, fields, status)
  return {
    name,
    response = fields,
    is = "RequestTimeoutError",
    phase = "body",
    status = status,
    attempts = 2,
    limited = true,
  }
end

local function encoded(coding, body)
  return response { headers = { { "content-encoding", coding } }, body = body }
end

return {
  title = "a response's body",
  cut("cut by FIN before its first byte", response { body = JSON, cut_body = 0 }),
  cut("cut by FIN", response { body = JSON, cut_body = 100 }),
  cut(
    "cut by RST",
    response { body = JSON, cut_body = 100, between_ms = APART_MS, finish = "reset" }
  ),
  cut("cut within a chunk", response { body = JSON, chunk = 200, cut_body = 100 }),
  cut("cut between two chunks", response { body = JSON, chunk = 64, cut_body = 204 }),
  cut("cut before the last chunk", raw(CHUNKED .. "2\r\n{}\r\n")),
  cut("cut within a chunk's size", raw(CHUNKED .. "2")),
  cut("cut within the trailers", raw(CHUNKED .. "2\r\n{}\r\n0\r\nx-trailer: 1\r\n")),
  cut("has a chunk size that is none", raw(CHUNKED .. '5\r\n{"a":\r\nZZ\r\n1}\r\n0\r\n\r\n')),
  cut("has a chunk size beyond 64 bits", raw(CHUNKED .. "10000000000000000\r\n{}\r\n0\r\n\r\n")),
  cut("has a negative chunk size", raw(CHUNKED .. "-2\r\n{}\r\n0\r\n\r\n")),
  cut("has a chunk longer than its size", raw(CHUNKED .. "1\r\n{}\r\n0\r\n\r\n")),
  too_much("has chunks without end", { raw = CHUNKED, endless = "8\r\n        \r\n" }),
  too_much("has no end", { raw = "HTTP/1.1 200 OK\r\n\r\n", endless = "        " }),
  cut(
    "has trailers without end",
    { raw = CHUNKED .. "2\r\n{}\r\n0\r\n", endless = "x-trailer: y\r\n" }
  ),
  {
    "has a chunk extension without end",
    response = { raw = CHUNKED .. "2;", endless = "x" },
    is = "RequestTimeoutError",
    phase = "body",
    attempts = 2,
    limited = true,
  },
  cut("shorter than content-length", response { body = JSON, length = #JSON + 1 }),
  cut(
    "has a content-length of a gigabyte and 500 bytes",
    response { body = JSON, length = 1024 ^ 3 }
  ),
  {
    "longer than content-length",
    response = with_length "10",
    is = "ResponseValidationError",
    status = 200,
  },
  refused("has a negative content-length", with_length "-1"),
  refused("has a content-length that is no number", with_length "many"),
  fine(
    "has a content-length beyond 64 bits, which says nothing",
    with_length "99999999999999999999"
  ),
  refused("has two content-lengths that differ", with_length(("%d;10"):format(#JSON))),
  fine("has the same content-length twice", with_length(("%d;%d"):format(#JSON, #JSON))),
  fine(
    "has chunks and a content-length",
    raw((CHUNKED:gsub("conn", "content-length: 1\r\nconn")) .. "2\r\n{}\r\n0\r\n\r\n")
  ),
  cut("is claimed to be gzip", encoded("gzip", JSON)),
  cut("is claimed to be deflate", encoded("deflate", JSON)),
  where_known("br", cut("is claimed to be br", encoded("br", JSON))),
  where_known("zstd", cut("is claimed to be zstd", encoded("zstd", JSON))),
  unknown("has a content-encoding nobody knows", encoded("rot13", JSON), "rot13"),
  unknown("has a charset for a content-encoding", encoded("UTF-8", JSON), "UTF-8"),
  {
    "has gzip in gzip in gzip in gzip in gzip in gzip",
    response = encoded("gzip, gzip, gzip, gzip, gzip, gzip", JSON),
    is = { "ConnectionError", "ResponseValidationError" }, -- libcurl 7.81 has no limit, and tries
    attempts = { 1, 2 },
  },
  {
    "is gzip, cut",
    response = response { body = JSON, encoding = "gzip", cut_body = 100, length = 100 },
    is = "ResponseValidationError",
    status = 200,
  },
  cut(
    "is gzip with a wrong checksum",
    encoded("gzip", "\31\139\8\0\0\0\0\0\0\3\1\2\0\253\255{}\1\2\3\4\2\0\0\0")
  ),
  too_much("is a gzip bomb", response { bomb = 8 * 1024 * 1024 }),
  where_known(
    "zstd",
    too_much("is a zstd bomb", response { bomb = 64 * 1024 * 1024, encoding = "zstd" })
  ),
  where_known(
    "br",
    too_much("is a brotli bomb", response { bomb = 64 * 1024 * 1024, encoding = "br" })
  ),
  late(
    "comes byte by byte",
    response { body = '{"data":"' .. ("x"):rep(1000) .. '"}', step_ms = 20 }
  ),
  late("stalls", response { body = JSON, cut_body = 3, finish = "stall" }),
  late(
    "stalls within a chunk",
    response { body = JSON, chunk = 100, cut_body = 50, finish = "stall" }
  ),
  late(
    "stalls, of an error",
    response { status = 404, body = JSON, cut_body = 3, finish = "stall" }
  ),
  {
    "cut by FIN, of an error",
    response = response { status = 404, body = JSON, cut_body = 100 },
    is = "NotFoundResponse",
    status = 404,
  },
  {
    "cut by RST, of an error",
    response = response {
      status = 501,
      body = JSON,
      cut_body = 100,
      between_ms = APART_MS,
      finish = "reset",
    },
    is = "APIError",
    status = 501,
  },
  {
    "without end, of an error",
    response = { raw = "HTTP/1.1 404 Not Found\r\n\r\n", endless = "not here " },
    config = { max_response_bytes = 1024 * 1024 },
    is = "NotFoundResponse",
    status = 404,
  },
}
