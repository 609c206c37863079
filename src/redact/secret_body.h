/* JSON bodies in log lines. */
#ifndef VAULT_REDACT_SECRET_BODY_H
#define VAULT_REDACT_SECRET_BODY_H

#include "base/status.h"
#include "redact/secret_set.h"

/* Appends at most about `limit` bytes of the JSON text, without its spaces, with
 * the values replaced that its names say are secret, and with the secrets of the
 * set replaced in what is left; ends in "..." when it is cut. Appends nothing
 * unless it returns STATUS_CODE_OK; STATUS_CODE_INVALID where the text is not JSON. */
struct status secret_body_append(struct buffer *out, const char *text, size_t length, size_t limit,
                                 struct secret_set *set, const struct secret_exemption *exemption);

/* The number of the text's first bytes, at most `limit`, that end with a whole
 * character of UTF-8. */
size_t secret_body_cut(const char *text, size_t length, size_t limit);

#endif
