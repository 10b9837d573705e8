/* SPDX-License-Identifier: MIT
 * What comes in from outside, secrets above all: from a file, another program, the
 * terminal, standard input. All of them bounded, into a buffer that the caller has marked
 * secret, so that no copy stays behind. The buffer's maximum is the limit; one line end
 * at the end is left out. What waits ends when `wake_fd` (-1: none) can be read, which
 * holds for a signal that came before, too. */
#ifndef SL_ENGINE_INTAKE_H
#define SL_ENGINE_INTAKE_H

#include "engine/buffer.h"

/* Failures of all: SL_ERR_SYSTEM (says why, without what was read), SL_ERR_LIMIT,
 * SL_ERR_MEMORY, SL_ERR_INTERRUPTED when a signal came. Nothing read is a failure. */

/* All of a file. */
SL_MUST_USE enum sl_code sl_intake_file(const char *path, int wake_fd,
                                        struct sl_buffer *out, struct sl_error *err);

/* All that comes on a descriptor; one that is a terminal is refused, for it would show
 * what is typed. */
SL_MUST_USE enum sl_code sl_intake_input(int descriptor, int wake_fd,
                                         struct sl_buffer *out, struct sl_error *err);

/* What a program prints, called without a shell: words[0] is looked for in PATH, the list
 * ends with NULL. It has the terminal as standard input if that is one, else nothing. One
 * that fails, or takes longer than `timeout_ms`, is a failure; it is then ended. */
SL_MUST_USE enum sl_code sl_intake_command(const char *const *words, long timeout_ms,
                                           int wake_fd, struct sl_buffer *out,
                                           struct sl_error *err);

/* A line typed at the terminal, which shows it: no secret. What was typed before the
 * question does not count. */
SL_MUST_USE enum sl_code sl_intake_ask(const char *label, int wake_fd,
                                       struct sl_buffer *out, struct sl_error *err);

/* A line typed at the terminal, which does not show it. */
SL_MUST_USE enum sl_code sl_intake_prompt(const char *label, int wake_fd,
                                          struct sl_buffer *out, struct sl_error *err);

#endif
