/* Reads JSON text token by token, and tells by the names whether each value is secret. Accepts any
 * text: a syntax error ends the walk. */
#ifndef VAULT_REDACT_SECRET_WALK_H
#define VAULT_REDACT_SECRET_WALK_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum secret_token {
    SECRET_TOKEN_OPEN,   /* [ or { */
    SECRET_TOKEN_CLOSE,  /* ] or } */
    SECRET_TOKEN_NAME,   /* of a member; start and stop as for SECRET_TOKEN_STRING */
    SECRET_TOKEN_STRING, /* without its quotes; escapes are kept */
    SECRET_TOKEN_NUMBER,
    SECRET_TOKEN_WORD, /* true, false, null */
    SECRET_TOKEN_END,
    SECRET_TOKEN_BROKEN, /* a syntax error, or nesting too deep */
    SECRET_TOKEN_NO_MEMORY
};

enum secret_value {
    SECRET_VALUE_PLAIN,
    SECRET_VALUE_SECRET,
    SECRET_VALUE_FORM /* of a form field, secret if the field is sensitive */
};

struct secret_level {
    bool object;
    bool secret;                         /* all values in it are secret */
    bool credentials;                    /* the same, except dates */
    bool exempt;                         /* its members key and value are not secret */
    bool sensitive;                      /* its member `sensitive` is true */
    const char *value[2], *value_end[2]; /* start and end of its members value and default_value */
};

struct secret_walk {
    const char *at, *end;
    const char *start, *stop; /* of the token */
    enum secret_value value;  /* of the token, if it is a value or opens one */
    bool all;                 /* treat every value as secret */
    bool ended;               /* the top value is complete */
    bool named;               /* the name of a member has been read; its value is next */
    struct secret_level next; /* flags of that value, by its name */
    int form_slot; /* index in level->value if the member is one of a form field, else -1 */
    bool flag;     /* the member is `sensitive` */
    struct secret_level *levels;
    size_t depth, capacity;
    struct secret_level closed; /* after SECRET_TOKEN_CLOSE: the level that was closed */
    struct buffer name;         /* a name without its escapes */
};

/* The caller keeps the text until the end of the walk. secret_walk_end frees the memory of the
 * walk, in any state. */
void secret_walk_begin(struct secret_walk *walk, const char *text, size_t length);
enum secret_token secret_walk_next(struct secret_walk *walk);
void secret_walk_end(struct secret_walk *walk);

/* Appends the text of a string token without its escapes. As in json_read, bytes that are not UTF-8
 * become U+FFFD. False: no memory. */
bool secret_walk_unescape(struct buffer *out, const char *text, size_t length);

#endif
