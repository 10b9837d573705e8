/* SPDX-License-Identifier: MIT
 * JSON Merge Patch (RFC 7396): a document that looks like the change it makes. */
#include <stdbool.h>
#include <stdlib.h>

#include "module/error.h"
#include "module/json.h"
#include "module/pointer.h"

/* Where a comparison is: one of these a level, on the C stack. */
struct place {
    const struct place *up;
    const char *name;
    size_t len;
};

static void check_depth(lua_State *L, int depth) {
    luaL_checkstack(L, 12, "merge patch");
    if (depth > SL_JSON_MAX_DEPTH)
        slL_error_raise(L, "json", "cannot merge values nested deeper than %d levels",
                        SL_JSON_MAX_DEPTH);
}

static bool is_null(lua_State *L, int idx) {
    return lua_islightuserdata(L, idx) && !lua_touserdata(L, idx);
}

static bool is_object(lua_State *L, int idx) {
    return slL_json_type(L, idx) == SL_JSON_OBJECT;
}

static void check_name(lua_State *L, int idx) {
    if (lua_type(L, idx) != LUA_TSTRING)
        slL_error_raise(L, "json",
                        "cannot merge an object with a name that is no string");
}

/* Pushes a new object: the members of the one at `idx`, or none where it is no object. */
static void push_members(lua_State *L, int idx) {
    lua_newtable(L);
    if (!is_object(L, idx))
        return;
    for (lua_pushnil(L); lua_next(L, idx);) {
        check_name(L, -2);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

/* --- Applying --------------------------------------------------------------------- */

/* Pushes what the patch at `patch` makes of the value at `target`. Bounded by
 * SL_JSON_MAX_DEPTH. */
static void merge(lua_State *L, int target, int patch, int depth) {
    check_depth(L, depth);
    if (!is_object(L, patch)) {
        lua_pushvalue(L, patch);
        return;
    }
    push_members(L, target);
    int result = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, patch); lua_settop(L, result + 1)) {
        check_name(L, -2);
        int name = result + 1, value = result + 2;
        lua_pushvalue(L, name);
        if (is_null(L, value)) {
            lua_pushnil(L);
        } else {
            lua_pushvalue(L, name);
            lua_rawget(L, result); /* … name value name member */
            merge(L, lua_gettop(L), value, depth + 1);
            lua_remove(L, -2);
        }
        lua_rawset(L, result);
    }
}

/* merge_patch.apply(document, patch) → new document; what the patch does not touch is
 * shared with the old one                                               [-0, +1, v] */
static int slL_merge_patch_apply(lua_State *L) {
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    merge(L, 1, 2, 1);
    return 1;
}

/* --- Creating --------------------------------------------------------------------- */

/* A null in an object means "remove": such a document cannot be made by a merge patch. */
static int refuse_null(lua_State *L, const struct place *place) {
    luaL_checkstack(L, 8, "merge patch");
    lua_pushliteral(L, "");
    for (; place; place = place->up) {
        lua_pushliteral(L, "/");
        slL_pointer_push_escaped(L, place->name, place->len);
        lua_rotate(L, -3, -1);
        lua_concat(L, 3);
    }
    slL_error_push(L, "patch",
                   "a merge patch cannot set %s to null, for null removes: use a JSON "
                   "Patch (patch.diff)",
                   lua_tostring(L, -1));
    lua_pushliteral(L, "not_expressible");
    lua_setfield(L, -2, "code");
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "pointer");
    return lua_error(L);
}

/* Pushes the name and value that follow the key at the top, as lua_next does, and tells
 * where that is. */
static bool next_member(lua_State *L, int object, struct place *place) {
    if (!lua_next(L, object))
        return false;
    check_name(L, -2);
    place->name = lua_tolstring(L, -2, &place->len);
    return true;
}

/* Refuses nulls in the objects at `idx`; elements of arrays may be anything. */
static void check_new(lua_State *L, int idx, const struct place *up, int depth) {
    struct place place = {.up = up};
    check_depth(L, depth);
    if (!is_object(L, idx))
        return;
    for (lua_pushnil(L); next_member(L, idx, &place); lua_pop(L, 1)) {
        if (is_null(L, -1))
            refuse_null(L, &place);
        check_new(L, lua_gettop(L), &place, depth + 1);
    }
}

static void create(lua_State *L, int a, int b, const struct place *up, int depth);

static bool is_empty(lua_State *L) { /* the table at the top */
    lua_pushnil(L);
    if (!lua_next(L, -2))
        return true;
    lua_pop(L, 2);
    return false;
}

/* Sets in `patch` what makes the member of `a` the one of `b` at the top.
 *                                                     … name value → … name value */
static void create_member(lua_State *L, int a, int patch, const struct place *place,
                          int depth) {
    int name = lua_gettop(L) - 1, value = name + 1, old = name + 2;
    lua_pushvalue(L, name);
    lua_rawget(L, a);
    bool both = is_object(L, old) && is_object(L, value);
    if (both || !slL_json_equal(L, old, value)) {
        if (is_null(L, value))
            refuse_null(L, place);
        lua_pushvalue(L, name);
        create(L, old, value, place, depth);
        if (!both || !is_empty(L))
            lua_rawset(L, patch);
    }
    lua_settop(L, value);
}

/* Pushes the patch that makes `b` of `a`. Bounded by SL_JSON_MAX_DEPTH. */
static void create(lua_State *L, int a, int b, const struct place *up, int depth) {
    struct place place = {.up = up};
    check_depth(L, depth);
    if (!is_object(L, a) || !is_object(L, b)) {
        check_new(L, b, up, depth);
        lua_pushvalue(L, b);
        return;
    }
    lua_newtable(L);
    int patch = lua_gettop(L);
    for (lua_pushnil(L); next_member(L, a, &place); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        if (lua_rawget(L, b) == LUA_TNIL) {
            lua_pushvalue(L, -3);
            slL_json_null(L);
            lua_rawset(L, patch);
        }
        lua_pop(L, 1);
    }
    for (lua_pushnil(L); next_member(L, b, &place); lua_pop(L, 1))
        create_member(L, a, patch, &place, depth + 1);
}

/* merge_patch.create(a, b) → the patch that makes b of a; values are shared with b
 *                                                                       [-0, +1, v] */
static int slL_merge_patch_create(lua_State *L) {
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    create(L, 1, 2, NULL, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"apply", slL_merge_patch_apply},
    {"create", slL_merge_patch_create},
    {NULL, NULL},
};

int slL_open_merge_patch(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
