-- Names of secrets: src/redact/secret_name.c.
local redaction = require("vault_internal").redaction

describe("a name is secret", function()
  local SECRET = {
    "key",
    "api_key",
    "apiKey",
    "APIKey",
    "api-key",
    "x-api-key",
    "X-API-Key",
    "apikey",
    "x-apikey",
    "accessKeyId",
    "access_key",
    "x-access-key",
    "secretKey",
    "client_secret",
    "clientSecret",
    "x-auth",
    "x-auth-token",
    "authorization",
    "proxy-authorization",
    "x-session",
    "x-session-id",
    "sessionId",
    "session_token",
    "sessionid",
    "cookie",
    "set-cookie",
    "passphrase",
    "key_password",
    "password",
    "passwords",
    "password2",
    "refresh_token",
    "refreshTokens",
    "confirm_token",
    "settings",
    "custom_consumer_settings",
    "credentials",
    "authorize_url",
    "authorizeUrl",
    "revoke_url",
    "session_uri",
    "filter[token]",
    "x-apideck-signature",
  }
  local PLAIN = {
    "",
    "monkey",
    "keyboard",
    "tokenize",
    "tokenizer",
    "author",
    "author_name",
    "authority",
    "secretary",
    "obsession",
    "www-authenticate",
    "auth_type",
    "authType",
    "oauth_grant_type",
    "token_type",
    "credentials_expire_at",
    "credentialsExpireAt",
    "credentials_expire_at_ms",
    "settings_required_for_authorization",
    "resource_settings_support",
    "session_length",
    "password_updated_at",
    "token_expires",
    "key_count",
    "public_key",
    "publicKey",
    "idempotency-key",
    "issued_at",
    "expires_in",
    "state",
    "code",
    "unified_api",
    "service_id",
    "x-apideck-consumer-id",
    "x-request-id",
    "content-type",
    ("a"):rep(1000),
    ("key"):rep(30),
  }

  it("by the words in it, in any case style", function()
    for _, name in ipairs(SECRET) do
      assert.is_true(redaction.is_secret_name(name), name)
    end
  end)

  it("and not by a part of a word, nor as metadata of a secret", function()
    for _, name in ipairs(PLAIN) do
      assert.is_false(redaction.is_secret_name(name), name)
    end
  end)

  -- Redaction goes by names; the schemas mark their secrets too. A response's `state` cannot be one by
  -- its name, which a connection has as well; no error and no log line has the data of a success.
  it("where the API's schemas mark it as one", function()
    local seen = 0
    for schema_name, schema in pairs(require("vault.schema").schemas) do
      for _, field in ipairs(schema.fields or {}) do
        local path = schema_name .. "." .. field.name
        if field.secret and path ~= "CreateCallbackStateResponseData.state" then
          seen = seen + 1
          assert.is_true(redaction.is_secret_name(field.name), path)
        end
      end
    end
    assert.is_true(seen >= 10)
  end)

  it("whatever its length", function()
    assert.is_true(redaction.is_secret_name(("long_"):rep(100) .. "token"))
    assert.is_true(redaction.is_secret_name(("x"):rep(100) .. "_token"))
  end)
end)
