/* server_url, proxies, and the ids that become path segments. */
#include "http/url.h"
#include "check.h"

#include <string.h>

/* Bytes that a request line cannot contain. */
static void check_printable(const struct buffer *buffer)
{
    for (size_t i = 0; i < buffer->length; i++) {
        unsigned char byte = (unsigned char)buffer->data[i];
        CHECK(byte > 0x20 && byte < 0x7f);
    }
}

static void check_base(const char *text, size_t length)
{
    struct base_url base;
    struct url_target target;
    struct status status = base_url_parse(text, length, &base);
    CHECK(status.code == STATUS_CODE_OK ||
          (status.code == STATUS_CODE_INVALID && status.message != NULL));
    if (status.code != STATUS_CODE_OK)
        return;
    check_printable(&base.query);
    CHECK(base.target.host[0] != '\0');
    CHECK(strchr(buffer_string(&base.prefix), '#') == NULL);
    CHECK(strchr(buffer_string(&base.prefix), '?') == NULL);
    CHECK(base.prefix.data[base.prefix.length - 1] != '/');
    /* url_inspect, which checks changed URLs, agrees with base_url_parse: above all on whether the key may
     * be sent in plain text. */
    CHECK(url_inspect(buffer_string(&base.prefix), &target).code == STATUS_CODE_OK);
    CHECK(target.secure == base.target.secure && target.loopback == base.target.loopback);
    CHECK(strcmp(target.host, base.target.host) == 0);
    base_url_free(&base);
}

static int digit(char c)
{
    const char *digits = "0123456789ABCDEF", *found = strchr(digits, c);
    CHECK(c != '\0' && found != NULL);
    return (int)(found - digits);
}

/* Decoding gives back what was encoded. */
static void check_encoding(const char *text, size_t length, bool query)
{
    struct buffer encoded = {0};
    CHECK(query ? url_append_query_text(&encoded, text, length)
                : url_append_path_segment(&encoded, text, length));
    check_printable(&encoded);
    size_t at = 0;
    for (size_t i = 0; i < encoded.length; i++) {
        char c = encoded.data[i];
        CHECK(strchr("/?#&=+ \"", c) == NULL);
        if (c == '%') {
            CHECK(i + 2 < encoded.length);
            c = (char)(digit(encoded.data[i + 1]) * 16 + digit(encoded.data[i + 2]));
            i += 2;
        }
        CHECK(at < length && text[at] == c);
        at++;
    }
    CHECK(at == length);
    buffer_free(&encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    check_base(text, size);
    if (strlen(text) == size)
        CHECK(url_check_proxy(text).code != STATUS_CODE_NO_MEMORY);
    check_encoding(text, size, false);
    check_encoding(text, size, true);
    free(text);
    return 0;
}
