/* What a client decides for its calls, and a call's options may decide anew. */
#ifndef VAULT_CALL_SETTINGS_H
#define VAULT_CALL_SETTINGS_H

#include "http/header_list.h"
#include "http/retry.h"
#include "http/url.h"

struct call_settings {
    struct base_url base; /* empty in a call that leaves it to its client */
    long timeout_ms;
    struct retry_policy retries;
    struct header_list headers; /* extra or overriding ones */
};

#endif
