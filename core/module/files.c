/* SPDX-License-Identifier: MIT
 * Files and folders, as far as Lua's own library does not know them. */
#include "engine/folder.h"
#include "module/error.h"

/* files.make_folder(path); raises kind "io"                                 [-0, +0, v]
 */
static int slL_files_make_folder(lua_State *L) {
    size_t len;
    struct sl_error err = {0};
    const char *path = luaL_checklstring(L, 1, &len);
    if (sl_folder_make(path, len, &err) != SL_OK)
        slL_error_engine(L, &err);
    return 0;
}

static const luaL_Reg functions[] = {
    {"make_folder", slL_files_make_folder},
    {NULL, NULL},
};

int slL_open_files(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
