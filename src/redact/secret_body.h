/* Redacts JSON bodies for log lines. */
#ifndef VAULT_REDACT_SECRET_BODY_H
#define VAULT_REDACT_SECRET_BODY_H

#include "base/status.h"
#include "redact/secret_set.h"

/* Appends about `limit` bytes of the JSON text without white space, with two kinds of text
 * redacted: values of members with a secret name, and the secrets of the set. Ends in "..." if it
 * is cut. Appends nothing after a failure. */
struct status secret_body_append(struct buffer *out, const char *text, size_t length, size_t limit,
                                 struct secret_set *set, const struct secret_exemption *exemption);

/* The length of the longest start of the text that has at most `limit` bytes and does not split a
 * UTF-8 character. */
size_t secret_body_cut(const char *text, size_t length, size_t limit);

#endif
