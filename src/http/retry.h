/* Decides whether and when a request is sent again. Pure functions: no clock, no random numbers, no
 * I/O. Durations are in milliseconds. */
#ifndef VAULT_HTTP_RETRY_H
#define VAULT_HTTP_RETRY_H

#include "http/header_list.h"

#include <stdbool.h>

enum { RETRY_STATUS_LIMIT = 600 };

/* With the names and units of Apideck's SDKs. */
struct retry_policy {
    bool enabled; /* strategy = "backoff" */
    double initial_interval;
    double max_interval;
    double exponent;
    double max_elapsed_time;
    int max_attempts;
    bool retry_connection_errors;
    bool unsafe; /* also retry PATCH and POST */
    bool statuses[RETRY_STATUS_LIMIT];
};

/* 500, 8000, 1.5, 30000, 4 attempts; 408, 429, 500, 502, 503, 504: for a host whose own user waits
 * for the response, not for a batch job. */
extern const struct retry_policy retry_policy_default;

enum retry_outcome {
    RETRY_OUTCOME_STATUS, /* a response with a status */
    RETRY_OUTCOME_UNSENT, /* no connection: the request cannot have been processed */
    RETRY_OUTCOME_LOST,   /* connection lost, timeout or cut response: it may have been processed */
    RETRY_OUTCOME_PERMANENT /* a retry would fail again: certificate, response too large */
};

struct retry_attempt {
    enum retry_outcome outcome;
    int status;         /* of RETRY_OUTCOME_STATUS */
    bool idempotent;    /* of the operation */
    int attempt;        /* 1 for the first */
    double elapsed;     /* since the call began */
    double retry_after; /* delay requested by the server; negative: none */
    double random;      /* in [0, 1) */
};

/* Returns whether to send another attempt, after *pause. */
bool retry_is_due(const struct retry_policy *policy, const struct retry_attempt *attempt,
                  double *pause);

/* The delay that the response's headers request: retry-after-ms, retry-after (seconds or a date,
 * RFC 9110 section 10.2.3) or, for 429, x-downstream-ratelimit-reset (unix time in seconds).
 * Negative: none. */
double retry_after(const struct header_list *headers, int status, double now_unix_ms);

/* Adds a code such as "503" or "5XX"; false if it is neither. */
bool retry_policy_add_status(struct retry_policy *policy, const char *code);

/* Whether the server may have processed the attempt. */
bool retry_maybe_processed(const struct retry_attempt *attempt);

#endif
