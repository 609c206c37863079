#include "call/call_buffers.h"

#include <stdlib.h>

enum {
    MOST_SPARES = 64,
    LARGEST_KEPT_BUFFER = 1 << 20, /* of the first spare, which calls in a row use */
    LARGEST_SPARE_BUFFER = 1 << 13 /* of the others: a client with 64 keeps half a megabyte */
};

static void wipe(struct buffer *buffer, size_t largest)
{
    if (buffer->capacity > largest)
        buffer_free(buffer);
    else
        buffer_wipe(buffer);
}

static void reset(struct exchange *exchange, size_t largest)
{
    base_url_free(&exchange->settings.base);
    header_list_clear(&exchange->settings.headers);
    header_list_clear(&exchange->call_headers);
    header_list_clear(&exchange->headers);
    wipe(&exchange->url, largest);
    wipe(&exchange->body, largest);
    wipe(&exchange->changed_url, largest);
    wipe(&exchange->changed_body, largest);
    wipe(&exchange->response.body, largest);
    transfer_response_clear(&exchange->response);
    wipe(&exchange->scratch, largest);
    redaction_free(&exchange->redaction);
    exchange->has_body = exchange->url_changed = false;
    exchange->body_changed = exchange->body_removed = false;
}

struct exchange *exchange_take(struct client *client)
{
    struct exchange *exchange = client->spares;
    if (exchange != NULL) {
        client->spares = exchange->next_spare;
        client->spare_count--;
    } else {
        exchange = calloc(1, sizeof *exchange);
    }
    if (exchange != NULL) {
        exchange->settings.timeout_ms = client->settings.timeout_ms;
        exchange->settings.retries = client->settings.retries;
    }
    return exchange;
}

void exchange_give_back(struct client *client, struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    if (client->spare_count >= MOST_SPARES || client->closed) {
        exchange_free(exchange);
        return;
    }
    reset(exchange, client->spare_count == 0 ? LARGEST_KEPT_BUFFER : LARGEST_SPARE_BUFFER);
    exchange->next_spare = client->spares;
    client->spares = exchange;
    client->spare_count++;
}

void exchange_free_spares(struct client *client)
{
    while (client->spares != NULL) {
        struct exchange *exchange = client->spares;
        client->spares = exchange->next_spare;
        exchange_free(exchange);
    }
    client->spare_count = 0;
}

void exchange_free(struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    base_url_free(&exchange->settings.base);
    header_list_free(&exchange->settings.headers);
    header_list_free(&exchange->call_headers);
    header_list_free(&exchange->headers);
    transfer_response_free(&exchange->response);
    buffer_free(&exchange->url);
    buffer_free(&exchange->body);
    buffer_free(&exchange->changed_url);
    buffer_free(&exchange->changed_body);
    buffer_free(&exchange->scratch);
    redaction_free(&exchange->redaction);
    free(exchange);
}

const char *exchange_url(const struct exchange *exchange)
{
    return buffer_string(exchange->url_changed ? &exchange->changed_url : &exchange->url);
}

const struct buffer *exchange_body(const struct exchange *exchange)
{
    if (exchange->body_removed)
        return NULL;
    if (exchange->body_changed)
        return &exchange->changed_body;
    return exchange->has_body ? &exchange->body : NULL;
}
