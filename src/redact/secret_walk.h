/* JSON text, token by token, with what its names say about each value. Reads any
 * text: what is no JSON ends the walk where that shows. */
#ifndef VAULT_REDACT_SECRET_WALK_H
#define VAULT_REDACT_SECRET_WALK_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum secret_token {
    SECRET_TOKEN_OPEN,   /* [ or { */
    SECRET_TOKEN_CLOSE,  /* ] or } */
    SECRET_TOKEN_NAME,   /* of a member; as SECRET_TOKEN_STRING */
    SECRET_TOKEN_STRING, /* without its quotes, escapes as they are */
    SECRET_TOKEN_NUMBER,
    SECRET_TOKEN_WORD, /* true, false, null */
    SECRET_TOKEN_END,
    SECRET_TOKEN_BROKEN, /* no JSON, or it nests too deep */
    SECRET_TOKEN_NO_MEMORY
};

enum secret_value {
    SECRET_VALUE_PLAIN,
    SECRET_VALUE_SECRET,
    SECRET_VALUE_FORM /* of a form field, which may be a sensitive one */
};

struct secret_level {
    bool object;
    bool secret;                         /* everything below is */
    bool credentials;                    /* the same, but for dates */
    bool exempt;                         /* its members key and value are no secrets */
    bool sensitive;                      /* it has a member of that name that is true */
    const char *value[2], *value_end[2]; /* of the members value and default_value */
};

struct secret_walk {
    const char *at, *end;
    const char *start, *stop; /* the token */
    enum secret_value value;  /* of the token, where it is a value or opens one */
    bool all;                 /* every value is a secret, whatever its name is */
    bool ended;               /* the value is complete */
    bool named;               /* the name of a member has been read, its value follows */
    struct secret_level next; /* what the name says of that value */
    int form_slot;            /* 0 or 1: the member is one of those of a form field */
    bool flag;                /* the member is the flag that makes a field sensitive */
    struct secret_level *levels;
    size_t depth, capacity;
    struct secret_level closed; /* of SECRET_TOKEN_CLOSE: the level that has ended */
    struct buffer name;         /* without its escapes */
};

/* The text stays the caller's. secret_walk_end frees what the walk has allocated,
 * at any time. */
void secret_walk_begin(struct secret_walk *walk, const char *text, size_t length);
enum secret_token secret_walk_next(struct secret_walk *walk);
void secret_walk_end(struct secret_walk *walk);

/* Appends the text of a string token: without its escapes, and with U+FFFD where
 * its bytes are no UTF-8, as the reader of JSON has it. */
bool secret_walk_unescape(struct buffer *out, const char *text, size_t length);

#endif
