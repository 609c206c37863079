/* The same work in C on libcurl. Usage: libcurl bare|cjson|version
 * bare: requests only, the lower bound. cjson: bodies are encoded and responses decoded by cjson
 * through the Lua API, the minimum for a Lua program without this module. version: prints
 * libcurl's version. */
#include "competitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void run_in_turn(struct request *request, const struct row *row, long calls,
                        struct json *json)
{
    request_set_row(request, row);
    if (row->body != NULL) {
        bytes_read_file(&request->sent, getenv("BENCH_PAYLOADS"), row->body);
        if (json != NULL)
            json_load_request(json, request->sent.data, request->sent.length);
    }
    for (long i = 0; i < calls; i++) {
        if (row->body != NULL && json != NULL)
            json_encode_request(json, &request->sent);
        if (row->body != NULL)
            request_set_body(request);
        request->response.length = 0;
        request_check(request, curl_easy_perform(request->easy));
        if (json != NULL)
            json_decode(json, &request->response);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        fail("usage", "libcurl bare|cjson|version");
    if (strcmp(argv[1], "version") == 0)
        return puts(curl_version()) == EOF;
    struct json cjson, *json = NULL;
    struct request request = {0};
    char name[64];
    long calls;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (strcmp(argv[1], "cjson") == 0) {
        json = &cjson;
        json_open(json);
    }
    request_open(&request);
    while (scanf("%63s %ld", name, &calls) == 2) {
        const struct row *row = find_row(name);
        if (row->concurrent > 0)
            run_concurrent(row, calls, json);
        else
            run_in_turn(&request, row, calls, json);
        puts("done");
        fflush(stdout);
    }
    curl_easy_cleanup(request.easy);
    if (json != NULL)
        lua_close(json->L);
    return EXIT_SUCCESS;
}
