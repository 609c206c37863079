/* Decides by the name of a header, JSON member or query parameter whether its value is secret. */
#ifndef VAULT_REDACT_SECRET_NAME_H
#define VAULT_REDACT_SECRET_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum secret_name {
    SECRET_NAME_NONE,
    SECRET_NAME_SECRET,      /* the value is secret, at any depth, except true, false and null */
    SECRET_NAME_CREDENTIALS, /* the same, except members that are dates */
    SECRET_NAME_FORM_VALUE,  /* the value of a form field, secret if the field is sensitive */
    SECRET_NAME_SENSITIVE,   /* the flag that makes a form field sensitive */
    SECRET_NAME_LIFETIME,    /* a date in credentials */
    SECRET_NAME_PUBLIC       /* an object whose members key and value are not secret */
};

/* First by the names in Apideck's OpenAPI document, then by the words of the name. Words end at any
 * character that is not a letter or digit, and at capitals in camelCase. */
enum secret_name secret_name_kind(const char *name, size_t length);
/* Whether the value of a header or query parameter of that name is secret. */
bool secret_name_is_secret(const char *name, size_t length);

#endif
