-- Client keys with a password, and features that a libcurl lacks.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local vault = require "vault"

-- No connection is kept, since libcurl would reuse it for another client with the same certificate.
local DONE = {
  headers = { { "connection", "close" } },
  body = '{"data":{"ok":true}}',
  finish = "close",
}
local PASSWORD = "pass-Fv17planted"

local function has_openssl()
  local status = os.execute "command -v openssl >/dev/null 2>&1"
  return status == 0 or status == true
end

-- The formats of encrypted keys in PEM: PKCS#8, and OpenSSL's older one (PEM_read_PrivateKey(3)).
local ENCRYPTED = {
  ["PKCS#8"] = "openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:%s -in %s -out %s 2>&1",
  traditional = "openssl ec -aes256 -passout pass:%s -in %s -out %s 2>&1",
}

describe("an encrypted key", function()
  local host = hosts.wire()
  local files = {}
  setup(function()
    if not has_openssl() then
      return
    end
    local server = host:server()
    for name, command in pairs(ENCRYPTED) do
      local path = server:file ""
      local pipe = io.popen(command:format(PASSWORD, server.client_key_file, path))
      local said = pipe:read "*a"
      pipe:close()
      local file = assert(io.open(path))
      assert(file:read("*a"):find("ENCRYPTED", 1, true), said)
      file:close()
      files[name] = path
    end
  end)
  teardown(function()
    host:stop()
  end)

  local function tls_of(name, password)
    local server = host:server()
    return {
      ca_file = server.authority_file,
      cert_file = server.client_certificate_file,
      key_file = files[name],
      key_password = password,
    }
  end

  local function each_driver(f)
    f(function(client)
      return client.connections.list()
    end)
    f(function(client)
      return client.async.connections.list():wait()
    end)
  end

  for name in pairs(ENCRYPTED) do
    it("is used with its password: " .. name, function()
      if not files[name] then
        pending "there is no openssl"
        return
      end
      local peer = host:server():script({ DONE }, "mutual")
      each_driver(function(list)
        local client = host:client(peer, { tls = tls_of(name, PASSWORD), proxy = "" })
        assert.is_true(list(client).data.ok)
      end)
    end)

    it("with a wrong password, or none, is a ConnectionError without a retry: " .. name, function()
      if not files[name] then
        pending "there is no openssl"
        return
      end
      local peer = host:server():script({ DONE }, "mutual")
      for _, password in ipairs { "wrong-Fv17planted", "", false } do
        each_driver(function(list)
          local tls = tls_of(name, password or nil)
          local client = host:client(peer, { tls = tls, proxy = "" })
          local err = expect.error("ConnectionError", list, client)
          assert.equal("tls", err.code)
          assert.equal(1, err.attempts)
          expect.says(err.message, "tls.key_password")
          expect.silent_about(err.message, "Fv17planted")
        end)
      end
      assert.equal(0, #peer:requests())
    end)
  end

  it("may be in the file of the certificate", function()
    if not files["PKCS#8"] then
      pending "there is no openssl"
      return
    end
    local server = host:server()
    local text = ""
    for _, path in ipairs { server.client_certificate_file, files["PKCS#8"] } do
      local file = assert(io.open(path))
      text = text .. file:read "*a"
      file:close()
    end
    local both = server:file(text)
    local peer = server:script({ DONE }, "mutual")
    for password, passes in pairs { [PASSWORD] = true, wrong = false } do
      local tls = { ca_file = server.authority_file, cert_file = both, key_password = password }
      local client = host:client(peer, { tls = tls, proxy = "" })
      local returned, result = pcall(client.connections.list)
      assert.equal(passes, returned, tostring(result))
    end
  end)

  it("without its password does not make OpenSSL read standard input", function()
    if not files["PKCS#8"] then
      pending "there is no openssl"
      return
    end
    local tls = tls_of "PKCS#8"
    local path = host:server():file(([[
      local vault = require "vault"
      local client = vault.new {
        server_url = %q, api_key = "k", retries = false, proxy = "",
        tls = { ca_file = %q, cert_file = %q, key_file = %q },
      }
      local _, err = pcall(client.connections.list)
      print(err.code, io.read())
    ]]):format(host:server().urls.mutual, tls.ca_file, tls.cert_file, tls.key_file))
    -- Without a terminal OpenSSL reads the pipe.
    local command = "echo line of the program | timeout 20 setsid %s %s 2>&1"
    local pipe = io.popen(command:format(child.interpreter(), path))
    local output = pipe:read "*a"
    pipe:close()
    expect.says(output, "tls\tline of the program")
  end)

  it("with a name longer than libcurl's messages is named in whole characters", function()
    if not utf8 then -- Lua 5.1 and LuaJIT
      return
    end
    local server = host:server()
    for first = 0, 1 do
      local path = "/tmp/" .. ("x"):rep(first) .. ("\195\169"):rep(120)
      local file = assert(io.open(path, "w"))
      file:write "no key"
      file:close()
      local peer = server:script({ DONE }, "mutual")
      local client = host:client(peer, {
        proxy = "",
        tls = {
          ca_file = server.authority_file,
          cert_file = server.client_certificate_file,
          key_file = path,
        },
      })
      local err = expect.error("ConnectionError", client.connections.list)
      os.remove(path)
      expect.says(err.message, "\195\169")
      assert.truthy(utf8.len(err.message), err.message)
    end
  end)

  it("must have a string as password", function()
    expect.invalid("tls.key_password: expected a string", vault.new, { tls = { key_password = 1 } })
  end)
end)

describe("a libcurl that lacks a feature", function()
  it("makes vault.new refuse the option that needs it", function()
    local pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    for option, config in pairs {
      ["tls.ca_pem"] = { tls = { ca_pem = pem } },
      ["tls.ca_path"] = { tls = { ca_path = "/" } },
      http_version = { http_version = "2" },
      proxy = { proxy = "https://proxy.invalid:3128" },
    } do
      local made, err = pcall(vault.new, config)
      if not made then
        assert.is_true(vault.is_error(err, "InvalidRequestError"), tostring(err))
        expect.says(err.message, option .. ": this libcurl")
      end
    end
  end)
end)

-- An OpenSSL that is configured to allow what libcurl then has to refuse.
describe("a server that speaks TLS 1.1 at most", function()
  local CONFIGURATION = [[
openssl_conf = configuration
[configuration]
ssl_conf = ssl
[ssl]
system_default = lenient
[lenient]
MinProtocol = TLSv1
CipherString = DEFAULT:@SECLEVEL=0
]]
  local directory, pid, port

  local function run(command)
    local pipe = assert(io.popen(command))
    local output = pipe:read "*a"
    pipe:close()
    return (output:gsub("%s+$", ""))
  end

  setup(function()
    if not has_openssl() then
      return
    end
    directory = run "mktemp -d"
    local file = assert(io.open(directory .. "/openssl.cnf", "w"))
    file:write(CONFIGURATION)
    file:close()
    run(
      ("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout %s/key.pem"):format(
        directory
      ) .. (" -out %s/certificate.pem 2>&1"):format(directory)
    )
    pid = run(
      ("cd %s && OPENSSL_CONF=openssl.cnf openssl s_server -accept 127.0.0.1:0 -tls1_1 -www"):format(
        directory
      ) .. " -cert certificate.pem -key key.pem >output 2>&1 </dev/null & echo $!"
    )
    for _ = 1, 100 do
      port = run(("sed -n 's/^ACCEPT .*:\\([0-9]*\\)$/\\1/p' %s/output"):format(directory))
      if port ~= "" then
        return
      end
      run "sleep 0.1"
    end
    error "openssl s_server did not start"
  end)

  teardown(function()
    if pid then
      run("kill " .. pid)
      run("rm -rf " .. directory)
    end
  end)

  it("is refused, whatever the TLS library would allow", function()
    if not port then
      pending "there is no openssl"
      return
    end
    local output = child.run(
      ([[
        local vault = require "vault"
        local client = vault.new {
          server_url = "https://127.0.0.1:%s", api_key = "k", retries = false, proxy = "",
          tls = { verify = false },
        }
        for _, list in ipairs {
          client.connections.list,
          function() return client.async.connections.list():wait() end,
        } do
          local _, err = pcall(list)
          print(err.name, err.code)
        end
      ]]):format(port),
      { OPENSSL_CONF = directory .. "/openssl.cnf" }
    )
    assert.equal("ConnectionError\ttls\nConnectionError\ttls\n", output)
  end)
end)
