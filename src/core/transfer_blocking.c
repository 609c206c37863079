/* A transfer on the caller's thread, on a curl_multi of its own. */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* pthread_sigmask */
#endif
#include "transfer_private.h"

#include <pthread.h>
#include <signal.h>

/* Twice libcurl's default: long lists come in fewer reads, and the allocator does
 * not give the heap's end back to the system when it is freed. Here only, where
 * there is one transfer at a time: every running one has such a buffer. */
enum { RECEIVE_BUFFER_BYTES = 32 * 1024 };

static CURLcode drive(struct transfer *transfer)
{
    CURLM *multi = transfer->multi;
    int running = 1, left = 0;
    CURLMcode code = curl_multi_add_handle(multi, transfer->easy);
    while (code == CURLM_OK) {
        code = curl_multi_perform(multi, &running);
        if (code != CURLM_OK || running == 0)
            break;
        code = curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    CURLMsg *message = code == CURLM_OK ? curl_multi_info_read(multi, &left) : NULL;
    CURLcode result = message != NULL ? message->data.result : CURLE_OUT_OF_MEMORY;
    return result;
}

/* A TLS library may write to a connection that the peer has closed without
 * MSG_NOSIGNAL. The host's SIGPIPE disposition is the host's business, so the
 * signal is held back, and taken away if this thread caused it. */
#ifdef SIGPIPE

struct held_signal {
    sigset_t before;
    bool was_pending;
};

static void hold_sigpipe(struct held_signal *held)
{
    sigset_t pipe_only, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    held->was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &held->before);
}

static void release_sigpipe(const struct held_signal *held)
{
    sigset_t pending;
    sigpending(&pending);
    if (!held->was_pending && sigismember(&pending, SIGPIPE) == 1) {
        sigset_t pipe_only;
        int signal_number;
        sigemptyset(&pipe_only);
        sigaddset(&pipe_only, SIGPIPE);
        sigwait(&pipe_only, &signal_number);
    }
    pthread_sigmask(SIG_SETMASK, &held->before, NULL);
}

#else /* Windows has no such signal */

struct held_signal {
    bool none;
};

static void hold_sigpipe(struct held_signal *held)
{
    held->none = true;
}

static void release_sigpipe(const struct held_signal *held)
{
    (void)held;
}

#endif

static bool has_multi(struct transfer *transfer)
{
    if (transfer->multi != NULL)
        return true;
    curl_easy_setopt(transfer->easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER_BYTES);
    transfer->multi = transfer_open_multi();
    if (transfer->multi != NULL && transfer->max_connections > 0)
        curl_multi_setopt(transfer->multi, CURLMOPT_MAXCONNECTS, transfer->max_connections);
    return transfer->multi != NULL;
}

void transfer_perform(struct transfer *transfer, const struct transfer_request *request,
                      struct transfer_response *response)
{
    CURLcode code = transfer_begin(transfer, request, response);
    if (code == CURLE_OK && has_multi(transfer)) {
        struct held_signal held = {0};
        if (transfer->may_raise_sigpipe)
            hold_sigpipe(&held);
        code = drive(transfer);
        transfer_end(transfer, code);
        curl_multi_remove_handle(transfer->multi, transfer->easy);
        if (transfer->may_raise_sigpipe)
            release_sigpipe(&held);
    } else {
        transfer_end(transfer, code != CURLE_OK ? code : CURLE_OUT_OF_MEMORY);
    }
}
