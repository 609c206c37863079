/* JSON text with its members in one order, for signatures.
 *
 * The order is JavaScript's after `Object.fromEntries(Object.entries(o).sort())`:
 * names that are array indices first, by number, then the others by UTF-16 code
 * units (ECMA-262 10.1.11.1 and 23.1.3.30). White space between tokens is left
 * out, of equal names the last member stays, and every name and scalar keeps the
 * text that it came with. For what JSON.stringify has written, the result is what
 * JSON.stringify writes of the sorted value. */
#ifndef VAULT_JSON_CANONICAL_JSON_H
#define VAULT_JSON_CANONICAL_JSON_H

#include "base/buffer.h"
#include "base/status.h"

enum canonical_json_arrays {
    CANONICAL_JSON_SORT_IN_ARRAYS, /* the objects in arrays are sorted, too */
    CANONICAL_JSON_KEEP_ARRAYS     /* they keep the order that JSON.parse gives them */
};

/* The members of a text, found once and written in either way. Zero it, and free
 * it after use; the text must stay where it is. */
struct canonical_json {
    const char *text;
    struct canonical_json_node *nodes;
    unsigned count, capacity;
};

/* Takes time and memory in proportion to the text, and goes at most `depth`
 * arrays and objects deep (else STATUS_CODE_NO_STACK). Names and brackets are checked, scalars are
 * not.
 */
struct status canonical_json_read(struct canonical_json *json, const char *text, size_t length,
                                  int depth);
/* Appends the canonical form; false: no memory. Sorting takes n log n of the
 * members of an object. */
bool canonical_json_write(const struct canonical_json *json, enum canonical_json_arrays arrays,
                          struct buffer *out);
void canonical_json_free(struct canonical_json *json);

#endif
