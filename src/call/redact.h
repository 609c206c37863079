/* Redacts secrets in messages, tostring and log lines. Secrets are the key and other secret
 * headers, the credentials, tokens, settings and sensitive form fields in the bodies of request and
 * response, and query parameters with a secret name. */
#ifndef VAULT_CALL_REDACT_H
#define VAULT_CALL_REDACT_H

#include "call/call_state.h"

/* Replaces the string on top of the stack by one without secrets and without texts that look like a
 * token. */
void redact_text(lua_State *L, const struct call_context *context);
/* Replaces the value on top of the stack by one without secrets. A table is replaced by a redacted
 * copy. */
void redact_value(lua_State *L, const struct call_context *context);
/* Pushes the URL of the request without secrets. */
void redact_push_url(lua_State *L, const struct call_context *context);

/* Return the secrets of the call, and the name of the host, which is never redacted. */
struct secret_set *redact_secrets(lua_State *L, const struct call_context *context);
struct secret_exemption redact_exemption(const struct call *call);

#endif
