#include "redact/secret_url.h"

#include "base/count.h"
#include "redact/secret_name.h"

#include <string.h>

static size_t find_any(const char *text, size_t from, size_t length, const char *characters)
{
    while (from < length && (text[from] == '\0' || strchr(characters, text[from]) == NULL))
        from++;
    return from;
}

/* Offset of the authority (RFC 3986 section 3.2), or 0 if there is none. */
static size_t authority_offset(const char *url, size_t length)
{
    size_t slashes = find_any(url, 0, length, "/?#");
    bool scheme = slashes == 0 || url[slashes - 1] == ':';
    if (!scheme || length - slashes < 2 || memcmp(url + slashes, "//", 2) != 0)
        return 0;
    return slashes + 2;
}

void secret_url_parse(struct secret_url *parts, const char *url, size_t length)
{
    *parts = (struct secret_url){.host = authority_offset(url, length)};
    parts->path = parts->host > 0 ? find_any(url, parts->host, length, "/?#") : 0;
    /* User name and password end at the last @ of the authority. */
    for (size_t i = parts->host; i < parts->path; i++)
        if (url[i] == '@')
            parts->host = i + 1;
    /* An IPv6 address, which contains colons, is in brackets (RFC 3986 section 3.2.2). */
    bool brackets = parts->host < parts->path && url[parts->host] == '[';
    parts->host_end = find_any(url, parts->host, parts->path, brackets ? "]" : ":");
    if (brackets && parts->host_end < parts->path)
        parts->host_end++;
    parts->query = find_any(url, parts->path, length, "?#");
    parts->end = find_any(url, parts->query, length, "#");
}

static bool is_secret_parameter(const char *name, size_t length, enum secret_url_kind kind)
{
    /* RFC 6749 section 4.1.2, OpenID Connect Core section 3.1.2.1. */
    static const char *const of_links[] = {"code", "state", "nonce"};
    for (size_t i = 0; kind == SECRET_URL_LINK && i < COUNT(of_links); i++)
        if (strlen(of_links[i]) == length && memcmp(of_links[i], name, length) == 0)
            return true;
    return secret_name_is_secret(name, length);
}

/* A query parameter, including its ? or &. */
struct query_parameter {
    size_t start, value, end; /* value == end: no value */
    bool secret;
};

static void read_parameter(struct query_parameter *parameter, const char *url, size_t at,
                           size_t query_end, enum secret_url_kind kind)
{
    parameter->start = at;
    parameter->end = find_any(url, at + 1, query_end, "&");
    size_t equals = find_any(url, at + 1, parameter->end, "=");
    parameter->value = equals < parameter->end ? equals + 1 : parameter->end;
    parameter->secret = parameter->value < parameter->end &&
                        is_secret_parameter(url + at + 1, equals - at - 1, kind);
}

bool secret_url_values(const char *url, size_t length, secret_url_value *found, void *context)
{
    struct secret_url parts;
    struct query_parameter parameter;
    secret_url_parse(&parts, url, length);
    for (size_t at = parts.query; at < parts.end; at = parameter.end) {
        read_parameter(&parameter, url, at, parts.end, SECRET_URL_REQUEST);
        if (parameter.secret &&
            !found(context, url + parameter.value, parameter.end - parameter.value))
            return false;
    }
    return true;
}

static bool append_query(struct buffer *out, const char *url, const struct secret_url *parts,
                         enum secret_url_kind kind)
{
    struct query_parameter parameter;
    for (size_t at = parts->query; at < parts->end; at = parameter.end) {
        read_parameter(&parameter, url, at, parts->end, kind);
        size_t shown = parameter.secret ? parameter.value : parameter.end;
        if (!buffer_append(out, url + at, shown - at) ||
            (parameter.secret && !buffer_append_string(out, REDACTED)))
            return false;
    }
    return true;
}

static bool append_origin(struct buffer *out, const char *url, const struct secret_url *parts)
{
    size_t authority = 0;
    if (parts->host > 0)
        authority = find_any(url, 0, parts->host, "/") + 2;
    return buffer_append(out, url, authority) &&
           buffer_append(out, url + parts->host, parts->path - parts->host);
}

bool secret_url_append(struct buffer *out, const char *url, size_t length,
                       enum secret_url_kind kind, struct secret_set *set, struct buffer *scratch)
{
    static const struct secret_exemption none = {NULL, 0};
    struct secret_url parts;
    secret_url_parse(&parts, url, length);
    buffer_wipe(scratch);
    return append_origin(out, url, &parts) &&
           buffer_append(scratch, url + parts.path, parts.query - parts.path) &&
           append_query(scratch, url, &parts, kind) &&
           secret_set_replace(set, buffer_string(scratch), scratch->length, &none, out);
}

bool secret_url_append_host(struct buffer *out, const char *url, size_t length)
{
    struct secret_url parts;
    secret_url_parse(&parts, url, length);
    if (parts.host == parts.host_end)
        return buffer_append_string(out, REDACTED);
    return append_origin(out, url, &parts) && buffer_append_string(out, "/" REDACTED);
}
