/* Shared by the files of the engine. engine.c runs on the callers' threads; engine_thread.c,
 * transfer_queue.c and connection_pool.c run on the engine's. */
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
    unsigned long process; /* fork_generation() of the process that runs it */
    struct poller *poller;
    /* busy_mutex is held by the engine's thread except while polling, and by a thread that forks
     * (see before_fork). It is locked before `mutex`. A forking thread waits for it while it holds
     * fork_mutex, which the engine's thread must lock before it locks busy_mutex again: so the fork
     * comes first. */
    pthread_mutex_t busy_mutex, fork_mutex;

    pthread_mutex_t mutex; /* guards the fields up to `closed`, completion queues and references of
                              transfer queues */
    int references; /* from completion queues and transfer queues; the last one frees the engine */
    int completion_queues; /* the last one stops the thread */
    bool stopping, stopped;
    struct task_list submitted;
    struct engine_task *cancelled; /* linked by next_cancelled */
    struct transfer_queue *closed; /* to free on the thread; linked by next */

    /* Used by the thread only: */
    struct timer_queue delayed;    /* tasks */
    struct timer_queue waiting;    /* transfer queues */
    struct transfer_queue *unused; /* to free; linked by next */
    struct connection_pool *pools; /* linked by next */
    long running_count;            /* in all pools */
    bool runs_all;                 /* call poller_run_all once a second, as this libcurl needs */
    double last_run_all;           /* time of the last such call */
    struct engine_task *starting;  /* the task being started; NULL once it has ended */
};

struct completion_queue {
    struct engine *engine;
    int references; /* from its user and each task that is not idle; guarded by the mutex */
    struct notifier notifier;
    struct wakeup_socket wakeup_socket; /* used by the user's thread only */
    struct task_list finished;
    bool notified; /* signalled by completion_queue_notify */
};

enum engine_sharing {
    ENGINE_SHARING_UNKNOWN,
    ENGINE_SHARING, /* the server speaks HTTP/2 */
    ENGINE_SEPARATE /* one transfer at a time on a connection */
};

/* A curl_multi with its connections. A transfer queue has one pool for new transfers, and may have
 * others that are draining. */
struct connection_pool {
    struct poller_source source; /* has the multi handle */
    struct engine *engine;
    struct transfer_queue *queue;
    struct socket_list sockets;
    CURLSH *sessions;
    struct task_list running;
    long running_count;
    long limit; /* of connections, as set in libcurl */
    bool draining;
    struct connection_pool *next, *previous;
};

struct transfer_queue {
    struct engine *engine; /* set by the first submit */
    struct transfer_options options;
    int references; /* from its client and each active task */
    struct transfer_queue *next;

    /* Used by the thread only: */
    struct task_list queued;
    struct transfer *idle; /* linked by next_idle */
    int idle_count;
    struct connection_pool *pool; /* for new transfers; NULL: none yet */
    long draining_count;          /* number of draining pools */
    struct trust_files trust_files;
    enum engine_sharing sharing;
    long capacity; /* number of transfers that the pool had room for when one more had to wait */
    long ended;    /* transfers that have ended since capacity was set */
    unsigned long made;         /* pool->sockets.made when last checked */
    double exclusive_until;     /* until then no transfer starts while a connection is being made */
    long initial_limit;         /* limit on transfers until initial_limit_until */
    double initial_limit_until; /* time by which the server's HTTP/2 settings should have arrived */
    struct timer timer;         /* in engine->waiting */
};

/* The mutex must be held unless the task is not submitted yet. Atomic, since engine_cancel reads
 * the state of an idle task, which has no engine, without the mutex. */
static inline void engine_task_set_state(struct engine_task *task, enum engine_task_state state)
{
    __atomic_store_n(&task->state, state, __ATOMIC_RELAXED);
}

/* task_list.c */
void task_list_append(struct task_list *list, struct engine_task *task);
void task_list_prepend(struct task_list *list, struct engine_task *task);
void task_list_remove(struct task_list *list, struct engine_task *task);
struct engine_task *task_list_take(struct task_list *list);

/* connection_pool.c. These run on the thread, or after it has stopped. */

/* Returns the pool for new transfers of the queue, created if there is none; NULL: no memory. Its
 * limit is the queue's, less the connections of draining pools. */
struct connection_pool *connection_pool_for(struct engine *engine, struct transfer_queue *queue);
/* Closes connections that are too old or were verified by certificates that have changed. A
 * connection in use finishes its transfers first. */
void connection_pool_renew(struct transfer_queue *queue, double now);
/* Frees the pool and closes its connections. No transfer may be running in it. */
void connection_pool_free(struct connection_pool *pool);
/* Closes the idle connections of a draining pool. If no transfer is running in it, frees it and
 * returns true. */
bool connection_pool_drain(struct connection_pool *pool);

/* transfer_queue.c. These run on the thread. */

/* Starts queued transfers while there are connections for them. */
void transfer_queue_start_queued(struct engine *engine, struct transfer_queue *queue);
/* Called after libcurl has worked on the pool: records new connections. */
void transfer_queue_record_connections(struct connection_pool *pool);
/* Called when a transfer has ended in the pool. */
void transfer_queue_record_end(struct connection_pool *pool, const struct engine_task *task);
/* Removes a running task from its pool; its easy handle becomes free for others. */
void transfer_queue_remove_running(struct engine_task *task);
/* Frees the queue with its idle handles and connections. Also called after the thread has stopped,
 * or if it was never started. */
void transfer_queue_free(struct transfer_queue *queue);

/* engine_thread.c */

/* Drops one reference to a completion queue; the last one frees it and releases its engine. The
 * mutex must not be held. */
void completion_queue_release(struct completion_queue *completions);
/* Called for a task that has ended and is in no list: appends it to its completion queue, unless it
 * was cancelled. */
void engine_deliver(struct engine *engine, struct engine_task *task);
/* Ends the transfers that libcurl has finished in the pool. May free the pool, if it is draining or
 * libcurl has run out of memory. */
void engine_end_finished(struct engine *engine, struct connection_pool *pool);
/* Lets a waiting thread fork. No function of libcurl may be on the call stack. */
void engine_allow_fork(struct engine *engine);
/* The thread's main function. */
void *engine_run(void *context);

#endif
