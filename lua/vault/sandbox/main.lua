--- Serves the sandbox from the command line:  lua5.4 lua/vault/sandbox/main.lua --port 8080
local usage = [[
Usage: lua main.lua [options]

A Vault for trying out, developing and testing, on this machine only.

  --port N              listen on 127.0.0.1:N (default 0: any free port)
  --api-key KEY         the key that requests must carry (default sandbox-key)
  --app-id ID           the application id (default sandbox-app)
  --quota N             respond with 402 after N requests
  --seed N              the same ids in every run
  --confirmation MODE   off, optional or required: what a nonce of an authorization does (default optional)
  --redirect-uri URI    a URL that users may be sent back to; may be repeated (default: any)
  --webhook URL         send webhook events there, signed with the key
  --webhook-secret KEY  sign them with this key instead
  --empty               start without any connection
  --tls                 serve HTTPS, with a certificate made for this run
  --http2               with --tls, offer HTTP/2 as well
  --certificate FILE    write that certificate to FILE, for clients to trust
  --until-stdin-ends    stop at the end of standard input: with the program that started it
  --help                show this
]]

local function fail(...)
  io.stderr:write(...)
  io.stderr:write "\n"
  os.exit(1)
end

local takes_text = {
  ["--api-key"] = "api_key",
  ["--app-id"] = "app_id",
  ["--certificate"] = "certificate",
  ["--confirmation"] = "confirmation",
  ["--webhook"] = "webhook_url",
  ["--webhook-secret"] = "webhook_secret",
}
local takes_list = { ["--redirect-uri"] = "redirect_uris" }
local takes_number = { ["--port"] = "port", ["--quota"] = "quota", ["--seed"] = "seed" }
local takes_nothing = {
  ["--tls"] = "tls",
  ["--http2"] = "http2",
  ["--empty"] = "empty",
  ["--until-stdin-ends"] = "until_input_ends",
  ["--help"] = "help",
  ["-h"] = "help",
}

local function append(list, value)
  list = list or {}
  list[#list + 1] = value
  return list
end

local function parse(arguments)
  local options = {}
  local index = 1
  while arguments[index] do
    local name, value = arguments[index]:match("^(%-%-[%w-]+)=(.*)$")
    name = name or arguments[index]
    local wanted = takes_text[name] or takes_number[name] or takes_list[name]
    if takes_nothing[name] then
      options[takes_nothing[name]] = true
    elseif not wanted then
      fail("unknown option ", name, "\n\n", usage)
    else
      if not value then
        index = index + 1
        value = arguments[index]
      end
      if takes_number[name] then
        value = tonumber(value)
      end
      if not value then
        fail(name, " needs a value\n\n", usage)
      end
      if takes_list[name] then
        value = append(options[wanted], value)
      end
      options[wanted] = value
    end
    index = index + 1
  end
  return options
end

-- In a checkout the modules are two directories above this file. Debian installs lua-http only in
-- the directory of Lua 5.1, although it runs on every version.
local function extend_path(script)
  local directory = script:match("^(.*)[/\\][^/\\]*$") or "."
  package.path = table.concat({
    directory .. "/../../?.lua",
    package.path,
    "/usr/share/lua/5.1/?.lua",
    "/usr/share/lua/5.1/?/init.lua",
  }, ";")
end

-- `require`, with a message that says how to install what is missing.
local function need(name, remedy)
  local found, module = pcall(require, name)
  if not found then
    fail("vault sandbox: ", remedy, "\n\n", tostring(module))
  end
  return module
end

local remedies = {
  vault = "the C module vault (vault.so) cannot be loaded; build it, and say where it is, as in\n"
    .. "  LUA_CPATH='build/5.4/?.so;;' lua5.4 lua/vault/sandbox/main.lua",
  cjson = "lua-cjson cannot be loaded; install it (Debian: lua-cjson)",
  http = "lua-http cannot be loaded; install it (Debian: lua-http)",
}

local function write_file(path, text)
  local file, message = io.open(path, "w")
  if not file then
    fail("vault sandbox: cannot write the certificate: ", message)
  end
  file:write(text)
  file:close()
end

local function announce(options, url, certificate_pem)
  print("vault sandbox listening on " .. url)
  print "A Vault for trying things out, on this machine only. Requests carry"
  print("  api key:      " .. (options.api_key or "sandbox-key"))
  print("  app id:       " .. (options.app_id or "sandbox-app"))
  print "  consumer id:  any, for example sandbox-consumer"
  print "It keeps everything in memory. Stop it with Ctrl-C or SIGTERM."
  if options.certificate and certificate_pem then
    write_file(options.certificate, certificate_pem)
    print("Its certificate is in " .. options.certificate)
  elseif certificate_pem then
    io.write("Its certificate, for clients to trust:\n", certificate_pem)
  end
  io.stdout:flush()
end

local function main()
  local options = parse(arg)
  if options.help then
    io.write(usage)
    return
  end
  extend_path(arg[0])
  need("vault.schema", remedies.vault)
  need("cjson", remedies.cjson)
  need("http.server", remedies.http)
  local server = require "vault.sandbox.server"
  local sandbox = require("vault.sandbox").new {
    api_key = options.api_key,
    app_id = options.app_id,
    quota = options.quota,
    seed = options.seed,
    populated = not options.empty,
    confirmation = options.confirmation,
    redirect_uris = options.redirect_uris,
    webhook_secret = options.webhook_secret,
  }
  server.serve(sandbox, {
    port = options.port,
    tls = options.tls,
    http2 = options.http2,
    signals = true,
    until_input_ends = options.until_input_ends,
    webhook_url = options.webhook_url,
    on_ready = function(url, certificate_pem)
      announce(options, url, certificate_pem)
    end,
  })
end

local ok, message = pcall(main)
if not ok then
  fail("vault sandbox: ", tostring(message))
end
