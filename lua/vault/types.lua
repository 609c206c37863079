---@meta vault

-- The public interface, for editors that read LuaCATS annotations (Lua Language Server): add the directory that holds
-- vault/ to "workspace.library". Nothing loads this file at run time.
-- What stands between "generated" and "end of" is written by .ci/generate.

-- generated: enumerations

---The unified APIs. Newer ones are taken as they are.
---@alias vault.UnifiedApi
---| "accounting"
---| "ats"
---| "calendar"
---| "crm"
---| "csp"
---| "customer-support"
---| "ecommerce"
---| "email"
---| "email-marketing"
---| "expense-management"
---| "file-storage"
---| "form"
---| "hris"
---| "lead"
---| "payroll"
---| "pos"
---| "procurement"
---| "project-management"
---| "script"
---| "sms"
---| "spreadsheet"
---| "subscription-analytics"
---| "team-messaging"
---| "issue-tracking"
---| "time-registration"
---| "transactional-email"
---| "vault"
---| "data-warehouse"
---| string

---How far a connection has come: not added, added (settings or authorisation missing), authorised (settings missing), ready for calls, or given settings that do not work.
---@alias vault.ConnectionState
---| "available"
---| "callable"
---| "added"
---| "authorized"
---| "invalid"
---| string

---Whether your application has set the connector up.
---@alias vault.IntegrationState
---| "disabled"
---| "needs_configuration"
---| "configured"
---| string

---How a service authorises calls.
---@alias vault.AuthType
---| "oauth2"
---| "apiKey"
---| "basic"
---| "custom"
---| "none"
---| string

---Which OAuth grant is used.
---@alias vault.OAuthGrantType
---| "authorization_code"
---| "client_credentials"
---| "password"
---| string

---Whether the connector itself is released.
---@alias vault.ConnectionStatus
---| "live"
---| "upcoming"
---| "requested"
---| string

---The control that suits a form field.
---@alias vault.FormFieldType
---| "text"
---| "checkbox"
---| "tel"
---| "email"
---| "url"
---| "textarea"
---| "select"
---| "filtered-select"
---| "multi-select"
---| "datetime"
---| "date"
---| "time"
---| "number"
---| "password"
---| string

---A choice, or a group of choices.
---@alias vault.FormFieldOptionType
---| "simple"
---| "group"
---| string

---What a default value is put into.
---@alias vault.DefaultTarget
---| "custom_fields"
---| "resource"
---| string

---Whether the user agreed to share data.
---@alias vault.ConsentState
---| "implicit"
---| "pending"
---| "granted"
---| "denied"
---| "revoked"
---| "requires_reconsent"
---| string

---What, if anything, keeps a connection from working.
---@alias vault.ConnectionHealth
---| "revoked"
---| "missing_settings"
---| "needs_consent"
---| "pending_confirmation"
---| "needs_auth"
---| "pending_refresh"
---| "ok"
---| "degraded"
---| string

-- end of enumerations

---A value of a form field or of a default.
---@alias vault.Scalar string|number|boolean|(string|number)[]

---Which fields of which resources may be read and written: "*" for all, or, by resource and then by field path, the two rights.
---@alias vault.DataScopesResources "*"|table<string, table<string, { read: boolean?, write: boolean? }>>

-- generated: schemas

---A consumer's connection to one service. In responses every field is optional, and fields that are newer than this list are kept. In a request only the fields without "(read-only)" have an effect.
---@class vault.Connection
---@field id? string (read-only) identifies the connection: unified API and service, joined by "+"
---@field service_id? string (read-only) the service, such as "pipedrive"
---@field name? string (read-only) the service's name, to show to people
---@field tag_line? string (read-only) one sentence about the service
---@field unified_api? vault.UnifiedApi (read-only) the API that the connection belongs to
---@field state? vault.ConnectionState (read-only) how far it has come
---@field integration_state? vault.IntegrationState (read-only) whether your application has set the connector up
---@field auth_type? vault.AuthType (read-only) how the service authorises calls
---@field oauth_grant_type? vault.OAuthGrantType (read-only) which grant, where `auth_type` is "oauth2"
---@field status? vault.ConnectionStatus (read-only) whether the connector itself is released
---@field enabled? boolean whether calls may use the connection; set it to add, switch off or switch on a connection
---@field website? string (read-only) the service's home page
---@field icon? string (read-only) URL of a square picture
---@field logo? string (read-only) URL of the logo
---@field authorize_url? string (read-only) where a user grants access (OAuth only); add a URL-encoded `redirect_uri` to its query before sending anyone there
---@field revoke_url? string (read-only) where a user takes access back, once authorised; needs a `redirect_uri` too
---@field settings? table<string, any> values of the form fields, by their id
---@field metadata? table<string, any> your own notes on the connection
---@field form_fields? vault.FormField[] (read-only) what the service wants to know before it can be called
---@field configuration? vault.ConnectionConfiguration[] default values for resources that are created through the connection
---@field configurable_resources? string[] (read-only) resources that `configuration` can name
---@field resource_schema_support? string[] (read-only) resources whose schema can be asked for
---@field resource_settings_support? string[] (read-only) resources with settings of their own
---@field validation_support? boolean (read-only) whether the settings can be checked with the service
---@field schema_support? boolean (read-only) whether the service describes its resources
---@field settings_required_for_authorization? string[] (read-only) ids of settings that must be there before a user can authorise
---@field subscriptions? vault.WebhookSubscription[] (read-only) what the service notifies Apideck about
---@field has_guide? boolean (read-only) whether Apideck has a guide to setting the connector up
---@field custom_mappings? vault.CustomMapping[] fields of yours that are mapped onto the service's
---@field consent_state? vault.ConsentState whether the user agreed to share the data
---@field consents? vault.ConsentRecord[] (read-only) every decision on consent, oldest first
---@field latest_consent? vault.ConsentRecord the decision that holds
---@field application_data_scopes? vault.DataScopes what your application asks to read and write
---@field health? vault.ConnectionHealth (read-only) what, if anything, keeps the connection from working
---@field credentials_expire_at? integer (read-only) when credentials that cannot be refreshed are dropped, in ms since the epoch; 0: no such plan
---@field last_refresh_failed_at? integer (read-only) when a token last failed to refresh, in ms since the epoch; 0: not lately
---@field last_downstream_error_at? integer (read-only) when the service was last out of reach, in ms since the epoch; 0: it is not
---@field created_at? integer (read-only) in ms since the epoch
---@field updated_at? integer (read-only) in ms since the epoch

---One question to whoever sets a connection up.
---@class vault.FormField
---@field id? string the setting that the response is stored as
---@field label? string the question, as shown
---@field placeholder? string shown in the control while it is empty
---@field description? string help below the control
---@field type? vault.FormFieldType which control to show
---@field required? boolean whether the connection needs it
---@field custom_field? boolean whether it was added for one account
---@field allow_custom_values? boolean for selects: whether other values than the options are fine
---@field disabled? boolean shown, but not to be changed
---@field hidden? boolean not shown, although it has a value
---@field deprecated? boolean no longer asked for; a value that is there is kept
---@field sensitive? boolean a secret: mask it on screen, keep it out of logs
---@field prefix? string text in front of the control
---@field suffix? string text behind the control
---@field options? vault.FormFieldOption[] what a select offers
---@field value? vault.Scalar (sent by the server) the value stored
---@field default_value? vault.Scalar (sent by the server) the value used when none is stored
---@field mask? boolean (sent by the server) whether to mask the value
---@field target? string (sent by the server) what the value is for
---@field filter? table (sent by the server) which options to show, by another field

---A choice, or a group of choices. Real responses leave `option_type` out at times: a group is what has `options`.
---@class vault.FormFieldOption
---@field id? string of a group
---@field label? string the choice, as shown
---@field value? vault.Scalar of a simple option
---@field option_type? vault.FormFieldOptionType at times absent: a group is what has `options`
---@field options? vault.FormFieldOption[] of a group

---@class vault.ConnectionConfiguration
---@field resource? string such as "leads"
---@field defaults? vault.ConfigurationDefault[] what its fields are set to when a call leaves them out

---@class vault.ConfigurationDefault
---@field target? vault.DefaultTarget (read-only) what the value is put into
---@field id? string the field
---@field options? vault.FormFieldOption[] values to choose from
---@field value? vault.Scalar the default itself

---@class vault.WebhookSubscription
---@field downstream_id? string (read-only) its id at the service
---@field unify_event_types? string[] (read-only) Apideck's events
---@field downstream_event_types? string[] (read-only) the service's events
---@field execute_url? string (read-only) where the service sends them
---@field created_at? string (read-only) when, as an ISO 8601 time

---@class vault.CustomMapping
---@field id? string (read-only) the field of yours that is mapped
---@field label? string (read-only) the name, as shown
---@field description? string (read-only) what it is for
---@field value? string where its value is found in the service's data
---@field key? string (read-only) its key
---@field required? boolean (read-only) whether it has to be mapped
---@field custom_field? boolean (read-only) whether it is found among the service's custom fields
---@field consumer_id? string (read-only) whose mapping it is, where it is not everybody's

---@class vault.ConsentRecord
---@field id? string (read-only) identifies the decision
---@field created_at? string (read-only) when, as an ISO 8601 time
---@field granted? boolean given, or refused
---@field resources? vault.DataScopesResources what it covers

---@class vault.DataScopes
---@field enabled? boolean whether consent is asked for at all
---@field updated_at? string (read-only) an ISO 8601 time
---@field resources? vault.DataScopesResources what may be read and written

---@class vault.ConnectionImportData
---@field credentials? vault.ConnectionImportCredentials tokens that a user gave you elsewhere
---@field settings? table<string, any> values of the form fields, by their id
---@field metadata? table<string, any> your own notes on the connection

---Without `issued_at` or `expires_in` Apideck refreshes the token before it uses it.
---@class vault.ConnectionImportCredentials
---@field refresh_token? string what a new access token is got with
---@field access_token? string what calls are made with
---@field issued_at? string|integer RFC 3339 text, or seconds since the epoch as `os.time()` gives
---@field expires_in? integer|string seconds from `issued_at`; digits in a string are sent as the integer

---@class vault.EmptyObject

---@class vault.ConnectionMigrateData
---@field target_service_id string the service that the connection moves to

-- end of schemas

-- requests -----------------------------------------------------------------------------------------------------------

---@class vault.Request
---@field consumer_id? string instead of the client's
---@field app_id? string instead of the client's

-- generated: requests

---@class vault.ListRequest : vault.Request
---@field api? vault.UnifiedApi only connections of this API
---@field configured? boolean only connectors that your application has set up, or only those that it has not

---@class vault.GetRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApi the API that the connection belongs to

---@class vault.UpdateRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApi the API that the connection belongs to
---@field connection vault.Connection what is to change

---@class vault.DeleteRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApi the API that the connection belongs to

---@class vault.ImportsRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApi the API that the connection belongs to
---@field connection_import_data vault.ConnectionImportData what the user gave you elsewhere

---@class vault.TokenRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApi the API that the connection belongs to
---@field request_body? vault.EmptyObject needs no fields

---@class vault.MigrateRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApi the API that the connection belongs to
---@field connection_migrate_data vault.ConnectionMigrateData where it moves to

---@class vault.ConnectionsResult : vault.Result
---@field data vault.Connection[]

---@class vault.ConnectionResult : vault.Result
---@field data vault.Connection

-- end of requests

-- results ------------------------------------------------------------------------------------------------------------

---The response's body, decoded. A null member is absent unless the client has `keep_nulls`.
---@class vault.Result
---@field status_code integer
---@field status string
---@field meta? vault.Meta
---@field _raw? table what the service itself answered, where it was asked for

---@class vault.Meta
---@field items_on_page? integer
---@field total_count? integer
---@field cursors? { previous: string?, current: string?, next: string? }
---@field warnings? { type: string?, status_code: integer?, error: string?, operation: string?, message: string? }[] steps that failed without failing the call

---What came back, beside the body.
---@class vault.Response
---@field status integer of HTTP
---@field headers table<string, string> names in lower case
---@field request_id? string to quote to Apideck's support
---@field attempts integer how often it was sent
---@field elapsed_ms number over all attempts and pauses
---@field method string
---@field url string what was asked for
---@field http_version? "1.1"|"2" absent where a transport has answered

-- errors -------------------------------------------------------------------------------------------------------------

---@alias vault.ErrorName
---| "BadRequestResponse" # 400
---| "UnauthorizedResponse" # 401
---| "PaymentRequiredResponse" # 402
---| "NotFoundResponse" # 404
---| "ConflictResponse" # 409
---| "UnprocessableResponse" # 422
---| "APIError" # any other status from 300 up
---| "ResponseValidationError" # a success whose body cannot be used
---| "ConnectionError" # no response: DNS, refused, reset, TLS
---| "RequestTimeoutError" # `timeout_ms` or `connect_timeout_ms` passed
---| "RequestAbortedError" # the job was cancelled, or its client closed
---| "InvalidRequestError" # nothing was sent
---| "UnexpectedClientError" # a hook, a key function, a logger or a transport raised

---What every operation raises (returns as second value with vault.safe). `tostring(err)` is one line without secrets.
---@class vault.Error
---@field name vault.ErrorName
---@field message string
---@field status_code? integer
---@field error? any the member of that name in the response's body
---@field type_name? string Apideck's name for what is wrong, such as "EntityNotFoundError"
---@field detail? string|table as sent; a text is in tostring(err) too, without secrets
---@field ref? string a page of Apideck's documentation
---@field downstream_errors? { message: string?, detail: any, code: any }[] what the service complained about
---@field code? string of a ConnectionError: "dns", "refused", "reset", "tls", "protocol", "proxy", "resources", ...
---@field phase? "dns"|"connect"|"tls"|"send"|"first_byte"|"body" of a RequestTimeoutError: what was waited for
---@field data? any the response's body, decoded
---@field body? string its text, at most 64 KiB
---@field headers? table<string, string> of the response
---@field request_id? string
---@field retry_after_ms? number how long the server wants to be left alone
---@field operation? string such as "vault.connections.get"
---@field method? string
---@field url? string the values of its secret query parameters replaced by "[redacted]"
---@field attempts? integer
---@field elapsed_ms? number
---@field cause? any what a hook, a key function, a logger or a transport raised

-- configuration ------------------------------------------------------------------------------------------------------

---Of a call; each field wins over the client's.
---@class vault.Options
---@field server_url? string may have a path and a query, which are kept (default: APIDECK_SERVER_URL, else https://unify.apideck.com)
---@field timeout_ms? number of one attempt, body included (default 30000)
---@field headers? table<string, string|false> more headers, or other values for the module's own; false (or "") leaves one out
---@field retries? vault.Retries|false when and how often a request is sent again; false: never
---@field retry_codes? string[] statuses to retry, such as "503" or "5XX" (default 408, 429, 500, 502, 503, 504)

---@class vault.Config : vault.Options
---@field api_key? string|fun(): string called for every attempt where it is a function (default: APIDECK_API_KEY)
---@field consumer_id? string whose connections (default: APIDECK_CONSUMER_ID)
---@field app_id? string your application (default: APIDECK_APP_ID)
---@field connect_timeout_ms? number until DNS, TCP and TLS are done (default 10000)
---@field user_agent? string in place of `apideck-vault-lua/<version> (...)`
---@field proxy? string a URL (default: what libcurl finds in the environment); "" for none, whatever the environment says; plain http goes through none on another host
---@field tls? vault.Tls whom to trust, and as whom to appear (default: the authorities of the system)
---@field max_response_bytes? integer the longest response, after decompression (default 32 MiB)
---@field http_version? "1.1"|"2" only this one (default: what TLS negotiates)
---@field keep_nulls? boolean give null members as vault.null instead of leaving them out, and accept it in every field of a body
---@field max_connections? integer the most TCP connections that jobs have open, whatever the HTTP version; what finds no room queues (default 256)
---@field connection_lifetime_ms? number a connection that is so old gets no new requests (default 300000)
---@field allow_insecure? boolean send the key over plain http to another machine
---@field debug_logger? boolean|fun(line: string)|{ debug: fun(self: table, line: string) } gets one line a step; true: standard error (default: standard error where APIDECK_DEBUG is 1 or true)
---@field debug_secrets? boolean let the logger see keys and tokens
---@field hooks? vault.Hooks functions of yours around each attempt
---@field transport? vault.Transport a function in place of libcurl
---@field loop? "none"|"cqueues"|"luv"|"copas"|"nginx" whose coroutines plain calls suspend (default: "nginx" inside nginx, else "none")

---Times in milliseconds.
---@class vault.Retries
---@field strategy? "backoff"|"none" (default "backoff")
---@field backoff? vault.Backoff how long the pauses are
---@field max_attempts? integer the first one included (default 4)
---@field retry_connection_errors? boolean also when no response came at all (default true)
---@field unsafe? boolean also repeat PATCH and POST when they may have been processed

---@class vault.Backoff
---@field initial_interval? number the first pause (default 500)
---@field max_interval? number the longest pause (default 8000)
---@field exponent? number by which each pause is longer than the one before (default 1.5)
---@field max_elapsed_time? number no pause is begun that would pass it (default 30000)

---@class vault.Tls
---@field ca_file? string PEM file with the authorities to trust
---@field ca_path? string directory of hashed PEM files
---@field ca_pem? string the authorities as PEM text
---@field cert_file? string PEM file with the client's certificate
---@field key_file? string PEM file with its key
---@field key_password? string the password of an encrypted key; nothing ever asks for one
---@field verify? boolean whether the server has to prove who it is (default true)

---Functions that are told what happens, and may change what is sent. What one raises ends the call.
---@class vault.Hooks
---@field before_request? fun(event: vault.Event) may change `headers`, `url` and `body`, for every attempt
---@field after_response? fun(event: vault.Event) every HTTP response, whatever its status
---@field on_retry? fun(event: vault.Event) before every pause
---@field on_error? fun(event: vault.Event) once, with the error that the call ends in

---What a hook is called with.
---@class vault.Event
---@field operation string such as "vault.connections.get"
---@field method string
---@field url string where it is sent
---@field headers table<string, string> names in lower case
---@field body? string
---@field attempt integer counted from 1
---@field status? integer of the response
---@field elapsed_ms? number since the call began
---@field error? vault.Error what went wrong, in on_error, and in on_retry where no response came
---@field wait_ms? number the pause that follows, in on_retry

---Takes the place of the network. Without a response, the second value says why: a ConnectionError.
---@alias vault.Transport fun(request: vault.TransportRequest): vault.TransportResponse|nil, string?

---@class vault.TransportRequest
---@field method string
---@field url string
---@field headers table<string, string>
---@field body? string
---@field timeout_ms number

---@class vault.TransportResponse
---@field status integer
---@field headers? table<string, string>
---@field body? string

-- the module ---------------------------------------------------------------------------------------------------------

-- generated: operations

---@class vault.Connections
local connections = {}

---The connections of a consumer, also those that were never added. Not paginated.
---@param request? vault.ListRequest
---@param options? vault.Options
---@return vault.ConnectionsResult result
---@return vault.Response response
function connections.list(request, options) end

---One connection. Of a connector that was never added, its state is "available".
---@param request vault.GetRequest
---@param options? vault.Options
---@return vault.ConnectionResult result
---@return vault.Response response
function connections.get(request, options) end

---Changes settings, metadata and defaults; `enabled = true` adds the connection.
---@param request vault.UpdateRequest
---@param options? vault.Options
---@return vault.ConnectionResult result
---@return vault.Response response
function connections.update(request, options) end

---Deletes a connection. Its connector stays in the list, as available.
---@param request vault.DeleteRequest
---@param options? vault.Options
---@return vault.Result result
---@return vault.Response response
function connections.delete(request, options) end

---Creates or changes a connection with credentials that a user gave you elsewhere.
---@param request vault.ImportsRequest
---@param options? vault.Options
---@return vault.ConnectionResult result
---@return vault.Response response
function connections.imports(request, options) end

---Has Apideck fetch an access token and keep it, for the grants client_credentials and password. The connection is returned, the token is not.
---@param request vault.TokenRequest
---@param options? vault.Options
---@return vault.ConnectionResult result
---@return vault.Response response
function connections.token(request, options) end

---Moves a connection, with its credentials, to another service of the same API.
---@param request vault.MigrateRequest
---@param options? vault.Options
---@return vault.ConnectionResult result
---@return vault.Response response
function connections.migrate(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncConnections
---@field list fun(request?: vault.ListRequest, options?: vault.AsyncOptions): vault.Job
---@field get fun(request: vault.GetRequest, options?: vault.AsyncOptions): vault.Job
---@field update fun(request: vault.UpdateRequest, options?: vault.AsyncOptions): vault.Job
---@field delete fun(request: vault.DeleteRequest, options?: vault.AsyncOptions): vault.Job
---@field imports fun(request: vault.ImportsRequest, options?: vault.AsyncOptions): vault.Job
---@field token fun(request: vault.TokenRequest, options?: vault.AsyncOptions): vault.Job
---@field migrate fun(request: vault.MigrateRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.Groups
---@field connections vault.Connections

---@class vault.Async
---@field connections vault.AsyncConnections

-- end of operations

-- jobs ---------------------------------------------------------------------------------------------------------------

---@class vault.AsyncOptions : vault.Options
---@field callback? fun(result: vault.Result?, err: vault.Error?, response: vault.Response?) called once, by whatever collects the job

---A call that runs in the background.
---@class vault.Job
local job = {}

---Whether the call has ended, well or not.
---@return boolean
function job:done() end

---As the plain call, once the job has ended. Returns nil and "timeout" when that many milliseconds pass first.
---@param timeout_ms? number (default: no limit)
---@return vault.Result|nil result
---@return vault.Response|"timeout" response
function job:wait(timeout_ms) end

---As wait, for a job that has ended; raises where it has not.
---@return vault.Result result
---@return vault.Response response
function job:result() end

---Ends the job with RequestAbortedError. Nothing happens where it has ended already.
function job:cancel() end

---@class vault.Client : vault.Groups
---@field async vault.Async
local client = {}

---Does what can be done now, or within the time: takes the next steps of jobs and runs callbacks. What a callback raises
---is raised here, after all others have run.
---@param timeout_ms? number (default 0)
---@return integer ended how many jobs have ended by it
function client:poll(timeout_ms) end

---A descriptor that is readable while there is something for poll to do. It stays the client's.
---@return integer
function client:pollfd() end

---What to wait for on it.
---@return "r"
function client:events() end

---After how many seconds poll wants to be called although the descriptor is not readable; nil: never.
---@return number?
function client:timeout() end

---Ends the client; calls on it raise from now on. Harmless when repeated.
function client:close() end

---The operations on it are those of a client made from the environment at the first call.
---@class vault : vault.Groups
---@field null lightuserdata JSON null; the same value as cjson.null
---@field _NAME string
---@field _VERSION string
local vault = {}

---A client. The key, the ids and the server that are not given come from the environment.
---@param config? vault.Config
---@return vault.Client
function vault.new(config) end

---Marks a table, or a new one, as a JSON array: `[]` also when it is empty.
---@generic T
---@param list? T[]
---@return T[]
function vault.array(list) end

---Waits until all of the jobs have ended: true; or nil and "timeout". Results and errors come from each job.
---@param jobs vault.Job[]
---@param timeout_ms? number (default: no limit)
---@return true|nil
---@return "timeout"?
function vault.wait_all(jobs, timeout_ms) end

---Whether a value is an error of this module, and, where a name is given, of that name. Raises where no error has that name.
---@param value any
---@param name? vault.ErrorName
---@return boolean
function vault.is_error(value, name) end

-- the sandbox (require "vault.sandbox") --------------------------------------------------------------------------------

---@class vault.SandboxModule
local sandbox_module = {}

---@class vault.SandboxOptions
---@field api_key? string|string[]|false the key or keys that requests must carry; false: any (default "sandbox-key")
---@field app_id? string|string[]|false (default "sandbox-app")
---@field consumer_id? string|string[]|false (default: any)
---@field connectors? table[] more connectors; vault/sandbox/connectors.lua has their fields
---@field populated? boolean false: no consumer has a connection to begin with
---@field clock? fun(): number the time in milliseconds since the epoch
---@field quota? integer how many requests are answered before 402
---@field seed? integer the same ids in every run

---@param options? vault.SandboxOptions
---@return vault.Sandbox
function sandbox_module.new(options) end

---A Vault on this machine.
---@class vault.Sandbox
---@field api_key string|string[]|false
---@field app_id string|string[]|false
local sandbox = {}

---Responses one request, without any network.
---@param request { method: string, url: string, headers: table<string, string>, body: string? }
---@return vault.TransportResponse
function sandbox:handle(request) end

---For `vault.new { transport = ... }`.
---@return vault.Transport
function sandbox:transport() end

---Makes requests fail from now on.
---@param fault vault.Fault
---@return vault.FaultHandle
function sandbox:fault(fault) end

---Takes all faults away.
function sandbox:clear_faults() end

---Forgets everything that was changed.
function sandbox:reset() end

---Lets something happen to a connection outside of Vault: "authorized", "revoked", "token_expired", "refresh_failed",
---"refreshed", "authorization_lost", "downstream_error", "downstream_recovered", "confirmation_required", "confirmed",
---"consent_required" or "consent_granted". Returns the connection.
---@param what { event: string, service_id: string, unified_api: string, consumer_id: string?, app_id: string? }
---@return vault.Connection
function sandbox:simulate(what) end

---Serves over HTTP on this machine until it is stopped; needs lua-http.
---@param options? { port: integer?, on_ready: fun(url: string)? }
function sandbox:serve(options) end

---@class vault.Fault
---@field status? integer response with this status
---@field body? string|table in place of an error like Apideck's
---@field headers? table<string, string> more headers of the response, or other ones
---@field detail? string|table of the error body
---@field type_name? string of the error body
---@field message? string of the error body
---@field delay_ms? number wait before answering
---@field retry_after? number|string the header of that name
---@field retry_after_date? number the same as an HTTP date, this many seconds from now
---@field retry_after_ms? number the header of that name
---@field downstream_reset? number x-downstream-ratelimit-reset, this many seconds from now
---@field cut_body? integer send only so many bytes of the body, then close
---@field reset? true|"before_head"|"after_head" reset the connection
---@field processed? boolean whether the operation takes effect
---@field times? integer how many requests it hits (default: all)
---@field operation? string only this one, such as "vault.connections.get"
---@field key? string sets apart faults that are the same text otherwise

---@class vault.FaultHandle
---@field hits integer how many requests it hit
local fault_handle = {}

---Takes the fault away.
function fault_handle:clear() end

return vault
