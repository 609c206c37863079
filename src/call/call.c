#include "call/call.h"

#include "lua_api/metatable.h"
#include "base/clock.h"
#include "call/error.h"
#include "call/hooks.h"
#include "call/log.h"
#include "call/redact.h"
#include "call/request.h"
#include "call/response.h"

#include <math.h>
#include <string.h>

#define METATABLE "vault.call"

double call_elapsed_ms(const struct call *call)
{
    return clock_monotonic_ms() - call->started;
}

void call_init(lua_State *L, struct call *call, struct client *client,
               const struct operation *operation)
{
    call->client = client;
    call->operation = operation;
    call->started = clock_monotonic_ms();
    call->retry_after = -1;
    call->exchange = exchange_take(client);
    if (call->exchange == NULL)
        error_no_memory(L);
}

struct call *call_new(lua_State *L, struct client *client, const struct operation *operation)
{
    /* The userdata with its finalizer first, the memory that it frees second. */
    struct call *call = vault_newuserdata(L, sizeof *call);
    memset(call, 0, sizeof *call);
    luaL_getmetatable(L, METATABLE);
    lua_setmetatable(L, -2);
    call_init(L, call, client, operation);
    return call;
}

void call_release(struct call *call)
{
    client_return_transfer(call->client, call->transfer);
    call->transfer = NULL;
    struct exchange *exchange = call->exchange;
    call->exchange = NULL;
    if (exchange != NULL && !engine_abandon(&exchange->task))
        exchange_give_back(call->client, exchange);
}

void call_discard(struct call *call)
{
    transfer_free(call->transfer);
    call->transfer = NULL;
    struct exchange *exchange = call->exchange;
    call->exchange = NULL;
    if (exchange != NULL && !engine_abandon(&exchange->task))
        exchange_free(exchange);
}

static int m__gc(lua_State *L)
{
    call_discard(luaL_checkudata(L, 1, METATABLE));
    return 0;
}

void call_open(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", m__gc}, {NULL, NULL}};
    static const struct class_description description = {.name = METATABLE,
                                                         .metamethods = metamethods};
    class_open(L, &description);
}

void call_push_aborted(lua_State *L, const char *message)
{
    lua_pushstring(L, message);
    error_new(L, ERROR_ABORTED);
}

void call_check_open(lua_State *L, const struct call *call)
{
    if (!call->client->closed)
        return;
    if (call->attempts == 0)
        error_invalid(L, "the client is closed; make a new one with vault.new");
    call_push_aborted(L, "the client was closed during the call");
    error_raise(L);
}

void call_build(lua_State *L, const struct call_frame *frame, int request, int options)
{
    struct call *call = frame->call;
    call_check_open(L, call);
    request_build(L, frame, request, options);
}

/* RFC 9110 9.2.2: what libcurl may send once more by itself when a reused
 * connection turns out to be dead. A POST never, whatever Apideck says of it:
 * sending it again is the call's decision, and counted as an attempt. */
static bool is_replayable(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "DELETE") == 0;
}

void call_fill_request(const struct call *call, struct transfer_request *request)
{
    const struct exchange *exchange = call->exchange;
    const struct buffer *body = exchange_body(exchange);
    request->method = call->operation->method;
    request->url = exchange_url(exchange);
    request->headers = &exchange->headers;
    request->body = body != NULL ? buffer_string(body) : NULL;
    request->body_length = body != NULL ? body->length : 0;
    request->timeout_ms = exchange->settings.timeout_ms;
    request->replayable = is_replayable(request->method);
    request->local_only = call->local_only;
}

/* --- what an error knows of its call --- */

static void set_default(lua_State *L, const char *field)
{
    lua_getfield(L, -2, field);
    bool absent = lua_isnil(L, -1);
    lua_pop(L, 1);
    if (absent)
        lua_setfield(L, -2, field);
    else
        lua_pop(L, 1);
}

/* The error object is on the stack's top. */
static void describe(lua_State *L, const struct call_frame *frame)
{
    const struct call *call = frame->call;
    lua_pushstring(L, call->operation->id);
    set_default(L, "operation");
    lua_pushstring(L, call->operation->method);
    set_default(L, "method");
    if (call->attempts == 0)
        return;
    redact_push_url(L, frame);
    set_default(L, "url");
    if (call->sent > 0) {
        lua_pushinteger(L, call->sent);
        set_default(L, "attempts");
    }
    lua_pushnumber(L, floor(call_elapsed_ms(call) * 1e3 + 0.5) / 1e3);
    set_default(L, "elapsed_ms");
}

/* --- steps --- */

static void begin_attempt(lua_State *L, const struct call_frame *frame)
{
    struct call *call = frame->call;
    struct exchange *exchange = call->exchange;
    call_check_open(L, call);
    call->attempts++;
    transfer_response_clear(&exchange->response); /* of the attempt before */
    exchange->url_changed = exchange->body_changed = exchange->body_removed = false;
    redaction_forget(&exchange->redaction);
    request_prepare_headers(L, frame);
    hooks_before_request(L, frame);
    call_check_open(L, call);
    request_check_target(L, frame);
    log_request(L, frame);
    call_check_open(L, call); /* the logger may have closed it */
    call->attempt_started = clock_monotonic_ms();
    call->state = CALL_SENT;
    call->sent = call->attempts;
}

static enum retry_outcome outcome_of(const struct transfer_response *response)
{
    switch (response->outcome) {
    case TRANSFER_COMPLETE:
        return response->status < 300 ? RETRY_OUTCOME_PERMANENT : RETRY_OUTCOME_STATUS;
    case TRANSFER_UNSENT:
        return response->permanent ? RETRY_OUTCOME_PERMANENT : RETRY_OUTCOME_UNSENT;
    case TRANSFER_LOST:
        return response->permanent ? RETRY_OUTCOME_PERMANENT : RETRY_OUTCOME_LOST;
    case TRANSFER_TIMEOUT:
        return RETRY_OUTCOME_LOST;
    case TRANSFER_FORBIDDEN:
        return RETRY_OUTCOME_PERMANENT;
    case TRANSFER_CUT:
        if (response->status >= 300)
            return RETRY_OUTCOME_STATUS;
        return response->permanent ? RETRY_OUTCOME_PERMANENT : RETRY_OUTCOME_LOST;
    case TRANSFER_TOO_LARGE:
        return response->status < 300 ? RETRY_OUTCOME_PERMANENT : RETRY_OUTCOME_STATUS;
    case TRANSFER_NO_MEMORY: /* judge_attempt has raised before. GCOVR_EXCL_LINE */
        break;               /* GCOVR_EXCL_LINE */
    }
    return RETRY_OUTCOME_PERMANENT; /* GCOVR_EXCL_LINE */
}

static double pause_before_next(struct call *call)
{
    const struct transfer_response *response = &call->exchange->response;
    struct retry_attempt attempt = {
        .outcome = outcome_of(response),
        .status = response->status,
        .idempotent = call->operation->idempotent,
        .attempt = call->attempts,
        .elapsed = call_elapsed_ms(call),
        .retry_after = call->retry_after,
        .random = client_random(call->client),
    };
    if (response->unprocessed && !call->resent) {
        call->resent = true;
        return 0;
    }
    call->may_have_reached = call->may_have_reached || retry_may_have_reached(&attempt);
    return retry_pause(&call->exchange->settings.retries, &attempt);
}

static void tell_of_retry(lua_State *L, const struct call_frame *frame)
{
    log_retry(L, frame);
    if (!hooks_has(L, frame, CLIENT_ON_RETRY))
        return;
    response_push_error(L, frame);
    describe(L, frame);
    hooks_on_retry(L, frame);
    lua_pop(L, 1);
}

static enum call_step judge_attempt(lua_State *L, const struct call_frame *frame)
{
    struct call *call = frame->call;
    const struct transfer_response *response = &call->exchange->response;
    if (response->outcome == TRANSFER_NO_MEMORY)
        error_no_memory(L);
    redaction_forget(&call->exchange->redaction); /* it knows the request only */
    log_response(L, frame);
    if (response->status != 0)
        hooks_after_response(L, frame);
    call->retry_after = response->status >= 300
                            ? retry_after(&response->headers, response->status, clock_unix_ms())
                            : -1;
    double pause = response_is_success(call) ? -1 : pause_before_next(call);
    if (pause < 0) {
        call->state = CALL_FINISHED;
        return CALL_DONE;
    }
    call->wait_ms = pause;
    tell_of_retry(L, frame);
    call_check_open(L, call);
    call->state = CALL_PAUSED;
    return CALL_WAIT;
}

enum call_step call_next(lua_State *L, const struct call_frame *frame)
{
    switch (frame->call->state) {
    case CALL_READY:
    case CALL_PAUSED:
        begin_attempt(L, frame);
        return CALL_SEND;
    case CALL_SENT:
        return judge_attempt(L, frame);
    case CALL_FINISHED: /* no driver asks after CALL_DONE. GCOVR_EXCL_LINE */
        break;          /* GCOVR_EXCL_LINE */
    }
    return CALL_DONE; /* GCOVR_EXCL_LINE */
}

int call_push_result(lua_State *L, const struct call_frame *frame)
{
    if (response_is_success(frame->call)) {
        if (response_push_result(L, frame))
            return 2;
    } else {
        response_push_error(L, frame);
    }
    return error_raise(L);
}

/* --- the end of a call that failed --- */

static int tell_of_failure(lua_State *L)
{
    struct call_frame frame = {.call = lua_touserdata(L, 2), .client = 1};
    hooks_on_error(L, &frame);
    log_error(L, &frame);
    return 0;
}

void call_fail(lua_State *L, const struct call_frame *frame)
{
    if (!error_is(L, -1))
        return;
    describe(L, frame);
    if (!frame->call->client->has_hooks && !frame->call->client->has_logger)
        return;
    int error = lua_gettop(L);
    lua_pushcfunction(L, tell_of_failure);
    lua_pushvalue(L, frame->client);
    lua_pushlightuserdata(L, frame->call);
    lua_pushvalue(L, error);
    if (lua_pcall(L, 3, 0, 0) == 0)
        return;
    lua_replace(L, error);
    if (error_is(L, error))
        describe(L, frame);
}
