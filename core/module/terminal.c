/* SPDX-License-Identifier: MIT
 * Terminals: which of the standard streams are one, and how large. */
#include "engine/intake.h"
#include "module/buffer.h"
#include "module/error.h"
#include "module/module.h"
#include "module/task.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define MAX_LINE ((size_t)4096)

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

/* terminal.ask(question) → the line that was typed, nil for none, or no
 * terminal; raises kind "config" for one without end                        [-0, +1, v]
 */
static int slL_terminal_ask(lua_State *L) {
    struct sl_error err = {0};
    const char *question = luaL_checkstring(L, 1);
    struct sl_buffer *typed = slL_buffer_new(L, "what was typed", MAX_LINE);
    enum sl_code code = sl_intake_ask(question, slL_task_wake_fd(), typed, &err);
    if (code == SL_ERR_INTERRUPTED)
        slL_task_interrupt_take(L); /* what the signal asked for happens here */
    if (code == SL_ERR_INTERRUPTED || code == SL_ERR_MEMORY)
        return slL_error_engine(L, &err);
    if (code != SL_OK && typed->len == 0)
        return 0;
    if (code != SL_OK)
        return slL_error_raise(L, "config", "%s", err.text);
    lua_pushlstring(L, typed->data, typed->len);
    return 1;
}

static const luaL_Reg functions[] = {
    {"ask", slL_terminal_ask},
    {"is", slL_terminal_is},
    {"size", slL_terminal_size},
    {NULL, NULL},
};

int slL_open_terminal(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
