/* SPDX-License-Identifier: MIT
 * One authorised request on its way: a token first, then its turn, then attempts until
 * one of them stands. */
#ifndef SL_MODULE_REQUEST_H
#define SL_MODULE_REQUEST_H

#include "engine/pace.h"
#include "engine/retry.h"
#include "module/auth.h"

/* What the requests of one client share. */
struct slL_client {
    struct slL_auth auth;
    struct sl_pace pace;
    struct sl_retry_budget budget;
    struct slL_request *first, *last; /* those that wait for their turn */
    struct sl_transfer *opening; /* the platform's connection, while the token comes */
};

/* User values of a client: the configuration, and the error of the last failed token
 * request. */
enum { SL_CLIENT_CONFIG = 1, SL_CLIENT_TOKEN_ERROR = 2 };

/* Stack of a request: where the things live that it needs to the end. */
enum {
    SL_I_CLIENT = 1,
    SL_I_ARGUMENTS,
    SL_I_REQUEST,
    SL_I_CONFIG,
    SL_I_CALL,
    SL_I_METHOD,
    SL_I_URL,
    SL_I_BODY,
    SL_I_DEADLINE,
    SL_I_TOP = SL_I_DEADLINE
};

/* Pushes a request of the client, its configuration, which is at the top, and its call:
 * from SL_I_REQUEST to SL_I_CALL. The request must be closed at its end (lua_toclose).
 * [-1, +3, m] */
struct slL_request *slL_request_push(lua_State *L, struct slL_client *client);

/* Sends the request whose parts stand on the stack: to be returned by a C function. Gives
 * the decoded answer (nil for an empty one) and { status, headers }, or raises an error
 * object; that has `attempts`, if there was more than one, and `unsure`, if it is not
 * known whether the service did what was asked. [-?, +2, v] */
int slL_request_run(lua_State *L, struct slL_request *request);

/* The same for a request without method, URL and body (nil), which is not sent: it sees
 * to it that there is a token, or raises.                                  [-?, +0, v] */
int slL_request_get_token(lua_State *L, struct slL_request *request);

int slL_open_request(lua_State *L);

#endif
