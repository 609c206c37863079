/* The rows of src/api/operations.c: one for each operation of the API. All code that sends, checks,
 * retries, documents or simulates an operation uses its row. */
#ifndef VAULT_API_OPERATION_H
#define VAULT_API_OPERATION_H

#include "api/schema.h"

#include <stdbool.h>
#include <stddef.h>

enum parameter_location { PARAMETER_PATH, PARAMETER_QUERY, PARAMETER_BODY };

/* Context headers: the consumer and the application of a call. */
enum { CONTEXT_CONSUMER = 1, CONTEXT_APPLICATION = 2 };

struct parameter {
    const char *name; /* field of the request table, and {name} in the path */
    enum parameter_location location;
    const struct schema *schema;
    unsigned flags; /* FIELD_REQUIRED, FIELD_NULLABLE; an absent optional body is sent as {} */
};

struct operation {
    const char *id;    /* "vault.connections.get", as errors and logs name it */
    const char *group; /* "connections": the table of the client that has it */
    const char *name;  /* "get" */
    const char *method;
    const char *path; /* "/vault/connections/{unified_api}/{service_id}" */
    const struct parameter *parameters;
    size_t parameter_count;
    const struct schema *data; /* of the member `data` of the response; NULL: none */
    unsigned context;          /* CONTEXT_...: its context headers */
    /* Whether it returns one page of a list, and takes `cursor` and `limit`. */
    bool pages;
    /* Whether the request may be sent twice: GET and DELETE by HTTP (RFC 9110 section 9.2.2),
     * others by Apideck's documentation. */
    bool idempotent;
    /* Whether a response without content is a success, as for DELETE. */
    bool no_content_ok;
};

extern const struct operation operations[];
extern const size_t operation_count;

#endif
