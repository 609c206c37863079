/* Whether, and after which pause, a request is sent again. Pure: no clock, no
 * random numbers, no I/O; all of that comes in. Durations in milliseconds. */
#ifndef VAULT_HTTP_RETRY_H
#define VAULT_HTTP_RETRY_H

#include "http/header_list.h"

#include <stdbool.h>

enum { RETRY_STATUS_LIMIT = 600 };

/* Apideck's names and units. */
struct retry_policy {
    bool enabled; /* strategy = "backoff" */
    double initial_interval;
    double max_interval;
    double exponent;
    double max_elapsed_time;
    int max_attempts;
    bool retry_connection_errors;
    bool unsafe; /* the caller allows PATCH and POST to be sent twice */
    bool statuses[RETRY_STATUS_LIMIT];
};

/* 500, 8000, 1.5, 30000, 4 attempts; 408, 429, 500, 502, 503, 504: for a host
 * that must answer its own user, not a batch job. */
extern const struct retry_policy retry_policy_default;

enum retry_outcome {
    RETRY_OUTCOME_STATUS,   /* a response with a status */
    RETRY_OUTCOME_UNSENT,   /* no connection: nothing can have been processed */
    RETRY_OUTCOME_LOST,     /* connection lost, timeout or cut response: unknown */
    RETRY_OUTCOME_PERMANENT /* trying again cannot help: certificate, response too large */
};

struct retry_attempt {
    enum retry_outcome outcome;
    int status;         /* of RETRY_OUTCOME_STATUS */
    bool idempotent;    /* of the operation */
    int attempt;        /* 1 for the first */
    double elapsed;     /* since the call began */
    double retry_after; /* what the server asked for, or negative */
    double random;      /* in [0, 1) */
};

/* Whether there is another attempt, after *pause. */
bool retry_is_due(const struct retry_policy *policy, const struct retry_attempt *attempt,
                  double *pause);

/* What the response's headers ask for: retry-after-ms, retry-after (seconds or a
 * date, RFC 9110 10.2.3) or, for 429, x-downstream-ratelimit-reset (unix time
 * in seconds); negative when nothing does. */
double retry_after(const struct header_list *headers, int status, double now_unix_ms);

/* Adds "503" or "5XX"; false when it is neither. */
bool retry_policy_add_status(struct retry_policy *policy, const char *code);

/* May the server have acted on an attempt that ended so? */
bool retry_maybe_processed(const struct retry_attempt *attempt);

#endif
