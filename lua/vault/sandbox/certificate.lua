--- A certificate for the loopback names, made in memory for each run: its key is never written to a
-- file.
local altname = require "openssl.x509.altname"
local bignum = require "openssl.bignum"
local context = require "http.tls"
local name = require "openssl.x509.name"
local pkey = require "openssl.pkey"
local rand = require "openssl.rand"
local x509 = require "openssl.x509"

local certificate = {}

local VALID_SECONDS = 30 * 24 * 60 * 60

local function self_signed(key)
  local subject = name.new()
  subject:add("CN", "vault sandbox")
  local names = altname.new()
  names:add("DNS", "localhost")
  names:add("IP", "127.0.0.1")
  local crt = x509.new()
  crt:setVersion(3)
  crt:setSerial(bignum.fromBinary(rand.bytes(15)))
  crt:setSubject(subject)
  -- Self-signed: a client that has it as its CA trusts nothing else.
  crt:setIssuer(subject)
  crt:setSubjectAlt(names)
  -- Valid from a little earlier, for clocks that differ.
  crt:setLifetime(os.time() - 60 * 60, os.time() + VALID_SECONDS)
  crt:setBasicConstraints { CA = false }
  crt:setBasicConstraintsCritical(true)
  crt:setPublicKey(key)
  crt:sign(key)
  return crt
end

-- A function that picks the first of these protocols that the client offers.
local function select_from(protocols)
  return function(_, offered)
    for _, wanted in ipairs(protocols) do
      for _, protocol in ipairs(offered) do
        if protocol == wanted then
          return protocol
        end
      end
    end
  end
end

--- The TLS context of a server and its certificate in PEM.
function certificate.new_context(http2)
  local key = pkey.new { type = "EC", curve = "prime256v1" }
  local crt = self_signed(key)
  local ctx = context.new_server_context()
  if context.has_alpn then
    ctx:setAlpnSelect(select_from(http2 and { "h2", "http/1.1" } or { "http/1.1" }))
  end
  assert(ctx:setPrivateKey(key))
  assert(ctx:setCertificate(crt))
  return ctx, crt:toPEM()
end

return certificate
