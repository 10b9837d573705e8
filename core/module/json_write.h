/* SPDX-License-Identifier: MIT
 * The writer behind slL_json_encode. */
#ifndef SL_MODULE_JSON_WRITE_H
#define SL_MODULE_JSON_WRITE_H

#include "module/json.h"

/* Makes the metatable of writers.                                       [-0, +0, m] */
void slL_json_open_writer(lua_State *L);

#endif
