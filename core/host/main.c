/* SPDX-License-Identifier: MIT
 * The program: opens Lua with everything the house brings, gives the command line to
 * `sluice.cli` and turns what comes back into an exit code. */
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lua-cjson.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/archive.h"
#include "host/embed.h"
#include "host/guard.h"
#include "host/lib.h"
#include "host/report.h"
#include "host/signals.h"
#include "module/module.h"
#include "module/task.h"

static const luaL_Reg modules[] = {
    {"cjson", luaopen_cjson},
    {"sluice.core", luaopen_sluice_core},
    {"sluice.host", sl_host_open},
    {NULL, NULL},
};

static void preload(lua_State *L) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, modules, 0);
    lua_pop(L, 1);
}

/* Removes the working directory's entries ("./…") from package[field]: code is never
 * loaded from wherever the user happens to stand. */
static void remove_working_directory(lua_State *L, const char *field) {
    lua_getglobal(L, LUA_LOADLIBNAME);
    lua_getfield(L, -1, field);
    luaL_Buffer kept;
    const char *entry = lua_tostring(L, -1);
    luaL_buffinit(L, &kept);
    for (size_t len; *entry; entry += len + (entry[len] == ';')) {
        len = strcspn(entry, ";");
        if (*entry == '.')
            continue;
        if (luaL_bufflen(&kept) > 0)
            luaL_addchar(&kept, ';');
        luaL_addlstring(&kept, entry, len);
    }
    luaL_pushresult(&kept);
    lua_setfield(L, -3, field);
    lua_pop(L, 2);
}

static void open_libraries(lua_State *L) {
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV"); /* no LUA_PATH, no LUA_CPATH */
    luaL_openlibs(L);
    remove_working_directory(L, "path");
    remove_working_directory(L, "cpath");
    slL_open_error(L); /* errors have their form from here on */
    lua_pop(L, 1);
    lua_warning(L, "@on", 0); /* a task that failed unseen must show */
}

static void push_arguments(lua_State *L, int argc, char **argv) {
    lua_createtable(L, argc, 1);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_seti(L, -2, i);
    }
}

/* Most programs end before they have made much garbage: the first collection begins when
 * this much is there, by a step that goes back. */
#define KIB_BEFORE_COLLECTING 8192

/* Does the program bring a recipe along? A bundle behind it makes it one. */
static int is_recipe(void) {
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int found = file >= 0 && sl_archive_is_behind(file);
    if (file >= 0)
        close(file);
    return found;
}

/* (argc, argv) → exit code: all of the program, run protected. */
static int program(lua_State *L) {
    int argc = (int)lua_tointeger(L, 1);
    char **argv = lua_touserdata(L, 2);
    open_libraries(L);
    preload(L);
    sl_embed_open(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "sluice.cli");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, is_recipe() ? "own" : "main");
    push_arguments(L, argc, argv);
    lua_call(L, 1, 1);
    return 1;
}

/* What was printed must have arrived: a full disk is a failure. One that has said why it
 * failed needs no second word. */
static int flush_output(int code) {
    if ((fflush(stdout) == 0 && !ferror(stdout)) || code != SL_EXIT_OK)
        return code;
    fprintf(stderr, "sluice: cannot write to standard output: %s\n", strerror(errno));
    return SL_EXIT_SCRIPT;
}

static int run(lua_State *L, int argc, char **argv) {
    lua_pushcfunction(L, sl_report_handler);
    lua_pushcfunction(L, program);
    lua_pushinteger(L, argc);
    lua_pushlightuserdata(L, argv);
    if (lua_pcall(L, 2, 1, 1) != LUA_OK) {
        lua_pushcfunction(L, sl_report_error);
        lua_insert(L, -2);
        if (lua_pcall(L, 1, 1, 0) != LUA_OK)
            return SL_EXIT_INTERNAL; /* no memory left even for the report */
    }
    return (int)lua_tointeger(L, -1);
}

int main(int argc, char **argv) {
    lua_State *L = luaL_newstate();
    if (!L) {
        fputs("sluice: not enough memory\n", stderr);
        return SL_EXIT_INTERNAL;
    }
    lua_gc(L, LUA_GCSTEP, -KIB_BEFORE_COLLECTING);
    sl_guard_begin(L);
    sl_signals_install(L);
    int code = run(L, argc, argv);
    sl_signals_uninstall();
    slL_task_end(L);
    lua_close(L);
    sl_guard_end();
    return flush_output(code);
}
