/* SPDX-License-Identifier: MIT
 * Arrays whose elements are known by a key, wherever they stand. */
#include "module/patch_diff.h"

#include <string.h>

#include "module/pointer.h"

/* --- Which arrays ----------------------------------------------------------------- */

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

bool slL_patch_has_keys_below(lua_State *L, int keys, size_t depth) {
    bool found = false;
    luaL_checkstack(L, 4, "patch.diff");
    for (lua_pushnil(L); lua_next(L, keys); lua_pop(L, 1)) {
        size_t len;
        const char *pattern = lua_tolstring(L, -2, &len);
        found = found || sl_pointer_depth(pattern, len) > depth;
    }
    return found;
}

/* --- Which elements --------------------------------------------------------------- */

/* A pointer taken apart: its tokens, unescaped, in stack slots. */
struct key {
    const char *text;
    size_t len;
    int first, count; /* of the tokens */
    bool is_names;    /* no token is an index: each can only name a member */
};

static struct key open_key(lua_State *L, const char *text, size_t len) {
    struct key key = {.text = text, .len = len, .is_names = true};
    struct sl_pointer pointer = sl_pointer_start(text, len);
    key.first = lua_gettop(L) + 1;
    luaL_checkstack(L, (int)sl_pointer_depth(text, len) + 8, "patch.diff");
    for (; sl_pointer_next(&pointer); key.count++) {
        slL_pointer_push_token(L, &pointer);
        key.is_names = key.is_names && sl_pointer_index(&pointer) < 0;
    }
    return key;
}

/* Replaces the value at the top by the member that the names lead to, or by nil. */
static void follow_names(lua_State *L, const struct key *key) {
    for (int i = 0; i < key->count; i++) {
        if (lua_istable(L, -1)) {
            lua_pushvalue(L, key->first + i);
            lua_rawget(L, -2);
        } else {
            lua_pushnil(L);
        }
        lua_replace(L, -2);
    }
}

/* Pushes the key of the i-th element, from 1; false where it has none to go by. */
static bool push_key(lua_State *L, int array, lua_Integer i, const struct key *key) {
    lua_rawgeti(L, array, i);
    if (key->is_names) {
        follow_names(L, key);
    } else {
        slL_pointer_find(L, -1, key->text, key->len);
        lua_replace(L, -2);
    }
    int type = lua_type(L, -1);
    return type == LUA_TSTRING || type == LUA_TBOOLEAN ||
           (type == LUA_TNUMBER && lua_tonumber(L, -1) == lua_tonumber(L, -1));
}

/* Notes key → index of all elements in the table at the top. */
static bool note_keys(lua_State *L, int array, const struct key *key) {
    lua_Integer count = (lua_Integer)lua_rawlen(L, array);
    for (lua_Integer i = 1; i <= count; i++) {
        if (!push_key(L, array, i, key))
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
static bool pair_one(lua_State *L, int b, lua_Integer j, const struct key *key,
                     int *pairs, bool *fresh) {
    if (!push_key(L, b, j, key))
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

bool slL_patch_pair(lua_State *L, int a, int b, const char *text, size_t len, int *pairs,
                    bool *fresh) {
    lua_Integer a_len = (lua_Integer)lua_rawlen(L, a);
    lua_Integer b_len = (lua_Integer)lua_rawlen(L, b);
    int top = lua_gettop(L);
    struct key key = open_key(L, text, len);
    for (lua_Integer i = 0; i < a_len; i++)
        pairs[i] = -1;
    lua_createtable(L, 0, (int)a_len);
    bool good = note_keys(L, a, &key);
    for (lua_Integer j = 1; good && j <= b_len; j++)
        good = pair_one(L, b, j, &key, pairs, fresh);
    lua_settop(L, top);
    return good;
}
