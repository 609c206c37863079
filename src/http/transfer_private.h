/* The inside of a transfer, for the transfer*.c files and the engine. */
#ifndef VAULT_HTTP_TRANSFER_PRIVATE_H
#define VAULT_HTTP_TRANSFER_PRIVATE_H

#include "http/socket_list.h"
#include "http/transfer.h"
#include "http/trust_files.h"

#include <curl/curl.h>
#include <sys/types.h>

/* Older ones send PATCH and POST again by themselves. */
enum { LEAST_LIBCURL = 0x075100 };

struct transfer {
    CURL *easy;
    struct socket_list *sockets; /* of the curl_multi that it runs on; CURLOPT_CLOSESOCKETDATA */
    CURLSH *sessions;            /* TLS sessions; NULL: its own */
    unsigned long process;       /* fork_generation() of the one that made it */
    struct transfer *next_idle;  /* in an engine channel's pool */
    bool may_raise_sigpipe;
    size_t max_response_bytes;
    long max_connections;
    long connect_timeout_ms;
    long connection_lifetime_ms;
    enum transfer_http_version http_version;
    struct curl_slist *nodes; /* of the request's headers; reused */
    size_t node_capacity;

    /* Of the blocking driver: */
    CURLM *multi; /* holds the connection pool */
    struct socket_list own_sockets;
    CURLSH *own_sessions;
    struct trust_files trust_files;

    /* Of the exchange under way: */
    const struct transfer_request *request; /* the caller's */
    struct transfer_response *response;     /* the caller's */
    bool started;                           /* it has, or is getting, a connection */
    bool connecting;                        /* one of its own, that is not usable yet */
    double connecting_since;                /* clock_monotonic_ms() */
    bool resolved;                          /* a socket was opened */
    curl_socket_t socket;                   /* the last of them; CURL_SOCKET_BAD: none */
    int socket_error;                       /* errno of one that could not be opened */
    bool tls_begun;                         /* connected, and shaking hands */
    bool leaves_machine;       /* a local_only request was about to go to another host */
    int times_sent;            /* how often libcurl began to write the request */
    bool received_before_send; /* the server had sent something before */
    long stream;               /* of HTTP/2, on which it was sent; negative: none */
    long last_stream;          /* that a server which goes away has looked at; negative: it stays */
    bool stream_refused;       /* by the server */
    bool refused;              /* the sending before this one was */
    int head_status;
    size_t head_bytes;        /* of all heads: interim answers without end are too many as well */
    const char *head_problem; /* why the head was given up, a static string; or NULL */
    bool too_large;
    bool out_of_memory;
    bool out_of_descriptors;
    char curl_message[CURL_ERROR_SIZE];
};

void transfer_set_callbacks(struct transfer *transfer);
/* STATUS_CODE_UNAVAILABLE where libcurl cannot take one of the options; the message names it. */
struct status transfer_set_options(struct transfer *transfer,
                                   const struct transfer_options *options);
/* Has transfer_open_multi's lock be free in a forked child: a thread that the child does not have
 * would hold it for ever. Before the engine's handlers are registered: those run first, and the
 * engine's thread may want the lock until then (pthread_atfork(3)). */
void transfer_prepare_for_fork(void);
/* A multi handle whose descriptors are close-on-exec; NULL: no memory. */
CURLM *transfer_open_multi(void);
/* Whether the server may choose HTTP/2, and so let transfers share connections. */
bool transfer_may_share(enum transfer_http_version version, const char *url);
/* Where the transfer's connections are listed and its TLS sessions kept, in place of what it had;
 * both must outlive its use and the curl_multi it runs on. */
void transfer_use_connections(struct transfer *transfer, struct socket_list *sockets,
                              CURLSH *sessions);
/* A store of TLS sessions for transfers of one thread; NULL: no memory. */
CURLSH *transfer_open_sessions(void);
/* Sets the easy handle up for one exchange. Unless CURLE_OK comes back, the
 * exchange has ended: call transfer_end with that code. Until transfer_end, the
 * request and the response must stay where they are. */
CURLcode transfer_begin(struct transfer *transfer, const struct transfer_request *request,
                        struct transfer_response *response);
/* The transfer is about to be taken from libcurl: lists its sockets no longer, where it has not got
 * a connection yet. Part of transfer_end. */
void transfer_stop_connecting(struct transfer *transfer);
/* libcurl is done with the exchange, or is to be: fills the rest of the response. */
void transfer_end(struct transfer *transfer, CURLcode code);

/* Why it failed, in words without any secret. */
void transfer_explain(struct transfer *transfer, CURLcode code, char *text, size_t size);
/* Replaces what is not UTF-8, and control characters. */
void transfer_clean_message(char *text);
/* Did it refuse the request's last sending? As far as libcurl tells. */
bool transfer_was_refused(const struct transfer *transfer);
/* Did the server refuse to look at the request? */
bool transfer_is_refused(struct transfer *transfer, CURLcode code);
/* What only libcurl's words tell: a proxy that it cannot use, a content coding that it does not
 * know, a client's key that it cannot read. */
bool transfer_has_bad_proxy(const struct transfer *transfer);
bool transfer_has_unknown_coding(const struct transfer *transfer, CURLcode code);
bool transfer_has_bad_key(const struct transfer *transfer);

/* Fills outcome, code, phase, permanent and message of transfer->response. */
void transfer_classify(struct transfer *transfer, CURLcode code);

#endif
