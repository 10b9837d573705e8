/* SPDX-License-Identifier: MIT
 * The socket side of a small HTTP server on the loopback address. It has no thread of its
 * own: its owner waits for the descriptor and calls sl_listener_run. libmicrohttpd is
 * loaded by the first listener. */
#ifndef SL_ENGINE_LISTENER_H
#define SL_ENGINE_LISTENER_H

#include "engine/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define SL_LISTENER_MAX_BODY ((size_t)8 << 20)
#define SL_LISTENER_MAX_CONNECTIONS 256u
#define SL_LISTENER_IDLE_TIMEOUT_S 120u

struct sl_listener;

/* A request and its answer. It belongs to whoever took it from sl_listener_next, until
 * answered or dropped; it outlives its connection and its listener. */
struct sl_exchange;

struct sl_header {
    const char *name;
    const char *value;
    size_t value_len;
};

/* Listens on 127.0.0.1 at `port` (0: any free one). NULL on failure. */
SL_MUST_USE struct sl_listener *sl_listener_new(uint16_t port, size_t max_body,
                                                struct sl_error *err);

/* Stops listening and closes all connections; NULL is allowed. */
void sl_listener_free(struct sl_listener *listener);

/* The port; the descriptor that becomes readable when there is work; how long it may be
 * waited for at most, in milliseconds (-1: for ever). */
uint16_t sl_listener_port(const struct sl_listener *listener);
int sl_listener_fd(const struct sl_listener *listener);
int sl_listener_timeout_ms(const struct sl_listener *listener);

/* Does the work there is, without waiting. */
void sl_listener_run(struct sl_listener *listener);

/* Is there a complete request? */
bool sl_listener_has_next(const struct sl_listener *listener);

/* The next complete request, in order of arrival, or NULL. The caller owns it. */
struct sl_exchange *sl_listener_next(struct sl_listener *listener);

/* What was asked: the target is path and query as they were sent. */
const char *sl_exchange_method(const struct sl_exchange *exchange);
const char *sl_exchange_target(const struct sl_exchange *exchange);
const struct sl_buffer *sl_exchange_body(const struct sl_exchange *exchange);

/* Calls `each` for every header line of the request, names as they were sent. */
typedef void sl_header_each(void *context, const struct sl_header *header);
void sl_exchange_headers(const struct sl_exchange *exchange, sl_header_each *each,
                         void *context);

/* Answers; the body is copied, the headers end with a NULL name. The exchange stays with
 * its owner. */
SL_MUST_USE enum sl_code sl_exchange_respond(struct sl_exchange *exchange,
                                             unsigned status,
                                             const struct sl_header *headers,
                                             const char *body, size_t body_len,
                                             struct sl_error *err);

/* The ways of a bad network. After either of these there is no other answer than the end
 * of the connection, when the exchange is given up.
 *   write: these bytes as they are, headers and all; `written` says how many of them the
 *          socket took, which may be none until the client has read more.
 *   reset: the client's side learns that the connection is gone (RST), at once. */
SL_MUST_USE enum sl_code sl_exchange_write(struct sl_exchange *exchange,
                                           const char *bytes, size_t len, size_t *written,
                                           struct sl_error *err);
SL_MUST_USE enum sl_code sl_exchange_reset(struct sl_exchange *exchange,
                                           struct sl_error *err);

/* Does the client still wait? */
bool sl_exchange_is_open(const struct sl_exchange *exchange);

/* Gives the exchange up; one without an answer gets its connection closed. NULL is
 * allowed. */
void sl_exchange_free(struct sl_exchange *exchange);

#endif
