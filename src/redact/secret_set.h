/* A set of texts that must not be shown, and the replacing of them in other
 * texts, in time proportional to both. */
#ifndef VAULT_REDACT_SECRET_SET_H
#define VAULT_REDACT_SECRET_SET_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDACTED "[redacted]"

enum {
    SECRET_SHORTEST = 4,   /* "1" or "crm" guard nothing, and would garble messages */
    SECRET_WORD_LENGTH = 8 /* shorter ones are replaced only as whole words */
};

struct secret {
    const char *text;
    size_t offset; /* of the text in the set's bytes, while the set is being filled */
    size_t length;
};

/* The start of one secret or of several. */
struct secret_pattern {
    const char *text;
    size_t length;
    size_t first, last; /* the secrets that begin with it, if it is cut */
    size_t parent;      /* the longest other pattern that it begins with; or none */
};

struct secret_group; /* the patterns that begin with the same bytes */

/* The zero value is an empty set. It is filled, then prepared, then searched. */
struct secret_set {
    struct buffer bytes; /* all secrets, one after the other */
    struct secret *secrets;
    size_t count, capacity;
    struct secret_pattern *patterns;
    size_t pattern_count;
    struct secret_group *groups; /* a hash table, with more groups than there are */
    size_t group_mask;
    uint64_t *filter; /* a bit for each hash of a group */
    size_t steps;     /* bytes looked at: how much work searching was, for the specs */
};

/* What is no secret although it looks like one: the name of the host that is
 * called, and parts of other hosts' names. */
struct secret_exemption {
    const char *host; /* NULL for none */
    size_t host_length;
};

/* False: no memory. Texts that are too short are left out. */
bool secret_set_add(struct secret_set *set, const char *text, size_t length);
/* The same, and the text as it is written in JSON, in URLs and in HTML. `scratch`
 * is overwritten. */
bool secret_set_add_spellings(struct secret_set *set, const char *text, size_t length,
                              struct buffer *scratch);
bool secret_set_prepare(struct secret_set *set);
/* Appends the text with its secrets, and what has the shape of a token, replaced. */
bool secret_set_replace(struct secret_set *set, const char *text, size_t length,
                        const struct secret_exemption *exemption, struct buffer *out);
/* The same, but stops after about `limit` bytes, and never within a secret. */
bool secret_set_replace_start(struct secret_set *set, const char *text, size_t length,
                              const struct secret_exemption *exemption, struct buffer *out,
                              size_t limit);
/* Whether that would replace anything. */
bool secret_set_occurs_in(struct secret_set *set, const char *text, size_t length,
                          const struct secret_exemption *exemption);
/* Wipes and frees everything. */
void secret_set_free(struct secret_set *set);

#endif
