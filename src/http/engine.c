/* The functions of the engine for other files. They run on the caller's thread. */
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

/* The engine of this process, or NULL. */
static struct engine *current;
static pthread_mutex_t current_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t handlers_once = PTHREAD_ONCE_INIT;

bool engine_is_available(void)
{
    return true;
}

/* --- start and stop --- */

static bool belongs_to_parent(const struct engine *engine)
{
    return engine->process != fork_generation();
}

/* Started with all signals blocked, so that the host's threads handle them. */
static bool start_thread(struct engine *engine)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&engine->thread, NULL, engine_run, engine) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* Releases the queue of a task that the thread, which has stopped, did not end. */
static void release_transfer_queue(struct engine *engine, const struct engine_task *task)
{
    struct transfer_queue *queue = task->queue;
    if (queue == NULL)
        return;
    pthread_mutex_lock(&engine->mutex);
    bool last = --queue->references == 0;
    pthread_mutex_unlock(&engine->mutex);
    if (last)
        transfer_queue_free(queue);
}

/* Processes requests that came after the thread's last iteration. */
static void free_unprocessed(struct engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    struct engine_task *task = engine->cancelled;
    struct transfer_queue *queue = engine->closed;
    engine->cancelled = NULL;
    engine->closed = NULL;
    pthread_mutex_unlock(&engine->mutex);
    while (task != NULL) {
        struct engine_task *next = task->next_cancelled;
        struct completion_queue *completions = task->completions;
        release_transfer_queue(engine, task);
        task->release(task->owner);
        completion_queue_release(completions);
        task = next;
    }
    while (queue != NULL) {
        struct transfer_queue *next = queue->next;
        transfer_queue_free(queue);
        queue = next;
    }
}

static void free_engine(struct engine *engine)
{
    free_unprocessed(engine);
    poller_close(engine->poller);
    pthread_mutex_destroy(&engine->busy_mutex);
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
    pthread_mutex_init(&engine->busy_mutex, NULL);
    pthread_mutex_init(&engine->fork_mutex, NULL);
    engine->process = fork_generation();
    engine->runs_all = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080000;
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
    poller_wakeup(engine->poller);
    pthread_join(engine->thread, NULL);
    /* Done here, since a cancelled task holds a reference to its completion queue, and that to the
     * engine. */
    free_unprocessed(engine);
}

/* At exit OpenSSL's own handler frees memory that the thread uses. Handlers run in reverse order,
 * and this one is registered after libcurl's initialisation has registered OpenSSL's. */
static void stop_at_exit(void)
{
    pthread_mutex_lock(&current_mutex);
    struct engine *engine = current;
    current = NULL;
    pthread_mutex_unlock(&current_mutex);
    if (engine != NULL && !belongs_to_parent(engine))
        stop_thread(engine);
}

/* A lock of OpenSSL, libcurl or an allocator that another thread holds during fork stays locked in
 * the child. So the fork waits until the engine's thread holds none: while it polls, or between two
 * calls of libcurl. */
static void before_fork(void)
{
    pthread_mutex_lock(&current_mutex);
    if (current != NULL && !belongs_to_parent(current)) {
        pthread_mutex_lock(&current->fork_mutex);
        pthread_mutex_lock(&current->busy_mutex);
    }
}

static void after_fork_in_parent(void)
{
    if (current != NULL && !belongs_to_parent(current)) {
        pthread_mutex_unlock(&current->busy_mutex);
        pthread_mutex_unlock(&current->fork_mutex);
    }
    pthread_mutex_unlock(&current_mutex);
}

/* The engine belongs to the parent and is not used again. */
static void after_fork_in_child(void)
{
    pthread_mutex_unlock(&current_mutex);
}

static void register_handlers(void)
{
    atexit(stop_at_exit);
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* Returns the engine with one more reference, or NULL if its thread cannot be started.
 * current_mutex must be held. */
static struct engine *acquire_engine(void)
{
    /* The parent's engine is neither joined nor freed: its thread does not exist here, and its
     * mutex may stay locked. */
    if (current != NULL && belongs_to_parent(current))
        current = NULL;
    if (current == NULL)
        current = new_engine();
    if (current == NULL)
        return NULL;
    pthread_mutex_lock(&current->mutex);
    current->references++;
    current->completion_queues++;
    pthread_mutex_unlock(&current->mutex);
    return current;
}

static void release_engine(struct engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    bool last = --engine->references == 0;
    pthread_mutex_unlock(&engine->mutex);
    if (last)
        free_engine(engine);
}

/* --- completion queues --- */

static struct status init_completions(struct completion_queue *completions)
{
    completions->references = 1;
    wakeup_socket_init(&completions->wakeup_socket);
    if (!notifier_open(&completions->notifier))
        return status_unavailable("no file descriptor is left; raise the limit (ulimit -n)");
    pthread_mutex_lock(&current_mutex);
    completions->engine = acquire_engine();
    pthread_mutex_unlock(&current_mutex);
    if (completions->engine != NULL)
        return status_ok();
    notifier_close(&completions->notifier);
    return status_unavailable("a limit on threads or memory is reached");
}

struct status completion_queue_open(struct completion_queue **completions)
{
    *completions = NULL;
    struct status status = symbol_check();
    if (status.code != STATUS_CODE_OK)
        return status;
    if (!transfer_global_init())
        return status_no_memory();
    pthread_once(&handlers_once, register_handlers);
    struct completion_queue *made = calloc(1, sizeof *made);
    if (made == NULL)
        return status_no_memory();
    status = init_completions(made);
    if (status.code == STATUS_CODE_OK)
        *completions = made;
    else
        free(made);
    return status;
}

void completion_queue_release(struct completion_queue *completions)
{
    struct engine *engine = completions->engine;
    pthread_mutex_lock(&engine->mutex);
    bool last = --completions->references == 0;
    pthread_mutex_unlock(&engine->mutex);
    if (!last)
        return;
    notifier_close(&completions->notifier);
    free(completions);
    release_engine(engine);
}

bool completion_queue_belongs_to_parent(const struct completion_queue *completions)
{
    return belongs_to_parent(completions->engine);
}

void completion_queue_close(struct completion_queue *completions)
{
    if (completions == NULL)
        return;
    struct engine *engine = completions->engine;
    wakeup_socket_close(&completions->wakeup_socket);
    if (belongs_to_parent(engine)) { /* tasks of the parent may still point to it */
        notifier_close(&completions->notifier);
        return;
    }
    pthread_mutex_lock(&current_mutex);
    pthread_mutex_lock(&engine->mutex);
    bool last = --engine->completion_queues == 0;
    pthread_mutex_unlock(&engine->mutex);
    if (last && current == engine)
        current = NULL;
    pthread_mutex_unlock(&current_mutex);
    if (last)
        stop_thread(engine);
    completion_queue_release(completions);
}

int completion_queue_descriptor(const struct completion_queue *completions)
{
    return completions->notifier.read_end;
}

struct engine_task *completion_queue_take(struct completion_queue *completions)
{
    if (completion_queue_belongs_to_parent(completions))
        return NULL;
    pthread_mutex_lock(&completions->engine->mutex);
    struct engine_task *task = task_list_take(&completions->finished);
    if (task != NULL) {
        engine_task_set_state(task, ENGINE_TASK_IDLE);
        completions->references--;
    }
    if (completions->finished.first == NULL && (task != NULL || completions->notified)) {
        completions->notified = false;
        notifier_clear(&completions->notifier);
    }
    pthread_mutex_unlock(&completions->engine->mutex);
    return task;
}

void completion_queue_notify(struct completion_queue *completions)
{
    if (completion_queue_belongs_to_parent(completions))
        return;
    pthread_mutex_lock(&completions->engine->mutex);
    if (completions->finished.first == NULL)
        notifier_signal(&completions->notifier);
    completions->notified = true;
    pthread_mutex_unlock(&completions->engine->mutex);
}

bool completion_queue_wait(const struct completion_queue *completions, double timeout_ms)
{
    return notifier_wait(&completions->notifier, timeout_ms);
}

const char *completion_queue_listen(struct completion_queue *completions)
{
    return wakeup_socket_listen(&completions->wakeup_socket) ? completions->wakeup_socket.path
                                                             : NULL;
}

bool completion_queue_accept(struct completion_queue *completions)
{
    int connection = wakeup_socket_accept(&completions->wakeup_socket);
    if (connection < 0)
        return false;
    pthread_mutex_lock(&completions->engine->mutex);
    notifier_forward(&completions->notifier, connection);
    pthread_mutex_unlock(&completions->engine->mutex);
    return true;
}

bool completion_queue_is_connected(const struct completion_queue *completions)
{
    return notifier_is_forwarding(&completions->notifier);
}

bool completion_queue_has_others(const struct completion_queue *completions)
{
    pthread_mutex_lock(&completions->engine->mutex);
    bool many = completions->engine->completion_queues > 1;
    pthread_mutex_unlock(&completions->engine->mutex);
    return many;
}

/* --- transfer queues --- */

struct transfer_queue *transfer_queue_open(const struct transfer_options *options)
{
    struct transfer_queue *queue = calloc(1, sizeof *queue);
    if (queue == NULL)
        return NULL;
    if (!transfer_options_copy(&queue->options, options)) {
        free(queue);
        return NULL;
    }
    if (!trust_files_open(&queue->trust_files, options)) {
        transfer_options_free(&queue->options);
        free(queue);
        return NULL;
    }
    queue->references = 1;
    queue->capacity = LONG_MAX;
    return queue;
}

void transfer_queue_close(struct transfer_queue *queue)
{
    if (queue == NULL)
        return;
    struct engine *engine = queue->engine;
    if (engine == NULL) { /* no task was submitted */
        transfer_queue_free(queue);
        return;
    }
    if (belongs_to_parent(engine))
        return;
    pthread_mutex_lock(&engine->mutex);
    bool last = --queue->references == 0;
    bool here = last && engine->stopped;
    if (last && !here) {
        queue->next = engine->closed;
        engine->closed = queue;
    }
    pthread_mutex_unlock(&engine->mutex);
    if (here)
        transfer_queue_free(queue);
    else if (last)
        poller_wakeup(engine->poller);
    release_engine(engine);
}

bool transfer_queue_belongs_to_parent(const struct transfer_queue *queue)
{
    return queue->engine != NULL && belongs_to_parent(queue->engine);
}

/* --- tasks --- */

/* The engine's mutex must be held. */
static void bind_transfer_queue(struct transfer_queue *queue, struct engine *engine)
{
    if (queue->engine == NULL) {
        queue->engine = engine;
        engine->references++;
    }
    queue->references++;
}

struct status engine_submit(struct completion_queue *completions, struct transfer_queue *queue,
                            struct engine_task *task)
{
    struct engine *engine = completions->engine;
    if (belongs_to_parent(engine) || (queue->engine != NULL && queue->engine != engine))
        return status_unavailable("the call was started before the process forked");
    task->queue = queue;
    task->pool = NULL;
    task->transfer = NULL;
    task->timer =
        (struct timer){.due = task->delay_ms > 0 ? clock_monotonic_ms() + task->delay_ms : 0};
    pthread_mutex_lock(&engine->mutex);
    bool stopping = engine->stopping;
    bool wakeup = engine->submitted.first == NULL;
    if (!stopping) {
        bind_transfer_queue(queue, engine);
        task->completions = completions;
        completions->references++;
        engine_task_set_state(task, ENGINE_TASK_ACTIVE);
        task_list_append(&engine->submitted, task);
    }
    pthread_mutex_unlock(&engine->mutex);
    if (stopping)
        return status_unavailable("the process is ending: the background thread has stopped");
    if (wakeup)
        poller_wakeup(engine->poller);
    return status_ok();
}

/* Without the mutex, as an idle task has no pointer to the engine. Only the caller's thread makes a
 * task idle. */
static bool is_task_idle(const struct engine_task *task)
{
    return __atomic_load_n(&task->state, __ATOMIC_RELAXED) == ENGINE_TASK_IDLE;
}

/* The engine's mutex must be held. */
static void remove_finished(struct engine_task *task)
{
    struct completion_queue *completions = task->completions;
    task_list_remove(&completions->finished, task);
    if (completions->finished.first == NULL && !completions->notified)
        notifier_clear(&completions->notifier);
}

bool engine_cancel(struct engine_task *task)
{
    if (is_task_idle(task))
        return false;
    struct completion_queue *completions = task->completions;
    struct engine *engine = completions->engine;
    if (belongs_to_parent(engine))
        return true;
    pthread_mutex_lock(&engine->mutex);
    bool active = task->state == ENGINE_TASK_ACTIVE;
    bool engine_owns = active && !engine->stopped;
    if (!active)
        remove_finished(task);
    engine_task_set_state(task, engine_owns ? ENGINE_TASK_CANCELLED : ENGINE_TASK_IDLE);
    if (engine_owns) {
        task->next_cancelled = engine->cancelled;
        engine->cancelled = task;
    }
    pthread_mutex_unlock(&engine->mutex);
    if (engine_owns) {
        poller_wakeup(engine->poller);
        return true;
    }
    if (active)
        release_transfer_queue(engine, task);
    completion_queue_release(completions);
    return false;
}
