/* Waiting for the sockets of many curl_multi handles at once, and letting libcurl work on those
 * that are ready: on Linux with epoll, so that a round costs what is ready and not what is open,
 * elsewhere with poll. Everything but poller_wakeup is for one thread at a time. */
#ifndef VAULT_HTTP_POLLER_H
#define VAULT_HTTP_POLLER_H

#include "http/timer_queue.h"

#include <curl/curl.h>
#include <stdbool.h>

struct poller;

/* A curl_multi whose sockets are waited for. */
struct poller_source {
    struct poller *poller; /* NULL: not attached */
    CURLM *multi;
    struct timer timer; /* when libcurl wants to be called */
    /* There was no memory for a socket: the multi handle is to be detached and cleaned up, since
     * nobody would hear of that socket any more. */
    bool failed;
};

/* NULL: no memory or no descriptor. */
struct poller *poller_open(void);
/* Every source has been detached. */
void poller_close(struct poller *poller);
/* The source must stay where it is until it is detached, and that comes before
 * curl_multi_cleanup. */
void poller_attach(struct poller *poller, struct poller_source *source, CURLM *multi);
void poller_detach(struct poller_source *source);
/* The socket is about to be closed. */
void poller_remove_socket(struct poller_source *source, curl_socket_t socket);
/* Has libcurl do what need not wait for a socket: begin a transfer that was just added. */
void poller_run(struct poller_source *source);
/* Has libcurl look at all its transfers, whether something was heard of them or not. */
void poller_run_all(struct poller_source *source);
/* Whether libcurl waits for the socket: it does while a transfer uses it. */
bool poller_is_watched(const struct poller *poller, curl_socket_t socket);

/* Waits at most that long for something to do. Calls nothing of libcurl. */
void poller_wait(struct poller *poller, int timeout_ms);
/* Does one thing of what the last wait found, or of what is due, and returns whose it was; NULL:
 * nothing is left. */
struct poller_source *poller_next(struct poller *poller);
/* Ends the wait, or the next one; from any thread. */
void poller_wakeup(struct poller *poller);

#endif
