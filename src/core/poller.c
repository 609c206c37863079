#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* EPOLL_CLOEXEC */
#endif
#include "poller.h"

#include "clock.h"
#include "descriptor.h"
#include "notifier.h"

#include <stdlib.h>

#ifdef __linux__

#include <math.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    EVENTS_PER_ROUND = 256,
    /* libcurl 8 leaves a transfer alone whose HTTP/2 session nghttp2 has ended while the connection
     * was being set up: nothing more happens on the socket, and only a look at the transfer, as
     * curl_multi_perform(3) has one, shows it. So every socket is looked at once in a while. */
    CHECK_INTERVAL_MS = 1000
};

struct poller {
    CURLM *multi; /* NULL: none */
    int epoll;
    struct notifier wake;
    double timer; /* when libcurl wants to be called; negative: not at all */
    struct epoll_event events[EVENTS_PER_ROUND];
    int event_count; /* found by the last wait */
    bool checks;     /* this libcurl needs it: see CHECK_INTERVAL_MS */
    double next_check;
    curl_socket_t *watched;
    size_t watched_count, watched_capacity;
    bool failed;
};

/* The pointer that libcurl keeps with a socket is its place in the list of watched ones. */
static void remember(struct poller *poller, curl_socket_t socket)
{
    if (poller->watched_count == poller->watched_capacity) {
        size_t capacity = poller->watched_capacity > 0 ? poller->watched_capacity * 2 : 16;
        curl_socket_t *watched = realloc(poller->watched, capacity * sizeof *watched);
        if (watched == NULL) {
            poller->failed = true;
            return;
        }
        poller->watched = watched;
        poller->watched_capacity = capacity;
    }
    curl_socket_t *place = &poller->watched[poller->watched_count++];
    *place = socket;
    curl_multi_assign(poller->multi, socket, (void *)(uintptr_t)poller->watched_count);
}

static void forget(struct poller *poller, curl_socket_t socket, void *known)
{
    size_t place = (size_t)(uintptr_t)known;
    curl_multi_assign(poller->multi, socket, NULL);
    if (place == 0)
        return;
    curl_socket_t last = poller->watched[--poller->watched_count];
    if (last == socket)
        return;
    poller->watched[place - 1] = last;
    curl_multi_assign(poller->multi, last, known);
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *known)
{
    struct poller *poller = context;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        /* Fails where the socket is closed already: that took it out. */
        epoll_ctl(poller->epoll, EPOLL_CTL_DEL, socket, NULL);
        forget(poller, socket, known);
        return 0;
    }
    struct epoll_event event = {.data = {.fd = socket}};
    event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                   (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    int first = known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    int second = known != NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    /* The other one where a descriptor was closed and its number given anew. */
    if (epoll_ctl(poller->epoll, first, socket, &event) != 0 &&
        epoll_ctl(poller->epoll, second, socket, &event) != 0)
        poller->failed = true;
    if (known == NULL)
        remember(poller, socket);
    return 0;
}

/* Only notes the time: libcurl must not be called from here
 * (CURLMOPT_TIMERFUNCTION(3)). */
static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct poller *poller = context;
    (void)multi;
    poller->timer = timeout_ms < 0 ? -1 : clock_monotonic_ms() + (double)timeout_ms;
    return 0;
}

struct poller *poller_open(void)
{
    struct poller *poller = calloc(1, sizeof *poller);
    if (poller == NULL)
        return NULL;
    poller->timer = -1;
    poller->epoll = descriptor_above_standard(epoll_create1(EPOLL_CLOEXEC));
    struct epoll_event event = {.events = EPOLLIN};
    if (poller->epoll < 0 || !notifier_open(&poller->wake)) {
        if (poller->epoll >= 0)
            close(poller->epoll);
        free(poller);
        return NULL;
    }
    event.data.fd = poller->wake.read_end;
    epoll_ctl(poller->epoll, EPOLL_CTL_ADD, poller->wake.read_end, &event);
    return poller;
}

void poller_attach(struct poller *poller, CURLM *multi)
{
    poller->multi = multi;
    poller->checks = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080000;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, poller);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, poller);
}

void poller_detach(struct poller *poller)
{
    if (poller->multi == NULL)
        return;
    /* curl_multi_cleanup would still call them. */
    curl_multi_setopt(poller->multi, CURLMOPT_SOCKETFUNCTION, NULL);
    curl_multi_setopt(poller->multi, CURLMOPT_TIMERFUNCTION, NULL);
    poller->multi = NULL;
    poller->timer = -1;
    poller->watched_count = 0;
    poller->failed = false;
}

void poller_close(struct poller *poller)
{
    if (poller == NULL)
        return;
    poller_detach(poller);
    notifier_close(&poller->wake);
    close(poller->epoll);
    free(poller->watched);
    free(poller);
}

static int time_to_wait(const struct poller *poller, int timeout_ms)
{
    if (poller->checks && poller->watched_count > 0 && timeout_ms > CHECK_INTERVAL_MS)
        timeout_ms = CHECK_INTERVAL_MS;
    if (poller->timer < 0)
        return timeout_ms;
    double left = ceil(poller->timer - clock_monotonic_ms());
    if (left <= 0)
        return 0;
    return left < timeout_ms ? (int)left : timeout_ms;
}

static void tell_libcurl(struct poller *poller, curl_socket_t socket, int mask)
{
    int running;
    if (curl_multi_socket_action(poller->multi, socket, mask, &running) != CURLM_OK)
        poller->failed = true;
}

static void act(struct poller *poller, const struct epoll_event *event)
{
    int mask = 0;
    if (event->events & EPOLLIN)
        mask |= CURL_CSELECT_IN;
    if (event->events & EPOLLOUT)
        mask |= CURL_CSELECT_OUT;
    if (event->events & (EPOLLERR | EPOLLHUP))
        mask |= CURL_CSELECT_ERR;
    tell_libcurl(poller, event->data.fd, mask);
}

/* What libcurl does with a socket may take others out of the list: then some wait for the next
 * time. */
static void check_all(struct poller *poller)
{
    double now = clock_monotonic_ms();
    if (now < poller->next_check)
        return;
    poller->next_check = now + CHECK_INTERVAL_MS;
    for (size_t i = poller->watched_count; i-- > 0 && !poller->failed;)
        if (i < poller->watched_count)
            tell_libcurl(poller, poller->watched[i], CURL_CSELECT_IN);
}

bool poller_begin(struct poller *poller)
{
    if (poller->timer < 0 || poller->timer > clock_monotonic_ms())
        return false;
    poller->timer = -1; /* libcurl sets it anew where it wants another call */
    tell_libcurl(poller, CURL_SOCKET_TIMEOUT, 0);
    return true;
}

void poller_wait(struct poller *poller, int timeout_ms)
{
    poller->event_count = epoll_wait(poller->epoll, poller->events, EVENTS_PER_ROUND,
                                     poller->failed ? 0 : time_to_wait(poller, timeout_ms));
}

bool poller_act(struct poller *poller)
{
    for (int i = 0; i < poller->event_count && !poller->failed; i++) {
        if (poller->events[i].data.fd == poller->wake.read_end)
            notifier_clear(&poller->wake);
        else
            act(poller, &poller->events[i]);
    }
    if (!poller->failed)
        poller_begin(poller);
    if (poller->checks)
        check_all(poller);
    return !poller->failed;
}

void poller_wake(struct poller *poller)
{
    notifier_signal(&poller->wake);
}

#else

struct poller {
    CURLM *multi;
};

struct poller *poller_open(void)
{
    return calloc(1, sizeof(struct poller));
}

void poller_attach(struct poller *poller, CURLM *multi)
{
    poller->multi = multi;
}

void poller_detach(struct poller *poller)
{
    poller->multi = NULL;
}

void poller_close(struct poller *poller)
{
    free(poller);
}

/* Nothing before the wait: a transfer that a perform there had ended would not be seen until it is
 * over. A new transfer need not wait, its timer is due at once (curl_multi_add_handle(3)). */
bool poller_begin(struct poller *poller)
{
    (void)poller;
    return false;
}

void poller_wait(struct poller *poller, int timeout_ms)
{
    curl_multi_poll(poller->multi, NULL, 0, timeout_ms, NULL);
}

bool poller_act(struct poller *poller)
{
    int running;
    curl_multi_perform(poller->multi, &running);
    return true;
}

void poller_wake(struct poller *poller)
{
    curl_multi_wakeup(poller->multi);
}

#endif
