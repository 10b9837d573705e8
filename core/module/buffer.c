/* SPDX-License-Identifier: MIT */
#include "module/buffer.h"

#include "engine/url.h"
#include "module/error.h"

#include <string.h>

#define METATABLE "sluice.buffer"

static int slL_buffer_gc(lua_State *L) {
    struct sl_buffer *buffer = lua_touserdata(L, 1);
    sl_buffer_fini(buffer);
    return 0;
}

struct sl_buffer *slL_buffer_new(lua_State *L, const char *name, size_t max) {
    struct sl_buffer *buffer = lua_newuserdatauv(L, sizeof *buffer, 0);
    sl_buffer_init(buffer, name, max);
    buffer->secret = true;
    if (luaL_newmetatable(L, METATABLE)) {
        lua_pushcfunction(L, slL_buffer_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return buffer;
}

static void check(lua_State *L, enum sl_code code, const struct sl_error *err) {
    if (code != SL_OK)
        slL_error_engine(L, err);
}

void slL_buffer_add(lua_State *L, struct sl_buffer *buffer, const char *bytes,
                    size_t len) {
    struct sl_error err = {0};
    check(L, sl_buffer_add(buffer, bytes, len, &err), &err);
}

void slL_buffer_add_text(lua_State *L, struct sl_buffer *buffer, const char *text) {
    slL_buffer_add(L, buffer, text, strlen(text));
}

void slL_buffer_add_encoded(lua_State *L, struct sl_buffer *buffer, const char *text,
                            size_t len) {
    struct sl_error err = {0};
    check(L, sl_url_encode(buffer, text, len, &err), &err);
}
