/* Many transfers on one background thread.
 *
 * One engine for the process: a thread, started with the first completions and stopped
 * with the last, or at exit. Every lua_State has a completions: where its finished tasks
 * wait, and a descriptor that is readable while some do. A queue is what the
 * transfers of one client share: options, easy handles, connections and the bound
 * on them.
 *
 * Only the engine's thread touches curl handles; nothing of Lua is ever touched
 * there. A task is memory of the submitter's that the engine borrows from
 * engine_submit until it is collected or given up.
 *
 * Every function may be called from any thread; a completions, its transfer queues and their
 * tasks from one at a time. */
#ifndef VAULT_HTTP_ENGINE_H
#define VAULT_HTTP_ENGINE_H

#include "base/status.h"
#include "http/timer_queue.h"
#include "http/transfer.h"

#include <stdint.h>

struct completion_queue;
struct transfer_queue;

enum engine_task_state {
    ENGINE_TASK_IDLE,      /* the submitter's */
    ENGINE_TASK_SUBMITTED, /* the engine's */
    ENGINE_TASK_FINISHED   /* in its completions's list, to be collected */
};

enum engine_task_place { ENGINE_NOWHERE, ENGINE_DELAYED, ENGINE_QUEUED, ENGINE_RUNNING };

struct engine_task {
    /* Set by the submitter: */
    struct transfer_request request; /* url NULL: nothing is sent, only the pause kept */
    struct transfer_response *response;
    double delay_ms; /* a pause to be kept before */
    /* Frees `owner`, the memory that the task lies in, on the engine's thread:
     * called instead of finishing a task that was given up. */
    void (*release)(void *owner);
    void *owner;
    uint64_t id; /* the submitter's name for it */

    /* The engine's own: */
    enum engine_task_state state;
    enum engine_task_place place; /* the thread's */
    bool cancelled;
    struct timer timer;                   /* of the pause */
    struct completion_queue *completions; /* NULL while it is idle */
    struct transfer_queue *queue;         /* until it has ended */
    struct connection_pool *pool;         /* while it runs, as the transfer */
    struct transfer *transfer;
    struct engine_task *next, *previous;
    struct engine_task *next_cancelled;
};

/* Sets *completions, NULL after a failure: STATUS_UNAVAILABLE where the background thread cannot
 * run. The caller closes it. */
struct status completion_queue_open(struct completion_queue **completions);
/* Tasks of it that are neither collected nor given up keep its memory alive. In
 * a forked child it only forgets the parent's. */
void completion_queue_close(struct completion_queue *completions);
/* True in a forked child: completions, transfer queues and tasks belong to the parent. */
bool completion_queue_belongs_to_parent(const struct completion_queue *completions);
/* Readable while there is something to collect. The completions's: do not close it. */
int completion_queue_descriptor(const struct completion_queue *completions);
/* The oldest finished task, or NULL. */
struct engine_task *completion_queue_take(struct completion_queue *completions);
/* Makes the descriptor readable until the next collection that finds nothing.
 */
void completion_queue_notify(struct completion_queue *completions);
/* Waits until something can be collected, at most that long (negative: without
 * end). False when the time has passed. */
bool completion_queue_wait(const struct completion_queue *completions, double timeout_ms);

/* For a loop that can watch only sockets that it has connected itself: the path
 * of a unix socket that this process is to connect to at once; NULL: errno says
 * why there is none. The path is the completions's. */
const char *completion_queue_listen(struct completion_queue *completions);
/* Takes that connection. From now on a byte comes out of it whenever there is
 * something to collect, or the completions is notified. False: nobody has connected. */
bool completion_queue_accept(struct completion_queue *completions);
/* Whether that connection's other end is still open. */
bool completion_queue_is_connected(const struct completion_queue *completions);
/* Whether this process has other ports too. */
bool completion_queue_has_others(const struct completion_queue *completions);

/* NULL: no memory. The options are copied. */
struct transfer_queue *transfer_queue_open(const struct transfer_options *options);
/* Tasks of it that are under way keep it alive. */
void transfer_queue_close(struct transfer_queue *queue);
bool transfer_queue_belongs_to_parent(const struct transfer_queue *queue);

/* Hands the task over; after STATUS_UNAVAILABLE it is still the caller's. */
struct status engine_submit(struct completion_queue *completions, struct transfer_queue *queue,
                            struct engine_task *task);
/* Gives the task up in whatever state it is. True: the engine has it and will
 * call release; false: it was idle or finished and is the caller's again. */
bool engine_cancel(struct engine_task *task);

#endif
