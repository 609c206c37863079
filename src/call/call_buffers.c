#include "call/call_buffers.h"

#include <stdlib.h>

enum {
    MAX_SPARES = 64,
    LARGEST_KEPT_BUFFER = 1 << 20, /* of the first spare, which consecutive calls use */
    LARGEST_SPARE_BUFFER = 1 << 13 /* of the others: 64 of them keep half a megabyte */
};

static void wipe(struct buffer *buffer, size_t largest)
{
    if (buffer->capacity > largest)
        buffer_free(buffer);
    else
        buffer_wipe(buffer);
}

static void reset(struct call_buffers *buffers, size_t largest)
{
    base_url_free(&buffers->settings.base);
    header_list_clear(&buffers->settings.headers);
    header_list_clear(&buffers->call_headers);
    header_list_clear(&buffers->headers);
    wipe(&buffers->target, largest);
    wipe(&buffers->url, largest);
    wipe(&buffers->body, largest);
    wipe(&buffers->changed_url, largest);
    wipe(&buffers->changed_body, largest);
    wipe(&buffers->response.body, largest);
    transfer_response_clear(&buffers->response);
    wipe(&buffers->scratch, largest);
    redaction_free(&buffers->redaction);
    buffers->has_body = buffers->url_changed = false;
    buffers->body_changed = buffers->body_removed = false;
}

struct call_buffers *call_buffers_take(struct client *client)
{
    struct call_buffers *buffers = client->spares;
    if (buffers != NULL) {
        client->spares = buffers->next_spare;
        client->spare_count--;
    } else {
        buffers = calloc(1, sizeof *buffers);
    }
    if (buffers != NULL) {
        buffers->settings.timeout_ms = client->settings.timeout_ms;
        buffers->settings.retries = client->settings.retries;
    }
    return buffers;
}

void call_buffers_return(struct client *client, struct call_buffers *buffers)
{
    if (buffers == NULL)
        return;
    if (client->spare_count >= MAX_SPARES || client->closed) {
        call_buffers_free(buffers);
        return;
    }
    reset(buffers, client->spare_count == 0 ? LARGEST_KEPT_BUFFER : LARGEST_SPARE_BUFFER);
    buffers->next_spare = client->spares;
    client->spares = buffers;
    client->spare_count++;
}

void call_buffers_free_spares(struct client *client)
{
    while (client->spares != NULL) {
        struct call_buffers *buffers = client->spares;
        client->spares = buffers->next_spare;
        call_buffers_free(buffers);
    }
    client->spare_count = 0;
}

void call_buffers_free(struct call_buffers *buffers)
{
    if (buffers == NULL)
        return;
    base_url_free(&buffers->settings.base);
    header_list_free(&buffers->settings.headers);
    header_list_free(&buffers->call_headers);
    header_list_free(&buffers->headers);
    transfer_response_free(&buffers->response);
    buffer_free(&buffers->target);
    buffer_free(&buffers->url);
    buffer_free(&buffers->body);
    buffer_free(&buffers->changed_url);
    buffer_free(&buffers->changed_body);
    buffer_free(&buffers->scratch);
    redaction_free(&buffers->redaction);
    free(buffers);
}

const char *call_buffers_url(const struct call_buffers *buffers)
{
    return buffer_string(buffers->url_changed ? &buffers->changed_url : &buffers->url);
}

const struct buffer *call_buffers_body(const struct call_buffers *buffers)
{
    if (buffers->body_removed)
        return NULL;
    if (buffers->body_changed)
        return &buffers->changed_body;
    return buffers->has_body ? &buffers->body : NULL;
}
