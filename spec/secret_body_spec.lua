-- Secrets in JSON bodies: src/redact/secret_body.c and secret_collect.c. spec/secrets_spec.lua checks what calls show.
local expect = require "spec.support.expect"
local redaction = require("vault_internal").redaction

describe("a body in the log", function()
  local function shown(body, secrets, limit)
    return (redaction.body(body, secrets or {}, limit))
  end

  it("is unchanged except for spaces where nothing is secret", function()
    local body = [[ { "a" : [1, -2.5e3, true, false, null, "\u00e9\"\\\n", [], {}],
      "b": {"c": "d"} } ]]
    assert.equal(
      '{"a":[1,-2.5e3,true,false,null,"\195\169\\"\\\\\\n",[],{}],"b":{"c":"d"}}',
      shown(body)
    )
    for _, text in ipairs { '"text"', "1", "null", "[]", "{}", "[[[1]],2]" } do
      assert.equal(text, shown(text))
    end
  end)

  it("is UTF-8, whatever the bytes of the body are", function()
    assert.equal('{"a":"\\\\\239\191\189"}', shown '{"a":"\\\168"}')
    assert.equal('{"a":"x\239\191\189y"}', shown '{"a":"x\255y"}')
    assert.equal('{"a":"\239\191\189\239\191\189"}', shown '{"a":"\\ud83d\\udbff"}')
    assert.equal('{"a":"\240\159\152\128"}', shown '{"a":"\\ud83d\\ude00"}')
  end)

  it("hides the whole value of a secret name", function()
    local cases = {
      { '{"settings":{"a":{"b":1}},"x":1}', '{"settings":"[redacted]","x":1}' },
      { '{"credentials":{"access_token":"a"},"x":[1]}', '{"credentials":"[redacted]","x":[1]}' },
      {
        '{"access_key":"abc","passphrase":"def"}',
        '{"access_key":"[redacted]","passphrase":"[redacted]"}',
      },
      { '{"tokens":["a","b"],"x":1}', '{"tokens":"[redacted]","x":1}' },
      { '{"pin_token":1234}', '{"pin_token":"[redacted]"}' },
      { '{"\\u0061pi_key":"abc"}', '{"api_key":"[redacted]"}' },
      {
        '{"form_fields":[{"id":"a","value":"v"}]}',
        '{"form_fields":[{"id":"a","value":"[redacted]"}]}',
      },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[2], shown(case[1]))
    end
  end)

  it("shows dates, flags, enumerations and hosts", function()
    for _, body in ipairs {
      '{"credentials_expire_at":1700000000,"auth_type":"oauth2","oauth_grant_type":"password"}',
      '{"settings_required_for_authorization":["client_id"],"resource_settings_support":["a"]}',
      '{"session_length":"1h","has_token":true,"password_reset":false,"token":null}',
      '{"options":[{"label":"a","value":"b"}],"custom_mappings":[{"key":"k","value":"v"}]}',
    } do
      assert.equal(body, shown(body))
    end
    assert.equal(
      '{"authorize_url":"https://unify.apideck.com/[redacted]","session_uri":"https://h:1/[redacted]"}',
      shown '{"authorize_url":"https://unify.apideck.com/vault?state=x","session_uri":"https:\\/\\/h:1\\/eyJ"}'
    )
  end)

  it("has no secret in any decoded string", function()
    assert.equal(
      '{"m":"a [redacted] b","[redacted]":2}',
      shown('{"m":"a w\\u006frth-1-1 b","worth-1-1":2}', { "worth-1-1" })
    )
    assert.equal('{"n":["[redacted]",2]}', shown('{"n":[98765.25,2]}', { "98765.25" }))
  end)

  it("is cut between characters, and never inside a secret", function()
    local secret = "secret-0123456789"
    for limit = 1, 60 do
      local text = shown(
        '{"m":"\195\169\226\130\172\240\159\152\128 ' .. secret .. " " .. secret .. ' tail"}',
        { secret },
        limit
      )
      expect.silent_about(text, "secre", "0123")
      if text:sub(-3) == "..." then
        assert.is_true(#text <= limit + 3)
      end
      assert.is_truthy(require("vault_internal").utf8.valid_length(text) == #text, text)
    end
    assert.equal('{"n":[...', shown('{"n":[1234567890,1]}', { "1234567890" }, 6))
  end)

  it("is nil for a text that is not JSON", function()
    for _, text in ipairs {
      "",
      "<html>",
      "{",
      '{"a"',
      '{"a":}',
      "[1",
      "[1]]",
      '{"a":1',
      "[1,]",
      '"a',
      "{1:2}",
      "nul",
      "[}",
    } do
      assert.is_nil(shown(text), text)
    end
    assert.is_nil(shown(("["):rep(2000) .. ("]"):rep(2000)))
    assert.is_string(shown(("["):rep(900) .. ("]"):rep(900)))
  end)
end)

describe("the secrets of a body", function()
  it("are the strings below secret names, at any depth", function()
    assert.same(
      { "12345.50", "deep-1", "deep-2", "plain-1" },
      redaction.collect '{"api_key":"plain-1","settings":{"a":[{"b":"deep-1"},"deep-2",12345.50,true]},"c":"no-secret"}'
    )
  end)

  it("include their escaped spelling", function()
    local body = '{"settings":{"a":"\\u0071z-worth"}}'
    assert.same({ "\\u0071z-worth", "qz-worth" }, redaction.collect(body))
  end)

  it("do not include the dates of credentials", function()
    local body =
      '{"credentials":{"access_token":"token-1","issued_at":"2020-01-01","expires_in":3600}}'
    assert.same({ "token-1" }, redaction.collect(body))
  end)

  it("include the values of sensitive form fields, wherever the flag is", function()
    for _, body in ipairs {
      '[{"sensitive":true,"value":"value-1","default_value":["value-2"]},{"value":"public"}]',
      '[{"default_value":["value-2"],"value":"value-1","id":"x","sensitive":true}]',
      '{"value":{"a":"value-2","b":{"sensitive":true,"value":"value-1"}},"sensitive":true}',
      '[{"x":{"sensitive":true,"value":"value-1"},"sensitive":true,"value":["value-2"]}]',
    } do
      assert.same({ "value-1", "value-2" }, redaction.collect(body))
    end
    assert.same({}, redaction.collect '[{"sensitive":false,"value":"value-1"}]')
    assert.same(
      {},
      redaction.collect '[{"sensitive":true,"value":true,"options":[{"value":"value-1"}]}]'
    )
  end)

  it("are found in a body that is cut", function()
    assert.same({ "value-1" }, redaction.collect '{"sensitive":true,"value":"value-1","x":"y')
    assert.same({ "deep-1" }, redaction.collect '{"settings":{"a":"deep-1","b":"deep-')
    assert.same({}, redaction.collect "")
  end)
end)
