/* JSON bodies in log lines. */
#ifndef VAULT_REDACT_SECRET_BODY_H
#define VAULT_REDACT_SECRET_BODY_H

#include "redact/secret_set.h"

enum secret_body { SECRET_BODY_OK, SECRET_BODY_NOT_JSON, SECRET_BODY_NO_MEMORY };

/* Appends at most about `limit` bytes of the JSON text, without its spaces, with
 * the values replaced that its names say are secret, and with the secrets of the
 * set replaced in what is left; ends in "..." when it is cut. Appends nothing
 * unless it returns SECRET_BODY_OK. */
enum secret_body secret_body_append(struct buffer *out, const char *text, size_t length,
                                    size_t limit, struct secret_set *set,
                                    const struct secret_exemption *exemption);

/* The number of the text's first bytes, at most `limit`, that end with a whole
 * character of UTF-8. */
size_t secret_body_cut(const char *text, size_t length, size_t limit);

#endif
