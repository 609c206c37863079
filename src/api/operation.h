/* What a row of src/api/operations.c says about an operation of the API.
 * Everything that sends, checks, retries, documents or imitates an operation
 * reads its row. */
#ifndef VAULT_API_OPERATION_H
#define VAULT_API_OPERATION_H

#include "api/schema.h"

#include <stdbool.h>
#include <stddef.h>

enum parameter_location { PARAMETER_PATH, PARAMETER_QUERY, PARAMETER_BODY };

/* Headers that say for whom an operation is called. */
enum { CONTEXT_CONSUMER = 1, CONTEXT_APPLICATION = 2 };

struct parameter {
    const char *name; /* field of the request table, and {name} in the path */
    enum parameter_location location;
    const struct schema *schema;
    unsigned flags; /* FIELD_REQUIRED, FIELD_NULLABLE; an optional body that is
                       absent is sent as {} */
};

struct operation {
    const char *id;    /* "vault.connections.get", as errors and logs name it */
    const char *group; /* "connections": the table it is registered in */
    const char *name;  /* "get" */
    const char *method;
    const char *path; /* "/vault/connections/{unified_api}/{service_id}" */
    const struct parameter *parameters;
    size_t parameter_count;
    const struct schema *data; /* of the response's member `data`; NULL: none */
    unsigned context;          /* CONTEXT_...: the context headers it takes */
    /* It returns one page of a list: takes `cursor` and `limit`. */
    bool pages;
    /* May the request be sent twice? By HTTP (RFC 9110 9.2.2) for GET and
     * DELETE, by Apideck's word for others. */
    bool idempotent;
    /* A response without content is success: DELETE. */
    bool no_content_ok;
};

extern const struct operation operations[];
extern const size_t operation_count;

#endif
