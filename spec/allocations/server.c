#define _GNU_SOURCE /* strcasestr */
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES = 16384, ANSWER_BYTES = 65536 };

struct response {
    int status;
    const char *fields; /* more header fields, each with its CRLF */
    char body[ANSWER_BYTES];
    size_t length;
    size_t missing; /* bytes of content-length that are not sent */
};

static const char json_type[] = "content-type: application/json\r\n";
static const char connection[] =
    "{\"id\":\"crm+pipedrive\",\"service_id\":\"pipedrive\",\"name\":\"Pipedrive\",\"state\":"
    "\"callable\","
    "\"created_at\":1615563533390,\"enabled\":true,\"tag_line\":\"\\u00e9t\\u00e9 \\ud83d\\ude00\","
    "\"settings\":{\"instance_url\":\"https://"
    "example.com\",\"numbers\":[1,2.5,-3e2]},\"metadata\":{},"
    "\"configuration\":[{\"resource\":\"leads\",\"defaults\":[{\"id\":\"a\",\"value\":null}]}]}";

static void write_body(struct response *response, const char *format, const char *text)
{
    response->length = (size_t)snprintf(response->body, sizeof response->body, format, text);
}

static void response_well(struct response *response, const char *method, const char *path)
{
    const char *rest = strstr(path, "/vault/connections");
    bool one = rest != NULL && rest[strlen("/vault/connections")] == '/';
    if (strcmp(method, "DELETE") == 0)
        response->status = 204;
    else if (one)
        write_body(response, "{\"status_code\":200,\"status\":\"OK\",\"data\":%s}", connection);
    else
        write_body(response, "{\"status_code\":200,\"status\":\"OK\",\"data\":[%s]}", connection);
}

/* A zlib stream (RFC 1950) of one stored block (RFC 1951 3.2.4): libcurl's decoder runs, and no
 * compressor is needed here. */
static void deflate(struct response *response)
{
    uint32_t a = 1, b = 0;
    size_t length = response->length;
    for (size_t i = 0; i < length; i++) {
        a = (a + (unsigned char)response->body[i]) % 65521;
        b = (b + a) % 65521;
    }
    memmove(response->body + 7, response->body, length);
    const unsigned char head[] = {0x78,
                                  0x01,
                                  0x01,
                                  (unsigned char)length,
                                  (unsigned char)(length >> 8),
                                  (unsigned char)~length,
                                  (unsigned char)(~length >> 8)};
    const unsigned char tail[] = {(unsigned char)(b >> 8), (unsigned char)b,
                                  (unsigned char)(a >> 8), (unsigned char)a};
    memcpy(response->body, head, sizeof head);
    memcpy(response->body + 7 + length, tail, sizeof tail);
    response->length = length + sizeof head + sizeof tail;
}

static void response_error(struct response *response, int status, const char *type)
{
    response->status = status;
    write_body(
        response,
        "{\"status_code\":1,\"error\":\"Failed\",\"type_name\":\"%s\",\"message\":\"It failed\","
        "\"detail\":{\"errors\":[{\"field\":\"settings\",\"token\":\"t0ps3cret\"}]},"
        "\"ref\":\"https://developers.apideck.com/errors#x\"}",
        type);
}

/* True: there is a response. False: the caller closes the connection. */
static bool choose(struct response *response, const char *behaviour, const char *method,
                   const char *path)
{
    static atomic_uint turn;
    *response = (struct response){.status = 200, .fields = json_type};
    response_well(response, method, path);
    if (strcmp(behaviour, "ok") == 0)
        return true;
    if (strcmp(behaviour, "deflate") == 0) {
        response->fields = "content-type: application/json\r\ncontent-encoding: deflate\r\n";
        deflate(response);
    } else if (strcmp(behaviour, "404") == 0)
        response_error(response, 404, "EntityNotFoundError");
    else if (strcmp(behaviour, "422") == 0)
        response_error(response, 422, "ValidationError");
    else if (strcmp(behaviour, "html") == 0) {
        response->status = 502;
        response->fields = "content-type: text/html\r\n";
        write_body(response, "<html>%s</html>", "Bad Gateway");
    } else if (strcmp(behaviour, "flaky") == 0) {
        if (atomic_fetch_add(&turn, 1) % 3 != 2) {
            response_error(response, 429, "RateLimited");
            response->fields = "content-type: application/json\r\nretry-after-ms: 1\r\n";
        }
    } else if (strcmp(behaviour, "cut") == 0)
        response->missing = 100;
    else if (strcmp(behaviour, "text") == 0)
        write_body(response, "%s", "It works");
    else if (strcmp(behaviour, "redirect") == 0) {
        response->status = 302;
        response->fields = "location: https://user:pass@example.com/x?token=t0ps3cret&a=1#frag\r\n";
    } else if (strcmp(behaviour, "deep") == 0) {
        memset(response->body, '[', 4000);
        response->length = 4000;
    } else if (strcmp(behaviour, "large") == 0) {
        memset(response->body, ' ', 40000);
        response->length = 40000;
    } else
        return false;
    return true;
}

static bool send_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = send(descriptor, bytes, length, MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}

static bool send_response(int descriptor, const struct response *response)
{
    char head[1024];
    int length = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\n%sx-apideck-request-id: req_1\r\n",
                          response->status, response->fields);
    if (response->status != 204)
        length += snprintf(head + length, sizeof head - (size_t)length, "content-length: %zu\r\n",
                           response->length + response->missing);
    length += snprintf(head + length, sizeof head - (size_t)length, "\r\n");
    return send_all(descriptor, head, (size_t)length) &&
           send_all(descriptor, response->body, response->status == 204 ? 0 : response->length) &&
           response->missing == 0;
}

/* Reads a request whole into `request`, body and all; its length, or 0 at the end. */
static size_t receive(int descriptor, char *request)
{
    size_t length = 0, needed = 0;
    while (needed == 0 || length < needed) {
        ssize_t count = recv(descriptor, request + length, REQUEST_BYTES - 1 - length, 0);
        if (count <= 0)
            return 0;
        length += (size_t)count;
        request[length] = '\0';
        const char *end = strstr(request, "\r\n\r\n");
        if (needed == 0 && end != NULL) {
            const char *field = strcasestr(request, "\r\ncontent-length:");
            size_t body = field != NULL && field < end ? strtoul(field + 17, NULL, 10) : 0;
            needed = (size_t)(end - request) + 4 + body;
        }
    }
    return length;
}

static bool serve_one(int descriptor, char *request, struct response *response)
{
    char method[16] = "", path[1024] = "", behaviour[32] = "";
    if (receive(descriptor, request) == 0)
        return false;
    sscanf(request, "%15s /%31[^/?]%1023s", method, behaviour, path);
    if (strcmp(behaviour, "never") == 0)
        return receive(descriptor, request) != 0;
    if (choose(response, behaviour, method, path))
        return send_response(descriptor, response);
    /* Without lingering, closing sends a reset. */
    struct linger abortive = {.l_onoff = 1};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abortive, sizeof abortive);
    return false;
}

static void *serve(void *context)
{
    int descriptor = (int)(intptr_t)context, on = 1;
    char *request = malloc(REQUEST_BYTES);
    struct response *response = malloc(sizeof *response);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    while (request != NULL && response != NULL && serve_one(descriptor, request, response))
        continue;
    close(descriptor);
    free(request);
    free(response);
    return NULL;
}

static int open_port(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) {
        perror("loopback");
        exit(EXIT_FAILURE);
    }
    *port = ntohs(address.sin_port);
    return descriptor;
}

static void accept_all(int listener)
{
    for (;;) {
        int descriptor = accept(listener, NULL, NULL);
        pthread_t thread;
        if (descriptor < 0)
            continue;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)descriptor) == 0)
            pthread_detach(thread);
        else
            close(descriptor);
    }
}

int server_start(void)
{
    int port;
    int listener = open_port(&port);
    pid_t parent = getpid();
    if (listen(listener, 128) != 0 || fflush(NULL) != 0)
        exit(EXIT_FAILURE);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            accept_all(listener);
        _exit(EXIT_SUCCESS);
    }
    close(listener);
    return port;
}

int server_closed_port(void)
{
    int port;
    open_port(&port);
    return port;
}
