/* What a call keeps to keep secrets out of messages: plain memory of C, which the
 * exchange owns and wipes. */
#ifndef VAULT_CALL_REDACTION_H
#define VAULT_CALL_REDACTION_H

#include "redact/secret_set.h"

struct redaction {
    struct secret_set set;
    unsigned collected;    /* REDACTION_...: whose secrets are in the set */
    struct buffer scratch; /* while they are collected */
    struct buffer line;    /* a text as it is built */
    struct buffer shown;   /* and without secrets */
};

enum { REDACTION_REQUEST = 1, REDACTION_RESPONSE = 2 };

/* The set is made again when it is needed: something is sent that was not, or a
 * response has come. */
void redaction_reset(struct redaction *redaction);
/* Wipes and frees everything. */
void redaction_free(struct redaction *redaction);

#endif
