/* "Did you mean": the known name nearest to one that is not known.
 *
 *     struct suggestion suggestion = {.given = name};
 *     for each known name: did_you_mean_consider(&suggestion, known);
 *     if (did_you_mean_is_near(&suggestion)) ... suggestion.best ...
 */
#ifndef VAULT_BASE_DID_YOU_MEAN_H
#define VAULT_BASE_DID_YOU_MEAN_H

#include <stdbool.h>
#include <stddef.h>

struct suggestion {
    const char *given;
    const char *best; /* NULL until a candidate was considered */
    size_t distance;  /* of best: 0 for another spelling, else mistakes made in typing */
};

/* Keeps the candidate if it is nearer than those before it. Both strings belong
 * to the caller. */
void did_you_mean_consider(struct suggestion *suggestion, const char *candidate);
/* `best` is what was given in another case style (camelCase, kebab-case,
 * Capitals): a mistake for certain. */
bool did_you_mean_is_spelling(const struct suggestion *suggestion);
/* The same, or near enough for `best` to be worth naming. */
bool did_you_mean_is_near(const struct suggestion *suggestion);

#endif
