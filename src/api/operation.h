/* The operations of the API as data: one row an operation. Everything that
 * sends, checks, retries, documents or imitates an operation reads these rows;
 * adding an operation is adding a row. */
#ifndef VAULT_API_OPERATION_H
#define VAULT_API_OPERATION_H

#include "api/schema.h"

#include <stdbool.h>
#include <stddef.h>

enum parameter_location { PARAMETER_PATH, PARAMETER_QUERY, PARAMETER_BODY };

struct parameter {
    const char *name; /* field of the request table, and {name} in the path */
    enum parameter_location location;
    const struct schema *schema;
    bool required; /* an optional body that is absent is sent as {} */
};

struct operation {
    const char *id;    /* "vault.connections.get", as errors and logs name it */
    const char *group; /* "connections": the table it is registered in */
    const char *name;  /* "get" */
    const char *method;
    const char *path; /* "/vault/connections/{unified_api}/{service_id}" */
    const struct parameter *parameters;
    size_t parameter_count;
    /* May the request be sent twice? By HTTP (RFC 9110 9.2.2) for GET and
     * DELETE, by Apideck's word for migrate. */
    bool idempotent;
    /* A response without a body is success: DELETE. */
    bool no_content_ok;
};

extern const struct operation operations[];
extern const size_t operation_count;

#endif
