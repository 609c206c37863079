/* Replaces the engine in builds without threads (VAULT_ENGINE=OFF). No completion queue can be
 * opened, so the other functions are never reached. */
#include "http/engine.h"

#include <stddef.h>

bool engine_is_available(void)
{
    return false;
}

struct status completion_queue_open(struct completion_queue **completions)
{
    *completions = NULL;
    return status_unavailable("this build has none (VAULT_ENGINE=OFF); use the plain calls");
}

void completion_queue_close(struct completion_queue *completions)
{
    (void)completions;
}

bool completion_queue_belongs_to_parent(const struct completion_queue *completions)
{
    (void)completions;
    return false;
}

int completion_queue_descriptor(const struct completion_queue *completions)
{
    (void)completions;
    return -1;
}

struct engine_task *completion_queue_take(struct completion_queue *completions)
{
    (void)completions;
    return NULL;
}

void completion_queue_notify(struct completion_queue *completions)
{
    (void)completions;
}

bool completion_queue_wait(const struct completion_queue *completions, double timeout_ms)
{
    (void)completions, (void)timeout_ms;
    return false;
}

const char *completion_queue_listen(struct completion_queue *completions)
{
    (void)completions;
    return NULL;
}

bool completion_queue_accept(struct completion_queue *completions)
{
    (void)completions;
    return false;
}

bool completion_queue_is_connected(const struct completion_queue *completions)
{
    (void)completions;
    return false;
}

bool completion_queue_has_others(const struct completion_queue *completions)
{
    (void)completions;
    return false;
}

struct transfer_queue *transfer_queue_open(const struct transfer_options *options)
{
    (void)options;
    return NULL;
}

void transfer_queue_close(struct transfer_queue *queue)
{
    (void)queue;
}

bool transfer_queue_belongs_to_parent(const struct transfer_queue *queue)
{
    (void)queue;
    return false;
}

struct status engine_submit(struct completion_queue *completions, struct transfer_queue *queue,
                            struct engine_task *task)
{
    (void)completions, (void)queue, (void)task;
    return status_unavailable("this build has no background thread");
}

bool engine_cancel(struct engine_task *task)
{
    (void)task;
    return false;
}
