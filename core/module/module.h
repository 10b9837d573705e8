/* SPDX-License-Identifier: MIT
 * The Lua module `sluice.core`: each object has its own file and opener. */
#ifndef SL_MODULE_MODULE_H
#define SL_MODULE_MODULE_H

#include <lauxlib.h>
#include <lua.h>

/* Opens the module; the one symbol that the shared library shows. */
__attribute__((visibility("default"))) int luaopen_sluice_core(lua_State *L);

/* Each pushes the table of its library. */
int slL_open_error(lua_State *L);
int slL_open_secret(lua_State *L);
int slL_open_json(lua_State *L);
int slL_open_pointer(lua_State *L);
int slL_open_patch(lua_State *L);
int slL_open_merge_patch(lua_State *L);
int slL_open_task(lua_State *L);
int slL_open_http(lua_State *L);
int slL_open_client(lua_State *L);
int slL_open_flow_service(lua_State *L);
int slL_open_listener(lua_State *L);
int slL_open_files(lua_State *L);
int slL_open_store(lua_State *L);
int slL_open_policy(lua_State *L);
int slL_open_terminal(lua_State *L);
int slL_open_editor(lua_State *L);
int slL_open_archive(lua_State *L);
int slL_open_signature(lua_State *L);
int slL_open_library(lua_State *L);

#endif
