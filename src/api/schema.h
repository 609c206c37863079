/* What a row of src/api/schemas.c says about a type of the API.
 *
 * A schema tells the writer which Lua values a field takes, and whether an empty
 * table is [] or {}. Responses are never checked against theirs, so that new
 * fields and enum values reach the program unchanged: it names what is secret
 * in them. */
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
    FIELD_REQUIRED = 4,
    FIELD_SECRET = 8,              /* shown in no message or log line */
    FIELD_SECRET_IF_SENSITIVE = 16 /* the same where `sensitive` beside it is true */
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

/* Every named object schema, for introspection; NULL-terminated. */
extern const struct schema *const schema_all[];

#endif
