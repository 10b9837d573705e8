/* SPDX-License-Identifier: MIT
 * `sluice.host`: the few things about the process that Lua's own libraries don't tell. */
#ifndef SL_HOST_LIB_H
#define SL_HOST_LIB_H

struct lua_State;

int sl_host_open(struct lua_State *L);

#endif
