/* The inside of the engine: engine.c is what callers see; engine_thread.c, transfer_queue.c and
 * connection_pool.c run in the background. */
#ifndef VAULT_HTTP_ENGINE_PRIVATE_H
#define VAULT_HTTP_ENGINE_PRIVATE_H

#include "base/notifier.h"
#include "base/wakeup_socket.h"
#include "http/engine.h"
#include "http/poller.h"
#include "http/transfer_private.h"

#include <pthread.h>

struct task_list {
    struct engine_task *first, *last;
};

struct engine {
    pthread_t thread;
    unsigned long process; /* fork_generation() of the one that runs it */
    struct poller *poller;
    /* Held by the thread except while polling, and by whoever forks: see before_fork. Taken before
     * the mutex below. Who forks waits for it with fork_mutex held, which the thread passes before
     * it takes awake again. */
    pthread_mutex_t busy_mutex, fork_mutex;

    pthread_mutex_t mutex; /* guards what follows, completion_queues and queue references */
    int references; /* completion_queues and transfer queues; the last one frees the engine */
    int completion_queues; /* the last one stops the thread */
    bool stopping, stopped;
    struct task_list submitted;
    struct engine_task *cancelled; /* linked by next_cancelled */
    struct transfer_queue *closed; /* to be freed on the thread, linked by next */

    /* The thread's: */
    struct timer_queue delayed;    /* tasks */
    struct timer_queue waiting;    /* transfer queues */
    struct transfer_queue *unused; /* to be freed, linked by next */
    struct connection_pool *pools; /* linked by next */
    long running_count;            /* of all pools */
    bool runs_all;                 /* with this libcurl, once a second: see poller_run_all */
    double last_run_all;           /* when all running transfers were last looked at */
    struct engine_task *starting;  /* until it has ended, or its start is over */
};

struct completion_queue {
    struct engine *engine;
    int references; /* its user, and every task that is not idle; the mutex guards it */
    struct notifier notifier;
    struct wakeup_socket wakeup_socket; /* the user's thread's */
    struct task_list finished;
    bool notified; /* signalled although nothing may be finished */
};

enum engine_sharing {
    ENGINE_SHARING_UNKNOWN,
    ENGINE_SHARING, /* the server speaks HTTP/2 */
    ENGINE_SEPARATE /* a transfer has its connection alone */
};

/* The connections of a queue: a curl_multi. A queue has one for new transfers, and others that
 * only finish what they have begun. */
struct connection_pool {
    struct poller_source source; /* has the multi handle */
    struct engine *engine;
    struct transfer_queue *queue;
    struct socket_list sockets;
    CURLSH *sessions;
    struct task_list running;
    long running_count;
    long limit; /* of connections, as libcurl was told */
    bool draining;
    struct connection_pool *next, *previous;
};

struct transfer_queue {
    struct engine *engine; /* of the first submit */
    struct transfer_options options;
    int references; /* its client, and every task under way */
    struct transfer_queue *next;

    /* The thread's: */
    struct task_list queued;
    struct transfer *idle; /* linked by next_idle */
    int idle_count;
    struct connection_pool *pool; /* for new transfers; NULL: none yet */
    long draining_count;          /* pools that drain */
    struct trust_files trust_files;
    enum engine_sharing sharing;
    long capacity;              /* so many transfers found a place in the pool; one more did not */
    long ended;                 /* transfers since capacity was found */
    unsigned long made;         /* connections, as last seen in the pool's list */
    double exclusive_until;     /* no other connection is begun while one is being made */
    long initial_limit;         /* transfers that may run until initial_limit_until */
    double initial_limit_until; /* when the server's settings must have come */
    struct timer timer;         /* in the engine's list of waiting transfer queues */
};

/* The mutex is held, or the task is not submitted yet. Atomically: engine_cancel looks at the state
 * of a task that may be idle, and so have no engine any more, without a mutex. */
static inline void engine_task_set_state(struct engine_task *task, enum engine_task_state state)
{
    __atomic_store_n(&task->state, state, __ATOMIC_RELAXED);
}

/* task_list.c */
void task_list_append(struct task_list *list, struct engine_task *task);
void task_list_prepend(struct task_list *list, struct engine_task *task);
void task_list_remove(struct task_list *list, struct engine_task *task);
struct engine_task *task_list_take(struct task_list *list);

/* connection_pool.c. They run on the thread, or after it has stopped. */

/* The pool for new transfers of the queue, made where there is none; NULL: no memory. Its limit
 * is the queue's, less what draining pools hold. */
struct connection_pool *connection_pool_for(struct engine *engine, struct transfer_queue *queue);
/* Closes connections that are too old, or were verified by certificates that have changed; a
 * connection in use goes on, without new transfers. */
void connection_pool_renew(struct transfer_queue *queue, double now);
/* Frees it, and closes its connections; nothing runs in it. */
void connection_pool_free(struct connection_pool *pool);
/* Closes what is idle in a pool that drains; frees it, true, when nothing runs in it any more. */
bool connection_pool_drain(struct connection_pool *pool);

/* transfer_queue.c. They run on the thread. */

/* Starts what is queued, as far as there are connections for it. */
void transfer_queue_start_queued(struct engine *engine, struct transfer_queue *queue);
/* To be called when libcurl has worked on the pool: takes note of new connections. */
void transfer_queue_record_connections(struct connection_pool *pool);
/* A transfer of the queue has ended, in that pool, or was put back. */
void transfer_queue_record_end(struct connection_pool *pool, const struct engine_task *task);
/* Takes a running task out of its pool; its easy handle is free for others. */
void transfer_queue_remove_running(struct engine_task *task);
/* Frees the queue, its idle handles and connections; nobody may use it any more. Also where the
 * thread has stopped, or was never started for it. */
void transfer_queue_free(struct transfer_queue *queue);

/* engine_thread.c */

/* Drops one reference to a completion queue, without the mutex held; the last one frees it,
 * and lets its engine go. */
void completion_queue_release(struct completion_queue *completions);
/* The task has ended, and is in none of the thread's lists: hands it to its completion queue,
 * unless it was cancelled. */
void engine_deliver(struct engine *engine, struct engine_task *task);
/* Ends what libcurl is done with in the pool. That may free the pool, where it drains, or libcurl
 * had no memory for it. */
void engine_end_finished(struct engine *engine, struct connection_pool *pool);
/* Lets somebody fork, where somebody waits to. Nothing of libcurl may be on the stack. */
void engine_allow_fork(struct engine *engine);
/* The thread's main function. */
void *engine_run(void *context);

#endif
