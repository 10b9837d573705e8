/* SPDX-License-Identifier: MIT
 * Terminals: which of the standard streams are one, and how large. */
#include "module/module.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* The descriptor of the stream named at `idx`. */
static int check_stream(lua_State *L, int idx) {
    static const char *const names[] = {"stdin", "stdout", "stderr", NULL};
    return luaL_checkoption(L, idx, NULL, names);
}

/* terminal.is("stdin" | "stdout" | "stderr") → boolean                      [-0, +1, v]
 */
static int slL_terminal_is(lua_State *L) {
    lua_pushboolean(L, isatty(check_stream(L, 1)));
    return 1;
}

/* terminal.size("stdin" | "stdout" | "stderr") → columns, rows | nil        [-0, +2, v]
 */
static int slL_terminal_size(lua_State *L) {
    struct winsize size = {0};
    if (ioctl(check_stream(L, 1), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    lua_pushinteger(L, size.ws_col);
    lua_pushinteger(L, size.ws_row);
    return 2;
}

static const luaL_Reg functions[] = {
    {"is", slL_terminal_is},
    {"size", slL_terminal_size},
    {NULL, NULL},
};

int slL_open_terminal(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
