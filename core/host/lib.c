/* SPDX-License-Identifier: MIT */
#include "host/lib.h"

#include <dirent.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <unistd.h>

#include "host/embed.h"
#include "host/report.h"
#include "host/signals.h"
#include "module/policy.h"

/* host.isatty("stdout" | "stderr" | "stdin") → boolean                      [-0, +1, v]
 */
static int slL_host_isatty(lua_State *L) {
    static const char *const names[] = {"stdin", "stdout", "stderr", NULL};
    lua_pushboolean(L, isatty(luaL_checkoption(L, 1, NULL, names)));
    return 1;
}

/* host.printable(text) → text that cannot steer a terminal                  [-0, +1, v]
 */
static int slL_host_printable(lua_State *L) {
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    sl_report_push_printable(L, text, len);
    return 1;
}

static int close_folder(lua_State *L) {
    DIR **folder = lua_touserdata(L, 1);
    if (*folder)
        closedir(*folder);
    *folder = NULL;
    return 0;
}

/* Opens a folder as a to-be-closed variable; NULL when it cannot be read.   [-0, +1, m]
 */
static DIR *push_folder(lua_State *L, const char *path) {
    DIR **folder = lua_newuserdatauv(L, sizeof(DIR *), 0);
    *folder = NULL;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, close_folder);
    lua_setfield(L, -2, "__close");
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
    *folder = opendir(path);
    return *folder;
}

/* host.files(folder) → the names in it, folders with a slash; none if it cannot be read
 *                                                                           [-0, +1, v]
 */
static int slL_host_files(lua_State *L) {
    size_t len;
    const char *path = luaL_checklstring(L, 1, &len);
    slL_policy_check_path(L, path, len, SL_POLICY_READ);
    lua_newtable(L);
    DIR *folder = push_folder(L, path);
    const struct dirent *entry;
    for (lua_Integer count = 0; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        lua_pushfstring(L, entry->d_type == DT_DIR ? "%s/" : "%s", entry->d_name);
        lua_rawseti(L, 2, ++count);
    }
    lua_settop(L, 3);
    lua_pushvalue(L, 2);
    return 1;
}

/* host.watch(coroutine): Ctrl-C ends it, too                                [-0, +0, v]
 */
static int slL_host_watch(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTHREAD);
    sl_signals_watch(lua_tothread(L, 1));
    return 0;
}

/* host.terminated() → has somebody asked the program to end?                [-0, +1, -]
 */
static int slL_host_terminated(lua_State *L) {
    lua_pushboolean(L, sl_signals_terminated());
    return 1;
}

/* host.interrupted() → has a signal come that ends the program?             [-0, +1, -]
 */
static int slL_host_interrupted(lua_State *L) {
    lua_pushboolean(L, sl_signals_ended());
    return 1;
}

static const luaL_Reg functions[] = {
    {"isatty", slL_host_isatty},
    {"printable", slL_host_printable},
    {"call", sl_signals_call},
    {"files", slL_host_files},
    {"watch", slL_host_watch},
    {"terminated", slL_host_terminated},
    {"interrupted", slL_host_interrupted},
    {"modules", sl_embed_modules},
    {"source", sl_embed_source},
    {NULL, NULL},
};

int sl_host_open(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
