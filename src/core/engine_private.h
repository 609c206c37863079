/* The inside of the engine, for engine.c (what callers see) and
 * engine_thread.c (what runs in the background). */
#ifndef VAULT_CORE_ENGINE_PRIVATE_H
#define VAULT_CORE_ENGINE_PRIVATE_H

#include "engine.h"
#include "notifier.h"
#include "poller.h"
#include "transfer_private.h"
#include "wake_socket.h"

#include <pthread.h>

struct task_list {
    struct engine_task *first, *last;
};

struct engine {
    pthread_t thread;
    unsigned long process; /* process_generation() of the one that runs it */
    CURLM *multi;          /* the thread's; NULL while there is no memory for one */
    struct poller *poller;
    /* Held by the thread but while it waits, and by whoever forks: see
     * before_fork. Taken before the mutex below. */
    pthread_mutex_t awake;

    pthread_mutex_t mutex; /* guards what follows, ports and channel references */
    int references;        /* ports and channels; the last one frees the engine */
    int ports;             /* the last one stops the thread */
    bool stopping, stopped;
    struct task_list submitted;
    struct engine_task *abandoned; /* linked by next_abandoned */
    struct engine_channel *closed; /* to be freed on the thread, linked by next */

    struct task_list delayed; /* the thread's: by due time */
    struct task_list running; /* the thread's */
};

struct engine_port {
    struct engine *engine;
    int references; /* its user, and every task that is not idle; the mutex guards it */
    struct notifier notifier;
    struct wake_socket wake_socket; /* the user's thread's */
    struct task_list finished;
    bool poked; /* signalled although nothing may be finished */
};

struct engine_channel {
    struct engine *engine; /* of the first submit */
    struct transfer_options options;
    int references; /* its client, and every task under way */
    struct engine_channel *next;

    /* The thread's: */
    struct task_list queued;
    struct transfer *idle; /* linked by next_idle */
    CURLSH *sessions;      /* TLS sessions, of all its handles */
    int idle_count;
    long running;
    bool multiplexed; /* the server has answered over HTTP/2 */
};

void task_list_append(struct task_list *list, struct engine_task *task);
void task_list_remove(struct task_list *list, struct engine_task *task);
struct engine_task *task_list_take(struct task_list *list);

/* Sees to it that there is a multi handle; false: no memory. Only where the
 * thread does not run, or on it. */
bool engine_open_multi(struct engine *engine);
/* Drops one reference to a port, without the mutex held; the last one frees it,
 * and lets its engine go. */
void engine_port_leave(struct engine_port *port);
/* Frees the channel and its idle handles; nobody may use it any more. */
void engine_channel_free(struct engine_channel *channel);
/* The thread's main function. */
void *engine_run(void *context);

#endif
