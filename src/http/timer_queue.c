#include "http/timer_queue.h"

#include <math.h>

/* Both have no siblings, or are NULL. */
static struct timer *meld(struct timer *a, struct timer *b)
{
    if (a == NULL || b == NULL)
        return a != NULL ? a : b;
    struct timer *parent = b->due < a->due ? b : a, *child = parent == a ? b : a;
    child->previous = parent;
    child->next = parent->child;
    if (child->next != NULL)
        child->next->previous = child;
    parent->child = child;
    return parent;
}

/* The two passes of a pairing heap: neighbours from left to right, then all from right to left. */
static struct timer *meld_siblings(struct timer *first)
{
    struct timer *pairs = NULL;
    while (first != NULL) {
        struct timer *a = first, *b = first->next;
        first = b != NULL ? b->next : NULL;
        a->next = a->previous = NULL;
        if (b != NULL)
            b->next = b->previous = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    struct timer *all = NULL;
    while (pairs != NULL) {
        struct timer *pair = pairs;
        pairs = pair->next;
        pair->next = NULL;
        all = meld(all, pair);
    }
    return all;
}

void timer_queue_set(struct timer_queue *queue, struct timer *timer, double due)
{
    timer_queue_remove(queue, timer);
    timer->due = due;
    timer->is_set = true;
    timer->child = timer->next = timer->previous = NULL;
    queue->first = meld(queue->first, timer);
}

void timer_queue_remove(struct timer_queue *queue, struct timer *timer)
{
    if (!timer->is_set)
        return;
    timer->is_set = false;
    struct timer *children = meld_siblings(timer->child);
    timer->child = NULL;
    if (timer->previous == NULL) {
        queue->first = children;
        return;
    }
    if (timer->previous->child == timer)
        timer->previous->child = timer->next;
    else
        timer->previous->next = timer->next;
    if (timer->next != NULL)
        timer->next->previous = timer->previous;
    queue->first = meld(queue->first, children);
}

struct timer *timer_queue_take_due(struct timer_queue *queue, double now)
{
    struct timer *first = queue->first;
    if (first == NULL || first->due > now)
        return NULL;
    timer_queue_remove(queue, first);
    return first;
}

int timer_queue_time_left(const struct timer_queue *queue, double now, int most)
{
    if (queue->first == NULL)
        return most;
    double left = ceil(queue->first->due - now);
    if (left <= 0)
        return 0;
    return left < most ? (int)left : most;
}
