/* Times one request in three ways, beside each other: this module on Lua; the same request by hand
 * in C on libcurl with cjson.decode called through the Lua API; libcurl alone. Usage: compare URL
 * ROUNDS Rounds are interleaved, so that whatever else the machine does hits all three alike;
 * medians are printed. Each way has its own Lua state, swept before every round, so that none pays
 * for another's garbage. */
#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAYS = 3, MAX_ROUNDS = 1000 };

struct scenario {
    const char *name;
    const char *path; /* what the module asks for, as the hand-written C must */
    const char *lua;  /* one call; `client` is an upvalue */
    int calls;        /* in a round */
    double goal;      /* of module / C */
};

static const struct scenario scenarios[] = {
    {"get, 1.6 KB", "/vault/connections/crm/pipedrive",
     "client.connections.get { service_id = 'pipedrive', unified_api = 'crm' }", 400, 1.10},
    {"list, 36 KB", "/vault/connections?api=crm", "client.connections.list { api = 'crm' }", 150,
     0.85},
    {"list, 357 KB", "/vault/connections", "client.connections.list()", 40, 0.85},
};

struct body {
    char *bytes;
    size_t length, capacity;
};

struct bench {
    const char *url;
    lua_State *module; /* has the function `run` for the scenario in its registry */
    lua_State *cjson;  /* has cjson.decode */
    int run, decode;   /* references in the registries */
    CURL *easy;
    struct body body;
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
    struct body *body = user;
    size_t more = size * count;
    if (body->length + more > body->capacity) {
        body->capacity = (body->length + more) * 2;
        body->bytes = realloc(body->bytes, body->capacity);
        if (body->bytes == NULL)
            fail("realloc", "no memory");
    }
    memcpy(body->bytes + body->length, bytes, more);
    body->length += more;
    return more;
}

static void run_curl(struct bench *bench)
{
    bench->body.length = 0;
    CURLcode code = curl_easy_perform(bench->easy);
    long status = 0;
    curl_easy_getinfo(bench->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200)
        fail("libcurl", curl_easy_strerror(code));
}

static void run_curl_and_cjson(struct bench *bench)
{
    lua_State *L = bench->cjson;
    run_curl(bench);
    lua_rawgeti(L, LUA_REGISTRYINDEX, bench->decode);
    lua_pushlstring(L, bench->body.bytes, bench->body.length);
    if (lua_pcall(L, 1, 1, 0) != 0)
        fail("cjson", lua_tostring(L, -1));
    lua_pop(L, 1);
}

static void run_module(struct bench *bench, int calls)
{
    lua_State *L = bench->module;
    lua_rawgeti(L, LUA_REGISTRYINDEX, bench->run);
    lua_pushinteger(L, calls);
    if (lua_pcall(L, 1, 0, 0) != 0)
        fail("the module", lua_tostring(L, -1));
}

static lua_State *new_state(void)
{
    lua_State *L = luaL_newstate();
    if (L == NULL)
        fail("Lua", "no memory");
    luaL_openlibs(L);
    return L;
}

static void prepare_states(struct bench *bench, const char *user_agent)
{
    bench->module = new_state();
    lua_pushstring(bench->module, bench->url);
    lua_setglobal(bench->module, "server_url");
    lua_pushstring(bench->module, user_agent);
    lua_setglobal(bench->module, "agent");
    if (luaL_dostring(bench->module,
                      "client = require('vault').new { server_url = server_url, user_agent = agent,"
                      "  api_key = 'key', app_id = 'app', consumer_id = 'consumer', proxy = '' }"))
        fail("the module", lua_tostring(bench->module, -1));
    bench->cjson = new_state();
    if (luaL_dostring(bench->cjson, "return require('cjson').decode"))
        fail("cjson", lua_tostring(bench->cjson, -1));
    bench->decode = luaL_ref(bench->cjson, LUA_REGISTRYINDEX);
}

/* The function `run` of a scenario: a Lua loop around the call, as a program would have it. */
static void prepare_module(struct bench *bench, const struct scenario *scenario)
{
    char source[512];
    snprintf(
        source, sizeof source,
        "local client = client\nreturn function(count)\n  for _ = 1, count do\n    %s\n  end\nend",
        scenario->lua);
    if (luaL_dostring(bench->module, source))
        fail("the module", lua_tostring(bench->module, -1));
    bench->run = luaL_ref(bench->module, LUA_REGISTRYINDEX);
}

/* The headers that the module sends. */
static void prepare_curl(struct bench *bench, const char *user_agent)
{
    static const char *const lines[] = {"authorization: Bearer key", "x-apideck-app-id: app",
                                        "x-apideck-consumer-id: consumer",
                                        "accept: application/json"};
    struct curl_slist *headers = NULL;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        headers = curl_slist_append(headers, lines[i]);
    bench->easy = curl_easy_init();
    if (bench->easy == NULL || headers == NULL)
        fail("libcurl", "no memory");
    curl_easy_setopt(bench->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(bench->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(bench->easy, CURLOPT_USERAGENT, user_agent);
    curl_easy_setopt(bench->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(bench->easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(bench->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(bench->easy, CURLOPT_WRITEDATA, &bench->body);
}

static void run_round(struct bench *bench, const struct scenario *scenario, int way)
{
    if (way == 0)
        run_module(bench, scenario->calls);
    for (int i = 0; way == 1 && i < scenario->calls; i++)
        run_curl_and_cjson(bench);
    for (int i = 0; way == 2 && i < scenario->calls; i++)
        run_curl(bench);
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void measure(struct bench *bench, const struct scenario *scenario, int rounds)
{
    static double times[WAYS][MAX_ROUNDS], ratios[MAX_ROUNDS];
    char url[512];
    snprintf(url, sizeof url, "%s%s", bench->url, scenario->path);
    curl_easy_setopt(bench->easy, CURLOPT_URL, url);
    prepare_module(bench, scenario);
    for (int way = 0; way < WAYS; way++)
        run_round(bench, scenario, way); /* connects, warms caches; not counted */
    for (int round = 0; round < rounds; round++) {
        for (int turn = 0; turn < WAYS; turn++) {
            int way = (turn + round) % WAYS;
            lua_gc(bench->module, LUA_GCCOLLECT, 0);
            lua_gc(bench->cjson, LUA_GCCOLLECT, 0);
            double began = now_us();
            run_round(bench, scenario, way);
            times[way][round] = (now_us() - began) / scenario->calls;
        }
        ratios[round] = times[0][round] / times[1][round];
    }
    double ratio = median(ratios, rounds);
    printf("%-14s", scenario->name);
    for (int way = 0; way < WAYS; way++)
        printf("  %9.1f", median(times[way], rounds));
    printf("      %4.2f  %4.2f  %s\n", ratio, scenario->goal,
           ratio <= scenario->goal ? "met" : "MISSED");
    luaL_unref(bench->module, LUA_REGISTRYINDEX, bench->run);
}

int main(int argc, char **argv)
{
    int rounds = argc == 3 ? atoi(argv[2]) : 0;
    if (rounds < 1 || rounds > MAX_ROUNDS)
        fail("usage", "compare URL ROUNDS");
    static const char user_agent[] = "apideck-vault-bench/1 (Lua; libcurl)";
    struct bench bench = {.url = argv[1]};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    prepare_states(&bench, user_agent);
    prepare_curl(&bench, user_agent);
    printf("%-14s  %9s  %9s  %9s      %s  %s\n", "us a call", "module", "C + cjson", "libcurl",
           "m/C", " goal");
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        measure(&bench, &scenarios[i], rounds);
    return EXIT_SUCCESS;
}
