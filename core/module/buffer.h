/* SPDX-License-Identifier: MIT
 * An engine buffer that Lua frees, and wipes, when nobody needs it any more: safe to hold
 * across calls that may throw. */
#ifndef SL_MODULE_BUFFER_H
#define SL_MODULE_BUFFER_H

#include "engine/buffer.h"
#include "module/module.h"

/* Pushes an empty buffer; `name` must be a literal.                         [-0, +1, m]
 */
struct sl_buffer *slL_buffer_new(lua_State *L, const char *name, size_t max);

/* Appends, or raises.                                                       [-0, +0, v]
 */
void slL_buffer_add(lua_State *L, struct sl_buffer *buffer, const char *bytes,
                    size_t len);
void slL_buffer_add_text(lua_State *L, struct sl_buffer *buffer, const char *text);
void slL_buffer_add_encoded(lua_State *L, struct sl_buffer *buffer, const char *text,
                            size_t len);

#endif
