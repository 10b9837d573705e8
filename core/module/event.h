/* SPDX-License-Identifier: MIT
 * What one attempt of a call came to, told to the client's `on_call`. */
#ifndef SL_MODULE_EVENT_H
#define SL_MODULE_EVENT_H

#include "engine/transport.h"
#include "module/module.h"

struct slL_event {
    const char *method;
    const char *url;
    unsigned number;  /* of the attempt, from 1 on */
    long wait_ms;     /* until the next attempt; -1: there is none */
    int confidential; /* neither body may be shown: a token request */
    int arguments;    /* stack index of the request's own table; 0: none */
};

/* Calls the function at `hook` with
 *   { method, url, attempt, seconds, first_byte, sent, received, connections,
 * http_version, token = true | nil, status, headers, request_id, body = text | nil of an
 * answer, error = text | nil, wait = seconds | nil before the next attempt, request = the
 * table that asked | nil } seconds as numbers, sizes in bytes. The function must not
 * wait.           [-0, +0, v] */
void slL_event_report(lua_State *L, int hook, const struct slL_event *event,
                      const struct sl_transfer *transfer);

#endif
