/* SPDX-License-Identifier: MIT
 * JSON Pointer (RFC 6901), strict. */
#ifndef SL_MODULE_POINTER_H
#define SL_MODULE_POINTER_H

#include <stdbool.h>

#include "module/module.h"

/* A walk over the reference tokens of a pointer. */
struct sl_pointer {
    const char *start;
    const char *at; /* the '/' before the next token, or `end` */
    const char *end;
    const char *token; /* the current one, still escaped */
    size_t len;
};

/* What is wrong with the form of a pointer; NULL where nothing is. */
const char *sl_pointer_fault(const char *text, size_t len);

/* A walk over a pointer without fault, before its first token. */
struct sl_pointer sl_pointer_start(const char *text, size_t len);

/* Goes to the next token; false at the end. */
bool sl_pointer_next(struct sl_pointer *pointer);

/* Is the current token the last one? */
bool sl_pointer_is_last(const struct sl_pointer *pointer);

/* The number of tokens of a pointer without fault. */
size_t sl_pointer_depth(const char *text, size_t len);

/* The index from 0 that the current token says; -1 where it is none (leading zeros and
 * signs are no index, nor is '-'). */
lua_Integer sl_pointer_index(const struct sl_pointer *pointer);

/* Pushes the current token, unescaped.                                  [-0, +1, m] */
void slL_pointer_push_token(lua_State *L, const struct sl_pointer *pointer);

/* Pushes a token with '~' and '/' escaped.                              [-0, +1, m] */
void slL_pointer_push_escaped(lua_State *L, const char *token, size_t len);

/* Pushes the member or element that the current token names in the value at `idx`. Where
 * there is none, pushes an error object of kind "patch" with code ("not_found" or
 * "bad_index"), pointer, part, nearest, and gives false.                [-0, +1, m] */
bool slL_pointer_step(lua_State *L, int idx, const struct sl_pointer *pointer);

/* Pushes what the pointer names in the value at `idx`, or the error object, and gives
 * false; code "pointer_syntax" where its form is wrong.                 [-0, +1, m] */
bool slL_pointer_get(lua_State *L, int idx, const char *text, size_t len);

/* The same without words: pushes nil where there is nothing. The form must be right.
 *                                                                       [-0, +1, m] */
bool slL_pointer_find(lua_State *L, int idx, const char *text, size_t len);

/* Pushes the error object for a pointer whose form is wrong.            [-0, +1, m] */
void slL_pointer_push_fault(lua_State *L, const char *text, size_t len,
                            const char *fault);

/* Pushes the error object for the current token; `reason` is at the top.
 *                                                                       [-1, +1, m] */
void slL_pointer_push_miss(lua_State *L, const struct sl_pointer *pointer,
                           const char *code);

/* Pushes what messages call the value that the tokens before the current one lead to:
 * "the document" or "/a/b".                                             [-0, +1, m] */
const char *slL_pointer_push_parent(lua_State *L, const struct sl_pointer *pointer);

#endif
