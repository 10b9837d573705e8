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

/* (function, …) → true, results | false, { value = what was raised, traceback =,
 * interrupted = has a signal come meanwhile? }: runs what somebody typed. From the first
 * such call on a signal ends what is run so, and the program only when it comes several
 * times and nothing ends.                [-?, +?, m]
 */
int sl_signals_call(struct lua_State *L);

/* Lets a coroutine that a script made be interrupted, too.                  [-0, +0, -]
 */
void sl_signals_watch(struct lua_State *coroutine);

/* Has a signal come that ends the program? */
int sl_signals_ended(void);

/* Has SIGTERM come? */
int sl_signals_terminated(void);

/* Gives SIGINT and SIGTERM their default action back; to be called before `L` is closed.
 */
void sl_signals_uninstall(void);

/* The exit code for an interrupted program: 128 and the signal's number. */
int sl_signals_exit_code(void);

#endif
