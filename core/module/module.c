/* SPDX-License-Identifier: MIT */
#include "module/module.h"

static const luaL_Reg libraries[] = {
    {"error", slL_open_error},       {"secret", slL_open_secret},
    {"json", slL_open_json},         {"pointer", slL_open_pointer},
    {"patch", slL_open_patch},       {"merge_patch", slL_open_merge_patch},
    {"task", slL_open_task},         {"http", slL_open_http},
    {"client", slL_open_client},     {"flow_service", slL_open_flow_service},
    {"listener", slL_open_listener}, {"files", slL_open_files},
    {"store", slL_open_store},       {"policy", slL_open_policy},
    {"terminal", slL_open_terminal}, {"editor", slL_open_editor},
    {"archive", slL_open_archive},   {"signature", slL_open_signature},
    {"library", slL_open_library},   {NULL, NULL},
};

int luaopen_sluice_core(lua_State *L) {
    lua_newtable(L);
    for (const luaL_Reg *library = libraries; library->name; library++) {
        lua_pushcfunction(L, library->func);
        lua_call(L, 0, 1);
        lua_setfield(L, -2, library->name);
    }
    lua_pushliteral(L, SL_VERSION);
    lua_setfield(L, -2, "version");
    return 1;
}
