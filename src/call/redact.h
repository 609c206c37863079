/* Keeping secrets out of what people read: messages, tostring, log lines. They are
 * the key and other headers, the credentials, tokens, settings and sensitive form
 * fields of the request's and the response's body, and what the name of a query
 * parameter says is secret. */
#ifndef VAULT_CALL_REDACT_H
#define VAULT_CALL_REDACT_H

#include "call/call_state.h"

/* Replaces the string on the stack's top by one without them, and without what
 * looks like a token. */
void redact_text(lua_State *L, const struct call_context *context);
/* Replaces the value on the stack's top: as it is when nothing in it is a secret,
 * else a copy without. */
void redact_value(lua_State *L, const struct call_context *context);
/* Pushes the URL of the request as it may be shown. */
void redact_push_url(lua_State *L, const struct call_context *context);

/* The set of the call's secrets, and the name of the host, which is none of them. */
struct secret_set *redact_secrets(lua_State *L, const struct call_context *context);
struct secret_exemption redact_exemption(const struct call *call);

#endif
