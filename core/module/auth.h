/* SPDX-License-Identifier: MIT
 * The access token of a client: asked for when first needed, once even when many wait for
 * it, renewed before it ends. IMS OAuth server-to-server, auth.md §2. */
#ifndef SL_MODULE_AUTH_H
#define SL_MODULE_AUTH_H

#include "module/http.h"

#include <stdbool.h>

/* Part of a client; all zero is its beginning. */
struct slL_auth {
    char *token; /* NULL: none */
    size_t token_len;
    double renew_at;         /* clock seconds; 0: not known */
    unsigned long attempt;   /* counts who led */
    unsigned long failed;    /* the attempt whose failure is kept; 0: none */
    bool busy;               /* somebody asks for a token */
    struct slL_signal ready; /* fired when that is over */
};

/* Is there a token that may be sent? */
bool slL_auth_has_token(const struct slL_auth *auth);

/* Takes a copy of a token that has `life` seconds left; 0: not known.       [-0, +0, v]
 */
void slL_auth_set_token(lua_State *L, struct slL_auth *auth, const char *token,
                        size_t len, double life);

/* Forgets the token, for the service refused it. */
void slL_auth_drop_token(struct slL_auth *auth);

/* From here on the caller asks for the token, and the others wait for `ready`, until it
 * calls slL_auth_release. */
void slL_auth_lead(struct slL_auth *auth);

/* Sends the token request with the credentials of the table at `config` (ims_url,
 * client_id, client_secret, scopes), which may take that many seconds; raises kind "auth"
 * when there are none. [-0, +0, v] */
void slL_auth_start(lua_State *L, int config, struct slL_call *call, double seconds);

/* Pushes the URL that tokens come from.                                     [-0, +1, m]
 */
const char *slL_auth_push_url(lua_State *L, int config);

/* Reads the answer: keeps the token and pushes it as a secret, and the seconds it lives
 * (0: not known); or raises. Call slL_auth_release in any case. [-0, +2, v] */
void slL_auth_finish(lua_State *L, struct slL_auth *auth, int config,
                     struct slL_call *call);

/* The asking is over, however it ended; those who wait go on. */
void slL_auth_release(struct slL_auth *auth);

/* Wipes and frees. */
void slL_auth_fini(struct slL_auth *auth);

#endif
