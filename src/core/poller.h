/* Waiting for the sockets of a curl_multi, and letting libcurl work on those
 * that are ready. On Linux with epoll, so that a round costs what is ready and
 * not what is open; elsewhere with curl_multi_poll. */
#ifndef VAULT_CORE_POLLER_H
#define VAULT_CORE_POLLER_H

#include <curl/curl.h>
#include <stdbool.h>

struct poller;

/* NULL: no memory or no descriptor. The multi handle stays the caller's, and
 * must outlive the poller. */
struct poller *poller_open(CURLM *multi);
void poller_close(struct poller *poller);
/* A round has three steps, on the thread that owns the multi handle. First
 * libcurl does what its time has come for; true: that may have ended a transfer,
 * so that there is no reason to wait. */
bool poller_begin(struct poller *poller);
/* Waits at most that long for something to do. Changes nothing of libcurl's. */
void poller_wait(struct poller *poller, int timeout_ms);
/* Does it. */
void poller_act(struct poller *poller);
/* Ends the wait, or the next one; from any thread. */
void poller_wake(struct poller *poller);

#endif
