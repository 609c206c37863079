/* Redacts URLs for messages and log lines: leaves out user name, password and fragment, and redacts
 * the values of secret query parameters. */
#ifndef VAULT_REDACT_SECRET_URL_H
#define VAULT_REDACT_SECRET_URL_H

#include "redact/secret_set.h"

struct secret_url {
    size_t host;     /* offset of the host name: after "://" and any "user:password@" */
    size_t host_end; /* end of the host name; a port may follow */
    size_t path;
    size_t query; /* offset of the ?, or of the end */
    size_t end;   /* offset of the fragment, or the length */
};

/* Finds the parts of the URL. Host and path are empty if there is none. */
void secret_url_parse(struct secret_url *parts, const char *url, size_t length);

enum secret_url_kind {
    SECRET_URL_REQUEST, /* URL of a request: parameters are secret by their names only */
    SECRET_URL_LINK     /* URL for a browser: the parameters of OAuth are secret, too */
};

/* Calls `found` for the value of each secret query parameter of a request, until it returns false.
 * Returns false in that case. */
typedef bool secret_url_value(void *context, const char *value, size_t length);
bool secret_url_values(const char *url, size_t length, secret_url_value *found, void *context);

/* Appends the redacted URL. The secrets of the set are redacted in path and query, but not in the
 * host. False: no memory. */
bool secret_url_append(struct buffer *out, const char *url, size_t length,
                       enum secret_url_kind kind, struct secret_set *set, struct buffer *scratch);
/* For a link that is secret as a whole: appends scheme and host, and REDACTED for the rest. A text
 * that is not a URL is redacted as a whole. False: no memory. */
bool secret_url_append_host(struct buffer *out, const char *url, size_t length);

#endif
