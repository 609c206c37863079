/* What the name of a header, a member of a JSON object or a query parameter says
 * about its value. */
#ifndef VAULT_REDACT_SECRET_NAME_H
#define VAULT_REDACT_SECRET_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum secret_name {
    SECRET_NAME_NONE,
    SECRET_NAME_SECRET,      /* the value, at any depth, flags apart */
    SECRET_NAME_CREDENTIALS, /* the same, but for the members that are dates */
    SECRET_NAME_FORM_VALUE,  /* the value of a form field: secret if the field is sensitive */
    SECRET_NAME_SENSITIVE,   /* the flag of a form field that says so */
    SECRET_NAME_LIFETIME,    /* a date of the credentials */
    SECRET_NAME_PUBLIC       /* an object whose members key and value are no secrets */
};

/* By Apideck's document first, then by the words of the name, which end at any
 * character that is neither a letter nor a digit, and at the humps of camelCase. */
enum secret_name secret_name_kind(const char *name, size_t length);
/* Whether a header or query parameter of that name holds a secret. */
bool secret_name_is_secret(const char *name, size_t length);

#endif
