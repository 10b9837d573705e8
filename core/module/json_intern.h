/* SPDX-License-Identifier: MIT
 * Numbers for JSON values, equal for equal values: each table is looked at once, and
 * comparing is then comparing two integers. */
#ifndef SL_MODULE_JSON_INTERN_H
#define SL_MODULE_JSON_INTERN_H

#include "engine/buffer.h"
#include "module/module.h"

/* What is numbered so far. The tables are stack slots that must stay as they are. */
struct sl_intern {
    int numbers; /* value → number */
    int shapes;  /* what a table holds, as numbers → number */
    int last;
    struct sl_buffer *scratch;
};

/* Begins: pushes what it needs.                                         [-0, +3, m] */
struct sl_intern slL_json_intern_open(lua_State *L);

/* The number of the value at `idx`. Raises kind "json" for what is not JSON or is nested
 * too deep.                                                             [-0, +0, v] */
int slL_json_intern(lua_State *L, struct sl_intern *intern, int idx);

#endif
