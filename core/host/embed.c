/* SPDX-License-Identifier: MIT */
#include "host/embed.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "engine/inflate.h"

static int compare(const void *module, const void *row) {
    return strcmp(module, ((const struct sl_embedded *)row)->module);
}

static const struct sl_embedded *find(const char *module) {
    return bsearch(module, sl_embedded, sl_embedded_count, sizeof *sl_embedded, compare);
}

/* Compiled code holds for the release that made it; `lua_ident` is of the Lua that runs.
 */
static int may_run_code(void) {
    return strstr(lua_ident, ": " LUA_RELEASE " ") != NULL;
}

/* Pushes the text of a row.                                                 [-0, +1, e]
 */
static const char *push_text(lua_State *L, const struct sl_embedded *row) {
    luaL_Buffer text;
    struct sl_error err = {0};
    char *room = luaL_buffinitsize(L, &text, *row->size);
    if (sl_inflate(row->packed, *row->packed_size, room, *row->size, &err) != SL_OK)
        luaL_error(L, "%s", err.text);
    luaL_pushresultsize(&text, *row->size);
    return lua_tostring(L, -1);
}

static int load(lua_State *L, const struct sl_embedded *row) {
    if (may_run_code())
        return luaL_loadbufferx(L, (const char *)row->code, *row->code_size, row->chunk,
                                "b");
    return luaL_loadbufferx(L, push_text(L, row), *row->size, row->chunk, "t");
}

/* searcher(module) → loader, chunk name | message */
static int search(lua_State *L) {
    const char *module = luaL_checkstring(L, 1);
    const struct sl_embedded *row = find(module);
    if (!row) {
        lua_pushfstring(L, "no module '%s' inside the program", module);
        return 1;
    }
    if (load(L, row) != LUA_OK)
        return lua_error(L);
    lua_pushstring(L, row->chunk + 1);
    return 2;
}

void sl_embed_open(lua_State *L) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, LUA_LOADLIBNAME);
    lua_getfield(L, -1, "searchers");
    for (lua_Integer i = luaL_len(L, -1); i >= 2; i--) { /* [1] is package.preload */
        lua_geti(L, -1, i);
        lua_seti(L, -2, i + 1);
    }
    lua_pushcfunction(L, search);
    lua_seti(L, -2, 2);
    lua_pop(L, 3);
}

int sl_embed_source(lua_State *L) {
    const struct sl_embedded *row = find(luaL_checkstring(L, 1));
    if (!row)
        return 0;
    push_text(L, row);
    lua_pushstring(L, row->chunk + 1);
    return 2;
}

int sl_embed_modules(lua_State *L) {
    lua_newtable(L);
    for (const struct sl_embedded *row = sl_embedded; row->module; row++) {
        lua_pushstring(L, row->module);
        lua_rawseti(L, -2, row - sl_embedded + 1);
    }
    return 1;
}

/* Does the text begin with the path and a colon? */
static int begins_with(const char *text, const char *path) {
    while (*path && *text == *path)
        text++, path++;
    return *path == '\0' && *text == ':';
}

int sl_embed_is_place(const char *message) {
    for (const struct sl_embedded *row = sl_embedded; row->module; row++)
        if (begins_with(message, row->chunk + 1))
            return 1;
    return 0;
}
