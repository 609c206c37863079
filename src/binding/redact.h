/* Keeping secrets out of what people read: messages, tostring, log lines. */
#ifndef VAULT_BINDING_REDACT_H
#define VAULT_BINDING_REDACT_H

#include "call.h"

#define REDACTED "[redacted]"

/* Pushes an array of the texts that must not appear: the key and other
 * sensitive headers, and the credentials, tokens, settings and sensitive form
 * fields of the request's and the answer's body. */
void redact_push_secrets(lua_State *L, const struct call_frame *frame);
/* Replaces the string on the stack's top by one without those of the array at
 * `secrets`, and without what looks like a token. */
void redact_text(lua_State *L, int secrets);
/* Replaces the value on the stack's top: as it is when no string in it holds a
 * secret, else a copy without. */
void redact_value(lua_State *L, int secrets);
/* Pushes a JSON body with its sensitive members masked, or NULL-safe words
 * about it ("1234 bytes") when it is not JSON. */
void redact_push_body(lua_State *L, const struct call_frame *frame, const struct buffer *body);
/* Whether a header's or member's value is to be masked by its name alone. */
bool redact_is_sensitive(const char *name, size_t length);

#endif
