--- Certificates for TLS specs, made afresh by luaossl: one authority, and a
-- server certificate for each way in which verification can go right or wrong.
local altname = require "openssl.x509.altname"
local bignum = require "openssl.bignum"
local extension = require "openssl.x509.extension"
local name = require "openssl.x509.name"
local pkey = require "openssl.pkey"
local x509 = require "openssl.x509"

local DAY = 24 * 60 * 60
local ANYTHING = "ALL:@SECLEVEL=0" -- ciphers of OpenSSL's that accept what is too weak by default
local certificates = {}

local serial = 0

local function new_certificate(options)
  local key = pkey.new(options.key or { type = "EC", curve = "prime256v1" })
  local certificate = x509.new()
  serial = serial + 1
  certificate:setVersion(3)
  certificate:setSerial(bignum.new(serial))
  local subject = name.new()
  subject:add("CN", options.common_name)
  certificate:setSubject(subject)
  local now = os.time()
  certificate:setLifetime(options.from or now - DAY, options.to or now + DAY)
  certificate:setPublicKey(key)
  if options.authority then
    certificate:setBasicConstraints { CA = true, pathLen = options.path_length }
    certificate:setBasicConstraintsCritical(true)
    certificate:addExtension(extension.new("keyUsage", "critical,keyCertSign,cRLSign"))
  else
    certificate:setBasicConstraints { CA = false }
  end
  if options.purpose then
    certificate:addExtension(extension.new("extendedKeyUsage", options.purpose))
  end
  if options.dns then
    local names = altname.new()
    for _, host in ipairs(options.dns) do
      names:add("DNS", host)
    end
    for _, address in ipairs(options.addresses or {}) do
      names:add("IP", address)
    end
    certificate:setSubjectAlt(names)
  end
  local issuer = options.issuer or { certificate = certificate, key = key }
  certificate:setIssuer(issuer.certificate:getSubject())
  certificate:sign(issuer.key, "sha256")
  return { certificate = certificate, key = key }
end

local LOCAL = { dns = { "localhost" }, addresses = { "127.0.0.1" } }

local function leaf(issuer, changes)
  local options = { common_name = "localhost", issuer = issuer }
  for key, value in pairs(LOCAL) do
    options[key] = value
  end
  for key, value in pairs(changes or {}) do
    options[key] = value
  end
  return new_certificate(options)
end

-- A server certificate with a complete chain that has one fault.
local function through(intermediate, sent)
  local pair = leaf(intermediate)
  pair.chain = sent or { intermediate.certificate }
  return pair
end

local function chains(authority)
  local now = os.time()
  local function intermediate(changes)
    local options = { common_name = "Spec Intermediate", authority = true, issuer = authority }
    for key, value in pairs(changes or {}) do
      options[key] = value
    end
    return new_certificate(options)
  end
  local last = intermediate { path_length = 0 }
  local beyond = intermediate { common_name = "Beyond", issuer = last }
  return {
    intermediate = through(intermediate()),
    missing_intermediate = through(intermediate(), {}),
    expired_intermediate = through(intermediate { from = now - 3 * DAY, to = now - 2 * DAY }),
    intermediate_without_authority = through(intermediate { authority = false }),
    path_too_long = through(beyond, { beyond.certificate, last.certificate }),
  }
end

--- Every pair of certificate and key the specs need, by name.
function certificates.make()
  local now = os.time()
  local authority = new_certificate { common_name = "Spec Authority", authority = true }
  local stranger = new_certificate { common_name = "Unknown Authority", authority = true }
  local good = leaf(authority)
  local weak = leaf(authority, { key = { type = "RSA", bits = 1024 } })
  weak.ciphers = ANYTHING
  local made = {
    authority = authority,
    good = good,
    expired = leaf(authority, { from = now - 3 * DAY, to = now - 2 * DAY }),
    not_yet_valid = leaf(authority, { from = now + 2 * DAY, to = now + 3 * DAY }),
    wrong_host = leaf(authority, { dns = { "elsewhere.invalid" }, addresses = {} }),
    unknown_authority = leaf(stranger),
    self_signed = leaf(nil),
    wrong_purpose = leaf(authority, { purpose = "clientAuth" }),
    weak_key = weak,
    client = leaf(authority, { common_name = "spec client" }),
    old_protocol = {
      certificate = good.certificate,
      key = good.key,
      protocol = "TLSv1",
      ciphers = ANYTHING,
    },
  }
  for title, pair in pairs(chains(authority)) do
    made[title] = pair
  end
  return made
end

return certificates
