-- What can be wrong with a proxy. "https" uses a tunnel (CONNECT), "http" the absolute form.
local PAGE = "<html><body>Please sign in</body></html>"

local function page(line)
  return {
    read = "head",
    raw = ("HTTP/1.1 %s\r\ncontent-type: text/html\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"):format(
      line,
      #PAGE,
      PAGE
    ),
  }
end

local function proxied(scheme, name, proxy, expected)
  local row = {
    ("%s (%s)"):format(name, scheme),
    url = function(server)
      return scheme == "https" and server.urls.good or "http://127.0.0.1:1"
    end,
    config = function(server)
      return {
        proxy = type(proxy) == "string" and proxy or (proxy.scheme or "") .. server
          :listener(proxy)
          :gsub(proxy.scheme and "^http://" or "^$", ""),
        tls = { ca_file = server.authority_file },
        allow_insecure = expected.allow_insecure,
      }
    end,
  }
  for key, value in pairs(expected) do
    row[key] = value
  end
  return row
end

local function error_of(code, attempts, unsent)
  return { is = "ConnectionError", code = code, attempts = attempts, unsent = unsent }
end

local STALLED = { is = "RequestTimeoutError", attempts = 2, limited = true }
local CLOSED_PORT = "http://127.0.0.1:1" -- only root could listen on it
local UNRESOLVED = "http://" .. ("a"):rep(64) .. ".invalid:3128"

return {
  title = "a proxy",
  proxied("https", "refuses the connection", CLOSED_PORT, error_of("refused", 2, true)),
  proxied("http", "refuses the connection", CLOSED_PORT, error_of("refused", 2, true)),
  proxied("https", "cannot be resolved", UNRESOLVED, error_of("proxy", 2, true)),
  proxied("http", "cannot be resolved", UNRESOLVED, {
    is = "ConnectionError",
    code = "proxy",
    attempts = 2,
    unsent = true,
    allow_insecure = true,
  }),
  proxied("https", "responses HTML, 200", page "200 OK", error_of("tls", 2)),
  proxied(
    "http",
    "responses HTML, 200",
    page "200 OK",
    { is = "ResponseValidationError", status = 200 }
  ),
  proxied("https", "responses HTML, 502", page "502 Bad Gateway", error_of("proxy", 2)),
  proxied(
    "http",
    "responses HTML, 502",
    page "502 Bad Gateway",
    { is = "APIError", status = 502, attempts = 2 }
  ),
  proxied(
    "https",
    "wants a password",
    page "407 Proxy Authentication Required",
    error_of("proxy", 2)
  ),
  proxied(
    "http",
    "wants a password",
    page "407 Proxy Authentication Required",
    { is = "APIError", status = 407 }
  ),
  proxied(
    "https",
    "redirects",
    page "302 Found\r\nlocation: http://127.0.0.1:1/",
    error_of("proxy", 2)
  ),
  proxied("https", "closes the connection", { read = "head" }, error_of("proxy", 2)),
  proxied(
    "https",
    "resets the connection",
    { read = "head", finish = "reset" },
    error_of("proxy", 2)
  ),
  proxied("https", "is no HTTP", { read = "head", raw = "220 ready\r\n" }, error_of("proxy", 2)),
  proxied(
    "https",
    "has a header without end",
    { read = "head", raw = "HTTP/1.1 200 OK\r\nx: ", endless = "y" },
    error_of("proxy", 2)
  ),
  proxied("https", "stalls", { read = "head", finish = "stall" }, STALLED),
  proxied("http", "stalls", { read = "head", finish = "stall" }, STALLED),
  proxied("https", "opens a tunnel that is silent", {
    read = "head",
    raw = "HTTP/1.1 200 Connection established\r\n\r\n",
    finish = "stall",
  }, { is = "RequestTimeoutError", phase = "tls", attempts = 2, limited = true }),
  proxied("https", "is SOCKS 5 and refuses", {
    scheme = "socks5://",
    read = "something",
    raw = "\5\255",
  }, error_of("proxy", 2)),
  proxied("http", "is SOCKS 4 and refuses", {
    scheme = "socks4://",
    read = "something",
    raw = "\0\91\0\0\0\0\0\0",
  }, error_of("proxy", 2)),
}
