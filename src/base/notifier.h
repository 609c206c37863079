/* A descriptor that one thread makes readable for another: an eventfd, or a pipe on systems
 * without. It can also send a byte to a socket with every signal, for an event loop that cannot
 * watch the descriptor. */
#ifndef VAULT_BASE_NOTIFIER_H
#define VAULT_BASE_NOTIFIER_H

#include <stdbool.h>

struct notifier {
    int read_end;
    int write_end; /* the same descriptor for an eventfd */
    int forward;   /* socket that gets a byte with every signal; -1: none */
};

/* Opens the descriptor, close-on-exec and non-blocking. False: it failed, and errno has the
 * reason. */
bool notifier_open(struct notifier *notifier);
void notifier_close(struct notifier *notifier);
/* Also sends signals to this non-blocking socket, in place of an earlier one. The notifier owns
 * it. */
void notifier_forward(struct notifier *notifier, int socket);
/* Whether there is such a socket and its peer is still open. */
bool notifier_is_forwarding(const struct notifier *notifier);
void notifier_signal(const struct notifier *notifier);
void notifier_clear(const struct notifier *notifier);
/* Waits until it is readable, at most that long (negative: no limit). False: the time has passed.
 * Continues after signals. */
bool notifier_wait(const struct notifier *notifier, double timeout_ms);

#endif
