/* Runs many transfers on one background thread.
 *
 * A process has one engine: a thread, started with the first completion queue and stopped with the
 * last, or at exit. Every lua_State has a completion queue: a list of its finished tasks, and a
 * descriptor that is readable while there are any. A transfer queue has what the transfers of one
 * client share: options, easy handles, connections and their limit.
 *
 * Only the engine's thread uses curl handles; it never uses Lua. Every function may be called from
 * any thread, but only one thread at a time may use a completion queue with its transfer queues and
 * tasks. */
#ifndef VAULT_HTTP_ENGINE_H
#define VAULT_HTTP_ENGINE_H

#include "base/status.h"
#include "http/timer_queue.h"
#include "http/transfer.h"

#include <stdint.h>

/* Whether this build has a background thread (VAULT_ENGINE). */
bool engine_is_available(void);

struct completion_queue;
struct transfer_queue;

enum engine_task_kind {
    ENGINE_TASK_TRANSFER, /* sends the request after the delay */
    ENGINE_TASK_TIMER     /* finishes after the delay; has no request and no response */
};

/* The owner of a task. Guarded by the engine's mutex; only the submitter's thread submits a task or
 * makes it idle. */
enum engine_task_state {
    ENGINE_TASK_IDLE,     /* the submitter */
    ENGINE_TASK_ACTIVE,   /* the engine, until the delay is over and the transfer has ended */
    ENGINE_TASK_FINISHED, /* its completion queue */
    ENGINE_TASK_CANCELLED /* the engine, which will call release */
};

/* A task for the engine's thread.
 *
 * The memory belongs to the submitter. The engine borrows it, with request and response, from
 * engine_submit until completion_queue_take returns the task or engine_cancel returns false. If
 * engine_cancel returns true, the engine owns the memory and calls release, once, on its thread. A
 * zeroed task is idle. */
struct engine_task {
    /* Set by the submitter: */
    enum engine_task_kind kind;
    const struct transfer_request *request;
    struct transfer_response *response;
    double delay_ms;
    void (*release)(void *owner); /* frees `owner`, the memory that contains the task */
    void *owner;
    uint64_t id; /* chosen by the submitter */

    /* Used by the engine. An active task is in engine.delayed if its timer is set, in `running` of
     * its pool if it has a transfer, else in `queued` of its transfer queue. */
    enum engine_task_state state;
    struct timer timer;
    struct completion_queue *completions; /* set unless the task is idle */
    struct transfer_queue *queue;         /* NULL: the task has ended */
    struct connection_pool *pool;         /* set while it runs, as is `transfer` */
    struct transfer *transfer;
    struct engine_task *next, *previous;
    struct engine_task *next_cancelled;
};

/* Sets *completions, or NULL after a failure: STATUS_CODE_UNAVAILABLE if the background thread
 * cannot run. The caller closes it. */
struct status completion_queue_open(struct completion_queue **completions);
/* Its memory is freed when no task of it is active or finished. In a forked child the parent's is
 * not freed. */
void completion_queue_close(struct completion_queue *completions);
/* True in a forked child: the queue, its transfer queues and tasks belong to the parent. */
bool completion_queue_belongs_to_parent(const struct completion_queue *completions);
/* Readable while there are finished tasks. Belongs to the queue: do not close it. */
int completion_queue_descriptor(const struct completion_queue *completions);
/* Returns the task that finished first, now idle, or NULL. */
struct engine_task *completion_queue_take(struct completion_queue *completions);
/* Makes the descriptor readable until completion_queue_take finds nothing. */
void completion_queue_notify(struct completion_queue *completions);
/* Waits until there is a finished task, at most that long (negative: no limit). False: the time has
 * passed. */
bool completion_queue_wait(const struct completion_queue *completions, double timeout_ms);

/* For a loop that can only watch sockets that it has connected itself: returns the path of a unix
 * socket that this process must connect to at once, or NULL and sets errno. The path belongs to the
 * queue. */
const char *completion_queue_listen(struct completion_queue *completions);
/* Accepts that connection. From then on a byte is sent to it whenever a task has finished or the
 * queue is notified. False: there is no connection. */
bool completion_queue_accept(struct completion_queue *completions);
/* Whether the other end of that connection is still open. */
bool completion_queue_is_connected(const struct completion_queue *completions);
/* Whether this process has other completion queues. */
bool completion_queue_has_others(const struct completion_queue *completions);

/* Returns NULL if memory is short. The options are copied. */
struct transfer_queue *transfer_queue_open(const struct transfer_options *options);
/* Its memory is freed when no task of it is active. */
void transfer_queue_close(struct transfer_queue *queue);
bool transfer_queue_belongs_to_parent(const struct transfer_queue *queue);

/* Submits the task. After a failure (STATUS_CODE_UNAVAILABLE) it still belongs to the caller. */
struct status engine_submit(struct completion_queue *completions, struct transfer_queue *queue,
                            struct engine_task *task);
/* Cancels the task in any state. True: the engine owns it and calls release (except in a forked
 * child). False: it is idle and belongs to the caller. */
bool engine_cancel(struct engine_task *task);

#endif
