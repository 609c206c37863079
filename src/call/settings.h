/* Settings of a client that the options of a call can override. */
#ifndef VAULT_CALL_SETTINGS_H
#define VAULT_CALL_SETTINGS_H

#include "http/header_list.h"
#include "http/retry.h"
#include "http/url.h"

struct call_settings {
    struct base_url base; /* empty in a call without this option */
    long timeout_ms;
    struct retry_policy retries;
    struct header_list headers; /* extra header fields; empty value: leave the header out */
};

#endif
