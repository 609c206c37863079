/* Delays requested by servers: retry-after as a number or a date, and the resulting pause. */
#include "http/retry.h"
#include "json/json_date.h"
#include "check.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {"retry-after", "retry-after-ms",
                                    "x-downstream-ratelimit-reset"};

static void check_pause(double after, int status, uint8_t byte)
{
    struct retry_attempt attempt = {
        .outcome = RETRY_OUTCOME_STATUS,
        .status = status,
        .idempotent = (byte & 8) != 0,
        .attempt = 1 + (byte >> 6),
        .elapsed = byte * 100.0,
        .retry_after = after,
        .random = byte / 256.0,
    };
    double pause;
    if (!retry_is_due(&retry_policy_default, &attempt, &pause))
        return;
    CHECK(!isnan(pause) && pause >= 0);
    /* No pause passes the limit, and none is shorter than requested. */
    CHECK(attempt.elapsed + pause <= retry_policy_default.max_elapsed_time);
    CHECK(after < 0 || pause >= after);
}

static void check_date(const uint8_t *data, size_t size)
{
    double seconds;
    if (size < sizeof seconds)
        return;
    memcpy(&seconds, data, sizeof seconds);
    char text[JSON_DATE_SIZE];
    size_t length;
    struct status status = json_date_write(seconds, text, &length);
    CHECK((status.code == STATUS_CODE_OK) == (status.message == NULL));
    if (status.code != STATUS_CODE_OK)
        return;
    CHECK(length > 0 && length < JSON_DATE_SIZE);
    CHECK(text[length - 1] == 'Z' && text[4] == '-' && text[10] == 'T');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const double now = 1700000000000.0;
    struct header_list headers = {0};
    if (size < 1)
        return 0;
    const char *name = names[data[0] % 3];
    int status = (data[0] & 4) != 0 ? 429 : 503;
    CHECK(header_list_add(&headers, name, strlen(name), (const char *)data + 1, size - 1));
    double after = retry_after(&headers, status, now);
    CHECK(!isnan(after) && (after >= 0 || after == -1));
    check_pause(after, status, data[0]);
    header_list_free(&headers);
    char code[4] = {0};
    struct retry_policy policy = {0};
    memcpy(code, data + 1, size - 1 < 3 ? size - 1 : 3);
    retry_policy_add_status(&policy, code);
    check_date(data + 1, size - 1);
    return 0;
}
