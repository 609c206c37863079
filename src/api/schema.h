/* The rows of src/api/schemas.c: one for each type of the API.
 *
 * A schema tells the writer which Lua values a field accepts, and whether an empty table is [] or
 * {}. Responses are not checked, so that programs get new fields and enum values unchanged; for
 * them a schema only says which values are secret. */
#ifndef VAULT_API_SCHEMA_H
#define VAULT_API_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

enum schema_type {
    SCHEMA_ANY, /* any JSON value */
    SCHEMA_STRING,
    SCHEMA_INTEGER, /* a number with an integral value */
    SCHEMA_NUMBER,
    SCHEMA_BOOLEAN,
    SCHEMA_DURATION,  /* an integer; text with digits is sent as an integer */
    SCHEMA_DATE_TIME, /* RFC 3339 text, or a number of seconds since the epoch */
    SCHEMA_SCALAR,    /* a string, number or boolean, or an array of strings and numbers */
    SCHEMA_FREE_FORM, /* an object with any members */
    SCHEMA_OBJECT,    /* an object with `fields` */
    SCHEMA_ARRAY,     /* an array of `item` */
    SCHEMA_SCOPES     /* data scopes: the string "*" or an object */
};

enum {
    FIELD_READ_ONLY = 1, /* set by the server; not checked when sent back */
    FIELD_NULLABLE = 2,  /* null is allowed */
    FIELD_REQUIRED = 4,
    FIELD_SECRET = 8,              /* redacted in messages and log lines */
    FIELD_SECRET_IF_SENSITIVE = 16 /* redacted if the member `sensitive` beside it is true */
};

struct schema;

struct schema_field {
    const char *name;
    const struct schema *schema;
    unsigned flags; /* FIELD_... */
};

struct schema {
    const char *name; /* "Connection"; for introspection and documentation */
    enum schema_type type;
    const struct schema_field *fields; /* of SCHEMA_OBJECT */
    size_t field_count;
    const struct schema *item;      /* of SCHEMA_ARRAY */
    const char *const *enumeration; /* known values, NULL-terminated; others are accepted */
    bool fixed;                     /* additionalProperties is false in the document */
};

/* Every named object schema, for introspection; NULL-terminated. */
extern const struct schema *const schema_all[];

#endif
