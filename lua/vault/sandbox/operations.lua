--- What each operation does: one function for each operation id.
--
-- It is called with a context:
--   account      the consumer's account; nil for an operation without a consumer
--   app_id       the application
--   connector    what unified_api and service_id name, where the path has them
--   parameters   of the path, decoded
--   query        decoded by the types of its parameters
--   body         decoded and checked; {} where there is none
--   store, now   the sandbox's store and clock
--   settings     { base_url, redirect_uris, confirmation, log } of the sandbox
--   row          a function of a connector: the Connection of a response
-- and returns { status = 200, data, meta } or nil and a problem of errors.lua.
local operations = {}

for _, name in ipairs {
  "connections",
  "confirmation",
  "validation",
  "callback_state",
  "consents",
  "resource_settings",
  "custom_fields",
  "custom_mappings",
  "consumers",
  "sessions",
  "logs",
} do
  for id, perform in pairs(require("vault.sandbox.operations." .. name)) do
    operations[id] = perform
  end
end

return operations
