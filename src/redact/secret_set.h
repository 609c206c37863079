/* A set of secrets, and redacting them in a text, in time proportional to the sizes of both. */
#ifndef VAULT_REDACT_SECRET_SET_H
#define VAULT_REDACT_SECRET_SET_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDACTED "[redacted]"

enum {
    SECRET_SHORTEST = 4,   /* shorter ones, such as "crm", protect nothing, and redacting them would
                              garble messages */
    SECRET_WORD_LENGTH = 8 /* shorter ones are redacted only as whole words */
};

struct secret {
    const char *text;
    size_t offset; /* of the text in set->bytes, while the set is being filled */
    size_t length;
};

/* The first bytes of one or more secrets. */
struct secret_pattern {
    const char *text;
    size_t length;
    size_t first, last; /* range of the secrets that begin with it, if it is cut */
    size_t parent;      /* index of the longest other pattern that it begins with, or NO_PARENT */
};

struct secret_group; /* the patterns with the same first bytes */

/* The zero value is an empty set. Fill it, prepare it, then search. */
struct secret_set {
    struct buffer bytes; /* all secrets, one after another */
    struct secret *secrets;
    size_t count, capacity;
    struct secret_pattern *patterns;
    size_t pattern_count;
    struct secret_group *groups; /* a hash table */
    size_t group_mask;
    uint64_t *filter; /* a bit for the hash of each group */
    size_t steps;     /* number of bytes compared, to measure the work in specs */
};

/* Text that is not redacted although it matches: the name of the host that is called, and parts of
 * other host names. */
struct secret_exemption {
    const char *host; /* NULL for none */
    size_t host_length;
};

/* Adds the text, unless it is shorter than SECRET_SHORTEST. False: no memory. */
bool secret_set_add(struct secret_set *set, const char *text, size_t length);
/* The same, and adds the text as it is escaped in JSON, URLs and HTML. `scratch` is overwritten. */
bool secret_set_add_spellings(struct secret_set *set, const char *text, size_t length,
                              struct buffer *scratch);
bool secret_set_prepare(struct secret_set *set);
/* Appends the text with secrets and texts that look like a token redacted. False: no memory. */
bool secret_set_replace(struct secret_set *set, const char *text, size_t length,
                        const struct secret_exemption *exemption, struct buffer *out);
/* The same, but stops after about `limit` bytes, never inside of a secret. */
bool secret_set_replace_start(struct secret_set *set, const char *text, size_t length,
                              const struct secret_exemption *exemption, struct buffer *out,
                              size_t limit);
/* Whether that would redact anything. */
bool secret_set_occurs_in(struct secret_set *set, const char *text, size_t length,
                          const struct secret_exemption *exemption);
/* Wipes and frees all memory; the set is empty again. */
void secret_set_free(struct secret_set *set);

#endif
