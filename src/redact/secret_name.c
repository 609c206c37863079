#include "redact/secret_name.h"

#include "base/ascii.h"
#include "base/count.h"

#include <string.h>

enum { LONGEST_NAME = 64, LONGEST_WORD = 24 };

/* Names in Apideck's OpenAPI document (version 10.34.0), in snake case, that the rule by words
 * would misjudge. */
static const struct known_name {
    const char *name;
    enum secret_name kind;
} known_names[] = {
    {"auth_type", SECRET_NAME_NONE},
    {"oauth_grant_type", SECRET_NAME_NONE},
    {"settings_required_for_authorization", SECRET_NAME_NONE},
    {"resource_settings_support", SECRET_NAME_NONE},
    {"credentials_expire_at", SECRET_NAME_NONE},
    {"credentials_expire_at_ms", SECRET_NAME_NONE},
    {"session_length", SECRET_NAME_NONE},
    {"settings", SECRET_NAME_SECRET},
    {"custom_consumer_settings", SECRET_NAME_SECRET},
    {"credentials", SECRET_NAME_CREDENTIALS},
    {"issued_at", SECRET_NAME_LIFETIME},
    {"expires_in", SECRET_NAME_LIFETIME},
    /* Such a link gives access to the consumer's connections. */
    {"authorize_url", SECRET_NAME_SECRET},
    {"revoke_url", SECRET_NAME_SECRET},
    {"session_uri", SECRET_NAME_SECRET},
    {"value", SECRET_NAME_FORM_VALUE},
    {"default_value", SECRET_NAME_FORM_VALUE},
    {"sensitive", SECRET_NAME_SENSITIVE},
    {"options", SECRET_NAME_PUBLIC},
    {"custom_mappings", SECRET_NAME_PUBLIC},
};

static const char *const secret_words[] = {
    "key",          "token",         "secret",        "password",  "passphrase", "passwd",
    "pwd",          "credential",    "cookie",        "signature", "sig",        "jwt",
    "auth",         "authorization", "authorisation", "oauth",     "session",    "apikey",
    "accesskey",    "secretkey",     "privatekey",    "apitoken",  "authtoken",  "accesstoken",
    "refreshtoken", "sessiontoken",  "sessionid",     "sessid",    "phpsessid",  "jsessionid",
    "clientsecret", "apisecret",     "authentication"};

/* A key with one of these words before it is not secret. */
static const char *const public_words[] = {"public", "primary", "foreign", "idempotency"};

/* A name that ends in one of these words describes a secret, but its value is not one: token_type,
 * password_updated_at, session_length. */
static const char *const property_words[] = {
    "at",         "date",  "time",   "datetime", "timestamp", "expires", "expiry",
    "expiration", "ttl",   "age",    "ms",       "seconds",   "type",    "length",
    "size",       "count", "limit",  "status",   "required",  "enabled", "supported",
    "support",    "mode",  "method", "algorithm"};

/* Whether a new word starts at name[i]: apiKey, APIKey, but not APIKEY. */
static bool is_camel_boundary(const char *name, size_t length, size_t i)
{
    if (i == 0 || !ascii_is_upper(name[i]))
        return false;
    return !ascii_is_upper(name[i - 1]) || (i + 1 < length && ascii_is_lower(name[i + 1]));
}

struct words {
    char snake[LONGEST_NAME + 1]; /* start of the name in snake case */
    size_t snake_length;
    char word[LONGEST_WORD + 1]; /* the current word; longer words are cut */
    size_t word_length;
    bool public_before, secret, property;
};

static bool is_among(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

/* Also plurals and words with a number: passwords, token2. */
static bool is_secret_word(char *word, size_t length)
{
    while (length > 0 && ascii_is_digit(word[length - 1]))
        word[--length] = '\0';
    if (is_among(secret_words, COUNT(secret_words), word))
        return true;
    if (length == 0 || word[length - 1] != 's')
        return false;
    word[length - 1] = '\0';
    return is_among(secret_words, COUNT(secret_words), word);
}

static void end_word(struct words *words)
{
    if (words->word_length == 0)
        return;
    words->word[words->word_length] = '\0';
    words->property = is_among(property_words, COUNT(property_words), words->word);
    bool is_public = is_among(public_words, COUNT(public_words), words->word);
    if (!words->public_before && is_secret_word(words->word, words->word_length))
        words->secret = true;
    words->public_before = is_public;
    words->word_length = 0;
}

static void add_character(struct words *words, char c)
{
    if (words->word_length == 0 && words->snake_length > 0 && words->snake_length < LONGEST_NAME)
        words->snake[words->snake_length++] = '_';
    if (words->snake_length < LONGEST_NAME)
        words->snake[words->snake_length++] = c;
    /* A word longer than all in the lists matches none of them. */
    if (words->word_length < LONGEST_WORD)
        words->word[words->word_length++] = c;
}

static void read_words(struct words *words, const char *name, size_t length)
{
    *words = (struct words){.snake_length = 0};
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        if (is_camel_boundary(name, length, i))
            end_word(words);
        if (ascii_is_lower(c) || ascii_is_digit(c))
            add_character(words, c);
        else if (ascii_is_upper(c))
            add_character(words, ascii_lower(c));
        else
            end_word(words);
    }
    end_word(words);
    words->snake[words->snake_length] = '\0';
}

enum secret_name secret_name_kind(const char *name, size_t length)
{
    struct words words;
    read_words(&words, name, length);
    for (size_t i = 0; i < COUNT(known_names); i++)
        if (strcmp(known_names[i].name, words.snake) == 0)
            return known_names[i].kind;
    return words.secret && !words.property ? SECRET_NAME_SECRET : SECRET_NAME_NONE;
}

bool secret_name_is_secret(const char *name, size_t length)
{
    enum secret_name kind = secret_name_kind(name, length);
    return kind == SECRET_NAME_SECRET || kind == SECRET_NAME_CREDENTIALS;
}
