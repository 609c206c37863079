---@meta vault

-- The public interface, for editors that read LuaCATS annotations (Lua Language Server): add the directory that holds
-- vault/ to "workspace.library". Nothing loads this file at run time.
-- What stands between "generated" and "end of" is written by .ci/generate.

-- generated: enumerations

---The unified APIs. Newer ones are taken as they are.
---@alias vault.UnifiedApiId
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

---How far a connection has come: not added, added (settings or authorization missing), authorized (settings missing), ready for calls, or given settings that do not work.
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

---How a service authorizes calls.
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
---@alias vault.FormFieldOptionOptionType
---| "simple"
---| "group"
---| string

---What a default value is put into.
---@alias vault.ConnectionConfigurationDefaultsTarget
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

---How the path of a log is compared with the filter's.
---@alias vault.LogsFilterPathMatchMode
---| "CONTAINS"
---| "STARTS_WITH"
---| "ENDS_WITH"
---| "EXACT"
---| string

---The API that a request was made to.
---@alias vault.LogUnifiedApi
---| "crm"
---| "lead"
---| "proxy"
---| "vault"
---| "accounting"
---| "hris"
---| "ats"
---| "ecommerce"
---| "issue-tracking"
---| "pos"
---| "file-storage"
---| "sms"
---| string

---What a user may do in the hosted Vault.
---@alias vault.SessionSettingsAllowActions
---| "delete"
---| "disconnect"
---| "reauthorize"
---| "disable"
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
---@field unified_api? vault.UnifiedApiId (read-only) the API that the connection belongs to
---@field state? vault.ConnectionState (read-only) how far it has come
---@field integration_state? vault.IntegrationState (read-only) whether your application has set the connector up
---@field auth_type? vault.AuthType (read-only) how the service authorizes calls
---@field oauth_grant_type? vault.OAuthGrantType (read-only) which grant, where `auth_type` is "oauth2"
---@field status? vault.ConnectionStatus (read-only) whether the connector itself is released
---@field enabled? boolean whether calls may use the connection; set it to add, disable or enable a connection
---@field website? string (read-only) the service's home page
---@field icon? string (read-only) URL of a square picture
---@field logo? string (read-only) URL of the logo
---@field authorize_url? string (read-only) where a user grants access (OAuth only); add a URL-encoded `redirect_uri` to its query before sending anyone there
---@field revoke_url? string (read-only) where a user revokes access, once authorized; needs a `redirect_uri` too
---@field settings? table<string, any> values of the form fields, by their id
---@field metadata? table<string, any> your own notes on the connection
---@field form_fields? vault.FormField[] (read-only) what the service needs to know before it can be called
---@field configuration? vault.ConnectionConfiguration[] default values for resources that are created through the connection
---@field configurable_resources? string[] (read-only) resources that `configuration` can name
---@field resource_schema_support? string[] (read-only) resources whose schema can be asked for
---@field resource_settings_support? string[] (read-only) resources with settings of their own
---@field validation_support? boolean (read-only) whether the settings can be checked with the service
---@field schema_support? boolean (read-only) whether the service describes its resources
---@field settings_required_for_authorization? string[] (read-only) ids of settings that must be there before a user can authorize
---@field subscriptions? vault.WebhookSubscription[] (read-only) what the service notifies Apideck about
---@field has_guide? boolean (read-only) whether Apideck has a guide to setting the connector up
---@field custom_mappings? vault.CustomMapping[] fields of yours that are mapped to the service's
---@field consent_state? vault.ConsentState whether the user agreed to share the data
---@field consents? vault.ConsentRecord[] (read-only) every decision on consent, oldest first
---@field latest_consent? vault.ConsentRecord the decision that holds
---@field application_data_scopes? vault.DataScopes what your application asks to read and write
---@field health? vault.ConnectionHealth (read-only) what, if anything, keeps the connection from working
---@field credentials_expire_at? integer (read-only) when credentials that cannot be refreshed are deleted, in ms since the epoch; 0: not planned
---@field last_refresh_failed_at? integer (read-only) when a token last failed to refresh, in ms since the epoch; 0: not lately
---@field last_downstream_error_at? integer (read-only) when the service was last unavailable, in ms since the epoch; 0: it is not
---@field created_at? integer (read-only) in ms since the epoch
---@field updated_at? integer (read-only) in ms since the epoch

---One question of a connection's settings form.
---@class vault.FormField
---@field id? string the setting that holds the value
---@field label? string the question, as shown
---@field placeholder? string shown in the control while it is empty
---@field description? string help below the control
---@field type? vault.FormFieldType which control to show
---@field required? boolean whether the connection needs it
---@field custom_field? boolean whether it was added for one account
---@field allow_custom_values? boolean for selects: whether other values than the options are allowed
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
---@field filter? table<string, any> (sent by the server) which options to show, by another field
---@field options_fetch_error? boolean (sent by the server) whether the options could not be read from the service

---A choice, or a group of choices: a group is what has `options`.
---@class vault.FormFieldOption
---@field label? string the choice, as shown
---@field value? vault.Scalar of a simple option
---@field option_type? vault.FormFieldOptionOptionType sometimes absent
---@field id? string of a group
---@field options? vault.FormFieldOption[] of a group

---@class vault.ConnectionConfiguration
---@field resource? string such as "leads"
---@field defaults? vault.ConnectionConfigurationDefaults[] values of its fields where a call gives none

---@class vault.ConnectionConfigurationDefaults
---@field target? vault.ConnectionConfigurationDefaultsTarget (read-only) what the value is put into
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
---@field consumer_id? string (read-only) the consumer it belongs to; absent where it holds for all
---@field example? string (read-only) a value that the mapping has found

---@class vault.ConsentRecord
---@field id? string (read-only) identifies the decision
---@field created_at? string (read-only) when, as an ISO 8601 time
---@field granted? boolean given, or refused
---@field resources? vault.DataScopesResources what it covers

---@class vault.DataScopes
---@field enabled? boolean whether consent is asked for at all
---@field updated_at? string (read-only) an ISO 8601 time
---@field resources? vault.DataScopesResources what may be read and written

---@class vault.ConfirmConnection
---@field confirm_token string from the fragment of the URL that the browser came back to

---@class vault.ConfirmConnectionResponseData
---@field confirmed boolean whether the connection is confirmed now

---@class vault.ConnectionImportData
---@field credentials? vault.ConnectionImportDataCredentials tokens that you have from elsewhere
---@field settings? table<string, any> values of the form fields, by their id
---@field metadata? table<string, any> your own notes on the connection

---Without `issued_at` or `expires_in` Apideck refreshes the token before it uses it.
---@class vault.ConnectionImportDataCredentials
---@field refresh_token? string gets a new access token
---@field access_token? string authorizes calls
---@field issued_at? string|integer RFC 3339 text, or seconds since the epoch as `os.time()` gives
---@field expires_in? integer|string seconds from `issued_at`; digits in a string are sent as the integer

---@class vault.ConnectionMigrateData
---@field target_service_id string the service that the connection moves to

---@class vault.EmptyObject

---@class vault.ValidateConnectionStateResponseData
---@field id? string (read-only) identifies the connection
---@field state? vault.ConnectionState (read-only) how far it has come

---@class vault.CreateCallbackState
---@field redirect_uri? string where the browser goes at the end

---@class vault.CreateCallbackStateResponseData
---@field state? string (read-only) the `state` parameter of the service's authorization URL

---@class vault.UpdateConsentRequest
---@field resources vault.DataScopesResources what it covers
---@field granted boolean given, or refused

---@class vault.ConsumerRequestCountsInDateRangeResponseData
---@field application_id? string the application
---@field consumer_id? string the consumer
---@field start_datetime? string as requested
---@field end_datetime? string as requested
---@field aggregated_request_count? number requests made, all kinds together
---@field request_counts? vault.RequestCountAllocation (read-only) the same by kind

---@class vault.RequestCountAllocation
---@field unify? number (read-only) requests to unified APIs
---@field proxy? number (read-only) requests passed through to the service
---@field vault? number (read-only) requests to Vault

---@class vault.ConsumersFilter
---@field consumer_id? string only this consumer
---@field search? string only consumers with this text in their id or metadata

---A consumer as a list has it.
---@class vault.GetConsumersResponseData
---@field consumer_id? string your own id of the consumer
---@field application_id? string the application
---@field metadata? vault.ConsumerMetadata who it is, to show to people
---@field aggregated_request_count? number requests made for it, all kinds together
---@field request_counts? vault.RequestCountAllocation (read-only) the same by kind
---@field created? string when, as an ISO 8601 time
---@field modified? string when, as an ISO 8601 time
---@field request_count_updated? string when the counts were taken, as an ISO 8601 time
---@field services? string[] the services that it is connected to

---@class vault.ConsumerMetadata
---@field account_name? string the company
---@field user_name? string the person
---@field email? string an address
---@field image? string URL of a picture

---Someone whose connections an application uses.
---@class vault.Consumer
---@field consumer_id string your own id of the consumer
---@field application_id? string (read-only) the application
---@field metadata? vault.ConsumerMetadata who it is, to show to people
---@field connections? vault.ConsumerConnection[] (read-only) its connections
---@field services? string[] (read-only) the services that it is connected to
---@field aggregated_request_count? number (read-only) requests made for it, all kinds together
---@field request_counts? vault.RequestCountAllocation (read-only) the same by kind
---@field created? string (read-only) when, as an ISO 8601 time
---@field modified? string (read-only) when, as an ISO 8601 time
---@field request_count_updated? string (read-only) when the counts were taken, as an ISO 8601 time

---A connection as its consumer has it. Times are text here.
---@class vault.ConsumerConnection
---@field id? string (read-only) identifies the connection
---@field name? string the service's name, to show to people
---@field icon? string URL of a square picture
---@field logo? string URL of the logo
---@field website? string (read-only) the service's home page
---@field tag_line? string (read-only) one sentence about the service
---@field service_id? string the service, such as "pipedrive"
---@field unified_api? vault.UnifiedApiId the API that the connection belongs to
---@field consumer_id? string the consumer
---@field auth_type? vault.AuthType (read-only) how the service authorizes calls
---@field enabled? boolean whether calls may use the connection
---@field settings? table<string, any> values of the form fields, by their id
---@field metadata? table<string, any> your own notes on the connection
---@field created_at? string when, as an ISO 8601 time
---@field updated_at? string when, as an ISO 8601 time
---@field state? vault.ConnectionState (read-only) how far it has come
---@field health? vault.ConnectionHealth (read-only) what, if anything, keeps the connection from working
---@field credentials_expire_at? string when credentials that cannot be refreshed are deleted, as an ISO 8601 time
---@field last_refresh_failed_at? string when a token last failed to refresh, as an ISO 8601 time

---@class vault.CreateConsumerRequest
---@field consumer_id string your own id of the consumer
---@field metadata? vault.ConsumerMetadata who it is, to show to people

---@class vault.UpdateConsumerRequest
---@field metadata? vault.ConsumerMetadata who it is, to show to people

---@class vault.DeleteConsumerResponseData
---@field consumer_id? string the consumer that was deleted

---A custom field of the service.
---@class vault.CustomFieldFinder
---@field id? string (read-only) identifies the field at the service
---@field name? string (read-only) its name
---@field description? string what it is for
---@field value? any its value in the sample record
---@field finder? string (read-only) where the value is found in the service's data: the `value` of a custom mapping

---@class vault.CreateCustomMappingRequest
---@field value string where the value is found in the service's data

---@class vault.UpdateCustomMappingRequest
---@field value string where the value is found in the service's data

---@class vault.LogsFilter
---@field connector_id? string only requests to this service; not applied by Apideck yet
---@field path? string only requests to this path, compared by `path_match_mode`
---@field path_match_mode? vault.LogsFilterPathMatchMode how the path is compared
---@field http_method? string only requests of this method
---@field http_methods? string[] only requests of one of these methods
---@field start_date? string|integer only requests since then: RFC 3339 text, or seconds since the epoch
---@field end_date? string|integer only requests until then: RFC 3339 text, or seconds since the epoch
---@field status_code? integer only requests with this HTTP status
---@field status_codes? integer[] only requests with one of these HTTP statuses, at most 50
---@field exclude_unified_apis? string no requests to these APIs, separated by commas

---One request, as Apideck has recorded it.
---@class vault.Log
---@field api_style string REST or GraphQL
---@field base_url string the server of Apideck that it went to
---@field child_request boolean whether it was made for another request
---@field consumer_id string the consumer it was made for
---@field duration number milliseconds that the service took
---@field error_message? string what went wrong
---@field execution integer milliseconds in all
---@field has_children boolean whether other requests were made for it
---@field http_method string its method
---@field id string identifies the request
---@field latency number milliseconds that Apideck added
---@field operation vault.LogOperation the operation that was called
---@field parent_id string the request that it was made for
---@field path string its path
---@field sandbox boolean whether Apideck's sandbox credentials were used
---@field service vault.LogService the service that was called
---@field source_ip? string the address it came from
---@field status_code integer the HTTP status
---@field success boolean whether it succeeded
---@field timestamp string when, as an ISO 8601 time
---@field unified_api vault.LogUnifiedApi the API that it was made to

---@class vault.LogOperation
---@field id string identifies the operation
---@field name string its name

---@class vault.LogService
---@field id string identifies the service
---@field name string its name

---@class vault.Session
---@field consumer_metadata? vault.ConsumerMetadata who the consumer is, to show to people
---@field redirect_uri? string where the hosted Vault sends the user back to
---@field settings? vault.SessionSettings what the user sees and may do
---@field theme? vault.SessionTheme how the hosted Vault looks
---@field custom_consumer_settings? table<string, any> settings of your own, passed with the session

---@class vault.SessionSettings
---@field unified_apis? vault.UnifiedApiId[] only connectors of these APIs
---@field hide_resource_settings? boolean hides the settings of resources
---@field sandbox_mode? boolean shows the user that this is a test environment
---@field isolation_mode? boolean shows the settings of a connection only, without navigation
---@field session_length? string how long the session lasts: "30m", "1h", at most "1w"
---@field show_logs? boolean shows the logs
---@field show_suggestions? boolean shows services to connect to
---@field show_sidebar? boolean shows the sidebar
---@field auto_redirect? boolean sends the user back once a connection is ready
---@field hide_guides? boolean hides the guides
---@field allow_actions? vault.SessionSettingsAllowActions[] what the user may do

---@class vault.SessionTheme
---@field favicon? string URL of the icon in the browser's tab
---@field logo? string URL of the logo
---@field primary_color? string a CSS color
---@field sidepanel_background_color? string a CSS color
---@field sidepanel_text_color? string a CSS color
---@field vault_name? string the name in the sidebar
---@field privacy_url? string URL of your privacy policy
---@field terms_url? string URL of your terms

---@class vault.CreateSessionResponseData
---@field session_uri string (read-only) the hosted Vault, opened for the consumer
---@field session_token string (read-only) for vault-js; valid for `settings.session_length`

-- end of schemas

-- requests -----------------------------------------------------------------------------------------------------------

---@class vault.ApplicationRequest
---@field app_id? string instead of the client's

---@class vault.Request : vault.ApplicationRequest
---@field consumer_id? string instead of the client's

-- generated: requests

---@class vault.ConnectionsListRequest : vault.Request
---@field api? vault.UnifiedApiId only connections of this API
---@field configured? boolean only connectors that your application has set up, or only those that it has not

---@class vault.ConnectionsGetRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to

---@class vault.ConnectionsUpdateRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field connection vault.Connection what to change

---@class vault.ConnectionsDeleteRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to

---@class vault.ConnectionsConfirmRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field confirm_connection vault.ConfirmConnection the token that the browser came back with

---@class vault.ConnectionsImportsRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field connection_import_data vault.ConnectionImportData the credentials and settings

---@class vault.ConnectionsMigrateRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field connection_migrate_data vault.ConnectionMigrateData the target

---@class vault.ConnectionsTokenRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field request_body? vault.EmptyObject needs no fields

---@class vault.ValidateConnectionStateRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field request_body? vault.EmptyObject needs no fields

---@class vault.CreateCallbackStateRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field create_callback_state vault.CreateCallbackState where the flow ends

---@class vault.ConnectionConsentUpdateRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field update_consent_request vault.UpdateConsentRequest the decision

---@class vault.ConnectionConsentsListRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to

---@class vault.ConnectionCustomMappingsListRequest : vault.Request
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field service_id string the service, such as "pipedrive"
---@field resource string the resource, such as "leads"
---@field resource_id? string the record to take as a sample, where the service has no list of custom fields

---@class vault.ConnectionSettingsListRequest : vault.Request
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field service_id string the service, such as "pipedrive"
---@field resource string the resource, such as "leads"

---@class vault.ConnectionSettingsUpdateRequest : vault.Request
---@field service_id string the service, such as "pipedrive"
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field resource string the resource, such as "leads"
---@field connection vault.Connection what to change

---@class vault.ConsumerRequestCountsListRequest : vault.ApplicationRequest
---@field consumer_id string the consumer; never the client's own
---@field start_datetime string|integer RFC 3339 text, or seconds since the epoch
---@field end_datetime string|integer RFC 3339 text, or seconds since the epoch

---@class vault.ConsumersListRequest : vault.ApplicationRequest
---@field filter? vault.ConsumersFilter only rows that match
---@field cursor? string `meta.cursors.next` of the page before; absent or null for the first page
---@field limit? integer rows on a page: 1 to 200, 20 when absent

---@class vault.ConsumersGetRequest : vault.ApplicationRequest
---@field consumer_id string the consumer; never the client's own

---@class vault.ConsumersCreateRequest : vault.ApplicationRequest
---@field create_consumer_request vault.CreateConsumerRequest the new consumer

---@class vault.ConsumersUpdateRequest : vault.ApplicationRequest
---@field consumer_id string the consumer; never the client's own
---@field update_consumer_request vault.UpdateConsumerRequest what to change

---@class vault.ConsumersDeleteRequest : vault.ApplicationRequest
---@field consumer_id string the consumer; never the client's own

---@class vault.CustomFieldsListRequest : vault.Request
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field service_id string the service, such as "pipedrive"
---@field resource string the resource, such as "leads"
---@field resource_id? string the record to take as a sample, where the service has no list of custom fields

---@class vault.CustomMappingsListRequest : vault.Request
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field service_id string the service, such as "pipedrive"

---@class vault.CustomMappingsGetRequest : vault.Request
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field service_id string the service, such as "pipedrive"
---@field target_field_id string the field of yours that is mapped

---@class vault.CustomMappingsCreateRequest : vault.Request
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field service_id string the service, such as "pipedrive"
---@field target_field_id string the field of yours that is mapped
---@field create_custom_mapping_request vault.CreateCustomMappingRequest the field of the service

---@class vault.CustomMappingsUpdateRequest : vault.Request
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field service_id string the service, such as "pipedrive"
---@field target_field_id string the field of yours that is mapped
---@field update_custom_mapping_request vault.UpdateCustomMappingRequest the field of the service

---@class vault.CustomMappingsDeleteRequest : vault.Request
---@field unified_api vault.UnifiedApiId the API that the connection belongs to
---@field service_id string the service, such as "pipedrive"
---@field target_field_id string the field of yours that is mapped

---@class vault.LogsListRequest : vault.Request
---@field filter? vault.LogsFilter only rows that match
---@field cursor? string `meta.cursors.next` of the page before; absent or null for the first page
---@field limit? integer rows on a page: 1 to 200, 20 when absent

---@class vault.SessionsCreateRequest : vault.Request
---@field session? vault.Session options of the session

---@class vault.ConnectionsListResult : vault.Result
---@field data vault.Connection[]

---@class vault.ConnectionsGetResult : vault.Result
---@field data vault.Connection

---@class vault.ConnectionsUpdateResult : vault.Result
---@field data vault.Connection

---@class vault.ConnectionsConfirmResult : vault.Result
---@field data vault.ConfirmConnectionResponseData

---@class vault.ConnectionsImportsResult : vault.Result
---@field data vault.Connection

---@class vault.ConnectionsMigrateResult : vault.Result
---@field data vault.Connection

---@class vault.ConnectionsTokenResult : vault.Result
---@field data vault.Connection

---@class vault.ValidateConnectionStateResult : vault.Result
---@field data vault.ValidateConnectionStateResponseData

---@class vault.CreateCallbackStateResult : vault.Result
---@field data vault.CreateCallbackStateResponseData

---@class vault.ConnectionConsentUpdateResult : vault.Result
---@field data vault.ConsentRecord

---@class vault.ConnectionConsentsListResult : vault.Result
---@field data vault.ConsentRecord[]

---@class vault.ConnectionCustomMappingsListResult : vault.Result
---@field data vault.CustomMapping[]

---@class vault.ConnectionSettingsListResult : vault.Result
---@field data vault.Connection

---@class vault.ConnectionSettingsUpdateResult : vault.Result
---@field data vault.Connection

---@class vault.ConsumerRequestCountsListResult : vault.Result
---@field data vault.ConsumerRequestCountsInDateRangeResponseData

---@class vault.ConsumersListResult : vault.Result
---@field data vault.GetConsumersResponseData[]

---@class vault.ConsumersGetResult : vault.Result
---@field data vault.Consumer

---@class vault.ConsumersCreateResult : vault.Result
---@field data vault.Consumer

---@class vault.ConsumersUpdateResult : vault.Result
---@field data vault.Consumer

---@class vault.ConsumersDeleteResult : vault.Result
---@field data vault.DeleteConsumerResponseData

---@class vault.CustomFieldsListResult : vault.Result
---@field data vault.CustomFieldFinder[]

---@class vault.CustomMappingsListResult : vault.Result
---@field data vault.CustomMapping[]

---@class vault.CustomMappingsGetResult : vault.Result
---@field data vault.CustomMapping

---@class vault.CustomMappingsCreateResult : vault.Result
---@field data vault.CustomMapping

---@class vault.CustomMappingsUpdateResult : vault.Result
---@field data vault.CustomMapping

---@class vault.LogsListResult : vault.Result
---@field data vault.Log[]

---@class vault.SessionsCreateResult : vault.Result
---@field data vault.CreateSessionResponseData

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
---| "InvalidSignatureError" # a webhook that is not signed by the secret
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
---@param request? vault.ConnectionsListRequest
---@param options? vault.Options
---@return vault.ConnectionsListResult result
---@return vault.Response response
function connections.list(request, options) end

---One connection. Of a connector that was never added, its state is "available".
---@param request vault.ConnectionsGetRequest
---@param options? vault.Options
---@return vault.ConnectionsGetResult result
---@return vault.Response response
function connections.get(request, options) end

---Changes settings, metadata and defaults; `enabled = true` adds the connection.
---@param request vault.ConnectionsUpdateRequest
---@param options? vault.Options
---@return vault.ConnectionsUpdateResult result
---@return vault.Response response
function connections.update(request, options) end

---Deletes a connection. Its connector stays in the list, as available.
---@param request vault.ConnectionsDeleteRequest
---@param options? vault.Options
---@return vault.Result result
---@return vault.Response response
function connections.delete(request, options) end

---Confirms a connection that was authorized with a nonce. Possible once, within 30 minutes.
---@param request vault.ConnectionsConfirmRequest
---@param options? vault.Options
---@return vault.ConnectionsConfirmResult result
---@return vault.Response response
function connections.confirm(request, options) end

---Creates or changes a connection with credentials that you have from elsewhere.
---@param request vault.ConnectionsImportsRequest
---@param options? vault.Options
---@return vault.ConnectionsImportsResult result
---@return vault.Response response
function connections.imports(request, options) end

---Moves a connection, with its credentials, to another service of the same API.
---@param request vault.ConnectionsMigrateRequest
---@param options? vault.Options
---@return vault.ConnectionsMigrateResult result
---@return vault.Response response
function connections.migrate(request, options) end

---Has Apideck fetch and store an access token, for the grants client_credentials and password. The connection is returned, the token is not.
---@param request vault.ConnectionsTokenRequest
---@param options? vault.Options
---@return vault.ConnectionsTokenResult result
---@return vault.Response response
function connections.token(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncConnections
---@field list fun(request?: vault.ConnectionsListRequest, options?: vault.AsyncOptions): vault.Job
---@field get fun(request: vault.ConnectionsGetRequest, options?: vault.AsyncOptions): vault.Job
---@field update fun(request: vault.ConnectionsUpdateRequest, options?: vault.AsyncOptions): vault.Job
---@field delete fun(request: vault.ConnectionsDeleteRequest, options?: vault.AsyncOptions): vault.Job
---@field confirm fun(request: vault.ConnectionsConfirmRequest, options?: vault.AsyncOptions): vault.Job
---@field imports fun(request: vault.ConnectionsImportsRequest, options?: vault.AsyncOptions): vault.Job
---@field migrate fun(request: vault.ConnectionsMigrateRequest, options?: vault.AsyncOptions): vault.Job
---@field token fun(request: vault.ConnectionsTokenRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.ValidateConnection
local validate_connection = {}

---Checks a connection with the service and returns its state. Refreshes the access token first.
---@param request vault.ValidateConnectionStateRequest
---@param options? vault.Options
---@return vault.ValidateConnectionStateResult result
---@return vault.Response response
function validate_connection.state(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncValidateConnection
---@field state fun(request: vault.ValidateConnectionStateRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.CreateCallback
local create_callback = {}

---Creates the `state` for an OAuth flow that you start yourself.
---@param request vault.CreateCallbackStateRequest
---@param options? vault.Options
---@return vault.CreateCallbackStateResult result
---@return vault.Response response
function create_callback.state(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncCreateCallback
---@field state fun(request: vault.CreateCallbackStateRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.ConnectionConsent
local connection_consent = {}

---Records that the consumer grants or refuses access to data.
---@param request vault.ConnectionConsentUpdateRequest
---@param options? vault.Options
---@return vault.ConnectionConsentUpdateResult result
---@return vault.Response response
function connection_consent.update(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncConnectionConsent
---@field update fun(request: vault.ConnectionConsentUpdateRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.ConnectionConsents
local connection_consents = {}

---Every decision on consent for a connection.
---@param request vault.ConnectionConsentsListRequest
---@param options? vault.Options
---@return vault.ConnectionConsentsListResult result
---@return vault.Response response
function connection_consents.list(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncConnectionConsents
---@field list fun(request: vault.ConnectionConsentsListRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.ConnectionCustomMappings
local connection_custom_mappings = {}

---The custom mappings of a connection for one resource.
---@param request vault.ConnectionCustomMappingsListRequest
---@param options? vault.Options
---@return vault.ConnectionCustomMappingsListResult result
---@return vault.Response response
function connection_custom_mappings.list(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncConnectionCustomMappings
---@field list fun(request: vault.ConnectionCustomMappingsListRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.ConnectionSettings
local connection_settings = {}

---One connection, with the form fields and defaults of a resource.
---@param request vault.ConnectionSettingsListRequest
---@param options? vault.Options
---@return vault.ConnectionSettingsListResult result
---@return vault.Response response
function connection_settings.list(request, options) end

---Changes the settings of a resource.
---@param request vault.ConnectionSettingsUpdateRequest
---@param options? vault.Options
---@return vault.ConnectionSettingsUpdateResult result
---@return vault.Response response
function connection_settings.update(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncConnectionSettings
---@field list fun(request: vault.ConnectionSettingsListRequest, options?: vault.AsyncOptions): vault.Job
---@field update fun(request: vault.ConnectionSettingsUpdateRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.ConsumerRequestCounts
local consumer_request_counts = {}

---How many requests were made for a consumer between two dates.
---@param request vault.ConsumerRequestCountsListRequest
---@param options? vault.Options
---@return vault.ConsumerRequestCountsListResult result
---@return vault.Response response
function consumer_request_counts.list(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncConsumerRequestCounts
---@field list fun(request: vault.ConsumerRequestCountsListRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.Consumers
local consumers = {}

---The consumers of an application, one page at a time.
---@param request? vault.ConsumersListRequest
---@param options? vault.Options
---@return vault.ConsumersListResult result
---@return vault.Response response
function consumers.list(request, options) end

---For the generic `for`: every row of every page, one at a time. The next page is requested while this one is read. An error is raised, in vault.safe too, and its `cursor` is where `each { cursor = ... }` goes on. On plain Lua 5.1 a `for` cannot wait for an event loop: call the iterator in a `while` there.
---@param request? vault.ConsumersListRequest
---@param options? vault.Options
---@return fun(): vault.GetConsumersResponseData? next_row
function consumers.each(request, options) end

---One consumer, with its connections and request counts.
---@param request vault.ConsumersGetRequest
---@param options? vault.Options
---@return vault.ConsumersGetResult result
---@return vault.Response response
function consumers.get(request, options) end

---Creates a consumer.
---@param request vault.ConsumersCreateRequest
---@param options? vault.Options
---@return vault.ConsumersCreateResult result
---@return vault.Response response
function consumers.create(request, options) end

---Changes the metadata of a consumer.
---@param request vault.ConsumersUpdateRequest
---@param options? vault.Options
---@return vault.ConsumersUpdateResult result
---@return vault.Response response
function consumers.update(request, options) end

---Deletes a consumer with all its connections and credentials.
---@param request vault.ConsumersDeleteRequest
---@param options? vault.Options
---@return vault.ConsumersDeleteResult result
---@return vault.Response response
function consumers.delete(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncConsumers
---@field list fun(request?: vault.ConsumersListRequest, options?: vault.AsyncOptions): vault.Job
---@field get fun(request: vault.ConsumersGetRequest, options?: vault.AsyncOptions): vault.Job
---@field create fun(request: vault.ConsumersCreateRequest, options?: vault.AsyncOptions): vault.Job
---@field update fun(request: vault.ConsumersUpdateRequest, options?: vault.AsyncOptions): vault.Job
---@field delete fun(request: vault.ConsumersDeleteRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.CustomFields
local custom_fields = {}

---The custom fields that the service has on a resource.
---@param request vault.CustomFieldsListRequest
---@param options? vault.Options
---@return vault.CustomFieldsListResult result
---@return vault.Response response
function custom_fields.list(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncCustomFields
---@field list fun(request: vault.CustomFieldsListRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.CustomMappings
local custom_mappings = {}

---The custom mappings of a connection.
---@param request vault.CustomMappingsListRequest
---@param options? vault.Options
---@return vault.CustomMappingsListResult result
---@return vault.Response response
function custom_mappings.list(request, options) end

---One custom mapping.
---@param request vault.CustomMappingsGetRequest
---@param options? vault.Options
---@return vault.CustomMappingsGetResult result
---@return vault.Response response
function custom_mappings.get(request, options) end

---Maps one of your fields to a field of the service.
---@param request vault.CustomMappingsCreateRequest
---@param options? vault.Options
---@return vault.CustomMappingsCreateResult result
---@return vault.Response response
function custom_mappings.create(request, options) end

---Maps one of your fields to another field of the service.
---@param request vault.CustomMappingsUpdateRequest
---@param options? vault.Options
---@return vault.CustomMappingsUpdateResult result
---@return vault.Response response
function custom_mappings.update(request, options) end

---Deletes a custom mapping.
---@param request vault.CustomMappingsDeleteRequest
---@param options? vault.Options
---@return vault.Result result
---@return vault.Response response
function custom_mappings.delete(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncCustomMappings
---@field list fun(request: vault.CustomMappingsListRequest, options?: vault.AsyncOptions): vault.Job
---@field get fun(request: vault.CustomMappingsGetRequest, options?: vault.AsyncOptions): vault.Job
---@field create fun(request: vault.CustomMappingsCreateRequest, options?: vault.AsyncOptions): vault.Job
---@field update fun(request: vault.CustomMappingsUpdateRequest, options?: vault.AsyncOptions): vault.Job
---@field delete fun(request: vault.CustomMappingsDeleteRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.Logs
local logs = {}

---The requests that were made for a consumer, one page at a time.
---@param request? vault.LogsListRequest
---@param options? vault.Options
---@return vault.LogsListResult result
---@return vault.Response response
function logs.list(request, options) end

---For the generic `for`: every row of every page, one at a time. The next page is requested while this one is read. An error is raised, in vault.safe too, and its `cursor` is where `each { cursor = ... }` goes on. On plain Lua 5.1 a `for` cannot wait for an event loop: call the iterator in a `while` there.
---@param request? vault.LogsListRequest
---@param options? vault.Options
---@return fun(): vault.Log? next_row
function logs.each(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncLogs
---@field list fun(request?: vault.LogsListRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.Sessions
local sessions = {}

---Opens a session of a consumer for the hosted Vault and for vault-js. Only what the request gives is sent.
---@param request? vault.SessionsCreateRequest
---@param options? vault.Options
---@return vault.SessionsCreateResult result
---@return vault.Response response
function sessions.create(request, options) end

---The same operations, each returning a job at once. An invalid request raises at once.
---@class vault.AsyncSessions
---@field create fun(request?: vault.SessionsCreateRequest, options?: vault.AsyncOptions): vault.Job

---@class vault.Groups
---@field connections vault.Connections
---@field validate_connection vault.ValidateConnection
---@field create_callback vault.CreateCallback
---@field connection_consent vault.ConnectionConsent
---@field connection_consents vault.ConnectionConsents
---@field connection_custom_mappings vault.ConnectionCustomMappings
---@field connection_settings vault.ConnectionSettings
---@field consumer_request_counts vault.ConsumerRequestCounts
---@field consumers vault.Consumers
---@field custom_fields vault.CustomFields
---@field custom_mappings vault.CustomMappings
---@field logs vault.Logs
---@field sessions vault.Sessions

---@class vault.Async
---@field connections vault.AsyncConnections
---@field validate_connection vault.AsyncValidateConnection
---@field create_callback vault.AsyncCreateCallback
---@field connection_consent vault.AsyncConnectionConsent
---@field connection_consents vault.AsyncConnectionConsents
---@field connection_custom_mappings vault.AsyncConnectionCustomMappings
---@field connection_settings vault.AsyncConnectionSettings
---@field consumer_request_counts vault.AsyncConsumerRequestCounts
---@field consumers vault.AsyncConsumers
---@field custom_fields vault.AsyncCustomFields
---@field custom_mappings vault.AsyncCustomMappings
---@field logs vault.AsyncLogs
---@field sessions vault.AsyncSessions

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

---@class vault.AnyRequest
---@field method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"
---@field path string below server_url, percent-encoded, without query
---@field query? table<string, any> strings, numbers, booleans, arrays of these, and objects of these one level deep
---@field body? table sent as JSON
---@field idempotent? boolean whether it may be sent twice (default: as HTTP says of the method)
---@field consumer_id? string instead of the client's
---@field app_id? string instead of the client's

---@class vault.Client : vault.Groups
---@field async vault.Async
local client = {}

---A request to any endpoint below server_url, with the same key, limits, retries and hooks.
---@param request vault.AnyRequest
---@param options? vault.Options
---@return any result
---@return vault.Response response
function client.request(request, options) end

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
---@field webhook vault.Webhook
---@field confirm_script string JavaScript for the page that a user returns to: posts nonce, confirm_token and service_id to it
---@field confirm_script_hash string its source for a Content Security Policy, as 'sha256-...' with the quotes
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

---@class vault.AuthorizeOptions
---@field redirect_uri string where the user returns to
---@field nonce? string a value of vault.nonce, kept in the user's session; the connection then waits for connections.confirm
---@field scope? string|string[] OAuth scopes, as a list or a text with spaces

---@class vault.RevokeOptions
---@field redirect_uri string where the user returns to

---The URL where a user grants access, or nil and the reason why the connection has none that is safe.
---@param connection vault.Connection
---@param options vault.AuthorizeOptions
---@return string?
---@return string? reason
function vault.authorize_url(connection, options) end

---The URL where a user takes access back, or nil and the reason why the connection has none that is safe.
---@param connection vault.Connection
---@param options vault.RevokeOptions
---@return string?
---@return string? reason
function vault.revoke_url(connection, options) end

---32 hex digits from the system's random source.
---@return string
function vault.nonce() end

---Whether two strings are equal, in a time that does not depend on where they differ. nil is equal to nothing.
---@param a string?
---@param b string?
---@return boolean
function vault.secure_compare(a, b) end

---@class vault.Webhook
local webhook = {}

---@class vault.WebhookRequest
---@field body string the raw text of the request
---@field headers table<string, string> names in any case
---@field secret string|string[] the key that signs; several while a key is changed

---What Apideck's document has in a webhook's payload; fields that are newer than this list are kept.
---@class vault.WebhookEvent
---@field event_id string
---@field event_type string such as "vault.connection.callable"
---@field service_id string
---@field entity_id string
---@field entity_type string
---@field entity table the connection; its times are ISO 8601 text
---@field occurred_at string
---@field execution_attempt integer
---@field idempotency_key? string the same when a delivery is repeated: remember it

---The event of a request, once its signature has been checked. Raises InvalidSignatureError.
---@param request vault.WebhookRequest
---@return vault.WebhookEvent
function webhook.parse(request) end

---The signature of a body, 64 hex digits; for tests.
---@param body string
---@param secret string
---@return string
function webhook.sign(body, secret) end

-- the guard (require "vault.guard") -------------------------------------------------------------------------------------

---@class vault.GuardModule
local guard_module = {}

---Raises InvalidRequestError for a wrong option.
---@param options vault.GuardOptions
---@return vault.Guard
function guard_module.new(options) end

---A cache in this Lua state, of about so many connections (10,000).
---@param options? { max_entries: integer? }
---@return vault.GuardCache
function guard_module.memory(options) end

---In nginx: a cache for all workers of a machine. `name` is that of a lua_shared_dict.
---@param name string
---@return vault.GuardCache
function guard_module.shared_dict(name) end

---In nginx: a cache for several machines. Needs lua-resty-redis.
---@param options vault.GuardRedisOptions
---@return vault.GuardCache
function guard_module.redis(options) end

---What guard.memory, guard.shared_dict and guard.redis return.
---@class vault.GuardCache

---@class vault.GuardOptions
---@field client vault.Client whose server, key and application
---@field cache vault.GuardCache guard.memory(), guard.shared_dict(name) or guard.redis { ... }; may serve several guards
---@field ttl_ms? number how long a callable connection is kept (default 30000)
---@field negative_ttl_ms? number how long any other one is kept, also one that does not exist (default 2000)
---@field error_ttl_ms? number how long an error is kept, or the last answer in its place; longer where the server asks for it, up to ttl_ms (default 1000)
---@field stale_ms? number how old the last answer may be that is served while Apideck cannot be asked (default 300000)
---@field timeout_ms? number of the whole check (default 2000)

---@class vault.GuardRedisOptions
---@field host? string an address, or a name that nginx's resolver finds (default "127.0.0.1")
---@field port? integer (default 6379)
---@field unix_socket? string the path of a socket, in place of host and port
---@field username? string
---@field password? string
---@field database? integer (default 0)
---@field timeout_ms? number for which a check waits for Redis, at most (default 100)
---@field prefix? string what keys and the channel begin with (default "vault:guard:")
---@field dict? string the name of a lua_shared_dict in front of Redis (default: the memory of each worker)

---@class vault.GuardRequest
---@field consumer_id string
---@field unified_api string
---@field service_id string

---@class vault.GuardAnswer
---@field allowed boolean state is "callable", and enabled
---@field state? vault.ConnectionState absent where there is no such connection
---@field enabled boolean
---@field health? vault.ConnectionHealth
---@field name? string
---@field service_id string
---@field stale boolean true: Apideck could not be asked, and this is the last that it answered

---@class vault.Guard
local guard = {}

---Whether the consumer may use the connection: an answer, or nil and an error. Both are the caller's own.
---@param request vault.GuardRequest
---@return vault.GuardAnswer?
---@return vault.Error?
function guard:check(request) end

---Forgets a connection: what was requested before is not used any more, on this machine at once, on others when Redis's message arrives. Nil and an error where a field is wrong, or where Redis cannot be reached yet.
---@param request vault.GuardRequest
---@return true?
---@return vault.Error?
function guard:forget(request) end

---Forgets what an event of a webhook is about; everything where it does not say. Returns whether it was an event of a connection, and an error as forget does.
---@param event table
---@return boolean?
---@return vault.Error?
function guard:handle(event) end

-- the sandbox (require "vault.sandbox") --------------------------------------------------------------------------------

---@class vault.SandboxModule
local sandbox_module = {}

---@class vault.SandboxOptions
---@field api_key? string|string[]|false the key or keys that requests must carry; false: any (default "sandbox-key")
---@field app_id? string|string[]|false (default "sandbox-app")
---@field consumer_id? string|string[]|false (default: any)
---@field connectors? table[] more connectors; vault/sandbox/connectors.lua has their fields
---@field populated? boolean false: consumers start without connections
---@field clock? fun(): number the time in milliseconds since the epoch
---@field quota? integer number of requests before every response is 402
---@field seed? integer the same ids in every run
---@field confirmation? "off"|"optional"|"required" what the nonce of an authorization does: "optional" leaves the connection unconfirmed until connections.confirm, "required" also refuses authorizations without one, "off" ignores it (default "optional")
---@field redirect_uris? string[] the only URLs that users are sent back to; others are refused with 422 (default: any)
---@field webhook_secret? string what webhook events are signed with (default: the API key)

---@class vault.SandboxServerOptions
---@field port? integer on 127.0.0.1; 0 picks a free one (default 0)
---@field tls? boolean serve HTTPS, with a certificate made for this run
---@field http2? boolean with `tls`, offer HTTP/2 as well
---@field signals? boolean end at SIGINT and SIGTERM
---@field until_input_ends? boolean end with standard input
---@field webhook_url? string where webhook events are sent, one attempt each
---@field on_ready? fun(url: string, certificate_pem: string?) called when the server listens

---@param options? vault.SandboxOptions
---@return vault.Sandbox
function sandbox_module.new(options) end

---A Vault on this machine.
---@class vault.Sandbox
---@field api_key string|string[]|false
---@field app_id string|string[]|false
local sandbox = {}

---Returns the response to one request, without any network.
---@param request { method: string, url: string, headers: table<string, string>, body: string? }
---@return vault.TransportResponse
function sandbox:handle(request) end

---For `vault.new { transport = ... }`.
---@return vault.Transport
function sandbox:transport() end

---Sets a fault for the following requests.
---@param fault vault.Fault
---@return vault.FaultHandle
function sandbox:fault(fault) end

---Removes all faults.
function sandbox:clear_faults() end

---Resets connections, consumers, sessions, logs, faults, the quota and seeded ids.
function sandbox:reset() end

---Simulates an event outside of Vault: "authorized", "revoked", "token_expired", "refresh_failed",
---"refreshed", "authorization_lost", "downstream_error", "downstream_recovered", "confirmation_required", "confirmed",
---"consent_required" or "consent_granted". Returns the connection.
---@param what { event: string, service_id: string, unified_api: string, consumer_id: string?, app_id: string? }
---@return vault.Connection
function sandbox:simulate(what) end

---Calls the listener with the signed request of every webhook event from now on.
---@param listener fun(request: { method: string, headers: table<string, string>, body: string })
function sandbox:on_event(listener) end

---Serves over HTTP on this machine until it is stopped; needs lua-http.
---@param options? vault.SandboxServerOptions
function sandbox:serve(options) end

---@class vault.Fault
---@field status? integer response with this status
---@field body? string|table in place of an error like Apideck's
---@field headers? table<string, string> more headers of the response, or other ones
---@field detail? string|table of the error body
---@field type_name? string of the error body
---@field message? string of the error body
---@field delay_ms? number wait before the response
---@field retry_after? number|string the header of that name
---@field retry_after_date? number the same as an HTTP date, this many seconds from now
---@field retry_after_ms? number the header of that name
---@field downstream_reset? number x-downstream-ratelimit-reset, this many seconds from now
---@field cut_body? integer send only so many bytes of the body, then close
---@field reset? true|"before_head"|"after_head" reset the connection
---@field processed? boolean whether the operation takes effect
---@field times? integer how many requests it hits (default: all)
---@field operation? string only this one, such as "vault.connections.get"
---@field key? string distinguishes faults whose text is otherwise equal

---@class vault.FaultHandle
---@field hits integer how many requests it hit
local fault_handle = {}

---Removes the fault.
function fault_handle:clear() end

return vault
