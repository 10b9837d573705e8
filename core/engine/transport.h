/* SPDX-License-Identifier: MIT
 * Many HTTP requests at once on one pool of connections. TLS is verified, always;
 * redirects are never followed; plain http goes to this machine only. libcurl is loaded
 * by the first transport. */
#ifndef SL_ENGINE_TRANSPORT_H
#define SL_ENGINE_TRANSPORT_H

#include "engine/buffer.h"

#include <poll.h>
#include <stdbool.h>

#define SL_TRANSPORT_CONNECT_TIMEOUT_MS 10000L
#define SL_TRANSPORT_TIMEOUT_MS 60000L
#define SL_TRANSPORT_MAX_BODY ((size_t)32 << 20) /* of an answer, decompressed */
#define SL_TRANSPORT_MAX_CONNECTIONS 64L         /* further requests wait for one */
#define SL_TRANSPORT_MAX_HEADERS                                                         \
    ((size_t)64 << 10) /* of an answer, all lines together                               \
                        */

struct sl_transport;
struct sl_transfer;

struct sl_request {
    const char *method;
    const char *url;
    const char *const
        *headers; /* "Name: value" lines ("Name;": no value), NULL-terminated; copied */
    const char *body; /* copied; NULL: none */
    size_t body_len;
    long connect_timeout_ms; /* 0: the default above, as below */
    long timeout_ms;         /* from start to the last byte */
    size_t max_body;
    const char
        *cacert; /* PEM file of a CA that is trusted besides the system's; NULL: none */
    bool only_connect; /* send nothing. Over HTTP/2 the connection stays for who comes */
};

/* Called once when a transfer has ended, well or not, from sl_transport_run. */
typedef void sl_transfer_done(void *context);

/* NULL on failure (the library is missing, memory ran out). */
SL_MUST_USE struct sl_transport *sl_transport_new(struct sl_error *err);

/* Ends all transfers of the transport without calling back, then frees it. Transfers that
 * still exist stay valid for sl_transfer_free. */
void sl_transport_free(struct sl_transport *transport);

/* Begins a request. NULL on failure. The caller frees the transfer, at any time. */
SL_MUST_USE struct sl_transfer *sl_transport_start(struct sl_transport *transport,
                                                   const struct sl_request *request,
                                                   sl_transfer_done *done, void *context,
                                                   struct sl_error *err);

/* Moves all transfers on; waits at most `timeout_ms` for the network or one of the
 * `extra` descriptors, whose `revents` it fills. */
SL_MUST_USE enum sl_code sl_transport_run(struct sl_transport *transport,
                                          struct pollfd *extra, unsigned extra_count,
                                          int timeout_ms, struct sl_error *err);

/* How many transfers are under way. */
size_t sl_transport_active(const struct sl_transport *transport);

/* Ends the transfer if it is under way, and frees it; NULL is allowed. */
void sl_transfer_free(struct sl_transfer *transfer);

/* Of an ended transfer: the failure (code SL_OK: none), the status and the body. */
const struct sl_error *sl_transfer_error(const struct sl_transfer *transfer);
long sl_transfer_status(const struct sl_transfer *transfer);
const struct sl_buffer *sl_transfer_body(const struct sl_transfer *transfer);

/* May the request have reached the other side? */
bool sl_transfer_sent(const struct sl_transfer *transfer);

/* What it took: times in seconds, sizes in bytes as they went over the network. */
struct sl_transfer_stats {
    double total_s;
    double first_byte_s;
    double bytes_sent, bytes_received;
    long connections;   /* opened for it: 0 when a kept one did */
    long http_version;  /* 10, 11, 20; 0: no answer */
    long retry_after_s; /* what the answer asks for; 0: nothing */
};
const struct sl_transfer_stats *sl_transfer_stats(const struct sl_transfer *transfer);

/* An ended transfer that never was on a network: somebody else knew the answer. `headers`
 * as sl_transfer_headers gives them. NULL when memory runs out. */
SL_MUST_USE struct sl_transfer *sl_transfer_canned(long status, const char *headers,
                                                   size_t headers_len, const char *body,
                                                   size_t body_len, struct sl_error *err);

/* The header lines of the answer, "name: value" with a lower-case name, each ended by a
 * newline. */
const struct sl_buffer *sl_transfer_headers(const struct sl_transfer *transfer);

#endif
