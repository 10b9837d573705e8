/* SPDX-License-Identifier: MIT
 * Ctrl-C, SIGTERM and SIGPIPE, as a Unix program treats them. */
#ifndef SL_HOST_SIGNALS_H
#define SL_HOST_SIGNALS_H

struct lua_State;

/* From here on the first SIGINT or SIGTERM raises an error of kind "interrupted" in
 * whatever `L` runs, and wakes whatever it waits for; a second one ends the process at
 * once. When the reader of standard output is gone, the process ends quietly; any other
 * broken pipe is an ordinary write error. */
void sl_signals_install(struct lua_State *L);

/* Gives SIGINT and SIGTERM their default action back; to be called before `L` is closed.
 */
void sl_signals_uninstall(void);

/* The exit code for an interrupted program: 128 and the signal's number. */
int sl_signals_exit_code(void);

#endif
