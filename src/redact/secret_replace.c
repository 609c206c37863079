/* Redacts secrets in a text: those of a set, and texts that look like a token. */
#include "base/ascii.h"
#include "redact/secret_set.h"
#include "redact/secret_set_private.h"

#include <string.h>

enum { TOKEN_LENGTH = 16 };

/* --- texts that look like a token --- */

static bool is_token_character(char c)
{
    return secret_is_word(c) || (c != '\0' && strchr("-.~+/=", c) != NULL);
}

static size_t token_length(struct secret_set *set, const char *text, size_t length)
{
    size_t i = 0;
    while (i < length && is_token_character(text[i]))
        i++;
    set->steps += i;
    return i >= TOKEN_LENGTH ? i : 0;
}

/* The length of a token at `at`, or 0: a JSON Web Token (all begin with {" in base64, RFC 7519
 * section 3), or the text after "Bearer ". */
static size_t match_shape(struct secret_set *set, const char *text, size_t length, size_t at)
{
    static const char scheme[] = "bearer ";
    size_t scheme_length = sizeof scheme - 1;
    if (length - at > 3 && memcmp(text + at, "eyJ", 3) == 0)
        return token_length(set, text + at, length - at);
    if (at < scheme_length || text[at - 1] != ' ')
        return 0;
    for (size_t i = 0; i < scheme_length; i++)
        if (ascii_lower(text[at - scheme_length + i]) != scheme[i])
            return 0;
    return token_length(set, text + at, length - at);
}

/* --- hosts --- */

/* The host names found so far: text before these positions is part of one. */
struct hosts {
    size_t own_end;   /* end of the name of the host that is called */
    size_t other_end; /* end of the host name in another URL */
    size_t steps;
};

static bool is_host_character(char c)
{
    return secret_is_word(c) || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* Notes the host that is called if its name begins at `at`, in a URL or not. */
static void note_own_host(struct hosts *hosts, const struct secret_exemption *exemption,
                          const char *text, size_t length, size_t at)
{
    size_t host_length = exemption->host_length;
    if (exemption->host == NULL || host_length == 0 || host_length > length - at ||
        (at > 0 && is_host_character(text[at - 1])))
        return;
    hosts->steps += host_length;
    if (memcmp(text + at, exemption->host, host_length) != 0)
        return;
    size_t end = at + host_length;
    size_t next = end < length && text[end] == '.' ? end + 1 : end; /* the dot may end a sentence */
    if (next == length || !is_host_character(text[next]))
        hosts->own_end = end;
}

/* Notes a host name after "://". RFC 3986 section 3.2: it ends at a port, a slash, a question mark
 * or a number sign; a user name before it ends in @. */
static void note_other_host(struct hosts *hosts, const char *text, size_t length, size_t at)
{
    if (at < 3 || memcmp(text + at - 3, "://", 3) != 0)
        return;
    size_t end = at;
    while (end < length && is_host_character(text[end]))
        end++;
    if (end < length && text[end] == ':') { /* a port, or a password */
        size_t port = end + 1;
        while (port < length && text[port] >= '0' && text[port] <= '9')
            port++;
        if (port < length && strchr("/?# \t\r\n\"',;)>", text[port]) == NULL)
            return;
    } else if (end < length && text[end] == '@') {
        return;
    }
    hosts->other_end = end;
    hosts->steps += end - at;
}

static bool is_exempt(const struct hosts *hosts, size_t at, size_t size)
{
    return at + size <= hosts->own_end ||
           (size < SECRET_WORD_LENGTH && at + size <= hosts->other_end);
}

/* --- replacing --- */

/* Finds the first secret that begins at *at or later, but before `until`: sets *at and returns its
 * length, or 0. */
static size_t find_secret(struct secret_set *set, const char *text, size_t length, size_t until,
                          const struct secret_exemption *exemption, struct hosts *hosts, size_t *at)
{
    for (size_t i = *at; i < until; i++) {
        note_own_host(hosts, exemption, text, length, i);
        note_other_host(hosts, text, length, i);
        size_t shape = match_shape(set, text, length, i);
        size_t secret = secret_set_match(set, text, length, i);
        size_t size = shape > secret ? shape : secret;
        if (size > 0 && (shape == size || !is_exempt(hosts, i, size))) {
            set->steps += i - *at;
            *at = i;
            return size;
        }
    }
    set->steps += until > *at ? until - *at : 0;
    return 0;
}

bool secret_set_replace_start(struct secret_set *set, const char *text, size_t length,
                              const struct secret_exemption *exemption, struct buffer *out,
                              size_t limit)
{
    struct hosts hosts = {0, 0, 0};
    size_t at = 0, start = out->length;
    while (at < length && out->length - start < limit) {
        size_t plain = at, left = limit - (out->length - start);
        size_t until = left < length - plain ? plain + left : length;
        size_t size = find_secret(set, text, length, until, exemption, &hosts, &at);
        size_t end = size > 0 ? at : until;
        if (!buffer_append(out, text + plain, end - plain) ||
            (size > 0 && !buffer_append_string(out, REDACTED)))
            return false;
        at = end + size;
    }
    set->steps += hosts.steps;
    return true;
}

bool secret_set_replace(struct secret_set *set, const char *text, size_t length,
                        const struct secret_exemption *exemption, struct buffer *out)
{
    return secret_set_replace_start(set, text, length, exemption, out, SIZE_MAX);
}

bool secret_set_occurs_in(struct secret_set *set, const char *text, size_t length,
                          const struct secret_exemption *exemption)
{
    struct hosts hosts = {0, 0, 0};
    size_t at = 0;
    return find_secret(set, text, length, length, exemption, &hosts, &at) > 0;
}
