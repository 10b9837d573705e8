/* SPDX-License-Identifier: MIT */
#include "module/canned.h"

#include "module/buffer.h"
#include "module/error.h"

/* Pushes the header lines of the answer at `idx`. */
static struct sl_buffer *push_lines(lua_State *L, int idx) {
    struct sl_buffer *lines =
        slL_buffer_new(L, "the header of the answer", SL_TRANSPORT_MAX_HEADERS);
    if (lua_getfield(L, idx, "headers") == LUA_TTABLE)
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
            lua_pushvalue(L, -2);
            lua_pushfstring(L, "%s: %s\n", luaL_checkstring(L, -1),
                            luaL_checkstring(L, -2));
            slL_buffer_add_text(L, lines, lua_tostring(L, -1));
            lua_pop(L, 2);
        }
    lua_pop(L, 1);
    return lines;
}

struct sl_transfer *slL_canned_new(lua_State *L, int idx) {
    size_t len = 0;
    struct sl_error err = {0};
    if (lua_getfield(L, idx, "status") != LUA_TNUMBER)
        slL_error_raise(L, "usage", "intercept: the answer needs a status");
    long status = (long)lua_tointeger(L, -1);
    lua_getfield(L, idx, "body");
    const char *body = lua_isnil(L, -1) ? "" : luaL_checklstring(L, -1, &len);
    struct sl_buffer *lines = push_lines(L, idx);
    struct sl_transfer *transfer = sl_transfer_canned(
        status, lines->data ? lines->data : "", lines->len, body, len, &err);
    if (!transfer)
        slL_error_engine(L, &err);
    return transfer;
}
