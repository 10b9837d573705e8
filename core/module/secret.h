/* SPDX-License-Identifier: MIT
 * A secret is a value of its own type: it shows as ‹secret NAME›, and only the writer of
 * a request body or header unwraps it. */
#ifndef SL_MODULE_SECRET_H
#define SL_MODULE_SECRET_H

#include "module/module.h"

/* Pushes a secret.                                                          [-0, +1, m]
 */
void slL_secret_push(lua_State *L, const char *name, const char *bytes, size_t len);

/* The bytes of the secret at `idx`, or NULL when it is none. Valid while it lives.  [-0,
 * +0, -] */
const char *slL_secret_test(lua_State *L, int idx, size_t *len);

/* The bytes of a secret or string at `idx`; raises an argument error otherwise.     [-0,
 * +0, v] */
const char *slL_secret_reveal(lua_State *L, int idx, size_t *len);

/* The name of the secret at `idx`, which must be one.                       [-0, +0, -]
 */
const char *slL_secret_name(lua_State *L, int idx);

/* Replaces the string at the top by one in which every secret that is alive shows as its
 * name, in whatever form it stands there: engine/mask.h. For texts of a service, which
 * may repeat what it was sent, and for all that is written down.          [-1, +1, v]
 */
void slL_secret_mask(lua_State *L);

/* The same in two steps, for many strings: pushes what masks them, and masks the string
 * at the top by the one at `mask`.                                  [-0, +1, v][-1, +1,
 * v]
 */
void slL_secret_push_mask(lua_State *L);
void slL_secret_apply_mask(lua_State *L, int mask);

/* Is one of the values a secret, and the other a secret or string of the same bytes?
 * [-0, +0, -] */
int slL_secret_equal(lua_State *L, int a, int b);

/* Replaces texts in the decoded answer at `idx` by secrets named after their keys, where
 * the key says that it holds one: those of auth.md §8, and those that a JSON Schema in
 * some answer called passwords. What the service has masked (***) stays. Under a policy
 * all other texts are masked, too: somebody else's script reads nothing of a secret from
 * the answer to which it has sent it. Raises kind "json" when the value is nested too
 * deep.                                                                    [-0, +0, v] */
void slL_secret_wrap(lua_State *L, int idx);

/* Pushes { file, command }: as those of the library, but no policy counts for them.
 * [-0, +1, m] */
void slL_secret_push_free(lua_State *L);

/* Add to the library at the top what reads secrets in, and what finds them in answers.
 * [-0, +0, m] */
void slL_secret_add_sources(lua_State *L);
void slL_secret_add_answers(lua_State *L);

#endif
