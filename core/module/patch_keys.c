/* SPDX-License-Identifier: MIT
 * Arrays whose elements are known by a key, wherever they stand. */
#include "module/patch_diff.h"

#include <string.h>

#include "module/error.h"
#include "module/pointer.h"

/* --- Which arrays ----------------------------------------------------------------- */

static void check_pointer(lua_State *L, int idx, const char *what) {
    size_t len;
    if (lua_type(L, idx) != LUA_TSTRING)
        slL_error_raise(L, "usage",
                        "patch.diff: keys: %s is a %s: a JSON pointer was "
                        "expected",
                        what, luaL_typename(L, idx));
    const char *text = lua_tolstring(L, idx, &len);
    const char *fault = sl_pointer_fault(text, len);
    if (fault)
        slL_error_raise(L, "usage", "patch.diff: keys: %s \"%s\" is no JSON pointer: %s",
                        what, text, fault);
}

void slL_patch_check_keys(lua_State *L, int keys) {
    luaL_checkstack(L, 6, "patch.diff");
    for (lua_pushnil(L); lua_next(L, keys); lua_pop(L, 1)) {
        check_pointer(L, -2, "the array");
        check_pointer(L, -1, "the key");
    }
}

/* Does the pattern, in which a part "*" stands for any part, fit the path? */
static bool fits(const char *pattern, size_t len, const char *path, size_t path_len) {
    struct sl_pointer p = sl_pointer_start(pattern, len);
    struct sl_pointer at = sl_pointer_start(path, path_len);
    while (sl_pointer_next(&p)) {
        if (!sl_pointer_next(&at))
            return false;
        bool any = p.len == 1 && p.token[0] == '*';
        if (!any && (p.len != at.len || memcmp(p.token, at.token, p.len) != 0))
            return false;
    }
    return sl_pointer_is_last(&at);
}

/* Of several patterns the one that is last by bytes counts: '*' comes before letters and
 * digits, so the more exact one wins. */
const char *slL_patch_key(lua_State *L, int keys, const char *path, size_t path_len,
                          size_t *key_len) {
    const char *best = NULL, *key = NULL;
    luaL_checkstack(L, 4, "patch.diff");
    for (lua_pushnil(L); lua_next(L, keys); lua_pop(L, 1)) {
        size_t len;
        const char *pattern = lua_tolstring(L, -2, &len);
        if (fits(pattern, len, path, path_len) && (!best || strcmp(pattern, best) > 0)) {
            best = pattern;
            key = lua_tolstring(L, -1, key_len);
        }
    }
    return key;
}

/* --- Which elements --------------------------------------------------------------- */

/* Pushes the key of the i-th element, from 1; false where it has none to go by. */
static bool push_key(lua_State *L, int array, lua_Integer i, const char *key,
                     size_t len) {
    lua_rawgeti(L, array, i);
    bool found = slL_pointer_find(L, -1, key, len);
    lua_remove(L, -2);
    int type = lua_type(L, -1);
    return found && (type == LUA_TSTRING || type == LUA_TBOOLEAN ||
                     (type == LUA_TNUMBER && lua_tonumber(L, -1) == lua_tonumber(L, -1)));
}

/* Notes key → index of all elements in the table at the top. */
static bool note_keys(lua_State *L, int array, const char *key, size_t len) {
    lua_Integer count = (lua_Integer)lua_rawlen(L, array);
    for (lua_Integer i = 1; i <= count; i++) {
        if (!push_key(L, array, i, key, len))
            return false;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) != LUA_TNIL)
            return false;
        lua_pop(L, 1);
        lua_pushinteger(L, i);
        lua_rawset(L, -3);
    }
    return true;
}

/* Finds the partner of the j-th element of `b`, from 1, and marks its key as met: 0. */
static bool pair_one(lua_State *L, int b, lua_Integer j, const char *key, size_t len,
                     int *pairs, bool *fresh) {
    if (!push_key(L, b, j, key, len))
        return false;
    lua_pushvalue(L, -1);
    int type = lua_rawget(L, -3);
    lua_Integer i = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (type != LUA_TNIL && i == 0)
        return false;
    fresh[j - 1] = type == LUA_TNIL;
    if (i > 0)
        pairs[i - 1] = (int)j - 1;
    lua_pushinteger(L, 0);
    lua_rawset(L, -3);
    return true;
}

bool slL_patch_pair(lua_State *L, int a, int b, const char *key, size_t key_len,
                    int *pairs, bool *fresh) {
    lua_Integer a_len = (lua_Integer)lua_rawlen(L, a);
    lua_Integer b_len = (lua_Integer)lua_rawlen(L, b);
    int top = lua_gettop(L);
    luaL_checkstack(L, 8, "patch.diff");
    for (lua_Integer i = 0; i < a_len; i++)
        pairs[i] = -1;
    lua_createtable(L, 0, (int)a_len);
    bool good = note_keys(L, a, key, key_len);
    for (lua_Integer j = 1; good && j <= b_len; j++)
        good = pair_one(L, b, j, key, key_len, pairs, fresh);
    lua_settop(L, top);
    return good;
}
