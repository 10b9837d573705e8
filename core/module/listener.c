/* SPDX-License-Identifier: MIT
 * An HTTP server on the loopback address in Lua's hands. */
#include "engine/listener.h"

#include "engine/transport.h"
#include "module/error.h"
#include "module/policy.h"
#include "module/task.h"

#include <ctype.h>
#include <string.h>

#define LISTENER "sluice.listener"
#define EXCHANGE "sluice.exchange"
#define MAX_HEADERS 64

struct server {
    struct slL_server server; /* first: the loop's view of it */
    struct slL_signal arrived;
};

struct exchange {
    struct sl_exchange *exchange; /* NULL once answered or dropped */
};

/* ---- exchanges
 * ------------------------------------------------------------------------------ */

static struct exchange *check_exchange(lua_State *L) {
    return luaL_checkudata(L, 1, EXCHANGE);
}

static int slL_exchange_gc(lua_State *L) {
    struct exchange *box = check_exchange(L);
    sl_exchange_free(box->exchange);
    box->exchange = NULL;
    return 0;
}

/* Several lines of one name are joined with a comma, as RFC 9110 §5.3 allows. */
static int set_header(lua_State *L) { /* (table, struct sl_header) */
    const struct sl_header *header = lua_touserdata(L, 2);
    luaL_Buffer name;
    luaL_buffinit(L, &name);
    for (const char *at = header->name; *at; at++)
        luaL_addchar(&name, (char)tolower((unsigned char)*at));
    luaL_pushresult(&name);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 1) == LUA_TSTRING) {
        lua_pushliteral(L, ", ");
        lua_pushlstring(L, header->value, header->value_len);
        lua_concat(L, 3);
    } else {
        lua_pop(L, 1);
        lua_pushlstring(L, header->value, header->value_len);
    }
    lua_rawset(L, 1);
    return 0;
}

/* Called from inside the library: nothing may be thrown through it. */
static void each_header(void *context, const struct sl_header *header) {
    lua_State *L = context;
    lua_pushcfunction(L, set_header);
    lua_pushvalue(L, -2);
    lua_pushlightuserdata(L, (void *)(uintptr_t)header);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
        lua_pop(L, 1);
}

static void push_fields(lua_State *L, const struct sl_exchange *exchange) {
    const char *target = sl_exchange_target(exchange);
    const char *query = strchr(target, '?');
    const struct sl_buffer *body = sl_exchange_body(exchange);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, sl_exchange_method(exchange));
    lua_setfield(L, -2, "method");
    lua_pushlstring(L, target, query ? (size_t)(query - target) : strlen(target));
    lua_setfield(L, -2, "path");
    lua_pushstring(L, query ? query + 1 : NULL);
    lua_setfield(L, -2, "query");
    lua_pushlstring(L, body->data ? body->data : "", body->len);
    lua_setfield(L, -2, "body");
    lua_newtable(L);
    sl_exchange_headers(exchange, each_header, L);
    lua_setfield(L, -2, "headers");
}

static int slL_exchange_index(lua_State *L) {
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 2);
    if (lua_gettable(L, -2) == LUA_TNIL) {
        luaL_getmetafield(L, 1, "methods");
        lua_pushvalue(L, 2);
        lua_gettable(L, -2);
    }
    return 1;
}

static int is_text(lua_State *L, int idx) {
    return lua_type(L, idx) == LUA_TSTRING &&
           strlen(lua_tostring(L, idx)) == lua_rawlen(L, idx);
}

/* Reads the table of headers at `idx` into `out`, which ends with an empty one. */
static void read_headers(lua_State *L, int idx, struct sl_header *out) {
    unsigned count = 0;
    if (!lua_istable(L, idx))
        return;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        if (count == MAX_HEADERS)
            slL_error_raise(L, "limit", "more than %d headers", MAX_HEADERS);
        luaL_argcheck(L, is_text(L, -2) && is_text(L, -1), idx,
                      "header names and values are strings without NUL");
        out[count].name = lua_tostring(L, -2);
        out[count++].value = lua_tostring(L, -1);
    }
}

/* exchange:respond(status, headers, body): answers, once. `headers` and `body` may be
 * nil. */
static int slL_exchange_respond(lua_State *L) {
    struct exchange *box = check_exchange(L);
    lua_Integer status = luaL_checkinteger(L, 2);
    luaL_argcheck(L, status >= 200 && status <= 599, 2,
                  "expected a status from 200 to 599");
    size_t len;
    const char *body = luaL_optlstring(L, 4, "", &len);
    struct sl_header headers[MAX_HEADERS + 1] = {{NULL, NULL, 0}};
    struct sl_error err = {0};
    read_headers(L, 3, headers);
    if (!box->exchange)
        return luaL_error(L, "this request has been answered already");
    if (sl_exchange_respond(box->exchange, (unsigned)status, headers, body, len, &err) !=
        SL_OK)
        return slL_error_engine(L, &err);
    return slL_exchange_gc(L);
}

static struct sl_exchange *check_open(lua_State *L) {
    struct exchange *box = check_exchange(L);
    if (!box->exchange)
        luaL_error(L, "this request has been answered already");
    return box->exchange;
}

/* exchange:write(bytes) → how many of them the socket took: raw, beside HTTP */
static int slL_exchange_write(lua_State *L) {
    size_t len, written;
    const char *bytes = luaL_checklstring(L, 2, &len);
    struct sl_error err = {0};
    if (sl_exchange_write(check_open(L), bytes, len, &written, &err) != SL_OK)
        return slL_error_engine(L, &err);
    lua_pushinteger(L, (lua_Integer)written);
    return 1;
}

/* exchange:reset(): the connection is torn down, no answer */
static int slL_exchange_reset(lua_State *L) {
    struct sl_error err = {0};
    if (sl_exchange_reset(check_open(L), &err) != SL_OK)
        return slL_error_engine(L, &err);
    return slL_exchange_gc(L);
}

/* exchange:is_open() → does the client still wait for an answer? */
static int slL_exchange_is_open(lua_State *L) {
    struct exchange *box = check_exchange(L);
    lua_pushboolean(L, box->exchange && sl_exchange_is_open(box->exchange));
    return 1;
}

static void push_exchange(lua_State *L, struct sl_listener *listener) {
    struct exchange *box = lua_newuserdatauv(L, sizeof *box, 1);
    box->exchange = NULL;
    luaL_setmetatable(L, EXCHANGE);
    box->exchange = sl_listener_next(listener);
    push_fields(L, box->exchange);
    lua_setiuservalue(L, -2, 1);
}

/* ---- the listener
 * --------------------------------------------------------------------------- */

static struct server *check_server(lua_State *L) {
    return luaL_checkudata(L, 1, LISTENER);
}

static void on_work(struct slL_server *base) {
    struct server *server = (struct server *)base;
    if (sl_listener_has_next(base->listener))
        slL_signal_fire(&server->arrived);
}

/* listener.new{ port = 0, max_body = bytes } → a server on 127.0.0.1 */
static int slL_listener_new(lua_State *L) {
    slL_policy_check_listener(L);
    lua_settop(L, 1);
    if (lua_isnil(L, 1))
        lua_newtable(L), lua_replace(L, 1);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "port");
    lua_getfield(L, 1, "max_body");
    lua_Integer port = luaL_optinteger(L, 2, 0);
    lua_Integer max_body = luaL_optinteger(L, 3, (lua_Integer)SL_LISTENER_MAX_BODY);
    luaL_argcheck(L, port >= 0 && port <= 65535, 1, "port must be between 0 and 65535");
    luaL_argcheck(L, max_body > 0, 1, "max_body must be above 0");
    struct server *server = lua_newuserdatauv(L, sizeof *server, 0);
    *server = (struct server){.server.on_work = on_work};
    luaL_setmetatable(L, LISTENER);
    struct sl_error err = {0};
    server->server.listener = sl_listener_new((uint16_t)port, (size_t)max_body, &err);
    if (!server->server.listener)
        return slL_error_engine(L, &err);
    slL_task_add_server(L, &server->server);
    return 1;
}

static int slL_listener_close(lua_State *L) {
    struct server *server = check_server(L);
    if (!server->server.listener)
        return 0;
    slL_task_remove_server(L, &server->server);
    sl_listener_free(server->server.listener);
    server->server.listener = NULL;
    slL_signal_fire(&server->arrived);
    return 0;
}

/* The next request, or another wait for it. */
static int accept_next(lua_State *L, int status, lua_KContext context) {
    (void)status;
    struct server *server = (struct server *)context;
    lua_settop(L, 1);
    if (!server->server.listener)
        return 0;
    struct sl_listener *listener = server->server.listener;
    if (sl_listener_has_next(listener)) {
        push_exchange(L, listener);
        return 1;
    }
    server->arrived.done = 0;
    return slL_signal_wait(L, &server->arrived, context, accept_next);
}

/* listener:accept() → the next request, when it is complete: { method, path, query,
 * headers, body }, answered with :respond; nil once the listener is closed. */
static int slL_listener_accept(lua_State *L) {
    return accept_next(L, LUA_OK, (lua_KContext)check_server(L));
}

static int slL_listener_index(lua_State *L) {
    struct server *server = check_server(L);
    const char *key = luaL_checkstring(L, 2);
    if (strcmp(key, "port") == 0 && server->server.listener) {
        lua_pushinteger(L, sl_listener_port(server->server.listener));
        return 1;
    }
    luaL_getmetafield(L, 1, "methods");
    lua_getfield(L, -1, key);
    return 1;
}

static const luaL_Reg functions[] = {
    {"new", slL_listener_new},
    {NULL, NULL},
};

static const luaL_Reg listener_methods[] = {
    {"accept", slL_listener_accept},
    {"close", slL_listener_close},
    {NULL, NULL},
};

static const luaL_Reg exchange_methods[] = {
    {"respond", slL_exchange_respond}, {"drop", slL_exchange_gc},
    {"write", slL_exchange_write},     {"reset", slL_exchange_reset},
    {"is_open", slL_exchange_is_open}, {NULL, NULL},
};

static void new_class(lua_State *L, const char *name, lua_CFunction gc,
                      lua_CFunction index, const luaL_Reg *methods) {
    luaL_newmetatable(L, name);
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, index);
    lua_setfield(L, -2, "__index");
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "methods");
    lua_pop(L, 1);
}

int slL_open_listener(lua_State *L) {
    new_class(L, LISTENER, slL_listener_close, slL_listener_index, listener_methods);
    new_class(L, EXCHANGE, slL_exchange_gc, slL_exchange_index, exchange_methods);
    luaL_newlib(L, functions);
    return 1;
}
