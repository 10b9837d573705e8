/* SPDX-License-Identifier: MIT
 * The authorised client, for the bindings that are made of its requests. */
#ifndef SL_MODULE_CLIENT_H
#define SL_MODULE_CLIENT_H

#include "module/module.h"

/* As client:request in Lua: expects client and arguments on the stack.      [-2, +2, v]
 */
int slL_client_request(lua_State *L);

#endif
