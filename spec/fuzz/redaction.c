/* Collects the secrets of JSON, and searches its redacted text for them. */
#include "base/utf8.h"
#include "check.h"
#include "redact/secret_body.h"
#include "redact/secret_collect.h"
#include "redact/secret_name.h"
#include "redact/secret_url.h"

#include <string.h>

static const struct secret_exemption none = {NULL, 0};

static bool no_numbers(struct secret_set *set, const char *text, size_t length)
{
    (void)set, (void)text, (void)length;
    return true;
}

/* Only of letters and digits, so that no replacement and no escape can be a part of it. */
static bool is_checked(const struct secret *secret)
{
    if (secret->length < SECRET_WORD_LENGTH)
        return false;
    for (size_t i = 0; i < secret->length; i++) {
        char c = secret->text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            return false;
    }
    return memcmp(secret->text, "redacted", SECRET_WORD_LENGTH) != 0;
}

static bool contains(const struct buffer *text, const struct secret *secret)
{
    for (size_t i = 0; i + secret->length <= text->length; i++)
        if (memcmp(text->data + i, secret->text, secret->length) == 0)
            return true;
    return false;
}

static void check_without_secrets(struct secret_set *set, const char *text, size_t length)
{
    struct buffer shown = {0};
    CHECK(secret_set_replace(set, text, length, &none, &shown));
    for (size_t i = 0; i < set->count; i++)
        CHECK(!is_checked(&set->secrets[i]) || !contains(&shown, &set->secrets[i]));
    bool same = shown.length == length && (length == 0 || memcmp(shown.data, text, length) == 0);
    CHECK(same || secret_set_occurs_in(set, text, length, &none));
    buffer_free(&shown);
}

static void check_body(struct secret_set *set, const char *text, size_t length)
{
    struct buffer body = {0};
    struct status status = secret_body_append(&body, text, length, 200, set, &none);
    CHECK(status.code != STATUS_CODE_NO_MEMORY);
    CHECK(status.code == STATUS_CODE_OK || body.length == 0);
    CHECK(body.length <= 200 + 3);
    CHECK(utf8_valid_length(buffer_string(&body), body.length) == body.length);
    check_without_secrets(set, buffer_string(&body), body.length);
    buffer_free(&body);
}

static void check_url(struct secret_set *set, const char *text, size_t length)
{
    struct secret_url parts;
    struct buffer url = {0}, scratch = {0};
    secret_url_parse(&parts, text, length);
    CHECK(parts.host <= parts.host_end && parts.host_end <= parts.path);
    CHECK(parts.path <= parts.query && parts.query <= parts.end && parts.end <= length);
    CHECK(secret_url_append(&url, text, length, SECRET_URL_LINK, set, &scratch));
    CHECK(secret_url_append_host(&url, text, length));
    buffer_free(&url);
    buffer_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct secret_set set = {.count = 0};
    struct buffer text = {0}, scratch = {0};
    CHECK(buffer_append(&text, data, size));
    CHECK(secret_collect_json(&set, text.data, size, no_numbers, &scratch));
    CHECK(secret_collect_url(&set, text.data, size, &scratch));
    CHECK(secret_collect_proxy(&set, text.data, strlen(text.data), &scratch));
    CHECK(secret_set_prepare(&set));
    secret_name_kind(text.data, size);
    check_without_secrets(&set, text.data, size);
    check_body(&set, text.data, size);
    check_url(&set, text.data, size);
    secret_set_free(&set);
    buffer_free(&text);
    buffer_free(&scratch);
    return 0;
}
