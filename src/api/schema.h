/* The shape of request bodies, as data.
 *
 * Taken from Apideck's OpenAPI document, version 10.34.0. A schema tells the
 * writer which Lua values a field takes, and whether an empty table is [] or
 * {}; responses are never checked against it, so that new fields and enum values
 * reach the program unchanged. */
#ifndef VAULT_API_SCHEMA_H
#define VAULT_API_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

enum schema_type {
    SCHEMA_ANY, /* any JSON value */
    SCHEMA_STRING,
    SCHEMA_INTEGER, /* a number with an integral value */
    SCHEMA_BOOLEAN,
    SCHEMA_DURATION,  /* an integer, also given as text: sent as the integer */
    SCHEMA_DATE_TIME, /* RFC 3339 text, or a number of seconds since the epoch */
    SCHEMA_SCALAR,    /* string, number or boolean, or an array of strings and numbers */
    SCHEMA_FREE_FORM, /* an object whose member names are the caller's own */
    SCHEMA_OBJECT,    /* an object with the fields below */
    SCHEMA_ARRAY,     /* an array of `item` */
    SCHEMA_SCOPES     /* the string "*", or an object: data scopes */
};

enum {
    FIELD_READ_ONLY = 1, /* sent by the server; passes through unchecked when sent back */
    FIELD_NULLABLE = 2,  /* null is a value of this field */
    FIELD_REQUIRED = 4
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
    const char *const *enumeration; /* known values, NULL-terminated; others pass */
    bool fixed;                     /* the document says additionalProperties: false */
};

extern const struct schema schema_string;
extern const struct schema schema_boolean;
extern const struct schema schema_unified_api;
extern const struct schema schema_connection;
extern const struct schema schema_connection_import_data;
extern const struct schema schema_connection_migrate_data;
extern const struct schema schema_empty_object;

/* Every named object schema, for introspection; NULL-terminated. */
extern const struct schema *const schema_all[];

#endif
