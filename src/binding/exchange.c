#include "exchange.h"

#include <stdlib.h>

enum { LARGEST_KEPT_BUFFER = 1 << 20 };

static void wipe(struct buffer *buffer)
{
    if (buffer->capacity > LARGEST_KEPT_BUFFER)
        buffer_free(buffer);
    else
        buffer_wipe(buffer);
}

static void reset(struct exchange *exchange)
{
    base_url_free(&exchange->settings.base);
    header_list_clear(&exchange->settings.headers);
    header_list_clear(&exchange->call_headers);
    header_list_clear(&exchange->headers);
    wipe(&exchange->url);
    wipe(&exchange->body);
    wipe(&exchange->changed_url);
    wipe(&exchange->changed_body);
    wipe(&exchange->response.body);
    transfer_response_clear(&exchange->response);
    wipe(&exchange->scratch);
    exchange->has_body = exchange->url_changed = false;
    exchange->body_changed = exchange->body_removed = false;
}

struct exchange *exchange_take(struct client *client)
{
    struct exchange *exchange = client->spare;
    client->spare = NULL;
    if (exchange == NULL)
        exchange = calloc(1, sizeof *exchange);
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
    if (client->spare != NULL || client->closed) {
        exchange_free(exchange);
        return;
    }
    reset(exchange);
    client->spare = exchange;
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
