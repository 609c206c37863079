/* Written by .ci/generate from src/api/vault.json and .ci/api/overrides.lua; do not edit.
 * Apideck's OpenAPI document of the Vault API, version 10.34.0. */
/* clang-format off */
#include "api/schemas.h"

static const char *const unified_api_id_values[] = {
    "accounting",
    "ats",
    "calendar",
    "crm",
    "csp",
    "customer-support",
    "ecommerce",
    "email",
    "email-marketing",
    "expense-management",
    "file-storage",
    "form",
    "hris",
    "lead",
    "payroll",
    "pos",
    "procurement",
    "project-management",
    "script",
    "sms",
    "spreadsheet",
    "subscription-analytics",
    "team-messaging",
    "issue-tracking",
    "time-registration",
    "transactional-email",
    "vault",
    "data-warehouse",
    NULL,
};
const struct schema schema_unified_api_id = {
    .name = "UnifiedApiId",
    .type = SCHEMA_STRING,
    .enumeration = unified_api_id_values,
};

const struct schema schema_boolean = {
    .name = "boolean",
    .type = SCHEMA_BOOLEAN,
};

const struct schema schema_string = {
    .name = "string",
    .type = SCHEMA_STRING,
};

static const char *const connection_state_values[] = {
    "available",
    "callable",
    "added",
    "authorized",
    "invalid",
    NULL,
};
const struct schema schema_connection_state = {
    .name = "ConnectionState",
    .type = SCHEMA_STRING,
    .enumeration = connection_state_values,
};

static const char *const integration_state_values[] = {
    "disabled",
    "needs_configuration",
    "configured",
    NULL,
};
const struct schema schema_integration_state = {
    .name = "IntegrationState",
    .type = SCHEMA_STRING,
    .enumeration = integration_state_values,
};

static const char *const auth_type_values[] = {
    "oauth2",
    "apiKey",
    "basic",
    "custom",
    "none",
    NULL,
};
const struct schema schema_auth_type = {
    .name = "AuthType",
    .type = SCHEMA_STRING,
    .enumeration = auth_type_values,
};

static const char *const o_auth_grant_type_values[] = {
    "authorization_code",
    "client_credentials",
    "password",
    NULL,
};
const struct schema schema_o_auth_grant_type = {
    .name = "OAuthGrantType",
    .type = SCHEMA_STRING,
    .enumeration = o_auth_grant_type_values,
};

static const char *const connection_status_values[] = {
    "live",
    "upcoming",
    "requested",
    NULL,
};
const struct schema schema_connection_status = {
    .name = "ConnectionStatus",
    .type = SCHEMA_STRING,
    .enumeration = connection_status_values,
};

const struct schema schema_free_form = {
    .name = "free-form",
    .type = SCHEMA_FREE_FORM,
};

static const char *const form_field_type_values[] = {
    "text",
    "checkbox",
    "tel",
    "email",
    "url",
    "textarea",
    "select",
    "filtered-select",
    "multi-select",
    "datetime",
    "date",
    "time",
    "number",
    "password",
    NULL,
};
const struct schema schema_form_field_type = {
    .name = "FormFieldType",
    .type = SCHEMA_ANY,
    .enumeration = form_field_type_values,
};

const struct schema schema_scalar = {
    .name = "scalar",
    .type = SCHEMA_SCALAR,
};

static const char *const form_field_option_option_type_values[] = {
    "simple",
    "group",
    NULL,
};
const struct schema schema_form_field_option_option_type = {
    .name = "FormFieldOptionOptionType",
    .type = SCHEMA_STRING,
    .enumeration = form_field_option_option_type_values,
};

static const struct schema_field form_field_option_fields[] = {
    {"label", &schema_string, 0},
    {"value", &schema_scalar, 0},
    {"option_type", &schema_form_field_option_option_type, 0},
    {"id", &schema_string, 0},
    {"options", &schema_form_field_option_array, 0},
};
const struct schema schema_form_field_option = {
    .name = "FormFieldOption",
    .type = SCHEMA_OBJECT,
    .fields = form_field_option_fields,
    .field_count = 5,
};

const struct schema schema_form_field_option_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_form_field_option,
};

static const struct schema_field form_field_fields[] = {
    {"id", &schema_string, 0},
    {"label", &schema_string, 0},
    {"placeholder", &schema_string, FIELD_NULLABLE},
    {"description", &schema_string, FIELD_NULLABLE},
    {"type", &schema_form_field_type, 0},
    {"required", &schema_boolean, 0},
    {"custom_field", &schema_boolean, 0},
    {"allow_custom_values", &schema_boolean, 0},
    {"disabled", &schema_boolean, FIELD_NULLABLE},
    {"hidden", &schema_boolean, FIELD_NULLABLE},
    {"deprecated", &schema_boolean, FIELD_NULLABLE},
    {"sensitive", &schema_boolean, FIELD_NULLABLE},
    {"prefix", &schema_string, FIELD_NULLABLE},
    {"suffix", &schema_string, FIELD_NULLABLE},
    {"options", &schema_form_field_option_array, 0},
    {"value", &schema_scalar, FIELD_SECRET_IF_SENSITIVE},
    {"default_value", &schema_scalar, FIELD_SECRET_IF_SENSITIVE},
    {"mask", &schema_boolean, 0},
    {"target", &schema_string, 0},
    {"filter", &schema_free_form, 0},
    {"options_fetch_error", &schema_boolean, FIELD_NULLABLE},
};
const struct schema schema_form_field = {
    .name = "FormField",
    .type = SCHEMA_OBJECT,
    .fields = form_field_fields,
    .field_count = 21,
};

const struct schema schema_form_field_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_form_field,
};

static const char *const connection_configuration_defaults_target_values[] = {
    "custom_fields",
    "resource",
    NULL,
};
const struct schema schema_connection_configuration_defaults_target = {
    .name = "ConnectionConfigurationDefaultsTarget",
    .type = SCHEMA_STRING,
    .enumeration = connection_configuration_defaults_target_values,
};

static const struct schema_field connection_configuration_defaults_fields[] = {
    {"target", &schema_connection_configuration_defaults_target, FIELD_READ_ONLY},
    {"id", &schema_string, 0},
    {"options", &schema_form_field_option_array, 0},
    {"value", &schema_scalar, 0},
};
const struct schema schema_connection_configuration_defaults = {
    .name = "ConnectionConfigurationDefaults",
    .type = SCHEMA_OBJECT,
    .fields = connection_configuration_defaults_fields,
    .field_count = 4,
};

const struct schema schema_connection_configuration_defaults_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_connection_configuration_defaults,
};

static const struct schema_field connection_configuration_fields[] = {
    {"resource", &schema_string, 0},
    {"defaults", &schema_connection_configuration_defaults_array, 0},
};
const struct schema schema_connection_configuration = {
    .name = "ConnectionConfiguration",
    .type = SCHEMA_OBJECT,
    .fields = connection_configuration_fields,
    .field_count = 2,
};

const struct schema schema_connection_configuration_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_connection_configuration,
};

const struct schema schema_string_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_string,
};

static const struct schema_field webhook_subscription_fields[] = {
    {"downstream_id", &schema_string, FIELD_READ_ONLY},
    {"unify_event_types", &schema_string_array, FIELD_READ_ONLY},
    {"downstream_event_types", &schema_string_array, FIELD_READ_ONLY},
    {"execute_url", &schema_string, FIELD_READ_ONLY},
    {"created_at", &schema_string, FIELD_READ_ONLY},
};
const struct schema schema_webhook_subscription = {
    .name = "WebhookSubscription",
    .type = SCHEMA_OBJECT,
    .fields = webhook_subscription_fields,
    .field_count = 5,
    .fixed = true,
};

const struct schema schema_webhook_subscription_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_webhook_subscription,
};

static const struct schema_field custom_mapping_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"label", &schema_string, FIELD_READ_ONLY},
    {"description", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE},
    {"value", &schema_string, 0},
    {"key", &schema_string, FIELD_READ_ONLY},
    {"required", &schema_boolean, FIELD_READ_ONLY},
    {"custom_field", &schema_boolean, FIELD_READ_ONLY},
    {"consumer_id", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE},
    {"example", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE},
};
const struct schema schema_custom_mapping = {
    .name = "CustomMapping",
    .type = SCHEMA_OBJECT,
    .fields = custom_mapping_fields,
    .field_count = 9,
    .fixed = true,
};

const struct schema schema_custom_mapping_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_custom_mapping,
};

static const char *const consent_state_values[] = {
    "implicit",
    "pending",
    "granted",
    "denied",
    "revoked",
    "requires_reconsent",
    NULL,
};
const struct schema schema_consent_state = {
    .name = "ConsentState",
    .type = SCHEMA_STRING,
    .enumeration = consent_state_values,
};

const struct schema schema_data_scopes_resources = {
    .name = "DataScopesResources",
    .type = SCHEMA_SCOPES,
};

static const struct schema_field consent_record_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"created_at", &schema_string, FIELD_READ_ONLY},
    {"granted", &schema_boolean, 0},
    {"resources", &schema_data_scopes_resources, 0},
};
const struct schema schema_consent_record = {
    .name = "ConsentRecord",
    .type = SCHEMA_OBJECT,
    .fields = consent_record_fields,
    .field_count = 4,
};

const struct schema schema_consent_record_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_consent_record,
};

static const struct schema_field data_scopes_fields[] = {
    {"enabled", &schema_boolean, 0},
    {"updated_at", &schema_string, FIELD_READ_ONLY},
    {"resources", &schema_data_scopes_resources, 0},
};
const struct schema schema_data_scopes = {
    .name = "DataScopes",
    .type = SCHEMA_OBJECT,
    .fields = data_scopes_fields,
    .field_count = 3,
};

static const char *const connection_health_values[] = {
    "revoked",
    "missing_settings",
    "needs_consent",
    "pending_confirmation",
    "needs_auth",
    "pending_refresh",
    "ok",
    "degraded",
    NULL,
};
const struct schema schema_connection_health = {
    .name = "ConnectionHealth",
    .type = SCHEMA_STRING,
    .enumeration = connection_health_values,
};

const struct schema schema_integer = {
    .name = "integer",
    .type = SCHEMA_INTEGER,
};

static const struct schema_field connection_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"service_id", &schema_string, FIELD_READ_ONLY},
    {"name", &schema_string, FIELD_READ_ONLY},
    {"tag_line", &schema_string, FIELD_READ_ONLY},
    {"unified_api", &schema_unified_api_id, FIELD_READ_ONLY},
    {"state", &schema_connection_state, FIELD_READ_ONLY},
    {"integration_state", &schema_integration_state, FIELD_READ_ONLY},
    {"auth_type", &schema_auth_type, FIELD_READ_ONLY},
    {"oauth_grant_type", &schema_o_auth_grant_type, FIELD_READ_ONLY},
    {"status", &schema_connection_status, FIELD_READ_ONLY},
    {"enabled", &schema_boolean, 0},
    {"website", &schema_string, FIELD_READ_ONLY},
    {"icon", &schema_string, FIELD_READ_ONLY},
    {"logo", &schema_string, FIELD_READ_ONLY},
    {"authorize_url", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE | FIELD_SECRET},
    {"revoke_url", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE | FIELD_SECRET},
    {"settings", &schema_free_form, FIELD_NULLABLE | FIELD_SECRET},
    {"metadata", &schema_free_form, FIELD_NULLABLE},
    {"form_fields", &schema_form_field_array, FIELD_READ_ONLY},
    {"configuration", &schema_connection_configuration_array, 0},
    {"configurable_resources", &schema_string_array, FIELD_READ_ONLY},
    {"resource_schema_support", &schema_string_array, FIELD_READ_ONLY},
    {"resource_settings_support", &schema_string_array, FIELD_READ_ONLY},
    {"validation_support", &schema_boolean, FIELD_READ_ONLY},
    {"schema_support", &schema_boolean, FIELD_READ_ONLY},
    {"settings_required_for_authorization", &schema_string_array, FIELD_READ_ONLY},
    {"subscriptions", &schema_webhook_subscription_array, FIELD_READ_ONLY},
    {"has_guide", &schema_boolean, FIELD_READ_ONLY},
    {"custom_mappings", &schema_custom_mapping_array, 0},
    {"consent_state", &schema_consent_state, 0},
    {"consents", &schema_consent_record_array, FIELD_READ_ONLY},
    {"latest_consent", &schema_consent_record, 0},
    {"application_data_scopes", &schema_data_scopes, 0},
    {"health", &schema_connection_health, FIELD_READ_ONLY},
    {"credentials_expire_at", &schema_integer, FIELD_READ_ONLY},
    {"last_refresh_failed_at", &schema_integer, FIELD_READ_ONLY},
    {"last_downstream_error_at", &schema_integer, FIELD_READ_ONLY},
    {"created_at", &schema_integer, FIELD_READ_ONLY},
    {"updated_at", &schema_integer, FIELD_READ_ONLY | FIELD_NULLABLE},
};
const struct schema schema_connection = {
    .name = "Connection",
    .type = SCHEMA_OBJECT,
    .fields = connection_fields,
    .field_count = 39,
};

const struct schema schema_connection_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_connection,
};

static const struct schema_field confirm_connection_fields[] = {
    {"confirm_token", &schema_string, FIELD_REQUIRED | FIELD_SECRET},
};
const struct schema schema_confirm_connection = {
    .name = "ConfirmConnection",
    .type = SCHEMA_OBJECT,
    .fields = confirm_connection_fields,
    .field_count = 1,
};

static const struct schema_field confirm_connection_response_data_fields[] = {
    {"confirmed", &schema_boolean, FIELD_REQUIRED},
};
const struct schema schema_confirm_connection_response_data = {
    .name = "ConfirmConnectionResponseData",
    .type = SCHEMA_OBJECT,
    .fields = confirm_connection_response_data_fields,
    .field_count = 1,
};

const struct schema schema_date_time = {
    .name = "date-time",
    .type = SCHEMA_DATE_TIME,
};

const struct schema schema_duration = {
    .name = "duration",
    .type = SCHEMA_DURATION,
};

static const struct schema_field connection_import_data_credentials_fields[] = {
    {"refresh_token", &schema_string, FIELD_NULLABLE | FIELD_SECRET},
    {"access_token", &schema_string, FIELD_SECRET},
    {"issued_at", &schema_date_time, FIELD_NULLABLE},
    {"expires_in", &schema_duration, FIELD_NULLABLE},
};
const struct schema schema_connection_import_data_credentials = {
    .name = "ConnectionImportDataCredentials",
    .type = SCHEMA_OBJECT,
    .fields = connection_import_data_credentials_fields,
    .field_count = 4,
    .fixed = true,
};

static const struct schema_field connection_import_data_fields[] = {
    {"credentials", &schema_connection_import_data_credentials, FIELD_SECRET},
    {"settings", &schema_free_form, FIELD_NULLABLE | FIELD_SECRET},
    {"metadata", &schema_free_form, FIELD_NULLABLE},
};
const struct schema schema_connection_import_data = {
    .name = "ConnectionImportData",
    .type = SCHEMA_OBJECT,
    .fields = connection_import_data_fields,
    .field_count = 3,
};

static const struct schema_field connection_migrate_data_fields[] = {
    {"target_service_id", &schema_string, FIELD_REQUIRED},
};
const struct schema schema_connection_migrate_data = {
    .name = "ConnectionMigrateData",
    .type = SCHEMA_OBJECT,
    .fields = connection_migrate_data_fields,
    .field_count = 1,
};

const struct schema schema_empty_object = {
    .name = "EmptyObject",
    .type = SCHEMA_OBJECT,
    .fixed = true,
};

static const struct schema_field validate_connection_state_response_data_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"state", &schema_connection_state, FIELD_READ_ONLY},
};
const struct schema schema_validate_connection_state_response_data = {
    .name = "ValidateConnectionStateResponseData",
    .type = SCHEMA_OBJECT,
    .fields = validate_connection_state_response_data_fields,
    .field_count = 2,
};

static const struct schema_field create_callback_state_fields[] = {
    {"redirect_uri", &schema_string, 0},
};
const struct schema schema_create_callback_state = {
    .name = "CreateCallbackState",
    .type = SCHEMA_OBJECT,
    .fields = create_callback_state_fields,
    .field_count = 1,
};

static const struct schema_field create_callback_state_response_data_fields[] = {
    {"state", &schema_string, FIELD_READ_ONLY | FIELD_SECRET},
};
const struct schema schema_create_callback_state_response_data = {
    .name = "CreateCallbackStateResponseData",
    .type = SCHEMA_OBJECT,
    .fields = create_callback_state_response_data_fields,
    .field_count = 1,
};

static const struct schema_field update_consent_request_fields[] = {
    {"resources", &schema_data_scopes_resources, FIELD_REQUIRED},
    {"granted", &schema_boolean, FIELD_REQUIRED},
};
const struct schema schema_update_consent_request = {
    .name = "UpdateConsentRequest",
    .type = SCHEMA_OBJECT,
    .fields = update_consent_request_fields,
    .field_count = 2,
    .fixed = true,
};

const struct schema schema_number = {
    .name = "number",
    .type = SCHEMA_NUMBER,
};

static const struct schema_field request_count_allocation_fields[] = {
    {"unify", &schema_number, FIELD_READ_ONLY},
    {"proxy", &schema_number, FIELD_READ_ONLY},
    {"vault", &schema_number, FIELD_READ_ONLY},
};
const struct schema schema_request_count_allocation = {
    .name = "RequestCountAllocation",
    .type = SCHEMA_OBJECT,
    .fields = request_count_allocation_fields,
    .field_count = 3,
};

static const struct schema_field consumer_request_counts_in_date_range_response_data_fields[] = {
    {"application_id", &schema_string, 0},
    {"consumer_id", &schema_string, 0},
    {"start_datetime", &schema_string, 0},
    {"end_datetime", &schema_string, 0},
    {"aggregated_request_count", &schema_number, 0},
    {"request_counts", &schema_request_count_allocation, FIELD_READ_ONLY},
};
const struct schema schema_consumer_request_counts_in_date_range_response_data = {
    .name = "ConsumerRequestCountsInDateRangeResponseData",
    .type = SCHEMA_OBJECT,
    .fields = consumer_request_counts_in_date_range_response_data_fields,
    .field_count = 6,
};

static const struct schema_field consumers_filter_fields[] = {
    {"consumer_id", &schema_string, FIELD_NULLABLE},
    {"search", &schema_string, FIELD_NULLABLE},
};
const struct schema schema_consumers_filter = {
    .name = "ConsumersFilter",
    .type = SCHEMA_OBJECT,
    .fields = consumers_filter_fields,
    .field_count = 2,
};

static const struct schema_field consumer_metadata_fields[] = {
    {"account_name", &schema_string, 0},
    {"user_name", &schema_string, 0},
    {"email", &schema_string, 0},
    {"image", &schema_string, 0},
};
const struct schema schema_consumer_metadata = {
    .name = "ConsumerMetadata",
    .type = SCHEMA_OBJECT,
    .fields = consumer_metadata_fields,
    .field_count = 4,
};

static const struct schema_field get_consumers_response_data_fields[] = {
    {"consumer_id", &schema_string, 0},
    {"application_id", &schema_string, 0},
    {"metadata", &schema_consumer_metadata, 0},
    {"aggregated_request_count", &schema_number, 0},
    {"request_counts", &schema_request_count_allocation, FIELD_READ_ONLY},
    {"created", &schema_string, 0},
    {"modified", &schema_string, 0},
    {"request_count_updated", &schema_string, 0},
    {"services", &schema_string_array, 0},
};
const struct schema schema_get_consumers_response_data = {
    .name = "GetConsumersResponseData",
    .type = SCHEMA_OBJECT,
    .fields = get_consumers_response_data_fields,
    .field_count = 9,
};

const struct schema schema_get_consumers_response_data_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_get_consumers_response_data,
};

static const struct schema_field consumer_connection_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"name", &schema_string, 0},
    {"icon", &schema_string, 0},
    {"logo", &schema_string, 0},
    {"website", &schema_string, FIELD_READ_ONLY},
    {"tag_line", &schema_string, FIELD_READ_ONLY},
    {"service_id", &schema_string, 0},
    {"unified_api", &schema_unified_api_id, 0},
    {"consumer_id", &schema_string, 0},
    {"auth_type", &schema_auth_type, FIELD_READ_ONLY},
    {"enabled", &schema_boolean, 0},
    {"settings", &schema_free_form, FIELD_NULLABLE | FIELD_SECRET},
    {"metadata", &schema_free_form, FIELD_NULLABLE},
    {"created_at", &schema_string, 0},
    {"updated_at", &schema_string, FIELD_NULLABLE},
    {"state", &schema_connection_state, FIELD_READ_ONLY},
    {"health", &schema_connection_health, FIELD_READ_ONLY},
    {"credentials_expire_at", &schema_string, FIELD_NULLABLE},
    {"last_refresh_failed_at", &schema_string, FIELD_NULLABLE},
};
const struct schema schema_consumer_connection = {
    .name = "ConsumerConnection",
    .type = SCHEMA_OBJECT,
    .fields = consumer_connection_fields,
    .field_count = 19,
};

const struct schema schema_consumer_connection_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_consumer_connection,
};

static const struct schema_field consumer_fields[] = {
    {"consumer_id", &schema_string, FIELD_REQUIRED},
    {"application_id", &schema_string, FIELD_READ_ONLY},
    {"metadata", &schema_consumer_metadata, 0},
    {"connections", &schema_consumer_connection_array, FIELD_READ_ONLY},
    {"services", &schema_string_array, FIELD_READ_ONLY},
    {"aggregated_request_count", &schema_number, FIELD_READ_ONLY},
    {"request_counts", &schema_request_count_allocation, FIELD_READ_ONLY},
    {"created", &schema_string, FIELD_READ_ONLY},
    {"modified", &schema_string, FIELD_READ_ONLY},
    {"request_count_updated", &schema_string, FIELD_READ_ONLY},
};
const struct schema schema_consumer = {
    .name = "Consumer",
    .type = SCHEMA_OBJECT,
    .fields = consumer_fields,
    .field_count = 10,
};

static const struct schema_field create_consumer_request_fields[] = {
    {"consumer_id", &schema_string, FIELD_REQUIRED},
    {"metadata", &schema_consumer_metadata, 0},
};
const struct schema schema_create_consumer_request = {
    .name = "CreateConsumerRequest",
    .type = SCHEMA_OBJECT,
    .fields = create_consumer_request_fields,
    .field_count = 2,
    .fixed = true,
};

static const struct schema_field update_consumer_request_fields[] = {
    {"metadata", &schema_consumer_metadata, 0},
};
const struct schema schema_update_consumer_request = {
    .name = "UpdateConsumerRequest",
    .type = SCHEMA_OBJECT,
    .fields = update_consumer_request_fields,
    .field_count = 1,
    .fixed = true,
};

static const struct schema_field delete_consumer_response_data_fields[] = {
    {"consumer_id", &schema_string, 0},
};
const struct schema schema_delete_consumer_response_data = {
    .name = "DeleteConsumerResponseData",
    .type = SCHEMA_OBJECT,
    .fields = delete_consumer_response_data_fields,
    .field_count = 1,
};

const struct schema schema_any = {
    .name = "any",
    .type = SCHEMA_ANY,
};

static const struct schema_field custom_field_finder_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"name", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE},
    {"description", &schema_string, FIELD_NULLABLE},
    {"value", &schema_any, 0},
    {"finder", &schema_string, FIELD_READ_ONLY},
};
const struct schema schema_custom_field_finder = {
    .name = "CustomFieldFinder",
    .type = SCHEMA_OBJECT,
    .fields = custom_field_finder_fields,
    .field_count = 5,
    .fixed = true,
};

const struct schema schema_custom_field_finder_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_custom_field_finder,
};

static const struct schema_field create_custom_mapping_request_fields[] = {
    {"value", &schema_string, FIELD_REQUIRED},
};
const struct schema schema_create_custom_mapping_request = {
    .name = "CreateCustomMappingRequest",
    .type = SCHEMA_OBJECT,
    .fields = create_custom_mapping_request_fields,
    .field_count = 1,
    .fixed = true,
};

static const struct schema_field update_custom_mapping_request_fields[] = {
    {"value", &schema_string, FIELD_REQUIRED},
};
const struct schema schema_update_custom_mapping_request = {
    .name = "UpdateCustomMappingRequest",
    .type = SCHEMA_OBJECT,
    .fields = update_custom_mapping_request_fields,
    .field_count = 1,
    .fixed = true,
};

static const char *const logs_filter_path_match_mode_values[] = {
    "CONTAINS",
    "STARTS_WITH",
    "ENDS_WITH",
    "EXACT",
    NULL,
};
const struct schema schema_logs_filter_path_match_mode = {
    .name = "LogsFilterPathMatchMode",
    .type = SCHEMA_STRING,
    .enumeration = logs_filter_path_match_mode_values,
};

const struct schema schema_integer_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_integer,
};

static const struct schema_field logs_filter_fields[] = {
    {"connector_id", &schema_string, FIELD_NULLABLE},
    {"path", &schema_string, FIELD_NULLABLE},
    {"path_match_mode", &schema_logs_filter_path_match_mode, FIELD_NULLABLE},
    {"http_method", &schema_string, FIELD_NULLABLE},
    {"http_methods", &schema_string_array, FIELD_NULLABLE},
    {"start_date", &schema_date_time, FIELD_NULLABLE},
    {"end_date", &schema_date_time, FIELD_NULLABLE},
    {"status_code", &schema_integer, FIELD_NULLABLE},
    {"status_codes", &schema_integer_array, FIELD_NULLABLE},
    {"exclude_unified_apis", &schema_string, FIELD_NULLABLE},
};
const struct schema schema_logs_filter = {
    .name = "LogsFilter",
    .type = SCHEMA_OBJECT,
    .fields = logs_filter_fields,
    .field_count = 10,
};

static const struct schema_field log_operation_fields[] = {
    {"id", &schema_string, FIELD_REQUIRED},
    {"name", &schema_string, FIELD_REQUIRED},
};
const struct schema schema_log_operation = {
    .name = "LogOperation",
    .type = SCHEMA_OBJECT,
    .fields = log_operation_fields,
    .field_count = 2,
    .fixed = true,
};

static const struct schema_field log_service_fields[] = {
    {"id", &schema_string, FIELD_REQUIRED},
    {"name", &schema_string, FIELD_REQUIRED},
};
const struct schema schema_log_service = {
    .name = "LogService",
    .type = SCHEMA_OBJECT,
    .fields = log_service_fields,
    .field_count = 2,
    .fixed = true,
};

static const char *const log_unified_api_values[] = {
    "crm",
    "lead",
    "proxy",
    "vault",
    "accounting",
    "hris",
    "ats",
    "ecommerce",
    "issue-tracking",
    "pos",
    "file-storage",
    "sms",
    NULL,
};
const struct schema schema_log_unified_api = {
    .name = "LogUnifiedApi",
    .type = SCHEMA_STRING,
    .enumeration = log_unified_api_values,
};

static const struct schema_field log_fields[] = {
    {"api_style", &schema_string, FIELD_REQUIRED},
    {"base_url", &schema_string, FIELD_REQUIRED},
    {"child_request", &schema_boolean, FIELD_REQUIRED},
    {"consumer_id", &schema_string, FIELD_REQUIRED},
    {"duration", &schema_number, FIELD_REQUIRED},
    {"error_message", &schema_string, FIELD_NULLABLE},
    {"execution", &schema_integer, FIELD_REQUIRED},
    {"has_children", &schema_boolean, FIELD_REQUIRED},
    {"http_method", &schema_string, FIELD_REQUIRED},
    {"id", &schema_string, FIELD_REQUIRED},
    {"latency", &schema_number, FIELD_REQUIRED},
    {"operation", &schema_log_operation, FIELD_REQUIRED},
    {"parent_id", &schema_string, FIELD_NULLABLE | FIELD_REQUIRED},
    {"path", &schema_string, FIELD_REQUIRED},
    {"sandbox", &schema_boolean, FIELD_REQUIRED},
    {"service", &schema_log_service, FIELD_REQUIRED},
    {"source_ip", &schema_string, FIELD_NULLABLE},
    {"status_code", &schema_integer, FIELD_REQUIRED},
    {"success", &schema_boolean, FIELD_REQUIRED},
    {"timestamp", &schema_string, FIELD_REQUIRED},
    {"unified_api", &schema_log_unified_api, FIELD_REQUIRED},
};
const struct schema schema_log = {
    .name = "Log",
    .type = SCHEMA_OBJECT,
    .fields = log_fields,
    .field_count = 21,
    .fixed = true,
};

const struct schema schema_log_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_log,
};

const struct schema schema_unified_api_id_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_unified_api_id,
};

static const char *const session_settings_allow_actions_values[] = {
    "delete",
    "disconnect",
    "reauthorize",
    "disable",
    NULL,
};
const struct schema schema_session_settings_allow_actions = {
    .name = "SessionSettingsAllowActions",
    .type = SCHEMA_STRING,
    .enumeration = session_settings_allow_actions_values,
};

const struct schema schema_session_settings_allow_actions_array = {
    .type = SCHEMA_ARRAY,
    .item = &schema_session_settings_allow_actions,
};

static const struct schema_field session_settings_fields[] = {
    {"unified_apis", &schema_unified_api_id_array, 0},
    {"hide_resource_settings", &schema_boolean, 0},
    {"sandbox_mode", &schema_boolean, 0},
    {"isolation_mode", &schema_boolean, 0},
    {"session_length", &schema_string, 0},
    {"show_logs", &schema_boolean, 0},
    {"show_suggestions", &schema_boolean, 0},
    {"show_sidebar", &schema_boolean, 0},
    {"auto_redirect", &schema_boolean, 0},
    {"hide_guides", &schema_boolean, 0},
    {"allow_actions", &schema_session_settings_allow_actions_array, 0},
};
const struct schema schema_session_settings = {
    .name = "SessionSettings",
    .type = SCHEMA_OBJECT,
    .fields = session_settings_fields,
    .field_count = 11,
    .fixed = true,
};

static const struct schema_field session_theme_fields[] = {
    {"favicon", &schema_string, 0},
    {"logo", &schema_string, 0},
    {"primary_color", &schema_string, 0},
    {"sidepanel_background_color", &schema_string, 0},
    {"sidepanel_text_color", &schema_string, 0},
    {"vault_name", &schema_string, 0},
    {"privacy_url", &schema_string, 0},
    {"terms_url", &schema_string, 0},
};
const struct schema schema_session_theme = {
    .name = "SessionTheme",
    .type = SCHEMA_OBJECT,
    .fields = session_theme_fields,
    .field_count = 8,
};

static const struct schema_field session_fields[] = {
    {"consumer_metadata", &schema_consumer_metadata, 0},
    {"redirect_uri", &schema_string, 0},
    {"settings", &schema_session_settings, 0},
    {"theme", &schema_session_theme, 0},
    {"custom_consumer_settings", &schema_free_form, FIELD_SECRET},
};
const struct schema schema_session = {
    .name = "Session",
    .type = SCHEMA_OBJECT,
    .fields = session_fields,
    .field_count = 5,
    .fixed = true,
};

static const struct schema_field create_session_response_data_fields[] = {
    {"session_uri", &schema_string, FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_SECRET},
    {"session_token", &schema_string, FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_SECRET},
};
const struct schema schema_create_session_response_data = {
    .name = "CreateSessionResponseData",
    .type = SCHEMA_OBJECT,
    .fields = create_session_response_data_fields,
    .field_count = 2,
    .fixed = true,
};

const struct schema *const schema_all[] = {
    &schema_connection,
    &schema_form_field,
    &schema_form_field_option,
    &schema_connection_configuration,
    &schema_connection_configuration_defaults,
    &schema_webhook_subscription,
    &schema_custom_mapping,
    &schema_consent_record,
    &schema_data_scopes,
    &schema_confirm_connection,
    &schema_confirm_connection_response_data,
    &schema_connection_import_data,
    &schema_connection_import_data_credentials,
    &schema_connection_migrate_data,
    &schema_empty_object,
    &schema_validate_connection_state_response_data,
    &schema_create_callback_state,
    &schema_create_callback_state_response_data,
    &schema_update_consent_request,
    &schema_consumer_request_counts_in_date_range_response_data,
    &schema_request_count_allocation,
    &schema_consumers_filter,
    &schema_get_consumers_response_data,
    &schema_consumer_metadata,
    &schema_consumer,
    &schema_consumer_connection,
    &schema_create_consumer_request,
    &schema_update_consumer_request,
    &schema_delete_consumer_response_data,
    &schema_custom_field_finder,
    &schema_create_custom_mapping_request,
    &schema_update_custom_mapping_request,
    &schema_logs_filter,
    &schema_log,
    &schema_log_operation,
    &schema_log_service,
    &schema_session,
    &schema_session_settings,
    &schema_session_theme,
    &schema_create_session_response_data,
    NULL,
};
