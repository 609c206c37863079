/* What the engine's users call: everything here runs on their threads. */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* pthread_sigmask */
#endif
#include "http/engine_private.h"

#include "base/clock.h"
#include "base/fork_generation.h"
#include "http/symbol_check.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* The engine of this process, while there is one. */
static struct engine *current;
static pthread_mutex_t current_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t handlers_once = PTHREAD_ONCE_INIT;

/* --- start and stop --- */

static bool is_foreign(const struct engine *engine)
{
    return engine->process != process_generation();
}

/* Started with every signal blocked: they are the host's. */
static bool start_thread(struct engine *engine)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&engine->thread, NULL, engine_run, engine) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* What the thread does for a task that it ends; this one it has left behind. */
static void leave_channel(struct engine *engine, const struct engine_task *task)
{
    struct engine_channel *channel = task->channel;
    if (channel == NULL)
        return;
    pthread_mutex_lock(&engine->mutex);
    bool last = --channel->references == 0;
    pthread_mutex_unlock(&engine->mutex);
    if (last)
        engine_channel_free(channel);
}

/* What was asked for after the thread's last look. */
static void free_leftovers(struct engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    struct engine_task *task = engine->abandoned;
    struct engine_channel *channel = engine->closed;
    engine->abandoned = NULL;
    engine->closed = NULL;
    pthread_mutex_unlock(&engine->mutex);
    while (task != NULL) {
        struct engine_task *next = task->next_abandoned;
        struct engine_port *port = task->port;
        leave_channel(engine, task);
        task->release(task->owner);
        engine_port_leave(port);
        task = next;
    }
    while (channel != NULL) {
        struct engine_channel *next = channel->next;
        engine_channel_free(channel);
        channel = next;
    }
}

static void free_engine(struct engine *engine)
{
    free_leftovers(engine);
    poller_close(engine->poller);
    pthread_mutex_destroy(&engine->awake);
    pthread_mutex_destroy(&engine->fork_mutex);
    pthread_mutex_destroy(&engine->mutex);
    free(engine);
}

static struct engine *new_engine(void)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return NULL;
    pthread_mutex_init(&engine->mutex, NULL);
    pthread_mutex_init(&engine->awake, NULL);
    pthread_mutex_init(&engine->fork_mutex, NULL);
    engine->process = process_generation();
    engine->looks_at_all = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080000;
    engine->poller = poller_open();
    if (engine->poller == NULL || !start_thread(engine)) {
        free_engine(engine);
        return NULL;
    }
    return engine;
}

static void stop_thread(struct engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    bool stop = !engine->stopping;
    engine->stopping = true;
    pthread_mutex_unlock(&engine->mutex);
    if (!stop)
        return;
    poller_wake(engine->poller);
    pthread_join(engine->thread, NULL);
    /* Now, for a task given up keeps its port, and that the engine. */
    free_leftovers(engine);
}

/* exit() would let OpenSSL's own handler tear down what the thread is using.
 * Handlers run in reverse order, and this one is registered after libcurl's
 * initialisation has registered OpenSSL's. */
static void stop_at_exit(void)
{
    pthread_mutex_lock(&current_mutex);
    struct engine *engine = current;
    current = NULL;
    pthread_mutex_unlock(&current_mutex);
    if (engine != NULL && !is_foreign(engine))
        stop_thread(engine);
}

/* A lock that another thread holds at the fork is held for ever in the child:
 * OpenSSL's, libcurl's, an allocator's. So the fork waits until the thread holds
 * none: while it polls, or between two calls of libcurl. */
static void before_fork(void)
{
    pthread_mutex_lock(&current_mutex);
    if (current != NULL && !is_foreign(current)) {
        pthread_mutex_lock(&current->fork_mutex);
        pthread_mutex_lock(&current->awake);
    }
}

static void after_fork_in_parent(void)
{
    if (current != NULL && !is_foreign(current)) {
        pthread_mutex_unlock(&current->awake);
        pthread_mutex_unlock(&current->fork_mutex);
    }
    pthread_mutex_unlock(&current_mutex);
}

/* The engine is the parent's, and is not touched again. */
static void after_fork_in_child(void)
{
    pthread_mutex_unlock(&current_mutex);
}

static void register_handlers(void)
{
    atexit(stop_at_exit);
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* The engine with one more reference; current_mutex is held. */
static struct engine *acquire(const char **error)
{
    /* An engine of the parent's is neither joined nor freed: its thread does
     * not exist here, and its mutex may be locked for ever. */
    if (current != NULL && is_foreign(current))
        current = NULL;
    if (current == NULL)
        current = new_engine();
    if (current == NULL) {
        *error =
            "the background thread cannot be started; is a limit on threads or memory reached?";
        return NULL;
    }
    pthread_mutex_lock(&current->mutex);
    current->references++;
    current->ports++;
    pthread_mutex_unlock(&current->mutex);
    return current;
}

static void release(struct engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    bool last = --engine->references == 0;
    pthread_mutex_unlock(&engine->mutex);
    if (last)
        free_engine(engine);
}

/* --- ports --- */

struct engine_port *engine_port_open(const char **error)
{
    *error = symbol_check_problem();
    if (*error != NULL)
        return NULL;
    *error = "not enough memory";
    if (!transfer_global_init())
        return NULL;
    pthread_once(&handlers_once, register_handlers);
    struct engine_port *port = calloc(1, sizeof *port);
    if (port == NULL)
        return NULL;
    port->references = 1;
    wake_socket_init(&port->wake_socket);
    if (!notifier_open(&port->notifier)) {
        *error =
            "no descriptor left for the background thread's notices; raise the limit (ulimit -n)";
        free(port);
        return NULL;
    }
    pthread_mutex_lock(&current_mutex);
    port->engine = acquire(error);
    pthread_mutex_unlock(&current_mutex);
    if (port->engine == NULL) {
        notifier_close(&port->notifier);
        free(port);
        return NULL;
    }
    return port;
}

void engine_port_leave(struct engine_port *port)
{
    struct engine *engine = port->engine;
    pthread_mutex_lock(&engine->mutex);
    bool last = --port->references == 0;
    pthread_mutex_unlock(&engine->mutex);
    if (!last)
        return;
    notifier_close(&port->notifier);
    free(port);
    release(engine);
}

bool engine_port_is_foreign(const struct engine_port *port)
{
    return is_foreign(port->engine);
}

void engine_port_close(struct engine_port *port)
{
    if (port == NULL)
        return;
    struct engine *engine = port->engine;
    wake_socket_close(&port->wake_socket);
    if (is_foreign(engine)) { /* tasks of the parent's may still point to it */
        notifier_close(&port->notifier);
        return;
    }
    pthread_mutex_lock(&current_mutex);
    pthread_mutex_lock(&engine->mutex);
    bool last = --engine->ports == 0;
    pthread_mutex_unlock(&engine->mutex);
    if (last && current == engine)
        current = NULL;
    pthread_mutex_unlock(&current_mutex);
    if (last)
        stop_thread(engine);
    engine_port_leave(port);
}

int engine_port_descriptor(const struct engine_port *port)
{
    return port->notifier.read_end;
}

struct engine_task *engine_port_collect(struct engine_port *port)
{
    if (engine_port_is_foreign(port))
        return NULL;
    pthread_mutex_lock(&port->engine->mutex);
    struct engine_task *task = task_list_take(&port->finished);
    if (task != NULL) {
        task->state = ENGINE_TASK_IDLE;
        task->port = NULL;
        port->references--;
    }
    if (port->finished.first == NULL && (task != NULL || port->poked)) {
        port->poked = false;
        notifier_clear(&port->notifier);
    }
    pthread_mutex_unlock(&port->engine->mutex);
    return task;
}

void engine_port_poke(struct engine_port *port)
{
    if (engine_port_is_foreign(port))
        return;
    pthread_mutex_lock(&port->engine->mutex);
    if (port->finished.first == NULL)
        notifier_signal(&port->notifier);
    port->poked = true;
    pthread_mutex_unlock(&port->engine->mutex);
}

bool engine_port_wait(const struct engine_port *port, double timeout_ms)
{
    return notifier_wait(&port->notifier, timeout_ms);
}

const char *engine_port_listen(struct engine_port *port)
{
    return wake_socket_listen(&port->wake_socket) ? port->wake_socket.path : NULL;
}

bool engine_port_accept(struct engine_port *port)
{
    int connection = wake_socket_accept(&port->wake_socket);
    if (connection < 0)
        return false;
    pthread_mutex_lock(&port->engine->mutex);
    notifier_forward(&port->notifier, connection);
    pthread_mutex_unlock(&port->engine->mutex);
    return true;
}

bool engine_port_is_watched(const struct engine_port *port)
{
    return notifier_is_forwarding(&port->notifier);
}

bool engine_port_is_one_of_many(const struct engine_port *port)
{
    pthread_mutex_lock(&port->engine->mutex);
    bool many = port->engine->ports > 1;
    pthread_mutex_unlock(&port->engine->mutex);
    return many;
}

/* --- channels --- */

struct engine_channel *engine_channel_open(const struct transfer_options *options)
{
    struct engine_channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL)
        return NULL;
    if (!transfer_options_copy(&channel->options, options)) {
        free(channel);
        return NULL;
    }
    if (!trust_files_open(&channel->trust_files, options)) {
        transfer_options_free(&channel->options);
        free(channel);
        return NULL;
    }
    channel->references = 1;
    channel->capacity = LONG_MAX;
    return channel;
}

void engine_channel_close(struct engine_channel *channel)
{
    if (channel == NULL)
        return;
    struct engine *engine = channel->engine;
    if (engine == NULL) { /* never used */
        engine_channel_free(channel);
        return;
    }
    if (is_foreign(engine))
        return;
    pthread_mutex_lock(&engine->mutex);
    bool last = --channel->references == 0;
    bool here = last && engine->stopped;
    if (last && !here) {
        channel->next = engine->closed;
        engine->closed = channel;
    }
    pthread_mutex_unlock(&engine->mutex);
    if (here)
        engine_channel_free(channel);
    else if (last)
        poller_wake(engine->poller);
    release(engine);
}

bool engine_channel_is_foreign(const struct engine_channel *channel)
{
    return channel->engine != NULL && is_foreign(channel->engine);
}

/* --- tasks --- */

/* The engine's mutex is held. */
static void bind_channel(struct engine_channel *channel, struct engine *engine)
{
    if (channel->engine == NULL) {
        channel->engine = engine;
        engine->references++;
    }
    channel->references++;
}

const char *engine_submit(struct engine_port *port, struct engine_channel *channel,
                          struct engine_task *task)
{
    struct engine *engine = port->engine;
    if (is_foreign(engine) || (channel->engine != NULL && channel->engine != engine))
        return "the call was started before the process forked";
    task->channel = channel;
    task->pool = NULL;
    task->transfer = NULL;
    task->abandoned = false;
    task->place = ENGINE_NOWHERE;
    task->timer =
        (struct timer){.due = task->delay_ms > 0 ? clock_monotonic_ms() + task->delay_ms : 0};
    pthread_mutex_lock(&engine->mutex);
    bool stopping = engine->stopping;
    bool wake = engine->submitted.first == NULL;
    if (!stopping) {
        bind_channel(channel, engine);
        task->port = port;
        port->references++;
        task->state = ENGINE_TASK_SUBMITTED;
        task_list_append(&engine->submitted, task);
    }
    pthread_mutex_unlock(&engine->mutex);
    if (stopping)
        return "the process is ending: the background thread has stopped";
    if (wake)
        poller_wake(engine->poller);
    return NULL;
}

bool engine_abandon(struct engine_task *task)
{
    struct engine_port *port = task->port;
    if (port == NULL) /* idle */
        return false;
    struct engine *engine = port->engine;
    if (is_foreign(engine))
        return true; /* with the parent's memory; release is never called */
    pthread_mutex_lock(&engine->mutex);
    bool submitted = task->state == ENGINE_TASK_SUBMITTED;
    bool given_up = submitted && !engine->stopped;
    if (given_up) {
        task->abandoned = true;
        task->next_abandoned = engine->abandoned;
        engine->abandoned = task;
    } else if (!submitted) {
        task_list_remove(&port->finished, task);
        if (port->finished.first == NULL && !port->poked)
            notifier_clear(&port->notifier);
    }
    if (!given_up) {
        task->state = ENGINE_TASK_IDLE;
        task->port = NULL;
    }
    pthread_mutex_unlock(&engine->mutex);
    if (given_up) {
        poller_wake(engine->poller);
        return true;
    }
    if (submitted)
        leave_channel(engine, task);
    engine_port_leave(port);
    return false;
}
