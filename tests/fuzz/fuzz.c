/* SPDX-License-Identifier: MIT
 * The fuzzers: libFuzzer's bytes go to the function FUZZ_TARGET of
 * tests/fuzz/targets.lua, which calls the module. A fault that it finds ends the process,
 * as libFuzzer wants. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lualib.h>

#include "module/module.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lua_State *state; /* the target is at 2, what explains an error at 1 */

static _Noreturn void stop(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why ? why : "(no text)");
    abort();
}

static int explain(lua_State *L) {
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    state = luaL_newstate();
    if (!state)
        stop("start", "no memory");
    luaL_openlibs(state);
    luaL_requiref(state, "sluice.core", luaopen_sluice_core, 0);
    lua_settop(state, 0);
    lua_pushcfunction(state, explain);
    if (luaL_dostring(state, "package.path = '" FUZZ_TESTS "/?.lua;" FUZZ_TESTS
                             "/../lua/?.lua;' .. package.path\n"
                             "return require 'fuzz.targets'." FUZZ_TARGET))
        stop("start", lua_tostring(state, -1));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    lua_pushvalue(state, 2);
    lua_pushlstring(state, (const char *)data, size);
    if (lua_pcall(state, 1, 1, 1) != LUA_OK)
        stop("error", lua_tostring(state, -1));
    if (!lua_isnil(state, -1))
        stop("fault", lua_tostring(state, -1));
    lua_settop(state, 2);
    return 0;
}
