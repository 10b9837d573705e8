/* SPDX-License-Identifier: MIT
 * Files and folders, as far as Lua's own library does not know them. */
#include "engine/folder.h"
#include "engine/output.h"
#include "module/error.h"

#include <lualib.h>

/* files.make_folder(path); raises kind "io"                                 [-0, +0, v]
 */
static int slL_files_make_folder(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    const char *path = luaL_checklstring(L, 1, &len);
    if (sl_folder_make(path, len, 0777, &err) != SL_OK)
        slL_error_engine(L, &err);
    return 0;
}

static int close_file(lua_State *L) {
    luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* files.create(path) → a file as io.open(path, "w") gives it, with mode 0600; raises kind
 * "io"                                                                      [-0, +1, v]
 */
static int slL_files_create(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    const char *path = luaL_checklstring(L, 1, &len);
    luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
    stream->closef = NULL; /* closed, until it is open */
    luaL_setmetatable(L, LUA_FILEHANDLE);
    if (sl_output_open(path, len, &stream->f, &err) != SL_OK)
        slL_error_engine(L, &err);
    stream->closef = close_file;
    return 1;
}

static const luaL_Reg functions[] = {
    {"make_folder", slL_files_make_folder},
    {"create", slL_files_create},
    {NULL, NULL},
};

int slL_open_files(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
