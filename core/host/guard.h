/* SPDX-License-Identifier: MIT
 * What the process does so that its secrets stay in it. */
#ifndef SL_HOST_GUARD_H
#define SL_HOST_GUARD_H

struct lua_State;

/* From here on no core dump is written, no other process of the user can read this one's
 * memory, and what Lua gives back is wiped: strings and tables may hold secrets that a
 * script has read, or a service has sent. Programs that are started are not affected. */
void sl_guard_begin(struct lua_State *L);

/* To be called when Lua is closed: there is nothing left to be guarded. */
void sl_guard_end(void);

#endif
