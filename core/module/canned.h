/* SPDX-License-Identifier: MIT
 * An answer that a script gives in place of the network. */
#ifndef SL_MODULE_CANNED_H
#define SL_MODULE_CANNED_H

#include "engine/transport.h"
#include "module/module.h"

/* An ended transfer that holds the answer { status =, headers =, body = text } at `idx`;
 * the caller frees it. Raises kind "usage" when that is no answer.          [-0, +?, v]
 */
struct sl_transfer *slL_canned_new(lua_State *L, int idx);

#endif
