/* Many transfers on one background thread.
 *
 * One engine for the process: a thread, started with the first completion queue and stopped with
 * the last, or at exit. Every lua_State has a completion queue: where its finished tasks wait, and
 * a descriptor that is readable while some do. A transfer queue is what the transfers of one client
 * share: options, easy handles, connections and the limit on them.
 *
 * Only the engine's thread touches curl handles; it never touches Lua. Every function may be called
 * from any thread; a completion queue, its transfer queues and their tasks from one at a time. */
#ifndef VAULT_HTTP_ENGINE_H
#define VAULT_HTTP_ENGINE_H

#include "base/status.h"
#include "http/timer_queue.h"
#include "http/transfer.h"

#include <stdint.h>

struct completion_queue;
struct transfer_queue;

enum engine_task_kind {
    ENGINE_TASK_TRANSFER, /* makes the request, after the delay */
    ENGINE_TASK_TIMER     /* finishes after the delay; has no request and no response */
};

/* Who has a task. The engine's mutex guards it, but only the submitter's thread makes a task idle
 * or submits it. */
enum engine_task_state {
    ENGINE_TASK_IDLE,     /* the submitter */
    ENGINE_TASK_ACTIVE,   /* the engine: until its delay is over, and it has run */
    ENGINE_TASK_FINISHED, /* its completion queue */
    ENGINE_TASK_CANCELLED /* the engine, for good */
};

/* Something to be done on the engine's thread.
 *
 * The memory is the submitter's. The engine borrows it, with request and response, from
 * engine_submit until completion_queue_take returns the task or engine_cancel returns false. Where
 * engine_cancel returns true, the submitter has given it away: the engine calls release, once, on
 * its thread. A zeroed task is idle. */
struct engine_task {
    /* Set by the submitter: */
    enum engine_task_kind kind;
    const struct transfer_request *request;
    struct transfer_response *response;
    double delay_ms;
    void (*release)(void *owner); /* frees `owner`, the memory that the task is in */
    void *owner;
    uint64_t id; /* the submitter's name for it */

    /* The engine's own. Of an active task: one whose timer is set is in engine.delayed, one with a
     * transfer runs in its pool, any other one is queued in its transfer queue. */
    enum engine_task_state state;
    struct timer timer;
    struct completion_queue *completions; /* unless it is idle */
    struct transfer_queue *queue;         /* NULL: it has ended */
    struct connection_pool *pool;         /* while it runs, as the transfer */
    struct transfer *transfer;
    struct engine_task *next, *previous;
    struct engine_task *next_cancelled;
};

/* Sets *completions, NULL after a failure: STATUS_CODE_UNAVAILABLE where the background thread
 * cannot run. The caller closes it. */
struct status completion_queue_open(struct completion_queue **completions);
/* Its memory stays until no task of it is active or finished. In a forked child the parent's is
 * left alone. */
void completion_queue_close(struct completion_queue *completions);
/* True in a forked child: the queue, its transfer queues and tasks belong to the parent. */
bool completion_queue_belongs_to_parent(const struct completion_queue *completions);
/* Readable while there is something to take. The queue's: do not close it. */
int completion_queue_descriptor(const struct completion_queue *completions);
/* The task that finished first, or NULL. It is idle again. */
struct engine_task *completion_queue_take(struct completion_queue *completions);
/* Makes the descriptor readable until completion_queue_take finds nothing. */
void completion_queue_notify(struct completion_queue *completions);
/* Waits until something can be taken, at most that long (negative: without a limit). False when the
 * time has passed. */
bool completion_queue_wait(const struct completion_queue *completions, double timeout_ms);

/* For a loop that can watch only sockets that it has connected itself: the path of a unix socket
 * that this process is to connect to at once; NULL: errno has the reason. The path is the queue's.
 */
const char *completion_queue_listen(struct completion_queue *completions);
/* Accepts that connection. From then on it gets a byte whenever there is something to take, or the
 * queue is notified. False: nobody has connected. */
bool completion_queue_accept(struct completion_queue *completions);
/* Whether that connection's other end is still open. */
bool completion_queue_is_connected(const struct completion_queue *completions);
/* Whether this process has other completion queues too. */
bool completion_queue_has_others(const struct completion_queue *completions);

/* NULL: no memory. The options are copied. */
struct transfer_queue *transfer_queue_open(const struct transfer_options *options);
/* Its memory stays until no task of it is active. */
void transfer_queue_close(struct transfer_queue *queue);
bool transfer_queue_belongs_to_parent(const struct transfer_queue *queue);

/* Hands the task over; after STATUS_CODE_UNAVAILABLE it is still the caller's. */
struct status engine_submit(struct completion_queue *completions, struct transfer_queue *queue,
                            struct engine_task *task);
/* Cancels the task in any state. True: the engine keeps it, and calls release (in a forked child
 * nobody does); false: it is idle, and the caller's. */
bool engine_cancel(struct engine_task *task);

#endif
