/* Finds the known name nearest to an unknown one, for "did you mean".
 *
 *     struct suggestion suggestion = {.given = name};
 *     for each known name: did_you_mean_consider(&suggestion, known);
 *     if (did_you_mean_is_near(&suggestion)) ... suggestion.best ... */
#ifndef VAULT_BASE_DID_YOU_MEAN_H
#define VAULT_BASE_DID_YOU_MEAN_H

#include <stdbool.h>
#include <stddef.h>

struct suggestion {
    const char *given;
    const char *best; /* NULL until a candidate is considered */
    size_t distance;  /* of best: 0 for another case style, else the number of typing mistakes */
};

/* Keeps the candidate if it is nearer than the ones before. Both strings belong to the caller. */
void did_you_mean_consider(struct suggestion *suggestion, const char *candidate);
/* Whether `best` is the given name in another case style (camelCase, kebab-case, Capitals), and so
 * certainly meant. */
bool did_you_mean_is_spelling(const struct suggestion *suggestion);
/* Whether `best` is near enough to be suggested. */
bool did_you_mean_is_near(const struct suggestion *suggestion);

#endif
