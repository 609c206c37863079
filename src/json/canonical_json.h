/* Canonical JSON for signatures: the members of each object in a fixed order.
 *
 * The order is that of JavaScript after `Object.fromEntries(Object.entries(o).sort())`: first names
 * that are array indices, by number, then the others by UTF-16 code units (ECMA-262 sections
 * 10.1.11.1 and 23.1.3.30). White space between tokens is left out, of equal names the last member
 * is kept, and every name and scalar keeps its text. For text written by JSON.stringify the result
 * is the same as JSON.stringify of the sorted value. */
#ifndef VAULT_JSON_CANONICAL_JSON_H
#define VAULT_JSON_CANONICAL_JSON_H

#include "base/buffer.h"
#include "base/status.h"

enum canonical_json_arrays {
    CANONICAL_JSON_SORT_IN_ARRAYS, /* objects in arrays are sorted, too */
    CANONICAL_JSON_KEEP_ARRAYS     /* objects in arrays keep the order that JSON.parse gives them */
};

/* The parsed members of a text, which must stay in memory. Initialize to zero, and free after
 * use. */
struct canonical_json {
    const char *text;
    struct canonical_json_node *nodes;
    unsigned count, capacity;
};

/* Reads the text, in time and memory proportional to its length, to a depth of at most `depth`
 * arrays and objects. Checks names and brackets, but not scalars. */
struct status canonical_json_read(struct canonical_json *json, const char *text, size_t length,
                                  int depth);
/* Appends the canonical form. Sorting an object of n members takes time n log n. False: no
 * memory. */
bool canonical_json_write(const struct canonical_json *json, enum canonical_json_arrays arrays,
                          struct buffer *out);
void canonical_json_free(struct canonical_json *json);

#endif
