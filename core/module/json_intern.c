/* SPDX-License-Identifier: MIT */
#include "module/json_intern.h"

#include "module/buffer.h"
#include "module/error.h"
#include "module/json.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A member of an object: the numbers of its name and of its value. */
struct member {
    int name, value;
};

struct sl_intern slL_json_intern_open(lua_State *L) {
    luaL_checkstack(L, 8, "comparing values");
    struct sl_intern intern = {.numbers = lua_gettop(L) + 1};
    intern.shapes = intern.numbers + 1;
    lua_newtable(L);
    lua_newtable(L);
    intern.scratch = slL_buffer_new(L, "the comparison of two documents", INT_MAX);
    return intern;
}

/* Takes the key at the top; gives the number that the table `known` has for it, or a new
 * one. */
static int number_of(lua_State *L, struct sl_intern *intern, int known) {
    lua_pushvalue(L, -1);
    if (lua_rawget(L, known) != LUA_TNIL) {
        int number = (int)lua_tointeger(L, -1);
        lua_pop(L, 2);
        return number;
    }
    if (intern->last == INT_MAX)
        slL_error_raise(L, "limit", "too many different values to compare");
    lua_pop(L, 1);
    lua_pushinteger(L, ++intern->last);
    lua_rawset(L, known);
    return intern->last;
}

static int number_value(lua_State *L, struct sl_intern *intern, int depth);

static void refuse(lua_State *L, const char *what) {
    slL_error_raise(L, "json", "cannot compare %s: it is not JSON", what);
}

static void check_scalar(lua_State *L) { /* at the top */
    if (lua_isnil(L, -1))
        refuse(L, "an array with holes");
    if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) != lua_tonumber(L, -1))
        refuse(L, "NaN");
}

static void note(lua_State *L, struct sl_buffer *scratch, const void *bytes, size_t len) {
    if (scratch->room - scratch->len <= len) {
        slL_buffer_add(L, scratch, bytes, len);
        return;
    }
    memcpy(scratch->data + scratch->len, bytes, len);
    scratch->len += len;
}

static void note_elements(lua_State *L, struct sl_intern *intern, int depth) {
    lua_Integer len = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= len; i++) {
        lua_rawgeti(L, -1, i);
        int number = number_value(L, intern, depth);
        note(L, intern->scratch, &number, sizeof number);
    }
}

static int by_name(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    return (x->name > y->name) - (x->name < y->name);
}

static void note_members(lua_State *L, struct sl_intern *intern, int depth) {
    size_t first = intern->scratch->len;
    int last = 0;
    bool sorted = true;
    for (lua_pushnil(L); lua_next(L, -2);) {
        if (lua_type(L, -2) != LUA_TSTRING)
            refuse(L, "an object with a name that is no string");
        struct member member = {.value = number_value(L, intern, depth)};
        lua_pushvalue(L, -1);
        member.name = number_of(L, intern, intern->numbers);
        sorted = sorted && member.name > last;
        last = member.name;
        note(L, intern->scratch, &member, sizeof member);
    }
    size_t count = (intern->scratch->len - first) / sizeof(struct member);
    if (!sorted)
        qsort(intern->scratch->data + first, count, sizeof(struct member), by_name);
}

/* Of the table at the top, which stays there. */
static int number_shape(lua_State *L, struct sl_intern *intern, int depth) {
    struct sl_buffer *scratch = intern->scratch;
    size_t first = scratch->len;
    int type = slL_json_type(L, -1);
    if (depth > SL_JSON_MAX_DEPTH)
        slL_error_raise(L, "json", "cannot compare values nested deeper than %d levels",
                        SL_JSON_MAX_DEPTH);
    luaL_checkstack(L, 8, "comparing values");
    note(L, scratch, &type, sizeof type);
    if (type == SL_JSON_ARRAY)
        note_elements(L, intern, depth + 1);
    else
        note_members(L, intern, depth + 1);
    lua_pushlstring(L, scratch->data + first, scratch->len - first);
    scratch->len = first;
    return number_of(L, intern, intern->shapes);
}

/* Takes the value at the top. Bounded by SL_JSON_MAX_DEPTH. */
static int number_value(lua_State *L, struct sl_intern *intern, int depth) {
    if (!lua_istable(L, -1)) {
        check_scalar(L);
        return number_of(L, intern, intern->numbers);
    }
    lua_pushvalue(L, -1);
    if (lua_rawget(L, intern->numbers) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushinteger(L, number_shape(L, intern, depth));
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, intern->numbers);
    }
    int number = (int)lua_tointeger(L, -1);
    lua_pop(L, 2);
    return number;
}

int slL_json_intern(lua_State *L, struct sl_intern *intern, int idx) {
    lua_pushvalue(L, idx);
    return number_value(L, intern, 1);
}
