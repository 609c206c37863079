/* In the engine's place where it is compiled out (VAULT_ENGINE=OFF), for hosts
 * without threads: no port can be opened, so nothing else is ever reached. */
#include "http/engine.h"

#include <stddef.h>

struct engine_port *engine_port_open(const char **error)
{
    *error = "this build has no background thread (VAULT_ENGINE=OFF); use the plain calls";
    return NULL;
}

void engine_port_close(struct engine_port *port)
{
    (void)port;
}

bool engine_port_is_foreign(const struct engine_port *port)
{
    (void)port;
    return false;
}

int engine_port_descriptor(const struct engine_port *port)
{
    (void)port;
    return -1;
}

struct engine_task *engine_port_collect(struct engine_port *port)
{
    (void)port;
    return NULL;
}

void engine_port_poke(struct engine_port *port)
{
    (void)port;
}

bool engine_port_wait(const struct engine_port *port, double timeout_ms)
{
    (void)port, (void)timeout_ms;
    return false;
}

const char *engine_port_listen(struct engine_port *port)
{
    (void)port;
    return NULL;
}

bool engine_port_accept(struct engine_port *port)
{
    (void)port;
    return false;
}

bool engine_port_is_watched(const struct engine_port *port)
{
    (void)port;
    return false;
}

bool engine_port_is_one_of_many(const struct engine_port *port)
{
    (void)port;
    return false;
}

struct engine_channel *engine_channel_open(const struct transfer_options *options)
{
    (void)options;
    return NULL;
}

void engine_channel_close(struct engine_channel *channel)
{
    (void)channel;
}

bool engine_channel_is_foreign(const struct engine_channel *channel)
{
    (void)channel;
    return false;
}

const char *engine_submit(struct engine_port *port, struct engine_channel *channel,
                          struct engine_task *task)
{
    (void)port, (void)channel, (void)task;
    return "this build has no background thread";
}

bool engine_abandon(struct engine_task *task)
{
    (void)task;
    return false;
}
