/* The request by hand on libcurl, with the headers that the module sends. */
#include "competitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char user_agent[] = "apideck-vault-bench/1 (Lua; libcurl)";

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL)
        fail("missing in the environment", name);
    return value;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    bytes_append(user, data, size * count);
    return size * count;
}

void request_open(struct request *request)
{
    CURL *easy = request->easy = curl_easy_init();
    if (easy == NULL)
        fail("libcurl", "no memory");
    const char *version = setting("BENCH_HTTP");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_CAINFO, setting("BENCH_CA"));
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     *version == '2' ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, *version == '2' ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &request->response);
}

static struct curl_slist *make_headers(bool with_body)
{
    static const char *const lines[] = {
        "authorization: Bearer bench-key", "x-apideck-app-id: bench-app",
        "x-apideck-consumer-id: bench-consumer", "accept: application/json"};
    struct curl_slist *headers = NULL;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        headers = curl_slist_append(headers, lines[i]);
    if (with_body) {
        headers = curl_slist_append(headers, "content-type: application/json");
        headers = curl_slist_append(headers, "expect:");
    }
    return headers;
}

void request_set_row(struct request *request, const struct row *row)
{
    static struct curl_slist *headers[2]; /* for the whole life of the process */
    bool with_body = row->body != NULL;
    char url[512];
    snprintf(url, sizeof url, "%s%s%s", setting("BENCH_URL"), row->prefix, row->path);
    if (headers[with_body] == NULL)
        headers[with_body] = make_headers(with_body);
    curl_easy_setopt(request->easy, CURLOPT_URL, url);
    curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, headers[with_body]);
    curl_easy_setopt(request->easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(request->easy, CURLOPT_CUSTOMREQUEST, NULL);
    if (with_body) {
        curl_easy_setopt(request->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(request->easy, CURLOPT_CUSTOMREQUEST, row->method);
    }
}

void request_set_body(struct request *request)
{
    curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, request->sent.data);
    curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->sent.length);
}

void request_check(struct request *request, CURLcode code)
{
    long status = 0;
    if (code != CURLE_OK)
        fail("libcurl", curl_easy_strerror(code));
    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        fail("libcurl", "the status is not 200");
}
