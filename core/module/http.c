/* SPDX-License-Identifier: MIT */
#include "module/http.h"

#include "engine/url.h"
#include "module/answer.h"
#include "module/error.h"
#include "module/policy.h"
#include "module/secret.h"

#include <string.h>
#include <strings.h>

#define CALL "sluice.call"
#define MAX_SECONDS 86400.0
#define MAX_HEADERS 64

/* ---- calls
 * ---------------------------------------------------------------------------------- */

void slL_call_end(struct slL_call *call) {
    sl_transfer_free(call->transfer);
    call->transfer = NULL;
    slL_signal_fire(&call->ended);
}

static int slL_call_close(lua_State *L) {
    slL_call_end(lua_touserdata(L, 1));
    return 0;
}

struct slL_call *slL_call_new(lua_State *L) {
    struct slL_call *call = lua_newuserdatauv(L, sizeof *call, 0);
    *call = (struct slL_call){0};
    if (luaL_newmetatable(L, CALL)) {
        lua_pushcfunction(L, slL_call_close);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, slL_call_close);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    return call;
}

void slL_call_check(lua_State *L, const struct slL_call *call) {
    if (call->ended.done && !call->transfer)
        slL_error_raise(L, "interrupted", "the request was given up");
}

static void on_done(void *context) {
    slL_signal_fire(&((struct slL_call *)context)->ended);
}

void slL_call_start(lua_State *L, struct slL_call *call,
                    const struct sl_request *request) {
    struct sl_transport *transport = slL_task_transport(L);
    struct sl_error err = {0};
    slL_policy_check_call(L, request);
    sl_transfer_free(call->transfer);
    *call = (struct slL_call){0};
    call->transfer = sl_transport_start(transport, request, on_done, call, &err);
    if (!call->transfer)
        slL_error_engine(L, &err);
}

/* ---- headers
 * -------------------------------------------------------------------------------- */

struct slL_headers {
    unsigned count, room;
    const char *lines[];
};

struct slL_headers *slL_headers_new(lua_State *L, unsigned count) {
    size_t size = sizeof(struct slL_headers) + (count + 1) * sizeof(char *);
    struct slL_headers *headers = lua_newuserdatauv(L, size, 1);
    memset(headers, 0, size);
    headers->room = count;
    lua_createtable(L, (int)count, 0); /* keeps the lines alive */
    lua_setiuservalue(L, -2, 1);
    return headers;
}

/* What frames a request is the transport's to say: another length than the body's would
 * make a second request of the rest, and what Connection names is taken away on the way,
 * such as the sandbox. */
static const char *const own_names[] = {"Content-Length",
                                        "Transfer-Encoding",
                                        "Connection",
                                        "Proxy-Connection",
                                        "Keep-Alive",
                                        "Upgrade",
                                        "TE",
                                        "Trailer",
                                        "Expect",
                                        NULL};

static void check_name(lua_State *L, const char *name) {
    const char *at = name;
    while (*at > ' ' && *at < 127 && !strchr(":;", *at))
        at++;
    if (at == name || *at)
        slL_error_raise(L, "usage", "'%s' cannot be the name of a header", name);
    for (const char *const *own = own_names; *own; own++)
        if (strcasecmp(name, *own) == 0)
            slL_error_raise(L, "usage", "the header %s is the transport's to say", *own);
}

static void check_value(lua_State *L, const char *name, const char *value, size_t len) {
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)value[i] < ' ' || value[i] == 127)
            slL_error_raise(L, "usage",
                            "the value of the header %s holds a control character", name);
}

/* Where the line of that name stands, or the place after the last one. */
static unsigned find_line(const struct slL_headers *headers, const char *name) {
    size_t len = strlen(name);
    unsigned at = 0;
    while (at < headers->count && (strncasecmp(headers->lines[at], name, len) != 0 ||
                                   !strchr(":;", headers->lines[at][len])))
        at++;
    return at;
}

void slL_headers_add_bytes(lua_State *L, int idx, const char *name, const char *text,
                           size_t len) {
    struct slL_headers *headers = lua_touserdata(L, idx);
    check_name(L, name);
    check_value(L, name, text, len);
    unsigned at = find_line(headers, name);
    if (at == headers->room)
        slL_error_raise(L, "limit", "more than %d headers", (int)headers->room);
    lua_getiuservalue(L, idx, 1);
    struct sl_buffer *line = slL_buffer_new(L, "a header", SL_TRANSPORT_MAX_HEADERS);
    slL_buffer_add_text(L, line, name);
    slL_buffer_add_text(L, line, len ? ": " : ";"); /* libcurl's sign for no value */
    slL_buffer_add(L, line, text, len);
    headers->lines[at] = line->data;
    headers->count += at == headers->count;
    lua_rawseti(L, -2, at + 1);
    lua_pop(L, 1);
}

void slL_headers_add(lua_State *L, int idx, const char *name, int value) {
    size_t len;
    const char *text = slL_secret_test(L, value, &len);
    if (!text && !(text = lua_tolstring(L, value, &len)))
        slL_error_raise(L, "usage", "the header %s: expected a string, got %s", name,
                        luaL_typename(L, value));
    slL_headers_add_bytes(L, idx, name, text, len);
}

void slL_headers_add_table(lua_State *L, int idx, int table) {
    idx = lua_absindex(L, idx);
    table = lua_absindex(L, table);
    if (lua_isnil(L, table))
        return;
    if (!lua_istable(L, table))
        slL_error_raise(L, "usage", "headers: expected a table, got %s",
                        luaL_typename(L, table));
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            slL_error_raise(L, "usage", "the names of headers are strings, got a %s",
                            luaL_typename(L, -2));
        const char *name = lua_tostring(L, -2);
        if (strlen(name) != lua_rawlen(L, -2))
            slL_error_raise(L, "usage", "the name of the header %s holds a NUL", name);
        slL_policy_check_header(L, name);
        slL_headers_add(L, idx, name, -1);
    }
}

const char *const *slL_headers_lines(const struct slL_headers *headers) {
    return headers->lines;
}

/* ---- the query
 * ------------------------------------------------------------------------------ */

static void add_pair(lua_State *L, struct sl_buffer *url, int name, int value) {
    size_t len;
    if (lua_isboolean(L, value))
        lua_pushstring(L, lua_toboolean(L, value) ? "true" : "false");
    else if (lua_type(L, value) == LUA_TSTRING || lua_type(L, value) == LUA_TNUMBER)
        lua_pushvalue(L, value);
    else
        slL_error_raise(L, "usage",
                        "query %s: expected a string, number or boolean, got %s",
                        lua_tostring(L, name), luaL_typename(L, value));
    slL_buffer_add_text(L, url, memchr(url->data, '?', url->len) ? "&" : "?");
    const char *text = lua_tolstring(L, name, &len);
    slL_buffer_add_encoded(L, url, text, len);
    slL_buffer_add_text(L, url, "=");
    text = lua_tolstring(L, -1, &len);
    slL_buffer_add_encoded(L, url, text, len);
    lua_pop(L, 1);
}

/* Pushes the sorted names of the table at `idx`. */
static void push_names(lua_State *L, int idx) {
    lua_newtable(L);
    int names = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            slL_error_raise(L, "usage", "the names of a query are strings, got a %s",
                            luaL_typename(L, -2));
        lua_Integer at = (lua_Integer)lua_rawlen(L, names) + 1;
        for (; at > 1; at--) { /* insertion: a query has a handful of names */
            lua_rawgeti(L, names, at - 1);
            if (!lua_compare(L, -3, -1, LUA_OPLT)) {
                lua_pop(L, 1);
                break;
            }
            lua_rawseti(L, names, at);
        }
        lua_pushvalue(L, -2);
        lua_rawseti(L, names, at);
    }
}

static void add_values(lua_State *L, struct sl_buffer *url, int name, int value) {
    if (!lua_istable(L, value)) {
        add_pair(L, url, name, value);
        return;
    }
    lua_Integer count = luaL_len(L, value);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, value, i);
        add_pair(L, url, name, lua_gettop(L));
        lua_pop(L, 1);
    }
}

void slL_url_add_query(lua_State *L, int idx, struct sl_buffer *url) {
    if (lua_isnoneornil(L, idx))
        return;
    if (!lua_istable(L, idx))
        slL_error_raise(L, "usage", "query: expected a table, got %s",
                        luaL_typename(L, idx));
    idx = lua_absindex(L, idx);
    int top = lua_gettop(L);
    push_names(L, idx);
    lua_Integer count = (lua_Integer)lua_rawlen(L, top + 1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, top + 1, i);
        lua_pushvalue(L, -1);
        lua_gettable(L, idx);
        add_values(L, url, top + 2, top + 3);
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
}

/* ---- limits
 * --------------------------------------------------------------------------------- */

static long read_ms(lua_State *L, int idx, const char *field) {
    lua_getfield(L, idx, field);
    lua_Number seconds = lua_tonumber(L, -1);
    if (!lua_isnil(L, -1) &&
        !(lua_isnumber(L, -1) && seconds > 0 && seconds <= MAX_SECONDS))
        slL_error_raise(L, "usage", "%s: expected seconds between 0 and %d", field,
                        (int)MAX_SECONDS);
    lua_pop(L, 1);
    long ms = (long)(seconds * 1000);
    return seconds > 0 && ms == 0 ? 1 : ms;
}

void slL_http_limits(lua_State *L, int idx, struct sl_request *request) {
    request->connect_timeout_ms = read_ms(L, idx, "connect_timeout");
    request->timeout_ms = read_ms(L, idx, "timeout");
    lua_getfield(L, idx, "max_body");
    lua_Integer max = lua_tointeger(L, -1);
    if (!lua_isnil(L, -1) && max <= 0)
        slL_error_raise(L, "usage", "max_body: expected a number of bytes above 0");
    request->max_body = (size_t)max;
    if (lua_getfield(L, idx, "cacert") != LUA_TNIL && lua_type(L, -1) != LUA_TSTRING)
        slL_error_raise(L, "usage", "cacert: expected the path of a PEM file");
    request->cacert = lua_tostring(L, -1);
    lua_remove(L, -2);
}

void slL_http_limit_time(struct sl_request *request, double seconds) {
    long own = request->timeout_ms ? request->timeout_ms : SL_TRANSPORT_TIMEOUT_MS;
    double ms = seconds * 1000;
    request->timeout_ms = ms < (double)own ? (long)ms + 1 : own;
}

/* ---- the library
 * ---------------------------------------------------------------------------- */

static const char *string_field(lua_State *L, const char *field, const char *fallback) {
    if (lua_getfield(L, 1, field) == LUA_TNIL && fallback) {
        lua_pop(L, 1);
        return lua_pushstring(L, fallback);
    }
    if (lua_type(L, -1) != LUA_TSTRING)
        slL_error_raise(L, "usage", "http.request: %s must be a string, got %s", field,
                        luaL_typename(L, -1));
    const char *text = lua_tostring(L, -1);
    if (strlen(text) != lua_rawlen(L, -1))
        slL_error_raise(L, "usage", "http.request: %s holds a NUL", field);
    return text;
}

/* Leaves the body, which must stay until the request has started, on the stack. */
static void read_body(lua_State *L, struct sl_request *request) {
    if (lua_getfield(L, 1, "body") == LUA_TNIL)
        return;
    request->body = slL_secret_test(L, -1, &request->body_len);
    if (!request->body && lua_type(L, -1) != LUA_TSTRING)
        slL_error_raise(L, "usage", "http.request: body must be a string, got %s",
                        luaL_typename(L, -1));
    if (!request->body)
        request->body = lua_tolstring(L, -1, &request->body_len);
}

static int answered(lua_State *L, int status, lua_KContext context) {
    (void)status;
    struct slL_call *call = (struct slL_call *)context;
    struct slL_asked asked = {.method = lua_tostring(L, 2), .url = lua_tostring(L, 3)};
    slL_call_check(L, call);
    slL_answer_check_transfer(L, call->transfer, &asked);
    slL_answer_push_raw(L, call->transfer);
    return 1;
}

/* http.request{ method =, url =, headers =, body =, timeout =, connect_timeout =,
 * max_body =, cacert = } → { status, headers, body }; any status is a success here.
 * Raises kind "http" when there is no answer, "limit" when it is too large. */
static int slL_http_request(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct sl_request request = {.method = string_field(L, "method", "GET"),
                                 .url = string_field(L, "url", NULL)};
    slL_http_limits(L, 1, &request);
    struct slL_headers *headers = slL_headers_new(L, MAX_HEADERS);
    lua_getfield(L, 1, "headers");
    slL_headers_add_table(L, -2, -1);
    request.headers = slL_headers_lines(headers);
    read_body(L, &request);
    struct slL_call *call = slL_call_new(L);
    lua_toclose(L, -1);
    slL_call_start(L, call, &request);
    return slL_signal_wait(L, &call->ended, (lua_KContext)call, answered);
}

static const luaL_Reg functions[] = {
    {"request", slL_http_request},
    {NULL, NULL},
};

int slL_open_http(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
