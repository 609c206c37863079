-- Webhook events from Apideck: src/lua/webhook.c.
local cjson = require "cjson"
local safe = require "vault.safe"
local vault = require "vault"

local SECRET = "sk_live_5f2c9a3e"
local PAYLOAD = '{"event_id":"evt_1","event_type":"vault.connection.callable","service_id":"pipedrive",'
  .. '"entity_id":"crm+pipedrive","entity_type":"connection","entity":{"state":"callable","b":[1,{"z":0,"a":[]}]},'
  .. '"execution_attempt":1,"occurred_at":"2026-03-04T05:06:07.089Z"}'
local BODY = '{"payload":' .. PAYLOAD .. "}"

local function parse(changes, module)
  local body = changes and type(changes.body) == "string" and changes.body or BODY
  local arguments = {
    body = BODY,
    headers = {
      ["x-apideck-signature"] = vault.webhook.sign(body, SECRET),
      ["x-apideck-idempotency-key"] = "key_1",
    },
    secret = SECRET,
  }
  for name, value in pairs(changes or {}) do
    arguments[name] = value
  end
  return (module or vault).webhook.parse(arguments)
end

local function refused(changes, name)
  local parsed, err = pcall(parse, changes)
  assert.is_false(parsed)
  assert.is_true(vault.is_error(err, name or "InvalidSignatureError"), tostring(err))
  assert.is_nil(tostring(err):find(SECRET, 1, true))
  return err.message
end

local function signature(text)
  return { ["x-apideck-signature"] = text }
end

describe("vault.webhook.parse", function()
  it("returns the event", function()
    local event = parse()
    assert.equal("evt_1", event.event_id)
    assert.equal("vault.connection.callable", event.event_type)
    assert.equal("pipedrive", event.service_id)
    assert.equal("crm+pipedrive", event.entity_id)
    assert.equal("connection", event.entity_type)
    assert.equal("callable", event.entity.state)
    assert.equal(1, event.execution_attempt)
    assert.equal("2026-03-04T05:06:07.089Z", event.occurred_at)
    assert.equal("key_1", event.idempotency_key)
  end)

  it("accepts header names in any case, and digits of the signature in either", function()
    local hex = vault.webhook.sign(BODY, SECRET)
    for _, name in ipairs { "X-Apideck-Signature", "x-apideck-signature", "X-APIDECK-SIGNATURE" } do
      assert.equal("evt_1", parse({ headers = { [name] = hex } }).event_id)
      assert.equal("evt_1", parse({ headers = { [name] = hex:upper() } }).event_id)
    end
  end)

  it("ignores headers with other names", function()
    local headers = signature(vault.webhook.sign(BODY, SECRET))
    headers["x-apideck-sig"], headers["x-apideck-signature-2"], headers[1] = "a", "b", "c"
    assert.equal("evt_1", parse({ headers = headers }).event_id)
  end)

  it("returns no idempotency_key without the header", function()
    assert.is_nil(parse({ headers = signature(vault.webhook.sign(BODY, SECRET)) }).idempotency_key)
  end)

  it("ignores an idempotency_key in the body", function()
    local body = '{"payload":{"event_id":"1","idempotency_key":"forged"}}'
    local event = parse { body = body, headers = signature(vault.webhook.sign(body, SECRET)) }
    assert.is_nil(event.idempotency_key)
  end)

  describe("accepts a signature over", function()
    local spaced = '{ "payload" : {"b":[{"z":0,"a":1}], "a":2, "10":3, "9":4} }'
    local forms = {
      ["the body as sent"] = spaced,
      ["its canonical form"] = '{"payload":{"9":4,"10":3,"a":2,"b":[{"a":1,"z":0}]}}',
      ["its canonical form with arrays as they are"] = '{"payload":{"9":4,"10":3,"a":2,"b":[{"z":0,"a":1}]}}',
    }
    for title, text in pairs(forms) do
      it(title, function()
        local event = parse { body = spaced, headers = signature(vault.webhook.sign(text, SECRET)) }
        assert.equal(2, event.a)
      end)
    end
  end)

  it("accepts any of several secrets", function()
    for _, secrets in ipairs {
      { SECRET },
      { "new", SECRET },
      { SECRET, "old" },
      { "a", "b", SECRET },
    } do
      assert.equal("evt_1", parse({ secret = secrets }).event_id)
    end
    refused { secret = { "a", "b" } }
  end)

  it("refuses a signature by another secret", function()
    assert.matches("does not match", refused { secret = "another" })
  end)

  it("refuses a body with one byte changed", function()
    local hex = vault.webhook.sign(BODY, SECRET)
    for position = 1, #BODY do
      for _, change in ipairs { 1, 128 } do
        local byte = (BODY:byte(position) + change) % 256
        local changed = BODY:sub(1, position - 1) .. string.char(byte) .. BODY:sub(position + 1)
        refused { body = changed, headers = signature(hex) }
      end
    end
  end)

  it("refuses a signature with one digit changed", function()
    local hex = vault.webhook.sign(BODY, SECRET)
    for position = 1, #hex do
      local digit = hex:sub(position, position) == "0" and "1" or "0"
      refused { headers = signature(hex:sub(1, position - 1) .. digit .. hex:sub(position + 1)) }
    end
  end)

  it("refuses a body with a member that the signature does not cover", function()
    local hex = vault.webhook.sign('{"payload":{"a":1}}', SECRET)
    for _, body in ipairs {
      '{"payload":{"a":1,"__proto__":{"b":2}}}',
      '{"payload":{"a":1,"a":2}}',
      '{"payload":{"a":1},"b":2}',
    } do
      refused { body = body, headers = signature(hex) }
    end
  end)

  it("names the fault of a signature", function()
    local hex = vault.webhook.sign(BODY, SECRET)
    assert.matches("has no header x-apideck-signature", refused { headers = {} }, 1, true)
    assert.matches("64 hex digits", refused { headers = signature "" }, 1, true)
    assert.matches("64 hex digits", refused { headers = signature(hex:sub(2)) }, 1, true)
    assert.matches("64 hex digits", refused { headers = signature(hex .. "0") }, 1, true)
    assert.matches("64 hex digits", refused { headers = signature("g" .. hex:sub(2)) }, 1, true)
    assert.matches("64 hex digits", refused { headers = signature("sha256=" .. hex) }, 1, true)
    local base64 = ("A"):rep(43) .. "="
    assert.matches("is base64", refused { headers = signature(base64) }, 1, true)
  end)

  it("refuses a second signature header", function()
    local hex = vault.webhook.sign(BODY, SECRET)
    local twice = "more than one header x-apideck-signature"
    assert.matches(twice, refused { headers = signature { hex, hex } }, 1, true)
    local headers = { ["x-apideck-signature"] = hex, ["X-Apideck-Signature"] = ("0"):rep(64) }
    assert.matches(twice, refused { headers = headers }, 1, true)
  end)

  describe("refuses, although the signature is right,", function()
    local largest = 1024 * 1024
    local bodies = {
      { "a body that is not JSON", "event", "not JSON" },
      { "an empty body", "", "not JSON" },
      {
        "a body with a malformed number",
        '{"payload":{"a":-}}',
        "not JSON: malformed number at byte 17",
      },
      { "a body that is cut short", BODY:sub(1, -2), "not JSON" },
      { "a body without payload", '{"event_id":"evt_1"}', "no object 'payload'" },
      { "a payload that is an array", '{"payload":[]}', "no object 'payload'" },
      { "a body that is an array", "[]", "no object 'payload'" },
      { "a body that is a string", '"payload"', "no object 'payload'" },
      {
        "a body that nests deeper than the reader allows",
        '{"payload":{"a":' .. ("["):rep(1001) .. ("]"):rep(1001) .. "}}",
        "nests too deep",
      },
      {
        "a body of more than 1 MiB",
        '{"payload":{"a":"' .. ("x"):rep(largest) .. '"}}',
        "larger than 1 MiB",
      },
    }
    for _, row in ipairs(bodies) do
      it(row[1], function()
        local headers = signature(vault.webhook.sign(row[2], SECRET))
        assert.matches(row[3], refused { body = row[2], headers = headers }, 1, true)
      end)
    end

    it("but not a body of exactly 1 MiB", function()
      local empty = '{"payload":{"a":""}}'
      local body = empty:gsub('""', '"' .. ("x"):rep(largest - #empty) .. '"')
      assert.equal(largest, #body)
      assert.equal(largest - #empty, #parse({ body = body }).a)
    end)
  end)

  it("raises InvalidRequestError for mistakes of the program", function()
    local rows = {
      { { body = 1 }, "body: expected the raw text of the request, got a number" },
      { { body = { payload = {} } }, "body: expected the raw text of the request, got a table" },
      { { headers = "x" }, "headers: expected a table, got a string" },
      { { secret = "" }, "secret: must not be empty" },
      { { secret = {} }, "secret: the list is empty" },
      { { secret = { SECRET, "" } }, "secret[2]: must not be empty" },
      { { secret = { SECRET, 1 } }, "secret[2]: expected a string, got a number" },
      { { secret = 1 }, "secret: expected a string, got a number" },
      { { header = {} }, "unknown field 'header'; did you mean 'headers'?" },
      { { something = 1 }, "unknown field 'something'; known are body, headers, secret" },
      { { "x" }, "takes named fields" },
    }
    for _, row in ipairs(rows) do
      assert.matches(row[2], refused(row[1], "InvalidRequestError"), 1, true)
    end
    for _, name in ipairs { "body", "headers", "secret" } do
      local arguments = { body = BODY, headers = {}, secret = SECRET }
      arguments[name] = nil
      local parsed, err = pcall(vault.webhook.parse, arguments)
      assert.is_false(parsed)
      assert.equal(name .. ": required field is missing", err.message)
    end
    assert.is_false((pcall(vault.webhook.parse)))
  end)

  it("returns nil and the error in vault.safe", function()
    local event, err = parse({ secret = "another" }, safe)
    assert.is_nil(event)
    assert.is_true(safe.is_error(err, "InvalidSignatureError"))
    assert.equal("evt_1", parse(nil, safe).event_id)
  end)

  it("returns arrays and nulls like the results of calls", function()
    local body = '{"payload":{"empty":[],"none":null,"list":[null,1]}}'
    local event = parse { body = body, headers = signature(vault.webhook.sign(body, SECRET)) }
    assert.is_nil(event.none)
    assert.equal(vault.null, event.list[1])
    assert.equal(cjson.null, vault.null)
    assert.equal(0, #event.empty)
  end)
end)

describe("vault.webhook.sign", function()
  it("refuses an empty secret, and values other than strings", function()
    for _, arguments in ipairs { { "x", "" }, { "x" }, { {}, "s" }, { "x", 1 } } do
      local signed, err = pcall(vault.webhook.sign, arguments[1], arguments[2])
      assert.is_false(signed)
      assert.is_true(vault.is_error(err, "InvalidRequestError"))
    end
    local signature_of, err = safe.webhook.sign("x", "")
    assert.is_nil(signature_of)
    assert.is_true(safe.is_error(err, "InvalidRequestError"))
  end)
end)
