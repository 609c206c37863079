#include "http/retry.h"

#include <curl/curl.h>
#include <math.h>
#include <string.h>

const struct retry_policy retry_policy_default = {
    .enabled = true,
    .initial_interval = 500,
    .max_interval = 8000,
    .exponent = 1.5,
    .max_elapsed_time = 30000,
    .max_attempts = 4,
    .retry_connection_errors = true,
    .statuses =
        {[408] = true, [429] = true, [500] = true, [502] = true, [503] = true, [504] = true},
};

/* Whether the status means that the request was rejected without processing: 429, and 503 with
 * retry-after. */
static bool was_rejected_unprocessed(const struct retry_attempt *attempt)
{
    return attempt->status == 429 || (attempt->status == 503 && attempt->retry_after >= 0);
}

static bool is_retryable(const struct retry_policy *policy, const struct retry_attempt *attempt)
{
    bool repeatable = attempt->idempotent || policy->unsafe;
    switch (attempt->outcome) {
    case RETRY_OUTCOME_STATUS:
        return attempt->status >= 0 && attempt->status < RETRY_STATUS_LIMIT &&
               policy->statuses[attempt->status] &&
               (repeatable || was_rejected_unprocessed(attempt));
    case RETRY_OUTCOME_UNSENT:
        return policy->retry_connection_errors;
    case RETRY_OUTCOME_LOST:
        return policy->retry_connection_errors && repeatable;
    case RETRY_OUTCOME_PERMANENT:
        break;
    }
    return false;
}

static double backoff(const struct retry_policy *policy, const struct retry_attempt *attempt)
{
    double pause = policy->initial_interval;
    if (pause > 0) /* zero times an infinite factor is NaN */
        pause *= pow(policy->exponent, attempt->attempt - 1);
    if (pause > policy->max_interval)
        pause = policy->max_interval;
    /* Jitter in the upper half: callers that failed together do not retry together, and the pause
     * is not too short. */
    return pause * (0.5 + attempt->random / 2);
}

bool retry_is_due(const struct retry_policy *policy, const struct retry_attempt *attempt,
                  double *pause)
{
    if (!policy->enabled || attempt->attempt >= policy->max_attempts ||
        !is_retryable(policy, attempt))
        return false;
    *pause = attempt->retry_after >= 0 ? attempt->retry_after : backoff(policy, attempt);
    return attempt->elapsed + *pause <= policy->max_elapsed_time;
}

/* Reads digits with an optional fraction. "1e3", "-1" and "inf" are not valid here. Not strtod, as
 * its decimal point depends on the locale. */
static bool read_decimal(const char *text, double *number)
{
    double value = 0, scale = 1;
    const char *c = text;
    for (; *c >= '0' && *c <= '9'; c++)
        value = value * 10 + (*c - '0');
    if (c == text)
        return false;
    if (*c == '.')
        for (c++; *c >= '0' && *c <= '9'; c++)
            value += (*c - '0') * (scale /= 10);
    *number = value;
    return *c == '\0';
}

static bool find_decimal(const struct header_list *headers, const char *name, double *number)
{
    struct header header;
    return header_list_find(headers, name, &header) && read_decimal(header.value, number);
}

static double until(double moment_ms, double now_ms)
{
    return moment_ms > now_ms ? moment_ms - now_ms : 0;
}

double retry_after(const struct header_list *headers, int status, double now_unix_ms)
{
    double number;
    struct header header;
    if (find_decimal(headers, "retry-after-ms", &number))
        return number;
    if (find_decimal(headers, "retry-after", &number))
        return number * 1e3;
    if (header_list_find(headers, "retry-after", &header)) {
        time_t date = curl_getdate(header.value, NULL);
        if (date != -1)
            return until((double)date * 1e3, now_unix_ms);
    }
    /* A reset time in the past does not give a delay. */
    if (status == 429 && find_decimal(headers, "x-downstream-ratelimit-reset", &number) &&
        number * 1e3 > now_unix_ms)
        return until(number * 1e3, now_unix_ms);
    return -1;
}

bool retry_policy_add_status(struct retry_policy *policy, const char *code)
{
    if (strlen(code) != 3 || code[0] < '1' || code[0] > '5')
        return false;
    int hundreds = (code[0] - '0') * 100;
    if (curl_strequal(code + 1, "XX")) {
        for (int i = 0; i < 100; i++)
            policy->statuses[hundreds + i] = true;
        return true;
    }
    if (code[1] < '0' || code[1] > '9' || code[2] < '0' || code[2] > '9')
        return false;
    policy->statuses[hundreds + (code[1] - '0') * 10 + (code[2] - '0')] = true;
    return true;
}

bool retry_maybe_processed(const struct retry_attempt *attempt)
{
    switch (attempt->outcome) {
    case RETRY_OUTCOME_STATUS:
        return attempt->status == 408 || attempt->status >= 500;
    case RETRY_OUTCOME_LOST:
        return true;
    case RETRY_OUTCOME_UNSENT:
    case RETRY_OUTCOME_PERMANENT:
        break;
    }
    return false;
}
