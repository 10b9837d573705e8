/* SPDX-License-Identifier: MIT
 * How the program ends: what an error looks like on the terminal, and its exit code. */
#ifndef SL_HOST_REPORT_H
#define SL_HOST_REPORT_H

#include <stddef.h>

struct lua_State;

enum sl_exit {
    SL_EXIT_OK = 0,
    SL_EXIT_SCRIPT = 1,   /* the script failed */
    SL_EXIT_USAGE = 2,    /* the command line is wrong */
    SL_EXIT_CONFIG = 3,   /* configuration or credentials */
    SL_EXIT_REFUSED = 4,  /* the service refused */
    SL_EXIT_NETWORK = 5,  /* network or service failed */
    SL_EXIT_INTERNAL = 6, /* a defect of the program */
};

/* The message handler: whatever was thrown becomes an error object; a plain message and
 * one of kind "internal" get a traceback.                                   [-1, +1, m]
 */
int sl_report_handler(struct lua_State *L);

/* (error) → exit code; prints the error on standard error.                  [-0, +1, m]
 */
int sl_report_error(struct lua_State *L);

/* Pushes the text with each control character but newline and tab shown as <U+001B>, so
 * that no foreign text steers the terminal.                                 [-0, +1, m]
 */
void sl_report_push_printable(struct lua_State *L, const char *text, size_t len);

#endif
