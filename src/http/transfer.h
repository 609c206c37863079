/* Sends one HTTP request with a libcurl easy handle and receives the response, or classifies the
 * failure. Knows nothing about attempts, JSON or the API. */
#ifndef VAULT_HTTP_TRANSFER_H
#define VAULT_HTTP_TRANSFER_H

#include "base/buffer.h"
#include "base/status.h"
#include "http/header_list.h"
#include "http/transfer_options.h"

#include <stdbool.h>
#include <stddef.h>

struct transfer_request {
    const char *method;
    const char *url;
    const struct header_list *headers;
    const char *body; /* NULL for none */
    size_t body_length;
    long timeout_ms; /* limit for the whole request and response */
    /* Whether libcurl may send it again, once, if a reused connection turns out to be dead before
     * any of the response has arrived. */
    bool replayable;
    /* It has an unencrypted key: it must not leave this machine, nor go to a proxy elsewhere. */
    bool local_only;
};

enum transfer_outcome {
    TRANSFER_COMPLETE,
    TRANSFER_UNSENT,    /* no connection was made, or the server refused to process the request */
    TRANSFER_FORBIDDEN, /* a local_only request would have left this machine */
    TRANSFER_LOST,      /* the connection was lost before the head was complete */
    TRANSFER_CUT,       /* it was lost after the head, or the body could not be decoded */
    TRANSFER_TIMEOUT,
    TRANSFER_TOO_LARGE, /* exceeds max_response_bytes; body has the first part */
    TRANSFER_NO_MEMORY
};

struct transfer_response {
    enum transfer_outcome outcome;
    int status; /* of the final head; 0 until that is complete */
    struct header_list headers;
    struct buffer body;
    const char *http_version; /* "1.1" or "2"; NULL until there is a head */
    /* Of a failure: */
    /* "dns", "refused", "reset", "tls", "protocol", "proxy", "connect", "resources", "url" */
    const char *code;
    const char *phase; /* of a timeout: "dns", "connect", "tls", "send", "first_byte", "body" */
    bool permanent;    /* a retry would fail again: certificate, URL, client configuration */
    /* The server has not processed the request, and libcurl has not sent it again: it may be sent
     * again at once. */
    bool unprocessed;
    char message[800]; /* host and reason; without secrets */
};

struct transfer;

/* Initializes libcurl, once per process, in any thread. Never undone, as other code in the host may
 * use libcurl, too. False: no memory. */
bool transfer_global_init(void);
/* The version of the loaded libcurl: "7.88.1". */
const char *transfer_libcurl_version(void);

/* STATUS_CODE_UNAVAILABLE if the loaded libcurl lacks a feature that these options need; the
 * message names the option. */
struct status transfer_check_options(const struct transfer_options *options);
bool transfer_has_tls(void);

/* Sets *transfer, which the caller frees with transfer_free, or NULL after a failure:
 * STATUS_CODE_UNAVAILABLE if libcurl or the options cannot be used here. */
struct status transfer_new(const struct transfer_options *options, struct transfer **transfer);
/* Frees the transfer; in a forked child the parent's connections are left open. NULL is allowed. */
void transfer_free(struct transfer *transfer);
/* True in a forked child: the connections belong to the parent, so the transfer must be freed and
 * another one created. */
bool transfer_belongs_to_parent(const struct transfer *transfer);

/* Starts a request on the caller's thread. It is executed by transfer_step, so that the caller can
 * do other work between steps. *response is cleared first; its memory is reused. Request and
 * response belong to the caller and must stay in place until the transfer has ended or is
 * stopped. */
void transfer_start(struct transfer *transfer, const struct transfer_request *request,
                    struct transfer_response *response);
/* Executes it for at most that long. True: it has ended, with a response or a failure. */
bool transfer_step(struct transfer *transfer, double milliseconds);
/* Stops the current request, if there is one. The transfer can be used again. */
void transfer_stop(struct transfer *transfer);

/* Clears the response, but keeps its memory. */
void transfer_response_clear(struct transfer_response *response);
void transfer_response_free(struct transfer_response *response);

#endif
