/* SPDX-License-Identifier: MIT
 * What the tests of json, pointer and patch share: a Lua state with these libraries, and
 * one whose memory runs out on request. */
#ifndef SL_UNIT_JSON_SUPPORT_H
#define SL_UNIT_JSON_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lua.h>
#include <lualib.h>

#include "module/error.h"
#include "module/json.h"
#include "module/patch.h"
#include "module/pointer.h"
#include "module/secret.h"

static long allowance = -1; /* allocations of Lua until one fails; negative: none fails */

static void *limited_alloc(void *data, void *block, size_t old_size, size_t size) {
    (void)data;
    (void)old_size;
    if (size == 0) {
        free(block);
        return NULL;
    }
    if (allowance == 0)
        return NULL;
    if (allowance > 0)
        allowance--;
    return realloc(block, size);
}

static void open_library(lua_State *L, lua_CFunction open, const char *name) {
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
    lua_setglobal(L, name);
}

static inline lua_State *new_state(void) {
    lua_State *L = lua_newstate(limited_alloc, NULL);
    assert_non_null(L);
    luaL_openlibs(L);
    open_library(L, slL_open_error, "errors");
    open_library(L, slL_open_secret, "secret");
    open_library(L, slL_open_json, "json");
    open_library(L, slL_open_pointer, "pointer");
    open_library(L, slL_open_patch, "patch");
    open_library(L, slL_open_merge_patch, "merge_patch");
    return L;
}

/* Runs Lua text; it must succeed. Leaves its results on the stack. */
static inline void run(lua_State *L, const char *text) {
    if (luaL_dostring(L, text) != LUA_OK)
        fail_msg("%s", luaL_tolstring(L, -1, NULL));
}

/* Runs the function on the stack top again and again, with one more allocation allowed
 * each time, first of Lua's, then of the engine's, until it succeeds. */
static inline void fail_each_allocation(lua_State *L) {
    for (long n = 0;; n++) {
        lua_pushvalue(L, -1);
        lua_gc(L, LUA_GCCOLLECT);
        allowance = n;
        int status = lua_pcall(L, 0, 0, 0);
        allowance = -1;
        if (status == LUA_OK)
            break;
        assert_true(n < 100000);
        lua_pop(L, 1);
    }
    for (long n = 0;; n++) {
        lua_pushvalue(L, -1);
        sl_memory_fail_after(n);
        int status = lua_pcall(L, 0, 0, 0);
        sl_memory_fail_after(-1);
        if (status == LUA_OK)
            return;
        assert_true(n < 1000);
        lua_getfield(L, -1, "kind");
        assert_string_equal(lua_tostring(L, -1), "limit");
        lua_pop(L, 2);
    }
}

#endif
