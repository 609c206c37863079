/* Serves the benchmark's answers on loopback: HTTP/1.1, keep-alive, nothing else. Usage: server
 * DIRECTORY The port is printed on the first line. Whatever the client asks, the answer is one of
 * three texts read at the start: a path with "/crm/" in it gets one connection, a query the list of
 * 20, anything else the list of 200. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CLIENTS = 600, REQUEST_BYTES = 8192 };

struct answer {
    char *bytes; /* head and body */
    size_t length;
};

struct client {
    char request[REQUEST_BYTES];
    size_t length;
};

static void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static struct answer load(const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        fail(path);
    long size = ftell(file);
    rewind(file);
    char head[256];
    int head_length =
        snprintf(head, sizeof head,
                 "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n"
                 "x-apideck-request-id: bench\r\ncontent-length: %ld\r\n\r\n",
                 size);
    struct answer answer = {.length = (size_t)head_length + (size_t)size};
    answer.bytes = malloc(answer.length);
    if (answer.bytes == NULL)
        fail("malloc");
    memcpy(answer.bytes, head, (size_t)head_length);
    if (fread(answer.bytes + head_length, 1, (size_t)size, file) != (size_t)size)
        fail(path);
    fclose(file);
    return answer;
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, MAX_CLIENTS) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        fail("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static bool send_all(int descriptor, const struct answer *answer)
{
    size_t sent = 0;
    while (sent < answer->length) {
        ssize_t count = send(descriptor, answer->bytes + sent, answer->length - sent, 0);
        if (count <= 0)
            return false;
        sent += (size_t)count;
    }
    return true;
}

/* Reads what has come and answers when a request is complete; the benchmark sends no bodies and
 * pipelines nothing. */
static bool serve(int descriptor, struct client *client, const struct answer answers[3])
{
    ssize_t count =
        recv(descriptor, client->request + client->length, REQUEST_BYTES - 1 - client->length, 0);
    if (count <= 0)
        return false;
    client->length += (size_t)count;
    client->request[client->length] = '\0';
    if (strstr(client->request, "\r\n\r\n") == NULL)
        return client->length < REQUEST_BYTES - 1;
    char *end_of_line = strchr(client->request, '\r');
    *end_of_line = '\0';
    int which = strstr(client->request, "/crm/") != NULL ? 0
                : strchr(client->request, '?') != NULL   ? 1
                                                         : 2;
    client->length = 0;
    return send_all(descriptor, &answers[which]);
}

static void accept_client(int listener, struct pollfd *slots, struct client *clients, nfds_t *count)
{
    int descriptor = accept(listener, NULL, NULL);
    int on = 1;
    if (descriptor < 0)
        return;
    if (*count > MAX_CLIENTS) {
        close(descriptor);
        return;
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    slots[*count] = (struct pollfd){.fd = descriptor, .events = POLLIN};
    clients[*count].length = 0;
    (*count)++;
}

int main(int argc, char **argv)
{
    static struct client clients[MAX_CLIENTS + 1];
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    signal(SIGPIPE, SIG_IGN);
    const struct answer answers[3] = {load(argv[1], "get.json"), load(argv[1], "list_20.json"),
                                      load(argv[1], "list_200.json")};
    struct pollfd slots[MAX_CLIENTS + 1] = {{.fd = listen_on_loopback(), .events = POLLIN}};
    nfds_t count = 1;
    while (poll(slots, count, -1) >= 0) {
        for (nfds_t i = count - 1; i > 0; i--) {
            if (slots[i].revents != 0 && !serve(slots[i].fd, &clients[i], answers)) {
                close(slots[i].fd);
                count--;
                slots[i] = slots[count];
                clients[i] = clients[count];
            }
        }
        if (slots[0].revents != 0)
            accept_client(slots[0].fd, slots, clients, &count);
    }
    fail("poll");
}
