/* The same work in C on libcurl. Usage: libcurl bare|cjson|version
 * bare: the exchange alone, which is the floor. cjson: bodies are encoded and responses decoded by
 * cjson through the Lua API, which is the least that a Lua program needs without this module.
 * version: libcurl's, and no work. */
#include "competitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void run_in_turn(struct call_buffers *exchange, const struct row *row, long calls,
                        struct json *json)
{
    exchange_set_row(exchange, row);
    if (row->body != NULL) {
        bytes_read_file(&exchange->sent, getenv("BENCH_PAYLOADS"), row->body);
        if (json != NULL)
            json_load_request(json, exchange->sent.data, exchange->sent.length);
    }
    for (long i = 0; i < calls; i++) {
        if (row->body != NULL && json != NULL)
            json_encode_request(json, &exchange->sent);
        if (row->body != NULL)
            exchange_set_body(exchange);
        exchange->response.length = 0;
        exchange_check(exchange, curl_easy_perform(exchange->easy));
        if (json != NULL)
            json_decode(json, &exchange->response);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        fail("usage", "libcurl bare|cjson|version");
    if (strcmp(argv[1], "version") == 0)
        return puts(curl_version()) == EOF;
    struct json cjson, *json = NULL;
    struct call_buffers exchange = {0};
    char name[64];
    long calls;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (strcmp(argv[1], "cjson") == 0) {
        json = &cjson;
        json_open(json);
    }
    exchange_open(&exchange);
    while (scanf("%63s %ld", name, &calls) == 2) {
        const struct row *row = find_row(name);
        if (row->concurrent > 0)
            run_concurrent(row, calls, json);
        else
            run_in_turn(&exchange, row, calls, json);
        puts("done");
        fflush(stdout);
    }
    curl_easy_cleanup(exchange.easy);
    if (json != NULL)
        lua_close(json->L);
    return EXIT_SUCCESS;
}
