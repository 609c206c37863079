/* Waits for the sockets of many curl_multi handles at once, and calls libcurl for those that are
 * ready. Uses epoll on Linux, so that the cost depends on the number of ready sockets, not of open
 * ones; elsewhere poll. All functions but poller_wakeup are for one thread at a time. */
#ifndef VAULT_HTTP_POLLER_H
#define VAULT_HTTP_POLLER_H

#include "http/timer_queue.h"

#include <curl/curl.h>
#include <stdbool.h>

struct poller;

/* A curl_multi whose sockets the poller watches. */
struct poller_source {
    struct poller *poller; /* NULL: not attached */
    CURLM *multi;
    struct timer timer; /* when libcurl wants to be called */
    /* There was no memory to watch a socket: the multi handle must be detached and cleaned up,
     * since events on that socket are lost. */
    bool failed;
};

/* Returns NULL if there is no memory or no descriptor. */
struct poller *poller_open(void);
/* All sources must have been detached. */
void poller_close(struct poller *poller);
/* The source must stay in place until it is detached, which must happen before
 * curl_multi_cleanup. */
void poller_attach(struct poller *poller, struct poller_source *source, CURLM *multi);
void poller_detach(struct poller_source *source);
/* Called before the socket is closed. */
void poller_remove_socket(struct poller_source *source, curl_socket_t socket);
/* Calls libcurl for what needs no socket event, such as starting a transfer that was just added. */
void poller_run(struct poller_source *source);
/* Calls libcurl for all its transfers, even without events. */
void poller_run_all(struct poller_source *source);
/* Whether libcurl waits for the socket, as it does while a transfer uses it. */
bool poller_is_watched(const struct poller *poller, curl_socket_t socket);

/* Waits for events, at most that long. Does not call libcurl. */
void poller_wait(struct poller *poller, int timeout_ms);
/* Calls libcurl for one event of the last wait or one timer that is due, and returns its source;
 * NULL: nothing is left. */
struct poller_source *poller_next(struct poller *poller);
/* Ends the current wait, or else the next one. May be called from any thread. */
void poller_wakeup(struct poller *poller);

#endif
