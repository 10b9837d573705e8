/* SPDX-License-Identifier: MIT
 * What an answer of the service means: a value, or an error object in the service's own
 * words. */
#ifndef SL_MODULE_ANSWER_H
#define SL_MODULE_ANSWER_H

#include "engine/transport.h"
#include "module/module.h"

/* Which request an answer belongs to, for messages. */
struct slL_asked {
    const char *method;
    const char *url;
    int confidential; /* nothing of the answer's body may be shown */
};

/* Pushes { status, headers } of an ended transfer.                          [-0, +1, m]
 */
void slL_answer_push_head(lua_State *L, const struct sl_transfer *transfer);

/* Pushes { status, headers, body } of an ended transfer.                    [-0, +1, m]
 */
void slL_answer_push_raw(lua_State *L, const struct sl_transfer *transfer);

/* Pushes the decoded body of a success (nil for an empty one); raises an error object for
 * anything else: a failed transfer or a body that is no JSON (kind "http"), a status of
 * 300 and more (kind "service", or "auth" for what the gateway says of tokens and keys).
 * [-0, +1, v] */
void slL_answer_push_value(lua_State *L, const struct sl_transfer *transfer,
                           const struct slL_asked *asked);

/* Raises the error object of a failed transfer, if it failed.               [-0, +0, v]
 */
void slL_answer_check_transfer(lua_State *L, const struct sl_transfer *transfer,
                               const struct slL_asked *asked);

/* Does the answer say that the access token is not valid (401, code 401013)? [-0, +0, m]
 */
int slL_answer_is_stale_token(lua_State *L, const struct sl_transfer *transfer);

#endif
