#include "redact/secret_body.h"

#include "redact/secret_url.h"
#include "redact/secret_walk.h"

#include <string.h>

struct writer {
    struct buffer *out;
    size_t start, limit;
    struct secret_set *set;
    const struct secret_exemption *exemption;
    struct secret_walk walk;
    struct buffer text; /* a string without its escapes */
    struct buffer shown;
    size_t hidden_depth; /* depth of the array or object that is being hidden */
    bool hiding;
    bool comma; /* a comma is due before the next member or element */
};

size_t secret_body_cut(const char *text, size_t length, size_t limit)
{
    if (length <= limit)
        return length;
    size_t cut = limit;
    /* RFC 3629 section 3: at most three bytes follow the first byte of a character, as 10xxxxxx. */
    while (cut > 0 && limit - cut < 3 && ((unsigned char)text[cut] & 0xC0) == 0x80)
        cut--;
    return cut;
}

static bool is_full(const struct writer *writer)
{
    return writer->out->length - writer->start > writer->limit;
}

static bool append_string(struct writer *writer, const char *text, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    struct buffer *out = writer->out;
    bool appended = buffer_append_char(out, '"');
    for (size_t i = 0; i < length && appended && !is_full(writer); i++) {
        unsigned byte = (unsigned char)text[i];
        if (text[i] == '"' || text[i] == '\\')
            appended = buffer_append_char(out, '\\') && buffer_append_char(out, text[i]);
        else if (text[i] == '\n')
            appended = buffer_append_string(out, "\\n");
        else if (byte < 0x20)
            appended = buffer_append(
                out, (char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
        else
            appended = buffer_append_char(out, text[i]);
    }
    return appended && buffer_append_char(out, '"');
}

/* Appends the token, a string or a name, with its secrets redacted. */
static bool append_shown(struct writer *writer)
{
    const struct secret_walk *walk = &writer->walk;
    buffer_wipe(&writer->text);
    buffer_wipe(&writer->shown);
    return secret_walk_unescape(&writer->text, walk->start, (size_t)(walk->stop - walk->start)) &&
           secret_set_replace_start(writer->set, buffer_string(&writer->text), writer->text.length,
                                    writer->exemption, &writer->shown, writer->limit + 1) &&
           append_string(writer, buffer_string(&writer->shown), writer->shown.length);
}

/* Appends a secret string as "[redacted]"; of a link, the host is kept. */
static bool append_hidden(struct writer *writer)
{
    const struct secret_walk *walk = &writer->walk;
    struct buffer *text = &writer->text;
    buffer_wipe(text);
    buffer_wipe(&writer->shown);
    if (!secret_walk_unescape(text, walk->start, (size_t)(walk->stop - walk->start)))
        return false;
    bool link = strncmp(buffer_string(text), "https://", 8) == 0 ||
                strncmp(buffer_string(text), "http://", 7) == 0;
    return (link ? secret_url_append_host(&writer->shown, text->data, text->length)
                 : buffer_append_string(&writer->shown, REDACTED)) &&
           append_string(writer, writer->shown.data, writer->shown.length);
}

static bool append_scalar(struct writer *writer, enum secret_token token)
{
    const struct secret_walk *walk = &writer->walk;
    size_t length = (size_t)(walk->stop - walk->start);
    if (token == SECRET_TOKEN_WORD) /* flags and null are not secret */
        return buffer_append(writer->out, walk->start, length);
    if (walk->value != SECRET_VALUE_PLAIN)
        return token == SECRET_TOKEN_STRING ? append_hidden(writer)
                                            : buffer_append_string(writer->out, "\"" REDACTED "\"");
    if (token == SECRET_TOKEN_STRING)
        return append_shown(writer);
    return secret_set_occurs_in(writer->set, walk->start, length, writer->exemption)
               ? buffer_append_string(writer->out, "\"" REDACTED "\"")
               : buffer_append(writer->out, walk->start, length);
}

static bool append_open(struct writer *writer)
{
    const struct secret_walk *walk = &writer->walk;
    writer->hiding = walk->value != SECRET_VALUE_PLAIN;
    writer->hidden_depth = walk->depth; /* the walk is inside of it already */
    if (writer->hiding)
        return buffer_append_string(writer->out, "\"" REDACTED "\"");
    return buffer_append_char(writer->out, *walk->start);
}

static bool append_token(struct writer *writer, enum secret_token token)
{
    struct secret_walk *walk = &writer->walk;
    if (writer->hiding) {
        writer->hiding = token != SECRET_TOKEN_CLOSE || walk->depth >= writer->hidden_depth;
        return true;
    }
    if (is_full(writer)) /* the rest is only checked for syntax */
        return true;
    if (token == SECRET_TOKEN_CLOSE) {
        writer->comma = true;
        return buffer_append_char(writer->out, *walk->start);
    }
    if (writer->comma && !buffer_append_char(writer->out, ','))
        return false;
    writer->comma = token != SECRET_TOKEN_NAME && token != SECRET_TOKEN_OPEN;
    if (token == SECRET_TOKEN_NAME)
        return append_shown(writer) && buffer_append_char(writer->out, ':');
    if (token == SECRET_TOKEN_OPEN) {
        bool appended = append_open(writer);
        writer->comma = writer->hiding;
        return appended;
    }
    return append_scalar(writer, token);
}

static struct status append_tokens(struct writer *writer)
{
    for (;;) {
        enum secret_token token = secret_walk_next(&writer->walk);
        switch (token) {
        case SECRET_TOKEN_END:
            return status_ok();
        case SECRET_TOKEN_BROKEN:
            return status_invalid("is not JSON");
        case SECRET_TOKEN_NO_MEMORY:
            return status_no_memory();
        case SECRET_TOKEN_OPEN:
        case SECRET_TOKEN_CLOSE:
        case SECRET_TOKEN_NAME:
        case SECRET_TOKEN_STRING:
        case SECRET_TOKEN_NUMBER:
        case SECRET_TOKEN_WORD:
            if (!append_token(writer, token))
                return status_no_memory();
        }
    }
}

static void truncate_to(struct buffer *out, size_t length)
{
    out->length = length;
    if (out->data != NULL)
        out->data[length] = '\0';
}

struct status secret_body_append(struct buffer *out, const char *text, size_t length, size_t limit,
                                 struct secret_set *set, const struct secret_exemption *exemption)
{
    struct writer writer = {
        .out = out, .start = out->length, .limit = limit, .set = set, .exemption = exemption};
    secret_walk_begin(&writer.walk, text, length);
    struct status status = append_tokens(&writer);
    secret_walk_end(&writer.walk);
    buffer_free(&writer.text);
    buffer_free(&writer.shown);
    if (status.code != STATUS_CODE_OK) {
        truncate_to(out, writer.start);
    } else if (is_full(&writer)) {
        truncate_to(out, writer.start + secret_body_cut(out->data + writer.start,
                                                        out->length - writer.start, limit));
        if (!buffer_append_string(out, "..."))
            return status_no_memory();
    }
    return status;
}
