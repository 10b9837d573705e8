/* SPDX-License-Identifier: MIT */
#include "module/error.h"

#include <stdarg.h>
#include <string.h>

#define METATABLE "sluice.error"

static const char *const kinds[] = {
    "usage",  "config", "auth", "http",        "service",  "json",       "patch",
    "recipe", "limit",  "io",   "interrupted", "internal", "permission", NULL,
};

/* Which kind an engine failure becomes. */
static const char *const kind_of_code[] = {
    [SL_OK] = "internal",
    [SL_ERR_MEMORY] = "limit",
    [SL_ERR_LIMIT] = "limit",
    [SL_ERR_ARGUMENT] = "usage",
    [SL_ERR_LIBRARY] = "internal",
    [SL_ERR_NETWORK] = "http",
    [SL_ERR_TRUST] = "http",
    [SL_ERR_TIMEOUT] = "http",
    [SL_ERR_SYSTEM] = "io",
    [SL_ERR_INTERRUPTED] = "interrupted",
    [SL_ERR_PERMISSION] = "permission",
};

static void push_object(lua_State *L, const char *kind) { /* message → object */
    lua_createtable(L, 0, 4);
    lua_insert(L, -2);
    lua_setfield(L, -2, "message");
    lua_pushstring(L, kind);
    lua_setfield(L, -2, "kind");
    luaL_setmetatable(L, METATABLE);
}

void slL_error_push(lua_State *L, const char *kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    lua_pushvfstring(L, format, args);
    va_end(args);
    push_object(L, kind);
}

int slL_error_raise(lua_State *L, const char *kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    lua_pushvfstring(L, format, args);
    va_end(args);
    push_object(L, kind);
    lua_error(L);
    __builtin_unreachable(); /* lua_error is not declared as what it is */
}

void slL_error_push_engine(lua_State *L, const struct sl_error *err) {
    slL_error_push(L, kind_of_code[err->code], "%s", err->text);
}

int slL_error_engine(lua_State *L, const struct sl_error *err) {
    slL_error_push_engine(L, err);
    lua_error(L);
    __builtin_unreachable();
}

int slL_error_test(lua_State *L, int idx) {
    if (!lua_istable(L, idx) || !lua_getmetatable(L, idx))
        return 0;
    luaL_getmetatable(L, METATABLE);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static void check_kind(lua_State *L, int idx, int arg) {
    const char *kind = lua_tostring(L, idx);
    for (int i = 0; kind && kinds[i]; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return;
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "unknown error kind '%s'", kind ? kind : "nil"));
}

/* error.new{ kind =, message =, … } → object; the table itself becomes the object. */
static int slL_error_new(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "kind");
    check_kind(L, -1, 1);
    if (lua_getfield(L, 1, "message") != LUA_TSTRING)
        return luaL_argerror(L, 1, "an error needs a message");
    lua_settop(L, 1);
    luaL_setmetatable(L, METATABLE);
    return 1;
}

/* error.raise(kind, message [, fields]): raises a new object that holds the fields too.
 */
static int slL_error_throw(lua_State *L) {
    check_kind(L, 1, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 3);
    lua_newtable(L);
    if (lua_istable(L, 3)) {
        for (lua_pushnil(L); lua_next(L, 3);) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_settable(L, 4);
        }
    }
    lua_pushvalue(L, 1);
    lua_setfield(L, 4, "kind");
    lua_pushvalue(L, 2);
    lua_setfield(L, 4, "message");
    luaL_setmetatable(L, METATABLE);
    return lua_error(L);
}

/* error.is(value [, kind]) → boolean */
static int slL_error_is(lua_State *L) {
    int is = slL_error_test(L, 1);
    if (is && !lua_isnoneornil(L, 2)) {
        lua_getfield(L, 1, "kind");
        is = lua_rawequal(L, -1, 2);
    }
    lua_pushboolean(L, is);
    return 1;
}

/* Adds prefix, the field as text and suffix, where the field is there. */
static void add_field(lua_State *L, luaL_Buffer *line, const char *field,
                      const char *prefix, const char *suffix) {
    int type = lua_getfield(L, 1, field);
    if (type != LUA_TSTRING && type != LUA_TNUMBER) {
        lua_pop(L, 1);
        return;
    }
    luaL_tolstring(L, -1, NULL);
    lua_remove(L, -2);
    const char *text = lua_tostring(L, -1);
    lua_pushfstring(L, "%s%s%s", prefix, text, suffix);
    lua_remove(L, -2);
    luaL_addvalue(line);
}

static int one_line(lua_State *L) { /* newlines of foreign messages become blanks */
    luaL_gsub(L, lua_tostring(L, -1), "\r", "");
    luaL_gsub(L, lua_tostring(L, -1), "\n", " ");
    return 1;
}

/* "METHOD url: status code: message (hint)", with the absent parts left out. A code
 * without a status, such as "ambiguous", is a word for programs: the message says it in
 * full. */
static int slL_error_tostring(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    int answered = lua_getfield(L, 1, "status") != LUA_TNIL;
    lua_settop(L, 1);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    add_field(L, &line, "where", "", ": ");
    add_field(L, &line, "method", "", " ");
    add_field(L, &line, "url", "", ": ");
    add_field(L, &line, "status", "", " ");
    if (answered)
        add_field(L, &line, "code", "", " ");
    add_field(L, &line, "message", "", "");
    add_field(L, &line, "details", ": ", "");
    add_field(L, &line, "attempts", " [", " attempts]");
    add_field(L, &line, "request_id", " [request ", "]");
    add_field(L, &line, "hint", " (", ")");
    luaL_pushresult(&line);
    return one_line(L);
}

static const luaL_Reg functions[] = {
    {"new", slL_error_new},
    {"raise", slL_error_throw},
    {"is", slL_error_is},
    {NULL, NULL},
};

int slL_open_error(lua_State *L) {
    if (luaL_newmetatable(L, METATABLE)) {
        lua_pushcfunction(L, slL_error_tostring);
        lua_setfield(L, -2, "__tostring");
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
