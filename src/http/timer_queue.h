/* What is due first, of many things with a time: a pairing heap whose nodes are members of those
 * things, so that nothing is allocated. Setting takes constant time, removing O(log n) amortized.
 */
#ifndef VAULT_HTTP_TIMER_QUEUE_H
#define VAULT_HTTP_TIMER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory is a timer that is not set. */
struct timer {
    double due; /* clock_monotonic_ms() */
    bool is_set;
    struct timer *child, *next;
    struct timer *previous; /* the sibling before, or the parent; NULL: the first of the queue */
};

struct timer_queue {
    struct timer *first;
};

/* The structure that a timer is a member of. */
#define TIMER_OWNER(timer, type, member) ((type *)(void *)((char *)(timer)-offsetof(type, member)))

/* Sets the timer, or moves it. */
void timer_queue_set(struct timer_queue *queue, struct timer *timer, double due);
/* Does nothing where it is not set. */
void timer_queue_remove(struct timer_queue *queue, struct timer *timer);
/* Takes the first timer out if it is due; NULL: none is. */
struct timer *timer_queue_take_due(struct timer_queue *queue, double now);
/* Milliseconds until the first timer is due, rounded up; at most `most`. */
int timer_queue_time_left(const struct timer_queue *queue, double now, int most);

#endif
