/* SPDX-License-Identifier: MIT
 * One HTTP request in Lua's hands, and the text that requests are made of. */
#ifndef SL_MODULE_HTTP_H
#define SL_MODULE_HTTP_H

#include "module/buffer.h"
#include "module/task.h"

/* A request under way; Lua frees it, which ends it. It may be a to-be-closed variable. */
struct slL_call {
    struct slL_signal ended;
    struct sl_transfer *transfer;
};

/* Pushes a call that has not started.                                       [-0, +1, m]
 */
struct slL_call *slL_call_new(lua_State *L);

/* Starts it (again), or raises. The request's memory is free afterwards.    [-0, +0, v]
 */
void slL_call_start(lua_State *L, struct slL_call *call,
                    const struct sl_request *request);

/* Raises when it was ended by another than the transport: the state closes, and what a
 * finalizer still lets run finds its call gone.                             [-0, +0, v]
 */
void slL_call_check(lua_State *L, const struct slL_call *call);

/* Ends it, if it is under way; whoever waits for it goes on. */
void slL_call_end(struct slL_call *call);

/* Pushes an array of "Name: value" lines, room for `count` and the NULL at its end; the
 * lines are added with slL_headers_add and stay alive with it. [-0, +1, m] */
struct slL_headers;
struct slL_headers *slL_headers_new(lua_State *L, unsigned count);

/* Adds a line to the headers at `idx`, in place of one of the same name; the value is a
 * string or a secret at `value`. Raises on control characters, on a name that only the
 * transport may set, and when there is no room. [-0, +0, v] */
void slL_headers_add(lua_State *L, int idx, const char *name, int value);
void slL_headers_add_bytes(lua_State *L, int idx, const char *name, const char *text,
                           size_t len);

/* Adds all of the table at `table` (names and values), or raises; nil adds none.
 * [-0, +0, v] */
void slL_headers_add_table(lua_State *L, int idx, int table);

/* The lines, for struct sl_request. */
const char *const *slL_headers_lines(const struct slL_headers *headers);

/* Appends the query at `idx` (nil, or a table of names and values: strings, numbers,
 * booleans or arrays of them, which repeat the name) to a URL, names sorted. [-0, +0, v]
 */
void slL_url_add_query(lua_State *L, int idx, struct sl_buffer *url);

/* Reads the limits `connect_timeout`, `timeout` (seconds), `max_body` (bytes) and
 * `cacert` of the table at `idx` into the request, and pushes `cacert`, which must stay
 * until the request has started. [-0, +1, v] */
void slL_http_limits(lua_State *L, int idx, struct sl_request *request);

/* Lets the request take no longer than these seconds. */
void slL_http_limit_time(struct sl_request *request, double seconds);

#endif
