#include "call/call.h"

#include "base/clock.h"
#include "call/error.h"
#include "call/hooks.h"
#include "call/log.h"
#include "call/redact.h"
#include "call/request.h"
#include "call/response.h"
#include "lua_api/metatable.h"

#include <string.h>

#define METATABLE "vault.call"

void call_init(lua_State *L, struct call *call, struct client *client,
               const struct operation *operation)
{
    call->client = client;
    call->operation = operation;
    call->started = clock_monotonic_ms();
    call->retry_after = -1;
    call->buffers = call_buffers_take(client);
    if (call->buffers == NULL)
        error_no_memory(L);
}

struct call *call_new(lua_State *L, struct client *client, const struct operation *operation)
{
    /* The userdata with its finalizer first, then the memory that it frees: nothing leaks if this
     * raises. */
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
    struct call_buffers *buffers = call->buffers;
    call->buffers = NULL;
    if (buffers != NULL && !engine_cancel(&buffers->task))
        call_buffers_return(call->client, buffers);
}

void call_discard(struct call *call)
{
    transfer_free(call->transfer);
    call->transfer = NULL;
    struct call_buffers *buffers = call->buffers;
    call->buffers = NULL;
    if (buffers != NULL && !engine_cancel(&buffers->task))
        call_buffers_free(buffers);
}

static int m__gc(lua_State *L)
{
    call_discard(luaL_checkudata(L, 1, METATABLE));
    return 0;
}

void call_open(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", m__gc}, {NULL, NULL}};
    static const struct metatable_description description = {.name = METATABLE,
                                                             .metamethods = metamethods};
    metatable_register(L, &description);
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

/* RFC 9110 9.2.2: whether libcurl itself may send the request again when a reused connection turns
 * out to be dead. Never for POST, even where Apideck documents the operation as idempotent: sending
 * it again is the decision of evaluate_attempt, and counts as an attempt. */
static bool is_replayable(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "DELETE") == 0;
}

void call_fill_request(const struct call *call)
{
    struct call_buffers *buffers = call->buffers;
    struct transfer_request *request = &buffers->request;
    const struct buffer *body = call_buffers_body(buffers);
    request->method = call->operation->method;
    request->url = call_buffers_url(buffers);
    request->headers = &buffers->headers;
    request->body = body != NULL ? buffer_string(body) : NULL;
    request->body_length = body != NULL ? body->length : 0;
    request->timeout_ms = buffers->settings.timeout_ms;
    request->replayable = is_replayable(request->method);
    request->local_only = call->local_only;
}

/* --- fields of an error that describe its call --- */

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

/* The error object is on top of the stack. */
static void add_error_context(lua_State *L, const struct call_context *context)
{
    const struct call *call = context->call;
    lua_pushstring(L, call->operation->id);
    set_default(L, "operation");
    lua_pushstring(L, call->operation->method);
    set_default(L, "method");
    if (call->attempts == 0)
        return;
    redact_push_url(L, context);
    set_default(L, "url");
    if (call->sent > 0) {
        lua_pushinteger(L, call->sent);
        set_default(L, "attempts");
    }
    call_push_elapsed_ms(L, call);
    set_default(L, "elapsed_ms");
}

/* --- steps --- */

static void begin_attempt(lua_State *L, const struct call_context *context)
{
    struct call *call = context->call;
    struct call_buffers *buffers = call->buffers;
    call_check_open(L, call);
    call->attempts++;
    transfer_response_clear(&buffers->response); /* from the attempt before */
    buffers->url_changed = buffers->body_changed = buffers->body_removed = false;
    redaction_reset(&buffers->redaction);
    request_prepare_headers(L, context);
    hooks_before_request(L, context);
    call_check_open(L, call);
    request_check_target(L, context);
    log_request(L, context);
    call_check_open(L, call); /* the logger may have closed the client */
    call->attempt_started = clock_monotonic_ms();
    call->state = CALL_SENT;
    call->sent = call->attempts;
}

static enum retry_outcome retry_outcome_of(const struct transfer_response *response)
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
    case TRANSFER_NO_MEMORY: /* evaluate_attempt raises first. GCOVR_EXCL_LINE */
        break;               /* GCOVR_EXCL_LINE */
    }
    return RETRY_OUTCOME_PERMANENT; /* GCOVR_EXCL_LINE */
}

/* Whether there is another attempt, after wait_ms. */
static bool plan_retry(struct call *call)
{
    const struct transfer_response *response = &call->buffers->response;
    struct retry_attempt attempt = {
        .outcome = retry_outcome_of(response),
        .status = response->status,
        .idempotent = call->operation->idempotent,
        .attempt = call->attempts,
        .elapsed = call_elapsed_ms(call),
        .retry_after = call->retry_after,
        .random = client_random(call->client),
    };
    if (response->unprocessed && !call->resent) {
        call->resent = true;
        call->wait_ms = 0;
        return true;
    }
    call->maybe_processed = call->maybe_processed || retry_maybe_processed(&attempt);
    return retry_is_due(&call->buffers->settings.retries, &attempt, &call->wait_ms);
}

static void notify_retry(lua_State *L, const struct call_context *context)
{
    log_retry(L, context);
    if (!hooks_has(L, context, CLIENT_ON_RETRY))
        return;
    response_push_error(L, context);
    add_error_context(L, context);
    hooks_on_retry(L, context);
    lua_pop(L, 1);
}

static enum call_step evaluate_attempt(lua_State *L, const struct call_context *context)
{
    struct call *call = context->call;
    const struct transfer_response *response = &call->buffers->response;
    if (response->outcome == TRANSFER_NO_MEMORY)
        error_no_memory(L);
    redaction_reset(&call->buffers->redaction); /* it lacks the response's secrets */
    log_response(L, context);
    if (response->status != 0)
        hooks_after_response(L, context);
    call->retry_after = response->status >= 300
                            ? retry_after(&response->headers, response->status, clock_unix_ms())
                            : -1;
    if (response_is_success(call) || !plan_retry(call)) {
        call->state = CALL_FINISHED;
        return CALL_DONE;
    }
    notify_retry(L, context);
    call_check_open(L, call);
    call->state = CALL_PAUSED;
    return CALL_WAIT;
}

enum call_step call_next(lua_State *L, const struct call_context *context)
{
    switch (context->call->state) {
    case CALL_READY:
    case CALL_PAUSED:
        begin_attempt(L, context);
        return CALL_SEND;
    case CALL_SENT:
        return evaluate_attempt(L, context);
    case CALL_FINISHED: /* not called after CALL_DONE. GCOVR_EXCL_LINE */
        break;          /* GCOVR_EXCL_LINE */
    }
    return CALL_DONE; /* GCOVR_EXCL_LINE */
}

int call_push_result(lua_State *L, const struct call_context *context)
{
    if (response_is_success(context->call)) {
        if (response_push_result(L, context))
            return 2;
    } else {
        response_push_error(L, context);
    }
    return error_raise(L);
}

/* --- a failed call --- */

static int notify_failure(lua_State *L)
{
    struct call_context context = {.call = lua_touserdata(L, 2), .client = 1};
    hooks_on_error(L, &context);
    log_error(L, &context);
    return 0;
}

void call_fail(lua_State *L, const struct call_context *context)
{
    if (!error_is(L, -1))
        return;
    add_error_context(L, context);
    if (!context->call->client->has_hooks && !context->call->client->has_logger)
        return;
    int error = lua_gettop(L);
    lua_pushcfunction(L, notify_failure);
    lua_pushvalue(L, context->client);
    lua_pushlightuserdata(L, context->call);
    lua_pushvalue(L, error);
    if (lua_pcall(L, 3, 0, 0) == 0)
        return;
    lua_replace(L, error);
    if (error_is(L, error))
        add_error_context(L, context);
}
