/* A descriptor that one thread makes readable for another: an eventfd, or a
 * pipe where there is none. It can also pass every signal on to a socket, for
 * an event loop that cannot watch the descriptor. */
#ifndef VAULT_BASE_NOTIFIER_H
#define VAULT_BASE_NOTIFIER_H

#include <stdbool.h>

struct notifier {
    int read_end;
    int write_end; /* the same descriptor for an eventfd */
    int forward;   /* a socket that gets a byte with every signal; -1: none */
};

/* False: no descriptor to be had (errno says why). Close-on-exec, non-blocking.
 */
bool notifier_open(struct notifier *notifier);
void notifier_close(struct notifier *notifier);
/* Passes signals on to this non-blocking socket too, which becomes the
 * notifier's, instead of to an earlier one. */
void notifier_forward(struct notifier *notifier, int socket);
/* Whether there is such a socket and its peer has not gone away. */
bool notifier_is_forwarding(const struct notifier *notifier);
void notifier_signal(const struct notifier *notifier);
void notifier_clear(const struct notifier *notifier);
/* Waits until it is readable; false when that many milliseconds (negative:
 * without end) have passed. Goes on waiting after signals. */
bool notifier_wait(const struct notifier *notifier, double timeout_ms);

#endif
