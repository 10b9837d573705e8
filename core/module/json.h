/* SPDX-License-Identifier: MIT
 * JSON for Lua: lua-cjson parses, this layer keeps what it would lose (empty arrays,
 * 64-bit integers, the difference between 1 and 1.0), refuses what RFC 8259 refuses, and
 * writes deterministically. */
#ifndef SL_MODULE_JSON_H
#define SL_MODULE_JSON_H

#include "module/json_scan.h"
#include "module/module.h"

#define SL_JSON_MAX_INDENT 16

/* The `__jsontype` of tables that must not be written: operations of a patch that are not
 * resolved yet. */
#define SL_JSON_UNRESOLVED "unresolved"

/* What a value is to JSON. */
enum sl_json_type {
    SL_JSON_OTHER, /* a scalar, or nothing JSON knows */
    SL_JSON_ARRAY,
    SL_JSON_OBJECT,
};

/* Pushes the value of a JSON text. An error object of kind "json" reads
 * "SOURCE: line 3, column 7: expected …". Integers beyond 64 bits become floats; of
 * members with one name the last counts.                                [-0, +1, v] */
void slL_json_decode(lua_State *L, const char *text, size_t len, const char *source);

/* Pushes the value at `idx` as JSON text: names sorted by bytes, `indent` blanks a level
 * (0: one line). Secrets are shown by name. An error object of kind
 * "json" names the JSON pointer of what cannot be written.              [-0, +1, v] */
void slL_json_encode(lua_State *L, int idx, int indent);

/* The same with the bytes of secrets, into an empty buffer that is marked secret: it
 * never is a Lua string.                                                      [-0, +0, v]
 */
void slL_json_reveal(lua_State *L, int idx, int indent, struct sl_buffer *out);

/* How many bytes slL_json_encode would write in one line, or limit + 1 where they are
 * more than `limit`; it then looks no further.                          [-0, +0, v] */
size_t slL_json_size(lua_State *L, int idx, size_t limit);

/* Pushes JSON's null, which is lua-cjson's too.                         [-0, +1, -] */
void slL_json_null(lua_State *L);

/* A table is an array when its metatable says so (`__jsontype` = "array") or, without
 * such a metatable, when it has a value at 1; any other table is an object.
 *                                                                       [-0, +0, -] */
enum sl_json_type slL_json_type(lua_State *L, int idx);
int slL_json_is_array(lua_State *L, int idx);

/* Gives the table at `idx` the metatable of arrays.                     [-0, +0, m] */
void slL_json_mark_array(lua_State *L, int idx);

/* Are both values the same JSON? Numbers by value (1 is 1.0), objects whatever their
 * order. Raises kind "json" when nested too deep.                       [-0, +0, v] */
int slL_json_equal(lua_State *L, int a, int b);

/* Pushes a copy of the value at `idx` that shares no table with it.     [-0, +1, v] */
void slL_json_copy(lua_State *L, int idx);

#endif
