-- What can be wrong with TLS: certificates, handshakes, endings.
-- An RST discards what the client has not read: it must have read the head before.
local APART_MS = 200
local BODY = '{"data":{"ok":true}}'

local function trusting(server)
  return { tls = { ca_file = server.authority_file } }
end

-- Not retried: the certificate would be the same; and nothing of the request may reach the server.
local function certificate(name, listener, config)
  return {
    name,
    over = listener,
    response = { headers = { { "connection", "close" } }, body = BODY, finish = "close" },
    unseen = true,
    config = config or trusting,
    is = "ConnectionError",
    code = "tls",
  }
end

local function handshake(name, listener)
  return {
    name,
    listener = listener,
    scheme = "https",
    config = trusting,
    is = "ConnectionError",
    code = "tls",
    attempts = 2,
  }
end

local function stall(name, listener)
  return {
    name,
    listener = listener,
    scheme = "https",
    config = trusting,
    is = "RequestTimeoutError",
    phase = "tls",
    attempts = 2,
    limited = true,
  }
end

local function ending(name, response, is, attempts)
  return {
    name,
    over = "good",
    response = response,
    config = trusting,
    is = is,
    attempts = attempts,
  }
end

local FATAL_HANDSHAKE_FAILURE = "\21\3\3\0\2\2\40" -- RFC 5246, 7.2
local SERVER_HELLO_HEAD = "\22\3\3\0\122\2\0\0\118\3\3" -- 122 bytes are announced, the rest does not come

return {
  title = "TLS",
  certificate("has a certificate that has expired", "expired"),
  certificate("has a certificate that is not yet valid", "not_yet_valid"),
  certificate("has a certificate that signs itself", "self_signed"),
  certificate("has a certificate for another host", "wrong_host"),
  certificate("has a certificate of another authority", "unknown_authority"),
  certificate("has a certificate of an authority the system does not know", "good", {}),
  certificate("has a certificate for clients only", "wrong_purpose"),
  certificate("has a certificate with a weak key", "weak_key"),
  certificate("has a chain that lacks a link", "missing_intermediate"),
  certificate("has a chain with a link that has expired", "expired_intermediate"),
  certificate("has a chain with a link that is no authority", "intermediate_without_authority"),
  certificate("has a chain longer than its authority allows", "path_too_long"),
  {
    "has a chain of three",
    over = "intermediate",
    response = { headers = { { "connection", "close" } }, body = BODY, finish = "close" },
    config = trusting,
    is = "success",
  },
  {
    "is of version 1.0",
    over = "old_protocol",
    response = { body = BODY },
    unseen = true,
    config = trusting,
    is = "ConnectionError",
    code = "tls",
    attempts = 2,
  },
  handshake(
    "is answered in plain text",
    { read = "something", raw = "HTTP/1.1 400 Bad Request\r\n\r\n" }
  ),
  handshake("is answered by noise", { read = "something", raw = ("\165\90"):rep(500) }),
  handshake("is answered by an alert", { read = "something", raw = FATAL_HANDSHAKE_FAILURE }),
  handshake("is closed at the first bytes", { read = "something", finish = "close" }),
  handshake("is reset at the first bytes", { read = "something", finish = "reset" }),
  handshake("is closed within the handshake", { read = "something", raw = SERVER_HELLO_HEAD }),
  stall("is not answered", { finish = "stall" }),
  stall(
    "stalls within the handshake",
    { read = "something", raw = SERVER_HELLO_HEAD, finish = "stall" }
  ),
  ending(
    "ends without close_notify after a whole body",
    { body = BODY, finish = "drop" },
    "success"
  ),
  ending(
    "ends without close_notify within a body that only the end ends",
    { body = BODY, cut_body = 5, length = false, finish = "drop" },
    "ResponseValidationError",
    { 1, 2 } -- libcurl may treat it as a regular end; the JSON is incomplete
  ),
  ending(
    "ends without close_notify within the head",
    { raw = "HTTP/1.1 200 OK\r\n", finish = "drop" },
    "ConnectionError",
    2
  ),
  ending(
    "is reset within the body",
    { body = BODY, cut_body = 5, between_ms = APART_MS, finish = "reset" },
    "ResponseValidationError",
    2
  ),
}
