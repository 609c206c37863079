#include "api/operation.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SERVICE_ID                                         \
    {                                                      \
        "service_id", PARAMETER_PATH, &schema_string, true \
    }
#define UNIFIED_API                                              \
    {                                                            \
        "unified_api", PARAMETER_PATH, &schema_unified_api, true \
    }

static const struct parameter list_parameters[] = {
    {"api", PARAMETER_QUERY, &schema_unified_api, false},
    {"configured", PARAMETER_QUERY, &schema_boolean, false},
};
static const struct parameter connection_parameters[] = {SERVICE_ID, UNIFIED_API};
static const struct parameter update_parameters[] = {
    SERVICE_ID,
    UNIFIED_API,
    {"connection", PARAMETER_BODY, &schema_connection, true},
};
static const struct parameter imports_parameters[] = {
    SERVICE_ID,
    UNIFIED_API,
    {"connection_import_data", PARAMETER_BODY, &schema_connection_import_data, true},
};
static const struct parameter token_parameters[] = {
    SERVICE_ID,
    UNIFIED_API,
    {"request_body", PARAMETER_BODY, &schema_empty_object, false},
};
static const struct parameter migrate_parameters[] = {
    SERVICE_ID,
    UNIFIED_API,
    {"connection_migrate_data", PARAMETER_BODY, &schema_connection_migrate_data, true},
};

#define PARAMETERS(list) .parameters = (list), .parameter_count = COUNT(list)
#define CONNECTION_PATH "/vault/connections/{unified_api}/{service_id}"

const struct operation operations[] = {
    {
        .id = "vault.connections.list",
        .group = "connections",
        .name = "list",
        .method = "GET",
        .path = "/vault/connections",
        PARAMETERS(list_parameters),
        .idempotent = true,
    },
    {
        .id = "vault.connections.get",
        .group = "connections",
        .name = "get",
        .method = "GET",
        .path = CONNECTION_PATH,
        PARAMETERS(connection_parameters),
        .idempotent = true,
    },
    {
        .id = "vault.connections.update",
        .group = "connections",
        .name = "update",
        .method = "PATCH",
        .path = CONNECTION_PATH,
        PARAMETERS(update_parameters),
    },
    {
        .id = "vault.connections.delete",
        .group = "connections",
        .name = "delete",
        .method = "DELETE",
        .path = CONNECTION_PATH,
        PARAMETERS(connection_parameters),
        .idempotent = true,
        .no_content_ok = true,
    },
    {
        .id = "vault.connections.imports",
        .group = "connections",
        .name = "imports",
        .method = "POST",
        .path = CONNECTION_PATH "/import",
        PARAMETERS(imports_parameters),
    },
    {
        .id = "vault.connections.token",
        .group = "connections",
        .name = "token",
        .method = "POST",
        .path = CONNECTION_PATH "/token",
        PARAMETERS(token_parameters),
    },
    {
        .id = "vault.connections.migrate",
        .group = "connections",
        .name = "migrate",
        .method = "POST",
        .path = CONNECTION_PATH "/migrate",
        PARAMETERS(migrate_parameters),
        .idempotent = true,
    },
};
const size_t operation_count = COUNT(operations);
