/* The memory that a call needs for redaction. It is outside Lua, as part of the call's buffers, so
 * that it can be wiped. */
#ifndef VAULT_CALL_REDACTION_H
#define VAULT_CALL_REDACTION_H

#include "redact/secret_set.h"

struct redaction {
    struct secret_set set;
    unsigned collected;    /* REDACTION_...: the messages whose secrets are in the set */
    struct buffer scratch; /* used while secrets are collected */
    struct buffer line;    /* a text while it is built */
    struct buffer shown;   /* the text without secrets */
};

enum { REDACTION_REQUEST = 1, REDACTION_RESPONSE = 2 };

/* Empties the set, which is then filled again when needed. Called when the request changes or a
 * response has arrived. */
void redaction_reset(struct redaction *redaction);
/* Wipes and frees all memory. */
void redaction_free(struct redaction *redaction);

#endif
