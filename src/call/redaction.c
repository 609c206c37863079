#include "call/redaction.h"

void redaction_reset(struct redaction *redaction)
{
    secret_set_free(&redaction->set);
    redaction->collected = 0;
}

void redaction_free(struct redaction *redaction)
{
    redaction_reset(redaction);
    buffer_free(&redaction->scratch);
    buffer_free(&redaction->line);
    buffer_free(&redaction->shown);
}
