/* Performs a transfer on the caller's thread, with a curl_multi of its own. */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* pthread_sigmask */
#endif
#include "base/clock.h"
#include "http/transfer_private.h"

#include <pthread.h>
#include <signal.h>

/* Twice libcurl's default: fewer reads for long lists, and the allocator does not return the end of
 * the heap to the system each time. Only here, as every running transfer has such a buffer. */
enum { RECEIVE_BUFFER_BYTES = 32 * 1024 };

/* A TLS library may write to a closed connection without MSG_NOSIGNAL. The host may not handle
 * SIGPIPE, so block the signal, and remove it if this thread has caused it. */
#ifdef SIGPIPE

struct blocked_signal {
    sigset_t before;
    bool was_pending;
};

static void block_sigpipe(struct blocked_signal *held)
{
    sigset_t pipe_only, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    held->was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &held->before);
}

static void unblock_sigpipe(const struct blocked_signal *held)
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

#else /* Windows has no SIGPIPE */

struct blocked_signal {
    bool none;
};

static void block_sigpipe(struct blocked_signal *held)
{
    held->none = true;
}

static void unblock_sigpipe(const struct blocked_signal *held)
{
    (void)held;
}

#endif

/* Between two requests no connection is in use. If one is too old or was verified by certificates
 * that have changed, closes all. */
static void drop_stale_connections(struct transfer *transfer)
{
    double now = clock_monotonic_ms();
    bool distrusted = trust_files_changed(&transfer->trust_files, now);
    if (!distrusted && !socket_list_has_older(&transfer->own_sockets, now,
                                              (double)transfer->connection_lifetime_ms))
        return;
    curl_multi_cleanup(transfer->multi);
    transfer->multi = NULL;
    transfer->own_sockets.count = 0; /* libcurl does not report every socket that it closes */
    if (!distrusted)
        return;
    transfer_use_connections(transfer, &transfer->own_sockets, NULL);
    curl_share_cleanup(transfer->own_sessions);
    transfer->own_sessions = NULL;
}

static bool has_multi(struct transfer *transfer)
{
    if (transfer->multi != NULL)
        return true;
    curl_easy_setopt(transfer->easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER_BYTES);
    if (transfer->own_sessions == NULL)
        transfer->own_sessions = transfer_open_sessions();
    transfer_use_connections(transfer, &transfer->own_sockets, transfer->own_sessions);
    transfer->multi = transfer_open_multi();
    if (transfer->multi != NULL && transfer->max_connections > 0)
        curl_multi_setopt(transfer->multi, CURLMOPT_MAXCONNECTS, transfer->max_connections);
    return transfer->multi != NULL;
}

static bool is_under_way(const struct transfer *transfer)
{
    return transfer->request != NULL;
}

/* transfer_end reads the results from the easy handle, so it comes first. */
static void end(struct transfer *transfer, CURLcode code)
{
    transfer_end(transfer, code);
    curl_multi_remove_handle(transfer->multi, transfer->easy);
}

void transfer_start(struct transfer *transfer, const struct transfer_request *request,
                    struct transfer_response *response)
{
    drop_stale_connections(transfer);
    CURLcode code = transfer_begin(transfer, request, response);
    if (code == CURLE_OK && (!has_multi(transfer) ||
                             curl_multi_add_handle(transfer->multi, transfer->easy) != CURLM_OK))
        code = CURLE_OUT_OF_MEMORY;
    if (code != CURLE_OK)
        transfer_end(transfer, code);
}

static void drive(struct transfer *transfer, double milliseconds)
{
    CURLM *multi = transfer->multi;
    double deadline = clock_monotonic_ms() + milliseconds;
    CURLMcode code;
    for (;;) {
        int running = 1;
        code = curl_multi_perform(multi, &running);
        if (code != CURLM_OK || running == 0)
            break;
        double left = deadline - clock_monotonic_ms();
        if (left <= 0)
            return;
        code = curl_multi_poll(multi, NULL, 0, (int)left + 1, NULL);
        if (code != CURLM_OK)
            break;
    }
    int messages = 0;
    CURLMsg *message = code == CURLM_OK ? curl_multi_info_read(multi, &messages) : NULL;
    end(transfer, message != NULL ? message->data.result : CURLE_OUT_OF_MEMORY);
}

bool transfer_step(struct transfer *transfer, double milliseconds)
{
    if (is_under_way(transfer)) {
        struct blocked_signal held = {0};
        if (transfer->may_raise_sigpipe)
            block_sigpipe(&held);
        drive(transfer, milliseconds);
        if (transfer->may_raise_sigpipe)
            unblock_sigpipe(&held);
    }
    return !is_under_way(transfer);
}

void transfer_stop(struct transfer *transfer)
{
    if (!is_under_way(transfer))
        return;
    struct blocked_signal held = {0};
    if (transfer->may_raise_sigpipe)
        block_sigpipe(&held);
    if (!transfer_belongs_to_parent(transfer))
        curl_multi_remove_handle(transfer->multi, transfer->easy);
    transfer->request = NULL;
    transfer->response = NULL;
    if (transfer->may_raise_sigpipe)
        unblock_sigpipe(&held);
}
