#include "http/socket_list.h"

#include <stdlib.h>
#include <string.h>
#ifndef _WIN32
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

static unsigned long long identity_of(curl_socket_t socket)
{
#ifdef _WIN32
    (void)socket;
    return 0;
#else
    struct stat status;
    return fstat(socket, &status) == 0 ? (unsigned long long)status.st_ino : 0;
#endif
}

static void remove_item(struct socket_list *list, size_t index)
{
    list->count--;
    memmove(&list->items[index], &list->items[index + 1],
            (list->count - index) * sizeof *list->items);
}

static void remove_socket(struct socket_list *list, curl_socket_t socket)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].socket == socket) {
            remove_item(list, i);
            return;
        }
}

bool socket_list_add(struct socket_list *list, curl_socket_t socket, const void *owner, double now)
{
    remove_socket(list, socket); /* an earlier socket with that number has been closed */
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 4;
        struct listed_socket *items = realloc(list->items, capacity * sizeof *items);
        if (items == NULL)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (struct listed_socket){
        .socket = socket, .identity = identity_of(socket), .owner = owner, .opened = now};
    return true;
}

static void call_before_close(const struct socket_list *list, curl_socket_t socket)
{
    if (list->before_close != NULL)
        list->before_close(list->context, socket);
}

void socket_list_remove_owned(struct socket_list *list, const void *owner)
{
    for (size_t i = list->count; i-- > 0;)
        if (list->items[i].owner == owner) {
            call_before_close(list, list->items[i].socket);
            remove_item(list, i);
        }
}

bool socket_list_check(struct socket_list *list, size_t index)
{
    const struct listed_socket *item = &list->items[index];
    if (identity_of(item->socket) == item->identity)
        return true;
    remove_item(list, index);
    return false;
}

int socket_list_close(void *context, curl_socket_t socket)
{
    struct socket_list *list = context;
    call_before_close(list, socket);
    remove_socket(list, socket);
#ifdef _WIN32
    return closesocket(socket);
#else
    return close(socket);
#endif
}

bool socket_list_has_older(const struct socket_list *list, double now, double age_ms)
{
    return list->count > 0 && now - list->items[0].opened >= age_ms;
}

void socket_list_retire(struct listed_socket *item)
{
    item->retired = true;
#ifdef _WIN32
    shutdown(item->socket, SD_BOTH);
#else
    shutdown(item->socket, SHUT_RDWR);
#endif
}

void socket_list_free(struct socket_list *list)
{
    free(list->items);
    *list = (struct socket_list){0};
}
