/* Waiting for the sockets of a curl_multi, and letting libcurl work on those
 * that are ready. On Linux with epoll, so that a round costs what is ready and
 * not what is open; elsewhere with curl_multi_poll. */
#ifndef VAULT_CORE_POLLER_H
#define VAULT_CORE_POLLER_H

#include <curl/curl.h>
#include <stdbool.h>

struct poller;

/* NULL: no memory or no descriptor. */
struct poller *poller_open(void);
void poller_close(struct poller *poller);
/* The multi handle whose sockets it is for stays the caller's, and must outlive
 * the poller or be detached before. On the thread that owns the handle. */
void poller_attach(struct poller *poller, CURLM *multi);
void poller_detach(struct poller *poller);
/* A round has three steps, on the same thread. First libcurl does what its time
 * has come for; true: that may have ended a transfer, so that there is no reason
 * to wait. */
bool poller_begin(struct poller *poller);
/* Waits at most that long for something to do. Changes nothing of libcurl's. */
void poller_wait(struct poller *poller, int timeout_ms);
/* Does it. False: there was no memory for that, and the multi handle is to be
 * detached and done away with, since nobody would hear of some of its sockets
 * any more. */
bool poller_act(struct poller *poller);
/* Ends the wait, or the next one; from any thread. */
void poller_wake(struct poller *poller);

#endif
