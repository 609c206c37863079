/* A priority queue of timers: a pairing heap whose nodes are members of other structures, so that
 * nothing is allocated. Setting takes constant time, removing O(log n) amortized. */
#ifndef VAULT_HTTP_TIMER_QUEUE_H
#define VAULT_HTTP_TIMER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

/* A zeroed timer is not set. */
struct timer {
    double due; /* clock_monotonic_ms() */
    bool is_set;
    struct timer *child, *next;
    struct timer *previous; /* previous sibling, or the parent; NULL: first in the queue */
};

struct timer_queue {
    struct timer *first;
};

/* The structure that contains the timer. */
#define TIMER_OWNER(timer, type, member) ((type *)(void *)((char *)(timer)-offsetof(type, member)))

/* Sets the timer, or changes its time. */
void timer_queue_set(struct timer_queue *queue, struct timer *timer, double due);
/* Does nothing if the timer is not set. */
void timer_queue_remove(struct timer_queue *queue, struct timer *timer);
/* Removes and returns the first timer that is due, or returns NULL. */
struct timer *timer_queue_take_due(struct timer_queue *queue, double now);
/* Milliseconds until the first timer is due, rounded up; at most `most`. */
int timer_queue_time_left(const struct timer_queue *queue, double now, int most);

#endif
