/* Many requests at once on one thread: curl_multi, driven by epoll as libcurl's manual recommends
 * for many handles (libcurl-multi(3)). A finished handle is used for the next request at once. */
#include "competitor.h"

#include <stdlib.h>
#include <sys/epoll.h>

enum { MAX_HANDLES = 1024, MAX_EVENTS = 64 };

struct loop {
    CURLM *multi;
    int epoll;
    long timeout_ms; /* -1: none */
    struct request requests[MAX_HANDLES];
    int opened;
};

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *known)
{
    struct loop *loop = user;
    (void)easy;
    struct epoll_event event = {.data.fd = socket};
    event.events = (what & CURL_POLL_IN ? (unsigned)EPOLLIN : 0u) |
                   (what & CURL_POLL_OUT ? (unsigned)EPOLLOUT : 0u);
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    epoll_ctl(loop->epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    curl_multi_assign(loop->multi, socket, loop);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
    struct loop *loop = user;
    (void)multi;
    loop->timeout_ms = timeout_ms;
    return 0;
}

static struct loop *open_loop(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL || (loop->multi = curl_multi_init()) == NULL)
        fail("libcurl", "no memory");
    loop->timeout_ms = -1;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)MAX_HANDLES);
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)MAX_HANDLES);
    return loop;
}

static void begin(struct loop *loop, struct request *request)
{
    request->response.length = 0;
    curl_multi_add_handle(loop->multi, request->easy);
}

static void wait_for_sockets(struct loop *loop)
{
    struct epoll_event events[MAX_EVENTS];
    int running;
    int count = epoll_wait(loop->epoll, events, MAX_EVENTS, (int)loop->timeout_ms);
    if (count == 0 || loop->timeout_ms == 0) { /* 0: a handle that was added is to start */
        loop->timeout_ms = -1;
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (int i = 0; i < count; i++) {
        int mask = (events[i].events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & EPOLLERR ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(loop->multi, events[i].data.fd, mask, &running);
    }
}

void run_concurrent(const struct row *row, long calls, struct json *json)
{
    static struct loop *loop;
    long started = 0, finished = 0;
    int left;
    if (loop == NULL)
        loop = open_loop();
    for (; loop->opened < row->concurrent; loop->opened++) {
        struct request *request = &loop->requests[loop->opened];
        request_open(request);
        request_set_row(request, row);
        curl_easy_setopt(request->easy, CURLOPT_PRIVATE, request);
    }
    for (; started < calls && started < row->concurrent; started++)
        begin(loop, &loop->requests[started]);
    while (finished < calls) {
        wait_for_sockets(loop);
        for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left)) != NULL;) {
            struct request *request;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
            request_check(request, message->data.result);
            curl_multi_remove_handle(loop->multi, request->easy);
            if (json != NULL)
                json_decode(json, &request->response);
            finished++;
            if (started < calls) {
                started++;
                begin(loop, request);
            }
        }
    }
}
