/* Finds the secrets of a request and of a response. */
#ifndef VAULT_REDACT_SECRET_COLLECT_H
#define VAULT_REDACT_SECRET_COLLECT_H

#include "http/header_list.h"
#include "redact/secret_set.h"

/* Adds other spellings of the number `text` to the set. False: no memory. */
typedef bool secret_number_spellings(struct secret_set *set, const char *text, size_t length);

/* All return false if memory is short. `scratch` is overwritten. */
bool secret_collect_headers(struct secret_set *set, const struct header_list *headers,
                            struct buffer *scratch);
bool secret_collect_url(struct secret_set *set, const char *url, size_t length,
                        struct buffer *scratch);
/* The user name and password in the URL of a proxy. */
bool secret_collect_proxy(struct secret_set *set, const char *proxy, size_t length,
                          struct buffer *scratch);
/* Credentials, tokens, settings and the values of sensitive form fields. If the text is not JSON,
 * those before the error. */
bool secret_collect_json(struct secret_set *set, const char *text, size_t length,
                         secret_number_spellings *numbers, struct buffer *scratch);

#endif
