/* SPDX-License-Identifier: MIT
 * patch.diff and its options, as Lua sees them. */
#include <string.h>

#include "module/error.h"
#include "module/patch.h"
#include "module/patch_diff.h"
#include "module/pointer.h"

/* The arrays of a dataflow that the service knows by their elements' keys. */
static const char *const flow_keys[][2] = {
    {"/transformations/*/params/segmentSelectors/selectors", "/value/id"},
    {"/transformations/*/params/profileSelectors/selectors", "/value/path"},
};

void slL_patch_push_flow_keys(lua_State *L) {
    lua_newtable(L);
    for (size_t i = 0; i < sizeof flow_keys / sizeof *flow_keys; i++) {
        lua_pushstring(L, flow_keys[i][1]);
        lua_setfield(L, -2, flow_keys[i][0]);
    }
}

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

static void check_keys(lua_State *L, int keys) {
    luaL_checkstack(L, 6, "patch.diff");
    for (lua_pushnil(L); lua_next(L, keys); lua_pop(L, 1)) {
        check_pointer(L, -2, "the array");
        check_pointer(L, -1, "the key");
    }
}

static void check_names(lua_State *L, int options) {
    static const char *const names[] = {"keys", "test", "whole"};
    for (lua_pushnil(L); lua_next(L, options); lua_pop(L, 1)) {
        bool known = false;
        const char *name = luaL_tolstring(L, -2, NULL);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            known = known || strcmp(name, names[i]) == 0;
        if (!known)
            slL_error_raise(
                L, "usage",
                "patch.diff has no option \"%s\": it has keys, test and whole", name);
        lua_pop(L, 1);
    }
}

/* Pushes the table of keys that the option means; 0: there is none. */
static int push_keys(lua_State *L, int options) {
    int type = lua_getfield(L, options, "keys");
    if (type == LUA_TNIL)
        return 0;
    if (type == LUA_TSTRING && strcmp(lua_tostring(L, -1), "flow") == 0)
        slL_patch_push_flow_keys(L);
    else if (type != LUA_TTABLE)
        slL_error_raise(L, "usage",
                        "patch.diff: keys is a table of array pointers and key pointers, "
                        "or \"flow\"");
    check_keys(L, lua_gettop(L));
    return lua_gettop(L);
}

static bool read_switch(lua_State *L, int options, const char *name, bool otherwise) {
    int type = lua_getfield(L, options, name);
    bool on = type == LUA_TNIL ? otherwise : lua_toboolean(L, -1);
    lua_pop(L, 1);
    return on;
}

int slL_patch_diff_lua(lua_State *L) {
    struct sl_patch_diff_options options = {.whole = true};
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    lua_settop(L, 3);
    if (!lua_isnil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        check_names(L, 3);
        options.test = read_switch(L, 3, "test", false);
        options.whole = read_switch(L, 3, "whole", true);
        options.keys = push_keys(L, 3);
    }
    slL_patch_push_new(L);
    slL_patch_diff(L, lua_gettop(L), 1, 2, &options);
    return 1;
}
