/* Shared by the transfer*.c files and the engine. */
#ifndef VAULT_HTTP_TRANSFER_PRIVATE_H
#define VAULT_HTTP_TRANSFER_PRIVATE_H

#include "http/socket_list.h"
#include "http/transfer.h"
#include "http/trust_files.h"

#include <curl/curl.h>
#include <sys/types.h>

/* Older versions send PATCH and POST again on their own. */
enum { LEAST_LIBCURL = 0x075100 };

struct transfer {
    CURL *easy;
    struct socket_list
        *sockets;          /* of the curl_multi that it runs on; also CURLOPT_CLOSESOCKETDATA */
    CURLSH *sessions;      /* shared TLS sessions; NULL: its own */
    unsigned long process; /* fork_generation() of the process that created it */
    struct transfer *next_idle; /* in transfer_queue.idle */
    bool may_raise_sigpipe;
    size_t max_response_bytes;
    long max_connections;
    long connect_timeout_ms;
    long connection_lifetime_ms;
    enum transfer_http_version http_version;
    struct curl_slist *nodes; /* list nodes for the request's headers; reused */
    size_t node_capacity;

    /* For transfer_blocking.c: */
    CURLM *multi; /* has the connections */
    struct socket_list own_sockets;
    CURLSH *own_sessions;
    struct trust_files trust_files;

    /* Of the current request: */
    const struct transfer_request *request; /* the caller's */
    struct transfer_response *response;     /* the caller's */
    bool started;                           /* it has a connection or is making one */
    bool connecting;                        /* it is making a connection */
    double connecting_since;                /* clock_monotonic_ms() */
    bool resolved;                          /* name resolution is done: a socket was opened */
    curl_socket_t socket;                   /* last socket that was opened; CURL_SOCKET_BAD: none */
    int socket_error;                       /* errno of a socket that could not be opened */
    bool tls_begun;                         /* connected; the TLS handshake has begun */
    bool leaves_machine;       /* a local_only request was about to be sent to another host */
    int times_sent;            /* number of times that libcurl began to send the request */
    bool received_before_send; /* the server had sent data before the request was sent */
    long stream;               /* HTTP/2 stream of the request; negative: none */
    long last_stream;          /* last stream of a GOAWAY; negative: there was none */
    bool stream_refused;       /* by the server */
    bool refused;              /* the server refused it, and libcurl has sent it again */
    int head_status;
    size_t head_bytes;        /* of all heads, including interim responses */
    const char *head_problem; /* why the head was rejected, a static string; or NULL */
    bool too_large;
    bool out_of_memory;
    bool out_of_descriptors;
    char curl_message[CURL_ERROR_SIZE];
};

void transfer_set_callbacks(struct transfer *transfer);
/* STATUS_CODE_UNAVAILABLE if libcurl does not support one of the options; the message names it. */
struct status transfer_set_options(struct transfer *transfer,
                                   const struct transfer_options *options);
/* Makes sure that the lock of transfer_open_multi is free in a forked child, where a thread that
 * held it does not exist. Called before the engine registers its handlers: those run first, and the
 * engine's thread may need the lock until then (pthread_atfork(3)). */
void transfer_prepare_for_fork(void);
/* Creates a multi handle with close-on-exec descriptors; NULL: no memory. */
CURLM *transfer_open_multi(void);
/* Whether the server may choose HTTP/2, so that transfers can share connections. */
bool transfer_may_share(enum transfer_http_version version, const char *url);
/* Sets the list of the transfer's connections and its store of TLS sessions. Both must stay valid
 * while it uses them or the curl_multi exists. */
void transfer_use_connections(struct transfer *transfer, struct socket_list *sockets,
                              CURLSH *sessions);
/* Creates a store of TLS sessions for transfers of one thread; NULL: no memory. */
CURLSH *transfer_open_sessions(void);
/* Sets up the easy handle for one request. After a result other than CURLE_OK the transfer has
 * ended: call transfer_end with that code. Request and response must stay in place until
 * transfer_end. */
CURLcode transfer_begin(struct transfer *transfer, const struct transfer_request *request,
                        struct transfer_response *response);
/* Part of transfer_end: removes the sockets of a transfer that has no connection yet from the list.
 * Called before the easy handle is removed from its curl_multi. */
void transfer_stop_connecting(struct transfer *transfer);
/* Called when libcurl has finished the request, or to stop it: fills the rest of the response. */
void transfer_end(struct transfer *transfer, CURLcode code);

/* Writes why it failed, without secrets. */
void transfer_explain(struct transfer *transfer, CURLcode code, char *text, size_t size);
/* Replaces invalid UTF-8 and control characters. */
void transfer_clean_message(char *text);
/* Whether the server refused the request the last time it was sent, as far as libcurl reports
 * it. */
bool transfer_was_refused(const struct transfer *transfer);
/* Whether the server refused to process the request. */
bool transfer_is_refused(struct transfer *transfer, CURLcode code);
/* Failures that only libcurl's messages reveal: a proxy that it cannot use, an unknown content
 * coding, a client key that it cannot read. */
bool transfer_has_bad_proxy(const struct transfer *transfer);
bool transfer_has_unknown_coding(const struct transfer *transfer, CURLcode code);
bool transfer_has_bad_key(const struct transfer *transfer);

/* Fills outcome, code, phase, permanent and message of transfer->response. */
void transfer_classify(struct transfer *transfer, CURLcode code);

#endif
