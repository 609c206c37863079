/* Shared by the C competitors: rows, requests on libcurl, decoding of responses. */
#ifndef BENCH_RIVAL_H
#define BENCH_RIVAL_H

#include <curl/curl.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct row {
    const char *name;
    const char *method, *path;
    const char *body;   /* the file that is sent, without ".json"; NULL: nothing is */
    const char *prefix; /* of the path; "" for none */
    int concurrent;     /* 0: one after the other */
};

struct bytes {
    char *data;
    size_t length, capacity;
};

/* Lua's cjson; without it, bodies are sent unchanged from the file and responses are not
 * decoded. */
struct json {
    lua_State *L;
    int decode, encode, request; /* references in the registry */
};

/* One handle with its response. */
struct request {
    CURL *easy;
    struct bytes response, sent;
};

void fail(const char *what, const char *why);
/* Points into static memory that the next call overwrites. */
const struct row *find_row(const char *name);

void json_open(struct json *json);
void json_load_request(struct json *json, const char *text, size_t length);
void json_encode_request(struct json *json, struct bytes *into);
void json_decode(struct json *json, const struct bytes *response);

void bytes_append(struct bytes *bytes, const char *data, size_t length);
void bytes_read_file(struct bytes *bytes, const char *directory, const char *name);

/* Sets the permanent options; then those of the row. */
void request_open(struct request *request);
void request_set_row(struct request *request, const struct row *row);
void request_set_body(struct request *request);
void request_check(struct request *request, CURLcode code);

void run_concurrent(const struct row *row, long calls, struct json *json);

#endif
