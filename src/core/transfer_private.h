/* The inside of a transfer, for transfer.c, transfer_failure.c and the engine. */
#ifndef VAULT_CORE_TRANSFER_PRIVATE_H
#define VAULT_CORE_TRANSFER_PRIVATE_H

#include "transfer.h"

#include <curl/curl.h>
#include <sys/types.h>

struct transfer {
    CURL *easy;
    CURLM *multi;               /* of the blocking driver: holds the connection pool */
    unsigned long process;      /* process_generation() of the one that made it */
    struct transfer *next_idle; /* in an engine channel's pool */
    bool may_raise_sigpipe;
    size_t max_response_bytes;
    long max_connections;
    long connect_timeout_ms;
    enum transfer_http_version http_version;
    struct curl_slist *nodes; /* of the request's headers; reused */
    size_t node_capacity;

    /* Of the exchange under way: */
    const struct transfer_request *request; /* the caller's */
    struct transfer_response *response;     /* the caller's */
    bool resolved;                          /* a socket was opened */
    int times_sent;                         /* how often libcurl began to write the request */
    int head_status;
    size_t head_bytes;        /* of all heads: interim answers without end are too many as well */
    const char *head_problem; /* why the head was given up, a static string; or NULL */
    bool too_large;
    bool out_of_memory;
    char curl_message[CURL_ERROR_SIZE];
};

/* A multi handle whose descriptors are close-on-exec; NULL: no memory. */
CURLM *transfer_open_multi(void);
/* Sets the easy handle up for one exchange. Unless CURLE_OK comes back, the
 * exchange has ended: call transfer_end with that code. Until transfer_end, the
 * request and the response must stay where they are. */
CURLcode transfer_begin(struct transfer *transfer, const struct transfer_request *request,
                        struct transfer_response *response);
/* libcurl is done with the exchange: fills the rest of the response. */
void transfer_end(struct transfer *transfer, CURLcode code);

/* Fills outcome, code, phase, permanent and message of transfer->response. */
void transfer_classify(struct transfer *transfer, CURLcode code);

#endif
