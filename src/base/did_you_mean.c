#include "base/did_you_mean.h"

#include "base/ascii.h"

#include <string.h>

/* Longer than any known name. Longer names are not compared, which bounds the work. */
enum { LONGEST_NAME = 48 };

/* Characters that separate words in case styles. */
static bool is_separator(char c)
{
    return c == '_' || c == '-' || c == ' ' || c == '.';
}

static bool same_letters(const char *a, const char *b)
{
    for (;;) {
        while (is_separator(*a))
            a++;
        while (is_separator(*b))
            b++;
        if (ascii_lower(*a) != ascii_lower(*b))
            return false;
        if (*a == '\0')
            return true;
        a++;
        b++;
    }
}

/* Whether `given` is the first words of `name`: timeout of timeout_ms. */
static bool is_first_words(const char *given, size_t length, const char *name)
{
    if (length < 4)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (ascii_lower(given[i]) != name[i])
            return false;
    }
    return name[length] == '_';
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The optimal string alignment distance of a and b, computed with three rows: the number of
 * insertions, deletions, substitutions and swaps of neighbours. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST_NAME + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            bool same = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]);
            row[j] = smaller(last[j - 1] + (same ? 0 : 1), smaller(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && ascii_lower(a[i - 1]) == ascii_lower(b[j - 2]) &&
                ascii_lower(a[i - 2]) == ascii_lower(b[j - 1]))
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b_length];
}

static size_t distance_between(const char *given, const char *candidate)
{
    if (same_letters(given, candidate))
        return 0;
    size_t given_length = strlen(given);
    size_t candidate_length = strlen(candidate);
    if (given_length > LONGEST_NAME || candidate_length > LONGEST_NAME)
        return LONGEST_NAME;
    if (is_first_words(given, given_length, candidate))
        return 1;
    size_t distance = edit_distance(given, given_length, candidate, candidate_length);
    return distance > 0 ? distance : 1;
}

void did_you_mean_consider(struct suggestion *suggestion, const char *candidate)
{
    size_t distance = distance_between(suggestion->given, candidate);
    if (suggestion->best != NULL && distance >= suggestion->distance)
        return;
    suggestion->best = candidate;
    suggestion->distance = distance;
}

bool did_you_mean_is_spelling(const struct suggestion *suggestion)
{
    return suggestion->best != NULL && suggestion->distance == 0;
}

bool did_you_mean_is_near(const struct suggestion *suggestion)
{
    if (suggestion->best == NULL)
        return false;
    if (suggestion->distance == 0)
        return true;
    /* Allow one mistake in a name of three letters, two from six, three from nine. */
    size_t length = smaller(strlen(suggestion->given), strlen(suggestion->best));
    return suggestion->distance <= smaller(length / 3, 3);
}
