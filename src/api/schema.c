#include "api/schema.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OBJECT(object_name, object_fields)                                       \
    {                                                                            \
        .name = (object_name), .type = SCHEMA_OBJECT, .fields = (object_fields), \
        .field_count = COUNT(object_fields)                                      \
    }
#define FIXED_OBJECT(object_name, object_fields)                                 \
    {                                                                            \
        .name = (object_name), .type = SCHEMA_OBJECT, .fields = (object_fields), \
        .field_count = COUNT(object_fields), .fixed = true                       \
    }
#define ARRAY(of)                           \
    {                                       \
        .type = SCHEMA_ARRAY, .item = &(of) \
    }
#define ENUMERATION(enumeration_name, ...)                                                    \
    {                                                                                         \
        .name = enumeration_name, .type = SCHEMA_STRING, .enumeration = (const char *const[]) \
        {                                                                                     \
            __VA_ARGS__, NULL                                                                 \
        }                                                                                     \
    }

const struct schema schema_string = {.name = "string", .type = SCHEMA_STRING};
const struct schema schema_boolean = {.name = "boolean", .type = SCHEMA_BOOLEAN};
static const struct schema schema_integer = {.name = "integer", .type = SCHEMA_INTEGER};
static const struct schema schema_duration = {.name = "duration", .type = SCHEMA_DURATION};
static const struct schema schema_date_time = {.name = "date-time", .type = SCHEMA_DATE_TIME};
static const struct schema schema_scalar = {.name = "scalar", .type = SCHEMA_SCALAR};
static const struct schema schema_free_form = {.name = "free-form", .type = SCHEMA_FREE_FORM};
static const struct schema schema_scopes = {.name = "DataScopesResources", .type = SCHEMA_SCOPES};
static const struct schema schema_strings = ARRAY(schema_string);

const struct schema schema_unified_api = ENUMERATION(
    "UnifiedApi", "accounting", "ats", "calendar", "crm", "csp", "customer-support", "ecommerce",
    "email", "email-marketing", "expense-management", "file-storage", "form", "hris", "lead",
    "payroll", "pos", "procurement", "project-management", "script", "sms", "spreadsheet",
    "subscription-analytics", "team-messaging", "issue-tracking", "time-registration",
    "transactional-email", "vault", "data-warehouse");
static const struct schema schema_state =
    ENUMERATION("ConnectionState", "available", "callable", "added", "authorized", "invalid");
static const struct schema schema_integration_state =
    ENUMERATION("IntegrationState", "disabled", "needs_configuration", "configured");
static const struct schema schema_auth_type =
    ENUMERATION("AuthType", "oauth2", "apiKey", "basic", "custom", "none");
static const struct schema schema_grant_type =
    ENUMERATION("OAuthGrantType", "authorization_code", "client_credentials", "password");
static const struct schema schema_status =
    ENUMERATION("ConnectionStatus", "live", "upcoming", "requested");
static const struct schema schema_consent_state = ENUMERATION(
    "ConsentState", "implicit", "pending", "granted", "denied", "revoked", "requires_reconsent");
static const struct schema schema_health =
    ENUMERATION("ConnectionHealth", "revoked", "missing_settings", "needs_consent",
                "pending_confirmation", "needs_auth", "pending_refresh", "ok", "degraded");
static const struct schema schema_default_target =
    ENUMERATION("DefaultTarget", "custom_fields", "resource");
static const struct schema schema_option_type =
    ENUMERATION("FormFieldOptionType", "simple", "group");
static const struct schema schema_field_type = ENUMERATION(
    "FormFieldType", "text", "checkbox", "tel", "email", "url", "textarea", "select",
    "filtered-select", "multi-select", "datetime", "date", "time", "number", "password");

/* SimpleFormFieldOption and FormFieldOptionGroup in one: a group has options,
 * a simple option has a value, and real data leaves option_type out. */
static const struct schema schema_form_field_option;
static const struct schema schema_form_field_options = ARRAY(schema_form_field_option);
static const struct schema_field form_field_option_fields[] = {
    {"id", &schema_string, 0},
    {"label", &schema_string, 0},
    {"value", &schema_scalar, 0},
    {"option_type", &schema_option_type, 0},
    {"options", &schema_form_field_options, 0},
};
static const struct schema schema_form_field_option =
    OBJECT("FormFieldOption", form_field_option_fields);

static const struct schema_field form_field_fields[] = {
    {"id", &schema_string, 0},
    {"label", &schema_string, 0},
    {"placeholder", &schema_string, FIELD_NULLABLE},
    {"description", &schema_string, FIELD_NULLABLE},
    {"type", &schema_field_type, 0},
    {"required", &schema_boolean, 0},
    {"custom_field", &schema_boolean, 0},
    {"allow_custom_values", &schema_boolean, 0},
    {"disabled", &schema_boolean, FIELD_NULLABLE},
    {"hidden", &schema_boolean, FIELD_NULLABLE},
    {"deprecated", &schema_boolean, FIELD_NULLABLE},
    {"sensitive", &schema_boolean, FIELD_NULLABLE},
    {"prefix", &schema_string, FIELD_NULLABLE},
    {"suffix", &schema_string, FIELD_NULLABLE},
    {"options", &schema_form_field_options, 0},
};
static const struct schema schema_form_field = OBJECT("FormField", form_field_fields);
static const struct schema schema_form_fields = ARRAY(schema_form_field);

static const struct schema_field default_fields[] = {
    {"target", &schema_default_target, FIELD_READ_ONLY},
    {"id", &schema_string, 0},
    {"options", &schema_form_field_options, 0},
    {"value", &schema_scalar, 0},
};
static const struct schema schema_default = OBJECT("ConfigurationDefault", default_fields);
static const struct schema schema_defaults = ARRAY(schema_default);

static const struct schema_field configuration_fields[] = {
    {"resource", &schema_string, 0},
    {"defaults", &schema_defaults, 0},
};
static const struct schema schema_configuration_row =
    OBJECT("ConnectionConfiguration", configuration_fields);
static const struct schema schema_configuration = ARRAY(schema_configuration_row);

static const struct schema_field webhook_subscription_fields[] = {
    {"downstream_id", &schema_string, FIELD_READ_ONLY},
    {"unify_event_types", &schema_strings, FIELD_READ_ONLY},
    {"downstream_event_types", &schema_strings, FIELD_READ_ONLY},
    {"execute_url", &schema_string, FIELD_READ_ONLY},
    {"created_at", &schema_string, FIELD_READ_ONLY},
};
static const struct schema schema_webhook_subscription =
    FIXED_OBJECT("WebhookSubscription", webhook_subscription_fields);
static const struct schema schema_webhook_subscriptions = ARRAY(schema_webhook_subscription);

static const struct schema_field custom_mapping_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"label", &schema_string, FIELD_READ_ONLY},
    {"description", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE},
    {"value", &schema_string, 0},
    {"key", &schema_string, FIELD_READ_ONLY},
    {"required", &schema_boolean, FIELD_READ_ONLY},
    {"custom_field", &schema_boolean, FIELD_READ_ONLY},
    {"consumer_id", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE},
};
static const struct schema schema_custom_mapping =
    FIXED_OBJECT("CustomMapping", custom_mapping_fields);
static const struct schema schema_custom_mappings = ARRAY(schema_custom_mapping);

/* The document marks id, created_at, granted and resources as required of a
 * record that the server sends; a caller gives what it wants changed. */
static const struct schema_field consent_record_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"created_at", &schema_string, FIELD_READ_ONLY},
    {"granted", &schema_boolean, 0},
    {"resources", &schema_scopes, 0},
};
static const struct schema schema_consent_record = OBJECT("ConsentRecord", consent_record_fields);
static const struct schema schema_consent_records = ARRAY(schema_consent_record);

static const struct schema_field data_scopes_fields[] = {
    {"enabled", &schema_boolean, 0},
    {"updated_at", &schema_string, FIELD_READ_ONLY},
    {"resources", &schema_scopes, 0},
};
static const struct schema schema_data_scopes = OBJECT("DataScopes", data_scopes_fields);

static const struct schema_field connection_fields[] = {
    {"id", &schema_string, FIELD_READ_ONLY},
    {"service_id", &schema_string, FIELD_READ_ONLY},
    {"name", &schema_string, FIELD_READ_ONLY},
    {"tag_line", &schema_string, FIELD_READ_ONLY},
    {"unified_api", &schema_unified_api, FIELD_READ_ONLY},
    {"state", &schema_state, FIELD_READ_ONLY},
    {"integration_state", &schema_integration_state, FIELD_READ_ONLY},
    {"auth_type", &schema_auth_type, FIELD_READ_ONLY},
    {"oauth_grant_type", &schema_grant_type, FIELD_READ_ONLY},
    {"status", &schema_status, FIELD_READ_ONLY},
    {"enabled", &schema_boolean, 0},
    {"website", &schema_string, FIELD_READ_ONLY},
    {"icon", &schema_string, FIELD_READ_ONLY},
    {"logo", &schema_string, FIELD_READ_ONLY},
    {"authorize_url", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE},
    {"revoke_url", &schema_string, FIELD_READ_ONLY | FIELD_NULLABLE},
    {"settings", &schema_free_form, FIELD_NULLABLE},
    {"metadata", &schema_free_form, FIELD_NULLABLE},
    {"form_fields", &schema_form_fields, FIELD_READ_ONLY},
    {"configuration", &schema_configuration, 0},
    {"configurable_resources", &schema_strings, FIELD_READ_ONLY},
    {"resource_schema_support", &schema_strings, FIELD_READ_ONLY},
    {"resource_settings_support", &schema_strings, FIELD_READ_ONLY},
    {"validation_support", &schema_boolean, FIELD_READ_ONLY},
    {"schema_support", &schema_boolean, FIELD_READ_ONLY},
    {"settings_required_for_authorization", &schema_strings, FIELD_READ_ONLY},
    {"subscriptions", &schema_webhook_subscriptions, FIELD_READ_ONLY},
    {"has_guide", &schema_boolean, FIELD_READ_ONLY},
    {"custom_mappings", &schema_custom_mappings, 0},
    {"consent_state", &schema_consent_state, 0},
    {"consents", &schema_consent_records, FIELD_READ_ONLY},
    {"latest_consent", &schema_consent_record, 0},
    {"application_data_scopes", &schema_data_scopes, 0},
    {"health", &schema_health, FIELD_READ_ONLY},
    {"credentials_expire_at", &schema_integer, FIELD_READ_ONLY},
    {"last_refresh_failed_at", &schema_integer, FIELD_READ_ONLY},
    {"last_downstream_error_at", &schema_integer, FIELD_READ_ONLY},
    {"created_at", &schema_integer, FIELD_READ_ONLY},
    {"updated_at", &schema_integer, FIELD_READ_ONLY | FIELD_NULLABLE},
};
const struct schema schema_connection = OBJECT("Connection", connection_fields);

static const struct schema_field credentials_fields[] = {
    {"refresh_token", &schema_string, FIELD_NULLABLE},
    {"access_token", &schema_string, 0},
    {"issued_at", &schema_date_time, FIELD_NULLABLE},
    {"expires_in", &schema_duration, FIELD_NULLABLE},
};
static const struct schema schema_credentials =
    FIXED_OBJECT("ConnectionImportCredentials", credentials_fields);

static const struct schema_field connection_import_data_fields[] = {
    {"credentials", &schema_credentials, 0},
    {"settings", &schema_free_form, FIELD_NULLABLE},
    {"metadata", &schema_free_form, FIELD_NULLABLE},
};
const struct schema schema_connection_import_data =
    OBJECT("ConnectionImportData", connection_import_data_fields);

static const struct schema_field connection_migrate_data_fields[] = {
    {"target_service_id", &schema_string, FIELD_REQUIRED},
};
const struct schema schema_connection_migrate_data =
    OBJECT("ConnectionMigrateData", connection_migrate_data_fields);

const struct schema schema_empty_object = {
    .name = "EmptyObject", .type = SCHEMA_OBJECT, .fixed = true};

const struct schema *const schema_all[] = {
    &schema_connection,
    &schema_connection_import_data,
    &schema_connection_migrate_data,
    &schema_credentials,
    &schema_configuration_row,
    &schema_default,
    &schema_form_field,
    &schema_form_field_option,
    &schema_custom_mapping,
    &schema_consent_record,
    &schema_data_scopes,
    &schema_webhook_subscription,
    &schema_empty_object,
    NULL,
};
