/* SPDX-License-Identifier: MIT
 * Error objects: the one shape in which anything of Sluice fails in Lua.
 *
 *   { kind, status, code, title, message, request_id, method, url, hint, … }
 *
 * `kind` is one of the names in slL_error_kinds; tostring gives one line. */
#ifndef SL_MODULE_ERROR_H
#define SL_MODULE_ERROR_H

#include "engine/error.h"
#include "module/module.h"

/* Pushes an error object with kind and message.                             [-0, +1, m]
 */
void slL_error_push(lua_State *L, const char *kind, const char *format, ...);

/* Raises one; never returns. Formats as lua_pushfstring does.               [-0, +0, v]
 */
int slL_error_raise(lua_State *L, const char *kind, const char *format, ...)
    __attribute__((noreturn));

/* Raises what the engine reported: its code decides the kind.               [-0, +0, v]
 */
int slL_error_engine(lua_State *L, const struct sl_error *err) __attribute__((noreturn));

/* Pushes the error object for what the engine reported.                     [-0, +1, m]
 */
void slL_error_push_engine(lua_State *L, const struct sl_error *err);

/* Is the value at `idx` an error object?                                    [-0, +0, -]
 */
int slL_error_test(lua_State *L, int idx);

#endif
