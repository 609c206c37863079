#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* EPOLL_CLOEXEC */
#endif
#define CURL_DISABLE_DEPRECATION /* curl_multi_socket_all: see poller_run_all */
#include "http/poller.h"

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/notifier.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

/* The events that libcurl waits for on a descriptor. */
struct interest {
    struct poller_source *source; /* NULL: not watched */
    size_t place;                 /* index in the list for poll */
};

struct event {
    int descriptor;
    int mask; /* CURL_CSELECT_ bits */
};

enum { EVENTS_PER_ROUND = 256 };

struct poller {
    struct notifier wake;
    struct timer_queue timers;
    double now; /* time of this round */
    struct interest *interests;
    size_t interest_count;
    struct event events[EVENTS_PER_ROUND]; /* of the last wait */
    int event_count, next_event;
#ifdef __linux__
    int epoll;
#else
    struct pollfd *list; /* the first entry is for poller_wakeup */
    size_t list_count, list_capacity;
    size_t list_start; /* index at which the next round starts */
#endif
};

/* gcc 12 does not follow the pointer through the void pointer that libcurl hands to watch. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static bool reserve_interest(struct poller *poller, size_t descriptor)
{
    if (descriptor < poller->interest_count)
        return true;
    size_t count = poller->interest_count > 0 ? poller->interest_count : 64;
    while (count <= descriptor)
        count *= 2;
    struct interest *interests = realloc(poller->interests, count * sizeof *interests);
    if (interests == NULL)
        return false;
    memset(interests + poller->interest_count, 0,
           (count - poller->interest_count) * sizeof *interests);
    poller->interest_count = count;
    poller->interests = interests;
    return true;
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

bool poller_is_watched(const struct poller *poller, curl_socket_t socket)
{
    return (size_t)socket < poller->interest_count && poller->interests[socket].source != NULL;
}

/* --- what differs between systems --- */

#ifdef __linux__

static bool open_backend(struct poller *poller)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = poller->wake.read_end}};
    poller->epoll = descriptor_above_standard(epoll_create1(EPOLL_CLOEXEC));
    return poller->epoll >= 0 &&
           epoll_ctl(poller->epoll, EPOLL_CTL_ADD, poller->wake.read_end, &event) == 0;
}

static void close_backend(struct poller *poller)
{
    if (poller->epoll >= 0)
        close(poller->epoll);
}

static bool watch_descriptor(struct poller *poller, int descriptor, int what)
{
    struct epoll_event event = {.data = {.fd = descriptor}};
    event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                   (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    bool known = poller->interests[descriptor].source != NULL;
    /* If this fails, the descriptor was closed and its number reused: try the other operation. */
    return epoll_ctl(poller->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) ==
               0 ||
           epoll_ctl(poller->epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) == 0;
}

static void unwatch_descriptor(struct poller *poller, int descriptor)
{
    epoll_ctl(poller->epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

static void wait_for_events(struct poller *poller, int timeout_ms)
{
    struct epoll_event found[EVENTS_PER_ROUND];
    int count = epoll_wait(poller->epoll, found, EVENTS_PER_ROUND, timeout_ms);
    for (int i = 0; i < count; i++) {
        uint32_t bits = found[i].events;
        poller->events[i].descriptor = found[i].data.fd;
        poller->events[i].mask = (bits & EPOLLIN ? CURL_CSELECT_IN : 0) |
                                 (bits & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                                 (bits & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    }
    poller->event_count = count > 0 ? count : 0;
}

#else

static bool reserve_list(struct poller *poller)
{
    if (poller->list_count < poller->list_capacity)
        return true;
    size_t capacity = poller->list_capacity > 0 ? 2 * poller->list_capacity : 16;
    struct pollfd *list = realloc(poller->list, capacity * sizeof *list);
    if (list == NULL)
        return false;
    poller->list = list;
    poller->list_capacity = capacity;
    return true;
}

static bool open_backend(struct poller *poller)
{
    if (!reserve_list(poller))
        return false;
    poller->list[0] = (struct pollfd){.fd = poller->wake.read_end, .events = POLLIN};
    poller->list_count = 1;
    return true;
}

static void close_backend(struct poller *poller)
{
    free(poller->list);
}

static bool watch_descriptor(struct poller *poller, int descriptor, int what)
{
    struct interest *interest = &poller->interests[descriptor];
    if (interest->source == NULL) {
        if (!reserve_list(poller))
            return false;
        interest->place = poller->list_count++;
        poller->list[interest->place] = (struct pollfd){.fd = descriptor};
    }
    poller->list[interest->place].events =
        (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    return true;
}

static void unwatch_descriptor(struct poller *poller, int descriptor)
{
    size_t place = poller->interests[descriptor].place;
    struct pollfd last = poller->list[--poller->list_count];
    if (last.fd == descriptor)
        return;
    poller->list[place] = last;
    poller->interests[last.fd].place = place;
}

static void note_event(struct poller *poller, const struct pollfd *found)
{
    struct event *event = &poller->events[poller->event_count++];
    event->descriptor = found->fd;
    event->mask = (found->revents & POLLIN ? CURL_CSELECT_IN : 0) |
                  (found->revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
                  (found->revents & (POLLERR | POLLHUP | POLLNVAL) ? CURL_CSELECT_ERR : 0);
}

static void wait_for_events(struct poller *poller, int timeout_ms)
{
    size_t count = poller->list_count, i = 0;
    poller->event_count = 0;
    if (poll(poller->list, (nfds_t)count, timeout_ms) <= 0)
        return;
    for (; i < count && poller->event_count < EVENTS_PER_ROUND; i++) {
        const struct pollfd *found = &poller->list[(poller->list_start + i) % count];
        if (found->revents != 0)
            note_event(poller, found);
    }
    poller->list_start += i; /* the next round starts with the rest */
}

#endif

/* --- libcurl's callbacks --- */

void poller_remove_socket(struct poller_source *source, curl_socket_t socket)
{
    struct poller *poller = source->poller;
    if (poller == NULL || !poller_is_watched(poller, socket) ||
        poller->interests[socket].source != source)
        return;
    unwatch_descriptor(poller, socket);
    poller->interests[socket].source = NULL;
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *known)
{
    struct poller_source *source = context;
    struct poller *poller = source->poller;
    (void)easy, (void)known;
    if (what == CURL_POLL_REMOVE) {
        poller_remove_socket(source, socket);
        return 0;
    }
    if (reserve_interest(poller, (size_t)socket) && watch_descriptor(poller, socket, what))
        poller->interests[socket].source = source;
    else
        source->failed = true;
    return 0;
}

/* Only records the time: libcurl must not be called from here (CURLMOPT_TIMERFUNCTION(3)). */
static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct poller_source *source = context;
    struct timer_queue *timers = &source->poller->timers;
    (void)multi;
    if (timeout_ms < 0)
        timer_queue_remove(timers, &source->timer);
    else
        timer_queue_set(timers, &source->timer, clock_monotonic_ms() + (double)timeout_ms);
    return 0;
}

/* --- sources --- */

void poller_attach(struct poller *poller, struct poller_source *source, CURLM *multi)
{
    *source = (struct poller_source){.poller = poller, .multi = multi};
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, source);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, source);
}

void poller_detach(struct poller_source *source)
{
    struct poller *poller = source->poller;
    if (poller == NULL)
        return;
    /* curl_multi_cleanup would still call the callbacks. */
    curl_multi_setopt(source->multi, CURLMOPT_SOCKETFUNCTION, NULL);
    curl_multi_setopt(source->multi, CURLMOPT_TIMERFUNCTION, NULL);
    timer_queue_remove(&poller->timers, &source->timer);
    for (size_t i = 0; i < poller->interest_count; i++)
        if (poller->interests[i].source == source) {
            unwatch_descriptor(poller, (int)i);
            poller->interests[i].source = NULL;
        }
    source->poller = NULL;
}

static void run_socket_action(struct poller_source *source, curl_socket_t socket, int mask)
{
    int running;
    if (curl_multi_socket_action(source->multi, socket, mask, &running) != CURLM_OK)
        source->failed = true;
}

void poller_run(struct poller_source *source)
{
    /* libcurl sets it again if it needs another call. */
    timer_queue_remove(&source->poller->timers, &source->timer);
    run_socket_action(source, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl 8 does not end a transfer if nghttp2 ended its HTTP/2 session during connection setup,
 * and 8.21 sometimes misses responses of streams. It checks these transfers again when one of its
 * timers is due, which may be connect_timeout_ms later. curl_multi_perform would check all
 * transfers as well, but not report which sockets to wait for afterwards. */
void poller_run_all(struct poller_source *source)
{
    int running;
    if (curl_multi_socket_all(source->multi, &running) != CURLM_OK)
        source->failed = true;
}

struct poller *poller_open(void)
{
    struct poller *poller = calloc(1, sizeof *poller);
    if (poller == NULL)
        return NULL;
    if (!notifier_open(&poller->wake)) {
        free(poller);
        return NULL;
    }
    if (!open_backend(poller)) {
        poller_close(poller);
        return NULL;
    }
    return poller;
}

void poller_close(struct poller *poller)
{
    if (poller == NULL)
        return;
    close_backend(poller);
    notifier_close(&poller->wake);
    free(poller->interests);
    free(poller);
}

/* --- a round --- */

void poller_wait(struct poller *poller, int timeout_ms)
{
    wait_for_events(poller,
                    timer_queue_time_left(&poller->timers, clock_monotonic_ms(), timeout_ms));
    poller->now = clock_monotonic_ms();
    poller->next_event = 0;
}

struct poller_source *poller_next(struct poller *poller)
{
    while (poller->next_event < poller->event_count) {
        const struct event *event = &poller->events[poller->next_event++];
        if (event->descriptor == poller->wake.read_end) {
            notifier_clear(&poller->wake);
        } else if (poller_is_watched(poller, event->descriptor)) {
            struct poller_source *source = poller->interests[event->descriptor].source;
            run_socket_action(source, event->descriptor, event->mask);
            return source;
        }
    }
    struct timer *timer = timer_queue_take_due(&poller->timers, poller->now);
    if (timer == NULL)
        return NULL;
    struct poller_source *source = TIMER_OWNER(timer, struct poller_source, timer);
    run_socket_action(source, CURL_SOCKET_TIMEOUT, 0);
    return source;
}

void poller_wakeup(struct poller *poller)
{
    notifier_signal(&poller->wake);
}
