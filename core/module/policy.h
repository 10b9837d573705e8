/* SPDX-License-Identifier: MIT
 * The policy of the process where things happen: each of these raises kind "permission"
 * when there is one and it does not allow what is asked for. */
#ifndef SL_MODULE_POLICY_H
#define SL_MODULE_POLICY_H

#include "engine/policy.h"
#include "engine/transport.h"
#include "module/module.h"

/* May the request be sent?                                                  [-0, +0, v]
 */
void slL_policy_check_call(lua_State *L, const struct sl_request *request);

/* May somebody else than the program itself give the header of that name?   [-0, +0, v]
 */
void slL_policy_check_header(lua_State *L, const char *name);

/* May the program be run?                                                   [-0, +0, v]
 */
void slL_policy_check_command(lua_State *L, const char *program);

/* May the house use that path? `use`: SL_POLICY_READ or SL_POLICY_WRITE.    [-0, +0, v]
 */
void slL_policy_check_path(lua_State *L, const char *path, size_t len,
                           enum sl_policy_list use);

/* May a server be opened? Never under a policy.                             [-0, +0, v]
 */
void slL_policy_check_listener(lua_State *L);

#endif
