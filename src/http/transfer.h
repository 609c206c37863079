/* One HTTP exchange on a libcurl easy handle: set up, collect status, headers
 * and body, name the failure. Knows nothing of attempts, JSON or the API. */
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
    long timeout_ms; /* the whole exchange, body included */
    /* May libcurl send it again, once, when a reused connection turns out to be
     * dead before anything of the response came? */
    bool replayable;
    /* It carries a key in clear: it must not leave this machine, not to a proxy either. */
    bool local_only;
};

enum transfer_outcome {
    TRANSFER_COMPLETE,
    TRANSFER_UNSENT,    /* no connection was made, or the server refused to look at the request */
    TRANSFER_FORBIDDEN, /* a local_only request would have left this machine */
    TRANSFER_LOST,      /* the connection broke before the head was complete */
    TRANSFER_CUT,       /* it broke, or could not be decoded, after the head */
    TRANSFER_TIMEOUT,
    TRANSFER_TOO_LARGE, /* max_response_bytes passed; body holds what fits */
    TRANSFER_NO_MEMORY
};

struct transfer_response {
    enum transfer_outcome outcome;
    int status; /* of the final head; 0 before it is complete */
    struct header_list headers;
    struct buffer body;
    const char *http_version; /* "1.1", "2"; NULL before a head */
    /* Of a failure: */
    /* "dns", "refused", "reset", "tls", "protocol", "proxy", "connect", "resources", "url" */
    const char *code;
    const char *phase; /* of a timeout: "dns", "connect", "tls", "send", "first_byte", "body" */
    bool permanent;    /* repeating it cannot help: certificate, URL, client configuration */
    /* The server has not looked at the request, and it was not sent again yet: it may be, at once.
     */
    bool unprocessed;
    char message[800]; /* host and reason in words; no secret is ever in it */
};

struct transfer;

/* libcurl's one-time initialisation, at most once in a process, in any thread.
 * Never undone: other code in the host may use libcurl too. */
bool transfer_global_init(void);
/* "7.88.1" of the libcurl that is loaded. */
const char *transfer_libcurl_version(void);

/* STATUS_CODE_UNAVAILABLE where the libcurl that is loaded lacks something that these options need;
 * the message names the option. */
struct status transfer_check_options(const struct transfer_options *options);
bool transfer_has_tls(void);

/* Sets *transfer, which the caller frees with transfer_free; NULL after a failure:
 * STATUS_CODE_UNAVAILABLE when libcurl or the options cannot be used here. */
struct status transfer_new(const struct transfer_options *options, struct transfer **transfer);
/* Frees; in a forked child leaves the parent's connections alone. NULL is fine. */
void transfer_free(struct transfer *transfer);
/* True in a forked child: the connections belong to the parent, so that the
 * transfer must be freed and made anew. */
bool transfer_belongs_to_parent(const struct transfer *transfer);

/* An exchange on the caller's thread, in steps, so that the caller can look after
 * something else between two of them. *response is cleared first; its memory is reused. The
 * request and the response stay the caller's, and must stay where they are until the exchange
 * has ended or is stopped. */
void transfer_start(struct transfer *transfer, const struct transfer_request *request,
                    struct transfer_response *response);
/* Drives it for at most that long. True: it has ended, however it ended. */
bool transfer_step(struct transfer *transfer, double milliseconds);
/* Gives up the exchange under way, if there is one. The transfer can be used again. */
void transfer_stop(struct transfer *transfer);

/* Forgets an earlier response, keeps the memory. */
void transfer_response_clear(struct transfer_response *response);
void transfer_response_free(struct transfer_response *response);

#endif
