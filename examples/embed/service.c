#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#endif
#include "service.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct connector {
    const char *unified_api, *service_id, *name, *state;
} connectors[] = {
    {"crm", "activecampaign", "ActiveCampaign", "available"},
    {"crm", "hubspot", "HubSpot", "callable"},
    {"crm", "microsoft-dynamics", "Microsoft Dynamics", "added"},
    {"crm", "pipedrive", "Pipedrive", "callable"},
    {"crm", "salesforce", "Salesforce", "authorized"},
    {"crm", "zoho-crm", "Zoho CRM", "available"},
    {"accounting", "quickbooks", "QuickBooks", "callable"},
    {"accounting", "xero", "Xero", "added"},
};
enum { CONNECTORS = sizeof connectors / sizeof connectors[0] };

double clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void add_connection(luaL_Buffer *body, const struct connector *connector, const char *state)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"id\":\"%s+%s\",\"unified_api\":\"%s\",\"service_id\":\"%s\",\"name\":\"%s\","
             "\"state\":\"%s\",\"enabled\":true,\"authorize_url\":null,\"form_fields\":[],"
             "\"created_at\":1615563533390}",
             connector->unified_api, connector->service_id, connector->unified_api,
             connector->service_id, connector->name, state);
    luaL_addstring(body, text);
}

/* Pushes { status, headers, body }; the body is on the stack's top, and popped. */
static int push_response(lua_State *L, int status, const char *header, const char *value)
{
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "body");
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "status");
    lua_createtable(L, 0, 1);
    lua_pushstring(L, value);
    lua_setfield(L, -2, header);
    lua_setfield(L, -2, "headers");
    return 1;
}

static int push_error(lua_State *L, int status, const char *type_name, const char *message)
{
    lua_pushfstring(L, "{\"status_code\":%d,\"type_name\":\"%s\",\"message\":\"%s\"}", status,
                    type_name, message);
    return push_response(L, status, "content-type", "application/json");
}

/* Over its limit a service responds with the delay before a retry. */
static int turn_away(lua_State *L, double left_ms)
{
    char left[32];
    snprintf(left, sizeof left, "%.0f", left_ms + 1);
    lua_pushliteral(L, "{\"status_code\":429,\"type_name\":\"TooManyRequestsError\","
                       "\"message\":\"Too many requests\"}");
    return push_response(L, 429, "retry-after-ms", left);
}

static int list(lua_State *L, const char *query)
{
    luaL_Buffer body;
    const char *separator = "";
    luaL_buffinit(L, &body);
    luaL_addstring(&body, "{\"status_code\":200,\"status\":\"OK\",\"data\":[");
    for (int i = 0; i < CONNECTORS; i++) {
        if (strncmp(query, "?api=", 5) == 0 && strcmp(query + 5, connectors[i].unified_api) != 0)
            continue;
        luaL_addstring(&body, separator);
        add_connection(&body, &connectors[i], connectors[i].state);
        separator = ",";
    }
    luaL_addstring(&body, "]}");
    luaL_pushresult(&body);
    return push_response(L, 200, "content-type", "application/json");
}

static int one(lua_State *L, const struct connector *connector, const char *state)
{
    luaL_Buffer body;
    luaL_buffinit(L, &body);
    luaL_addstring(&body, "{\"status_code\":200,\"status\":\"OK\",\"data\":");
    add_connection(&body, connector, state);
    luaL_addstring(&body, "}");
    luaL_pushresult(&body);
    return push_response(L, 200, "content-type", "application/json");
}

static int response(lua_State *L, const char *method, const char *path)
{
    char wanted[128];
    if (*path == '\0' || *path == '?')
        return list(L, path);
    for (int i = 0; i < CONNECTORS; i++) {
        const struct connector *connector = &connectors[i];
        snprintf(wanted, sizeof wanted, "/%s/%s", connector->unified_api, connector->service_id);
        if (strcmp(path, wanted) == 0)
            return one(L, connector, strcmp(method, "PATCH") == 0 ? "callable" : connector->state);
    }
    return push_error(L, 404, "EntityNotFoundError", "Connection not found");
}

/* request = { method, url, headers, body, timeout_ms }; upvalue 1: the service. */
static int transport(lua_State *L)
{
    static const char base[] = "/vault/connections";
    struct service *service = lua_touserdata(L, lua_upvalueindex(1));
    double left_ms = service->busy_until_ms - clock_ms();
    lua_getfield(L, 1, "method");
    lua_getfield(L, 1, "url");
    const char *path = strstr(luaL_checkstring(L, -1), base);
    if (left_ms > 0) {
        service->turned_away++;
        return turn_away(L, left_ms);
    }
    service->answered++;
    if (path == NULL)
        return push_error(L, 404, "NotFoundError", "No such path");
    return response(L, luaL_checkstring(L, -2), path + sizeof base - 1);
}

void service_push_transport(lua_State *L, struct service *service)
{
    lua_pushlightuserdata(L, service);
    lua_pushcclosure(L, transport, 1);
}
