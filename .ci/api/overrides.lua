-- Where Apideck's OpenAPI document is incomplete or differs from the API's behaviour; each with its reason. An entry
-- that changes nothing makes .ci/generate fail: then the document has been corrected, and the entry can be removed.
local overrides = {}

-- The first groups in the reference; the others follow by name.
overrides.groups = { "connections", "validate_connection", "create_callback" }

-- Names of operations are their operationId in snake_case, with the last word as the function: All is `list`, One is
-- `get`, Add is `create`.
overrides.names = {
  connectionsImport = { name = "connections.imports", because = "Apideck's SDKs name it so" },
}

-- By operationId: operations without a function.
overrides.left_out = {
  connectionsAdd = "not in Apideck's SDKs: `connections.update` adds a connection",
  connectionsAuthorize = "a browser is sent there, with Connection's `authorize_url`",
  connectionsCallback = "the service sends a browser there",
  connectionsExample = "internal to Apideck",
  connectionsRevoke = "a browser is sent there, with Connection's `revoke_url`",
  connectionsSchema = "internal to Apideck",
  vaultOAuthDisconnect = "the service sends a browser there",
  vaultOAuthDisconnectCallback = "the service calls it",
}

-- By operationId. GET and DELETE are idempotent by RFC 9110 9.2.2.
overrides.operations = {
  connectionsMigrate = {
    idempotent = true,
    because = "the document's text says that it can be repeated",
  },
  validateConnectionState = {
    idempotent = true,
    because = "it refreshes the token and reports the state, however often it is called",
  },
}

local unified_apis = "its values are those of UnifiedApiId, as in Apideck's SDKs"
local milliseconds = "sent as an integer of milliseconds"
local status_codes = "HTTP status codes are integers"
local date = "the document's text and examples are RFC 3339"

-- By name of the request's field: facts that replace the document's.
overrides.parameters = {
  api = { schema = { ["$ref"] = "UnifiedApiId" }, because = unified_apis },
  unified_api = { schema = { ["$ref"] = "UnifiedApiId" }, because = unified_apis },
  start_datetime = { schema = { format = "date-time" }, because = date },
  end_datetime = { schema = { format = "date-time" }, because = date },
}

-- By schema, or schema and property: facts that replace the document's. `items` are the facts of an array's items.
overrides.schemas = {
  ["Connection.unified_api"] = { ["$ref"] = "UnifiedApiId", because = unified_apis },
  ["Connection.credentials_expire_at"] = { type = "integer", because = milliseconds },
  ["Connection.last_refresh_failed_at"] = { type = "integer", because = milliseconds },
  ["Connection.last_downstream_error_at"] = { type = "integer", because = milliseconds },
  ["Connection.created_at"] = { type = "integer", because = milliseconds },
  ["Connection.updated_at"] = { type = "integer", because = milliseconds },
  ["ConsumerConnection.unified_api"] = { ["$ref"] = "UnifiedApiId", because = unified_apis },
  ["ConsentRecord"] = {
    required = {},
    because = "required of what the server sends; a caller gives what it wants changed",
  },
  ["UpdateConsentRequest.resources"] = {
    ["$ref"] = "DataScopesResources",
    because = "the same type twice, here without its name",
  },
  ["FormFieldOption"] = {
    required = {},
    because = "real responses leave `option_type` out",
  },
  ["FormFieldOption.options"] = {
    items = { ["$ref"] = "FormFieldOption" },
    because = "an option without `option_type` may be a group too",
  },
  ["ConnectionImportDataCredentials.expires_in"] = {
    format = "duration",
    because = "a number of seconds, which OAuth servers also send as text (RFC 6749 5.1)",
  },
  ["LogsFilter.status_code"] = { type = "integer", because = status_codes },
  ["LogsFilter.status_codes"] = { items = { type = "integer" }, because = status_codes },
}

local on_the_wire = "sent by the server, in no version of the document"
local scalar = { oneOf = { { type = "string" }, { type = "number" }, { type = "boolean" } } }

-- Properties that the document does not have, in the order in which they follow the others.
overrides.added = {
  { name = "FormField.value", schema = scalar, because = on_the_wire },
  { name = "FormField.default_value", schema = scalar, because = on_the_wire },
  { name = "FormField.mask", schema = { type = "boolean" }, because = on_the_wire },
  { name = "FormField.target", schema = { type = "string" }, because = on_the_wire },
  { name = "FormField.filter", schema = { type = "object" }, because = on_the_wire },
  {
    name = "FormField.options_fetch_error",
    schema = { type = "boolean", nullable = true },
    because = on_the_wire .. ", but in Apideck's SDKs",
  },
}

-- Fields whose value is a secret; `"if_sensitive"`: where the field `sensitive` beside it is true.
overrides.secrets = {
  ["Connection.settings"] = { true, because = "holds API keys and passwords" },
  ["Connection.authorize_url"] = { true, because = "anyone who has it can act for the consumer" },
  ["Connection.revoke_url"] = { true, because = "anyone who has it can act for the consumer" },
  ["ConsumerConnection.settings"] = { true, because = "holds API keys and passwords" },
  ["ConnectionImportData.settings"] = { true, because = "holds API keys and passwords" },
  ["ConnectionImportData.credentials"] = { true, because = "holds tokens" },
  ["ConnectionImportDataCredentials.access_token"] = { true, because = "a token" },
  ["ConnectionImportDataCredentials.refresh_token"] = { true, because = "a token" },
  ["ConfirmConnection.confirm_token"] = { true, because = "confirms a connection once" },
  ["CreateCallbackStateResponseData.state"] = { true, because = "stands for the consumer" },
  ["CreateSessionResponseData.session_token"] = { true, because = "a token" },
  ["CreateSessionResponseData.session_uri"] = { true, because = "its path holds the token" },
  ["Session.custom_consumer_settings"] = { true, because = "settings of the application's own" },
  ["FormField.value"] = { "if_sensitive", because = "a setting, in clear" },
  ["FormField.default_value"] = { "if_sensitive", because = "a setting, in clear" },
}

return overrides
