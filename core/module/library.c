/* SPDX-License-Identifier: MIT
 * The shared libraries behind the module, and their versions. */
#include "engine/versions.h"
#include "module/module.h"

static void set_text(lua_State *L, const char *key, const char *text) {
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

/* library.versions() → { { name, package, purpose, version | problem }, … }  [-0, +1, m]
 */
static int slL_library_versions(lua_State *L) {
    lua_createtable(L, SL_VERSIONS_COUNT, 0);
    for (int i = 0; i < SL_VERSIONS_COUNT; i++) {
        struct sl_error err = {0};
        struct sl_version version;
        enum sl_code code = sl_versions_get(i, &version, &err);
        lua_createtable(L, 0, 4);
        set_text(L, "name", version.name);
        set_text(L, "package", version.package);
        set_text(L, "purpose", version.purpose);
        set_text(L, code == SL_OK ? "version" : "problem",
                 code == SL_OK ? version.text : err.text);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"versions", slL_library_versions},
    {NULL, NULL},
};

int slL_open_library(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
