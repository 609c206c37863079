#include "lua/config.h"

#include "base/count.h"
#include "call/error.h"
#include "call/header_value.h"
#include "call/log.h"
#include "call/user_field.h"
#include "lua/config_headers.h"
#include "lua/config_retries.h"
#include "lua/option_reader.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_SERVER_URL "https://unify.apideck.com"

enum {
    DEFAULT_TIMEOUT_MS = 30000,
    DEFAULT_CONNECT_TIMEOUT_MS = 10000,
    DEFAULT_CONNECTION_LIFETIME_MS = 300000,
    DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024
};

static void store(lua_State *L, const struct option_target *target, enum client_value value)
{
    lua_pushvalue(L, -1);
    lua_rawseti(L, target->values, (int)value);
}

static long milliseconds(lua_State *L, const char *path)
{
    double number = option_number(L, path, 0, " of milliseconds");
    if (number <= 0 || number > (double)INT_MAX)
        error_invalid(L, "%s: expected a number of milliseconds above 0 and below 2^31", path);
    return number < 1 ? 1 : (long)number;
}

/* --- fields of clients and calls --- */

static void read_server_url(lua_State *L, const struct option_target *target, const char *path)
{
    const char *text = option_string(L, path);
    if (text[0] == '\0') /* same as absent, as for an empty environment variable */
        return;
    struct base_url base;
    error_check_status(L, base_url_parse(text, (size_t)lua_rawlen(L, -1), &base), path);
    base_url_free(&target->settings->base);
    target->settings->base = base;
}

static void read_timeout(lua_State *L, const struct option_target *target, const char *path)
{
    target->settings->timeout_ms = milliseconds(L, path);
}

/* --- fields of clients --- */

static void read_header_string(lua_State *L, const struct option_target *target, const char *path,
                               enum client_value value)
{
    header_value_push_nonblank(L, path, "; leave it out instead");
    store(L, target, value);
    lua_pop(L, 1);
}

static void read_api_key(lua_State *L, const struct option_target *target, const char *path)
{
    if (lua_isfunction(L, -1)) {
        store(L, target, CLIENT_API_KEY);
    } else if (lua_type(L, -1) != LUA_TSTRING) {
        error_invalid(L, "%s: expected a string or a function that returns one, got %s", path,
                      error_type_name(L, -1));
    } else if (lua_rawlen(L, -1) == 0) { /* no key, and none from the environment */
        lua_pushboolean(L, 0);
        store(L, target, CLIENT_API_KEY);
        lua_pop(L, 1);
    } else {
        read_header_string(L, target, path, CLIENT_API_KEY);
    }
}

static void read_consumer_id(lua_State *L, const struct option_target *target, const char *path)
{
    read_header_string(L, target, path, CLIENT_CONSUMER_ID);
}

static void read_app_id(lua_State *L, const struct option_target *target, const char *path)
{
    read_header_string(L, target, path, CLIENT_APP_ID);
}

static void read_user_agent(lua_State *L, const struct option_target *target, const char *path)
{
    read_header_string(L, target, path, CLIENT_USER_AGENT);
}

static void read_connect_timeout(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->transfer_options.connect_timeout_ms = milliseconds(L, path);
}

static void read_connection_lifetime(lua_State *L, const struct option_target *target,
                                     const char *path)
{
    target->client->transfer_options.connection_lifetime_ms = milliseconds(L, path);
}

static const char *read_anchored(lua_State *L, const struct option_target *target, const char *path,
                                 enum client_value value)
{
    const char *text = option_string(L, path);
    store(L, target, value);
    return text;
}

static void read_proxy(lua_State *L, const struct option_target *target, const char *path)
{
    const char *proxy = read_anchored(L, target, path, CLIENT_PROXY);
    if (proxy[0] != '\0')
        error_check_status(L, url_check_proxy(proxy), path);
    target->client->transfer_options.proxy = proxy;
}

static const char *read_file_name(lua_State *L, const struct option_target *target,
                                  const char *path, enum client_value value)
{
    const char *name = read_anchored(L, target, path, value);
    if (access(name, R_OK) != 0)
        error_invalid(L, "%s: cannot read '%s': %s", path, name, strerror(errno));
    return name;
}

static void read_ca_file(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->transfer_options.ca_file = read_file_name(L, target, path, CLIENT_CA_FILE);
}

static void read_ca_path(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->transfer_options.ca_path = read_file_name(L, target, path, CLIENT_CA_PATH);
}

static void read_ca_pem(lua_State *L, const struct option_target *target, const char *path)
{
    const char *pem = read_anchored(L, target, path, CLIENT_CA_PEM);
    if (strstr(pem, "-----BEGIN") == NULL)
        error_invalid(L, "%s: expected certificates as PEM text (-----BEGIN CERTIFICATE-----)",
                      path);
    target->client->transfer_options.ca_pem = pem;
}

static void read_cert_file(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->transfer_options.cert_file = read_file_name(L, target, path, CLIENT_CERT_FILE);
}

static void read_key_file(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->transfer_options.key_file = read_file_name(L, target, path, CLIENT_KEY_FILE);
}

static void read_key_password(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->transfer_options.key_password =
        read_anchored(L, target, path, CLIENT_KEY_PASSWORD);
}

static void read_verify(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->transfer_options.verify = option_boolean(L, path);
}

static const struct option tls_rows[] = {
    {"ca_file", read_ca_file},     {"ca_path", read_ca_path},   {"ca_pem", read_ca_pem},
    {"cert_file", read_cert_file}, {"key_file", read_key_file}, {"key_password", read_key_password},
    {"verify", read_verify},
};

static void read_tls(lua_State *L, const struct option_target *target, const char *path)
{
    options_read_nested(L, tls_rows, COUNT(tls_rows), path, target);
}

static void read_max_response_bytes(lua_State *L, const struct option_target *target,
                                    const char *path)
{
    double number = option_number(L, path, 1, " of bytes");
    target->client->transfer_options.max_response_bytes =
        number > (double)(SIZE_MAX / 4) ? SIZE_MAX / 4 : (size_t)number;
}

static void read_max_connections(lua_State *L, const struct option_target *target, const char *path)
{
    double number = option_number(L, path, 1, "");
    target->client->transfer_options.max_connections = number > 1e6 ? 1000000 : (long)number;
}

static void read_http_version(lua_State *L, const struct option_target *target, const char *path)
{
    const char *version = option_string(L, path);
    if (strcmp(version, "1.1") == 0)
        target->client->transfer_options.http_version = TRANSFER_HTTP_1_1;
    else if (strcmp(version, "2") == 0)
        target->client->transfer_options.http_version = TRANSFER_HTTP_2;
    else
        error_invalid(L, "%s: expected \"1.1\" or \"2\"", path);
}

static void read_keep_nulls(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->keep_nulls = option_boolean(L, path);
}

static void read_allow_insecure(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->allow_insecure = option_boolean(L, path);
}

static void read_debug_secrets(lua_State *L, const struct option_target *target, const char *path)
{
    target->client->debug_secrets = option_boolean(L, path);
}

static bool has_debug_method(lua_State *L)
{
    if (!lua_istable(L, -1) && lua_type(L, -1) != LUA_TUSERDATA)
        return false;
    user_field_push(L, NULL, -1, "debug", "reading debug_logger");
    bool present = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return present;
}

static void read_debug_logger(lua_State *L, const struct option_target *target, const char *path)
{
    if (lua_isboolean(L, -1)) {
        target->client->has_logger = lua_toboolean(L, -1) != 0;
        lua_pushcfunction(L, log_default);
        lua_rawseti(L, target->values, CLIENT_LOGGER);
        return;
    }
    if (!lua_isfunction(L, -1) && !has_debug_method(L))
        error_invalid(L,
                      "%s: expected a function, an object with a method 'debug', "
                      "or a boolean",
                      path);
    target->client->has_logger = true;
    store(L, target, CLIENT_LOGGER);
}

static void read_hook(lua_State *L, const struct option_target *target, const char *path,
                      enum client_value value)
{
    if (!lua_isfunction(L, -1))
        error_invalid(L, "%s: expected a function, got %s", path, error_type_name(L, -1));
    target->client->has_hooks = true;
    store(L, target, value);
}

static void read_before_request(lua_State *L, const struct option_target *target, const char *path)
{
    read_hook(L, target, path, CLIENT_BEFORE_REQUEST);
}

static void read_after_response(lua_State *L, const struct option_target *target, const char *path)
{
    read_hook(L, target, path, CLIENT_AFTER_RESPONSE);
}

static void read_on_error(lua_State *L, const struct option_target *target, const char *path)
{
    read_hook(L, target, path, CLIENT_ON_ERROR);
}

static void read_on_retry(lua_State *L, const struct option_target *target, const char *path)
{
    read_hook(L, target, path, CLIENT_ON_RETRY);
}

static const struct option hooks_rows[] = {
    {"before_request", read_before_request},
    {"after_response", read_after_response},
    {"on_error", read_on_error},
    {"on_retry", read_on_retry},
};

static void read_hooks(lua_State *L, const struct option_target *target, const char *path)
{
    options_read_nested(L, hooks_rows, COUNT(hooks_rows), path, target);
}

static void read_transport(lua_State *L, const struct option_target *target, const char *path)
{
    if (!lua_isfunction(L, -1))
        error_invalid(L, "%s: expected a function, got %s", path, error_type_name(L, -1));
    store(L, target, CLIENT_TRANSPORT);
}

static void read_loop(lua_State *L, const struct option_target *target, const char *path)
{
    static const char *const names[] = {"none", "cqueues", "luv", "copas", "nginx"};
    const char *name = option_string(L, path);
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i], name) == 0) {
            store(L, target, CLIENT_LOOP);
            return;
        }
    error_invalid(L, "%s: expected \"cqueues\", \"luv\", \"copas\", \"nginx\" or \"none\"", path);
}

/* job_start.c reads the callback; this row only refuses it in blocking calls. */
static void check_callback_allowed(lua_State *L, const struct option_target *target,
                                   const char *path)
{
    (void)path;
    if (!target->asynchronous)
        error_invalid(L, "callback: this call returns its result; use client.async "
                         "for a callback");
}

static const struct option call_rows[] = {
    {"callback", check_callback_allowed}, {"server_url", read_server_url},
    {"timeout_ms", read_timeout},         {"headers", config_read_headers},
    {"retries", config_read_retries},     {"retry_codes", config_read_retry_codes},
};

static const struct option client_rows[] = {
    {"server_url", read_server_url},
    {"timeout_ms", read_timeout},
    {"headers", config_read_headers},
    {"retries", config_read_retries},
    {"retry_codes", config_read_retry_codes},
    {"api_key", read_api_key},
    {"consumer_id", read_consumer_id},
    {"app_id", read_app_id},
    {"user_agent", read_user_agent},
    {"connect_timeout_ms", read_connect_timeout},
    {"proxy", read_proxy},
    {"tls", read_tls},
    {"max_response_bytes", read_max_response_bytes},
    {"max_connections", read_max_connections},
    {"connection_lifetime_ms", read_connection_lifetime},
    {"http_version", read_http_version},
    {"keep_nulls", read_keep_nulls},
    {"allow_insecure", read_allow_insecure},
    {"debug_logger", read_debug_logger},
    {"debug_secrets", read_debug_secrets},
    {"hooks", read_hooks},
    {"transport", read_transport},
    {"loop", read_loop},
};

static void set_defaults(struct client *client)
{
    client->settings.timeout_ms = DEFAULT_TIMEOUT_MS;
    client->settings.retries = retry_policy_default;
    client->transfer_options.connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
    client->transfer_options.connection_lifetime_ms = DEFAULT_CONNECTION_LIFETIME_MS;
    client->transfer_options.max_response_bytes = DEFAULT_MAX_RESPONSE_BYTES;
    client->transfer_options.verify = true;
}

static bool is_unset(lua_State *L, int values, enum client_value value)
{
    lua_rawgeti(L, values, (int)value);
    bool unset = lua_isnil(L, -1);
    lua_pop(L, 1);
    return unset;
}

static void read_variable(lua_State *L, const struct option_target *target, const char *name,
                          void (*read)(lua_State *, const struct option_target *, const char *))
{
    const char *text = getenv(name);
    if (text == NULL || header_value_is_blank(text, strlen(text)))
        return;
    lua_pushstring(L, text);
    read(L, target, name);
    lua_pop(L, 1);
}

static void read_debug_variable(lua_State *L, const struct option_target *target)
{
    const char *text = getenv("APIDECK_DEBUG");
    if (text == NULL || (strcmp(text, "1") != 0 && strcmp(text, "true") != 0))
        return;
    lua_pushboolean(L, 1);
    read_debug_logger(L, target, "APIDECK_DEBUG");
    lua_pop(L, 1);
}

static void read_environment(lua_State *L, const struct option_target *target)
{
    struct client *client = target->client;
    if (is_unset(L, target->values, CLIENT_API_KEY))
        read_variable(L, target, "APIDECK_API_KEY", read_api_key);
    if (is_unset(L, target->values, CLIENT_CONSUMER_ID))
        read_variable(L, target, "APIDECK_CONSUMER_ID", read_consumer_id);
    if (is_unset(L, target->values, CLIENT_APP_ID))
        read_variable(L, target, "APIDECK_APP_ID", read_app_id);
    if (client->settings.base.prefix.length == 0)
        read_variable(L, target, "APIDECK_SERVER_URL", read_server_url);
    if (is_unset(L, target->values, CLIENT_LOGGER))
        read_debug_variable(L, target);
    if (client->settings.base.prefix.length == 0) {
        lua_pushliteral(L, DEFAULT_SERVER_URL);
        read_server_url(L, target, "server_url");
        lua_pop(L, 1);
    }
}

void config_read_client(lua_State *L, int index, struct client *client, int values)
{
    struct option_target target = {&client->settings, client, false, values};
    set_defaults(client);
    if (index != 0 && !lua_isnil(L, index)) {
        if (!lua_istable(L, index))
            error_invalid(L, "vault.new: expected a table, got %s", error_type_name(L, index));
        options_read(L, index, client_rows, COUNT(client_rows), "", &target);
    }
    read_environment(L, &target);
}

void config_read_call(lua_State *L, int index, struct call_settings *settings, bool asynchronous)
{
    struct option_target target = {settings, NULL, asynchronous, 0};
    if (lua_isnoneornil(L, index))
        return;
    if (!lua_istable(L, index))
        error_invalid(L, "options: expected a table, got %s", error_type_name(L, index));
    options_read(L, index, call_rows, COUNT(call_rows), "", &target);
}
