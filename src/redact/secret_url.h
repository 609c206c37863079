/* URLs in messages and log lines: without user name, password and fragment, and
 * with the values of secret query parameters replaced. */
#ifndef VAULT_REDACT_SECRET_URL_H
#define VAULT_REDACT_SECRET_URL_H

#include "redact/secret_set.h"

struct secret_url {
    size_t host;     /* where the host's name begins: after "://" and any "user:password@" */
    size_t host_end; /* the port is behind it */
    size_t path;
    size_t query; /* its ?, or the end */
    size_t end;   /* where the fragment begins, if there is one */
};

/* Host and path are empty where the text has none. */
void secret_url_parse(struct secret_url *parts, const char *url, size_t length);

enum secret_url_kind {
    SECRET_URL_REQUEST, /* what is sent: only the names of parameters say what is secret */
    SECRET_URL_LINK     /* where a browser is sent: also what OAuth puts there */
};

/* Calls `found` for the value of each query parameter of a request that is secret;
 * stops when it returns false, and returns that. */
typedef bool secret_url_value(void *context, const char *value, size_t length);
bool secret_url_values(const char *url, size_t length, secret_url_value *found, void *context);

/* Appends the URL as it may be shown. The secrets of the set are looked for in
 * path and query; the host is no secret. */
bool secret_url_append(struct buffer *out, const char *url, size_t length,
                       enum secret_url_kind kind, struct secret_set *set, struct buffer *scratch);
/* Appends scheme and host, and REDACTED for what follows: a link that is a secret
 * as a whole. A text that is no URL is replaced as a whole. */
bool secret_url_append_host(struct buffer *out, const char *url, size_t length);

#endif
