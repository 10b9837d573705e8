/* SPDX-License-Identifier: MIT */
#include "host/lib.h"

#include <lauxlib.h>
#include <lua.h>
#include <unistd.h>

#include "host/report.h"

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

static const luaL_Reg functions[] = {
    {"isatty", slL_host_isatty},
    {"printable", slL_host_printable},
    {NULL, NULL},
};

int sl_host_open(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
