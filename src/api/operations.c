/* Written by .ci/generate from src/api/vault.json and .ci/api/overrides.lua; do not edit.
 * Apideck's OpenAPI document of the Vault API, version 10.34.0. */
/* clang-format off */
#include "api/operation.h"
#include "api/schemas.h"

static const struct parameter connections_list_parameters[] = {
    {"api", PARAMETER_QUERY, &schema_unified_api_id, 0},
    {"configured", PARAMETER_QUERY, &schema_boolean, 0},
};
static const struct parameter connections_get_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
};
static const struct parameter connections_update_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"connection", PARAMETER_BODY, &schema_connection, FIELD_REQUIRED},
};
static const struct parameter connections_delete_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
};
static const struct parameter connections_confirm_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"confirm_connection", PARAMETER_BODY, &schema_confirm_connection, FIELD_REQUIRED},
};
static const struct parameter connections_imports_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"connection_import_data", PARAMETER_BODY, &schema_connection_import_data, FIELD_REQUIRED},
};
static const struct parameter connections_migrate_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"connection_migrate_data", PARAMETER_BODY, &schema_connection_migrate_data, FIELD_REQUIRED},
};
static const struct parameter connections_token_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"request_body", PARAMETER_BODY, &schema_empty_object, 0},
};
static const struct parameter validate_connection_state_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"request_body", PARAMETER_BODY, &schema_empty_object, 0},
};
static const struct parameter create_callback_state_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"create_callback_state", PARAMETER_BODY, &schema_create_callback_state, FIELD_REQUIRED},
};
static const struct parameter connection_consent_update_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"update_consent_request", PARAMETER_BODY, &schema_update_consent_request, FIELD_REQUIRED},
};
static const struct parameter connection_consents_list_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
};
static const struct parameter connection_custom_mappings_list_parameters[] = {
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"resource", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"resource_id", PARAMETER_QUERY, &schema_string, 0},
};
static const struct parameter connection_settings_list_parameters[] = {
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"resource", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
};
static const struct parameter connection_settings_update_parameters[] = {
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"resource", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"connection", PARAMETER_BODY, &schema_connection, FIELD_REQUIRED},
};
static const struct parameter consumer_request_counts_list_parameters[] = {
    {"consumer_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"start_datetime", PARAMETER_QUERY, &schema_date_time, FIELD_REQUIRED},
    {"end_datetime", PARAMETER_QUERY, &schema_date_time, FIELD_REQUIRED},
};
static const struct parameter consumers_list_parameters[] = {
    {"filter", PARAMETER_QUERY, &schema_consumers_filter, 0},
    {"cursor", PARAMETER_QUERY, &schema_string, FIELD_NULLABLE},
    {"limit", PARAMETER_QUERY, &schema_integer, 0},
};
static const struct parameter consumers_get_parameters[] = {
    {"consumer_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
};
static const struct parameter consumers_create_parameters[] = {
    {"create_consumer_request", PARAMETER_BODY, &schema_create_consumer_request, FIELD_REQUIRED},
};
static const struct parameter consumers_update_parameters[] = {
    {"consumer_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"update_consumer_request", PARAMETER_BODY, &schema_update_consumer_request, FIELD_REQUIRED},
};
static const struct parameter consumers_delete_parameters[] = {
    {"consumer_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
};
static const struct parameter custom_fields_list_parameters[] = {
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"resource", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"resource_id", PARAMETER_QUERY, &schema_string, 0},
};
static const struct parameter custom_mappings_list_parameters[] = {
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
};
static const struct parameter custom_mappings_get_parameters[] = {
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"target_field_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
};
static const struct parameter custom_mappings_create_parameters[] = {
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"target_field_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"create_custom_mapping_request", PARAMETER_BODY, &schema_create_custom_mapping_request,
     FIELD_REQUIRED},
};
static const struct parameter custom_mappings_update_parameters[] = {
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"target_field_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"update_custom_mapping_request", PARAMETER_BODY, &schema_update_custom_mapping_request,
     FIELD_REQUIRED},
};
static const struct parameter custom_mappings_delete_parameters[] = {
    {"unified_api", PARAMETER_PATH, &schema_unified_api_id, FIELD_REQUIRED},
    {"service_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
    {"target_field_id", PARAMETER_PATH, &schema_string, FIELD_REQUIRED},
};
static const struct parameter logs_list_parameters[] = {
    {"filter", PARAMETER_QUERY, &schema_logs_filter, 0},
    {"cursor", PARAMETER_QUERY, &schema_string, FIELD_NULLABLE},
    {"limit", PARAMETER_QUERY, &schema_integer, 0},
};
static const struct parameter sessions_create_parameters[] = {
    {"session", PARAMETER_BODY, &schema_session, 0},
};

const struct operation operations[] = {
    {
        .id = "vault.connections.list",
        .group = "connections",
        .name = "list",
        .method = "GET",
        .path = "/vault/connections",
        .parameters = connections_list_parameters,
        .parameter_count = 2,
        .data = &schema_connection_array,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.connections.get",
        .group = "connections",
        .name = "get",
        .method = "GET",
        .path = "/vault/connections/{unified_api}/{service_id}",
        .parameters = connections_get_parameters,
        .parameter_count = 2,
        .data = &schema_connection,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.connections.update",
        .group = "connections",
        .name = "update",
        .method = "PATCH",
        .path = "/vault/connections/{unified_api}/{service_id}",
        .parameters = connections_update_parameters,
        .parameter_count = 3,
        .data = &schema_connection,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.connections.delete",
        .group = "connections",
        .name = "delete",
        .method = "DELETE",
        .path = "/vault/connections/{unified_api}/{service_id}",
        .parameters = connections_delete_parameters,
        .parameter_count = 2,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
        .no_content_ok = true,
    },
    {
        .id = "vault.connections.confirm",
        .group = "connections",
        .name = "confirm",
        .method = "POST",
        .path = "/vault/connections/{unified_api}/{service_id}/confirm",
        .parameters = connections_confirm_parameters,
        .parameter_count = 3,
        .data = &schema_confirm_connection_response_data,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.connections.imports",
        .group = "connections",
        .name = "imports",
        .method = "POST",
        .path = "/vault/connections/{unified_api}/{service_id}/import",
        .parameters = connections_imports_parameters,
        .parameter_count = 3,
        .data = &schema_connection,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.connections.migrate",
        .group = "connections",
        .name = "migrate",
        .method = "POST",
        .path = "/vault/connections/{unified_api}/{service_id}/migrate",
        .parameters = connections_migrate_parameters,
        .parameter_count = 3,
        .data = &schema_connection,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.connections.token",
        .group = "connections",
        .name = "token",
        .method = "POST",
        .path = "/vault/connections/{unified_api}/{service_id}/token",
        .parameters = connections_token_parameters,
        .parameter_count = 3,
        .data = &schema_connection,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.validate_connection.state",
        .group = "validate_connection",
        .name = "state",
        .method = "POST",
        .path = "/vault/connections/{unified_api}/{service_id}/validate",
        .parameters = validate_connection_state_parameters,
        .parameter_count = 3,
        .data = &schema_validate_connection_state_response_data,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.create_callback.state",
        .group = "create_callback",
        .name = "state",
        .method = "POST",
        .path = "/vault/connections/{unified_api}/{service_id}/callback-state",
        .parameters = create_callback_state_parameters,
        .parameter_count = 3,
        .data = &schema_create_callback_state_response_data,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.connection_consent.update",
        .group = "connection_consent",
        .name = "update",
        .method = "PATCH",
        .path = "/vault/connections/{unified_api}/{service_id}/consent",
        .parameters = connection_consent_update_parameters,
        .parameter_count = 3,
        .data = &schema_consent_record,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.connection_consents.list",
        .group = "connection_consents",
        .name = "list",
        .method = "GET",
        .path = "/vault/connections/{unified_api}/{service_id}/consent",
        .parameters = connection_consents_list_parameters,
        .parameter_count = 2,
        .data = &schema_consent_record_array,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.connection_custom_mappings.list",
        .group = "connection_custom_mappings",
        .name = "list",
        .method = "GET",
        .path = "/vault/connections/{unified_api}/{service_id}/{resource}/custom-mappings",
        .parameters = connection_custom_mappings_list_parameters,
        .parameter_count = 4,
        .data = &schema_custom_mapping_array,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.connection_settings.list",
        .group = "connection_settings",
        .name = "list",
        .method = "GET",
        .path = "/vault/connections/{unified_api}/{service_id}/{resource}/config",
        .parameters = connection_settings_list_parameters,
        .parameter_count = 3,
        .data = &schema_connection,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.connection_settings.update",
        .group = "connection_settings",
        .name = "update",
        .method = "PATCH",
        .path = "/vault/connections/{unified_api}/{service_id}/{resource}/config",
        .parameters = connection_settings_update_parameters,
        .parameter_count = 4,
        .data = &schema_connection,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.consumer_request_counts.list",
        .group = "consumer_request_counts",
        .name = "list",
        .method = "GET",
        .path = "/vault/consumers/{consumer_id}/stats",
        .parameters = consumer_request_counts_list_parameters,
        .parameter_count = 3,
        .data = &schema_consumer_request_counts_in_date_range_response_data,
        .context = CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.consumers.list",
        .group = "consumers",
        .name = "list",
        .method = "GET",
        .path = "/vault/consumers",
        .parameters = consumers_list_parameters,
        .parameter_count = 3,
        .data = &schema_get_consumers_response_data_array,
        .context = CONTEXT_APPLICATION,
        .pages = true,
        .idempotent = true,
    },
    {
        .id = "vault.consumers.get",
        .group = "consumers",
        .name = "get",
        .method = "GET",
        .path = "/vault/consumers/{consumer_id}",
        .parameters = consumers_get_parameters,
        .parameter_count = 1,
        .data = &schema_consumer,
        .context = CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.consumers.create",
        .group = "consumers",
        .name = "create",
        .method = "POST",
        .path = "/vault/consumers",
        .parameters = consumers_create_parameters,
        .parameter_count = 1,
        .data = &schema_consumer,
        .context = CONTEXT_APPLICATION,
    },
    {
        .id = "vault.consumers.update",
        .group = "consumers",
        .name = "update",
        .method = "PATCH",
        .path = "/vault/consumers/{consumer_id}",
        .parameters = consumers_update_parameters,
        .parameter_count = 2,
        .data = &schema_consumer,
        .context = CONTEXT_APPLICATION,
    },
    {
        .id = "vault.consumers.delete",
        .group = "consumers",
        .name = "delete",
        .method = "DELETE",
        .path = "/vault/consumers/{consumer_id}",
        .parameters = consumers_delete_parameters,
        .parameter_count = 1,
        .data = &schema_delete_consumer_response_data,
        .context = CONTEXT_APPLICATION,
        .idempotent = true,
        .no_content_ok = true,
    },
    {
        .id = "vault.custom_fields.list",
        .group = "custom_fields",
        .name = "list",
        .method = "GET",
        .path = "/vault/connections/{unified_api}/{service_id}/{resource}/custom-fields",
        .parameters = custom_fields_list_parameters,
        .parameter_count = 4,
        .data = &schema_custom_field_finder_array,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.custom_mappings.list",
        .group = "custom_mappings",
        .name = "list",
        .method = "GET",
        .path = "/vault/custom-mappings/{unified_api}/{service_id}",
        .parameters = custom_mappings_list_parameters,
        .parameter_count = 2,
        .data = &schema_custom_mapping_array,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.custom_mappings.get",
        .group = "custom_mappings",
        .name = "get",
        .method = "GET",
        .path = "/vault/custom-mappings/{unified_api}/{service_id}/{target_field_id}",
        .parameters = custom_mappings_get_parameters,
        .parameter_count = 3,
        .data = &schema_custom_mapping,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
    },
    {
        .id = "vault.custom_mappings.create",
        .group = "custom_mappings",
        .name = "create",
        .method = "POST",
        .path = "/vault/custom-mappings/{unified_api}/{service_id}/{target_field_id}",
        .parameters = custom_mappings_create_parameters,
        .parameter_count = 4,
        .data = &schema_custom_mapping,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.custom_mappings.update",
        .group = "custom_mappings",
        .name = "update",
        .method = "PATCH",
        .path = "/vault/custom-mappings/{unified_api}/{service_id}/{target_field_id}",
        .parameters = custom_mappings_update_parameters,
        .parameter_count = 4,
        .data = &schema_custom_mapping,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
    {
        .id = "vault.custom_mappings.delete",
        .group = "custom_mappings",
        .name = "delete",
        .method = "DELETE",
        .path = "/vault/custom-mappings/{unified_api}/{service_id}/{target_field_id}",
        .parameters = custom_mappings_delete_parameters,
        .parameter_count = 3,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .idempotent = true,
        .no_content_ok = true,
    },
    {
        .id = "vault.logs.list",
        .group = "logs",
        .name = "list",
        .method = "GET",
        .path = "/vault/logs",
        .parameters = logs_list_parameters,
        .parameter_count = 3,
        .data = &schema_log_array,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
        .pages = true,
        .idempotent = true,
    },
    {
        .id = "vault.sessions.create",
        .group = "sessions",
        .name = "create",
        .method = "POST",
        .path = "/vault/sessions",
        .parameters = sessions_create_parameters,
        .parameter_count = 1,
        .data = &schema_create_session_response_data,
        .context = CONTEXT_CONSUMER | CONTEXT_APPLICATION,
    },
};
const size_t operation_count = 29;
