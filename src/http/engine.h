/* Many transfers on one background thread.
 *
 * One engine for the process: a thread, started with the first port and stopped
 * with the last, or at exit. Every lua_State has a port: where its finished tasks
 * wait, and a descriptor that is readable while some do. A channel is what the
 * transfers of one client share: options, easy handles, connections and the bound
 * on them.
 *
 * Only the engine's thread touches curl handles; nothing of Lua is ever touched
 * there. A task is memory of the submitter's that the engine borrows from
 * engine_submit until it is collected or given up.
 *
 * Every function may be called from any thread; a port, its channels and their
 * tasks from one at a time. */
#ifndef VAULT_HTTP_ENGINE_H
#define VAULT_HTTP_ENGINE_H

#include "http/timer_queue.h"
#include "http/transfer.h"

#include <stdint.h>

struct engine_port;
struct engine_channel;

enum engine_task_state {
    ENGINE_TASK_IDLE,      /* the submitter's */
    ENGINE_TASK_SUBMITTED, /* the engine's */
    ENGINE_TASK_FINISHED   /* in its port's list, to be collected */
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
    bool abandoned;
    struct timer timer;             /* of the pause */
    struct engine_port *port;       /* NULL while it is idle */
    struct engine_channel *channel; /* until it has ended */
    struct engine_pool *pool;       /* while it runs, as the transfer */
    struct transfer *transfer;
    struct engine_task *next, *previous;
    struct engine_task *next_abandoned;
};

/* Makes a port; NULL with *error (a static string) set. */
struct engine_port *engine_port_open(const char **error);
/* Tasks of it that are neither collected nor given up keep its memory alive. In
 * a forked child it only forgets the parent's. */
void engine_port_close(struct engine_port *port);
/* True in a forked child: port, channels and tasks belong to the parent. */
bool engine_port_is_foreign(const struct engine_port *port);
/* Readable while there is something to collect. The port's: do not close it. */
int engine_port_descriptor(const struct engine_port *port);
/* The oldest finished task, or NULL. */
struct engine_task *engine_port_collect(struct engine_port *port);
/* Makes the descriptor readable until the next collection that finds nothing.
 */
void engine_port_poke(struct engine_port *port);
/* Waits until something can be collected, at most that long (negative: without
 * end). False when the time has passed. */
bool engine_port_wait(const struct engine_port *port, double timeout_ms);

/* For a loop that can watch only sockets that it has connected itself: the path
 * of a unix socket that this process is to connect to at once; NULL: errno says
 * why there is none. The path is the port's. */
const char *engine_port_listen(struct engine_port *port);
/* Takes that connection. From now on a byte comes out of it whenever there is
 * something to collect, or the port is poked. False: nobody has connected. */
bool engine_port_accept(struct engine_port *port);
/* Whether that connection's other end is still open. */
bool engine_port_is_watched(const struct engine_port *port);
/* Whether this process has other ports too. */
bool engine_port_is_one_of_many(const struct engine_port *port);

/* NULL: no memory. The options are copied. */
struct engine_channel *engine_channel_open(const struct transfer_options *options);
/* Tasks of it that are under way keep it alive. */
void engine_channel_close(struct engine_channel *channel);
bool engine_channel_is_foreign(const struct engine_channel *channel);

/* Hands the task over. NULL, or why not as a static string. */
const char *engine_submit(struct engine_port *port, struct engine_channel *channel,
                          struct engine_task *task);
/* Gives the task up in whatever state it is. True: the engine has it and will
 * call release; false: it was idle or finished and is the caller's again. */
bool engine_abandon(struct engine_task *task);

#endif
