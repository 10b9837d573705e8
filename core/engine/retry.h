/* SPDX-License-Identifier: MIT
 * May a failed call be repeated, and after how long? Decisions only: nothing here waits,
 * sends or reads a clock. */
#ifndef SL_ENGINE_RETRY_H
#define SL_ENGINE_RETRY_H

#include "engine/error.h"

#include <stdbool.h>

#define SL_RETRY_ATTEMPTS 5U      /* of one call, the first included */
#define SL_RETRY_BASE_MS 500L     /* the first back-off lasts at most this */
#define SL_RETRY_CAP_MS 20000L    /* a later one at most this; it doubles each time */
#define SL_RETRY_AFTER_MAX_S 120L /* a longer Retry-After is answered by giving up */
#define SL_RETRY_BUDGET 60.0      /* repeats of a run in hand at its start, at most */
#define SL_RETRY_EARNED 0.1       /* repeats that a successful call adds */

/* How one attempt of a call ended. */
struct sl_attempt {
    unsigned number;    /* 1: the first */
    unsigned allowed;   /* attempts of a call; 0: SL_RETRY_ATTEMPTS */
    bool repeatable;    /* doing it twice is the same as doing it once */
    bool sent;          /* it may have reached the service */
    enum sl_code code;  /* of the transfer */
    long status;        /* of the answer; 0: none */
    long retry_after_s; /* what the service asked for; 0: nothing */
    double left_s;      /* until the deadline; negative: none */
};

/* The repeats that a run has left: an outage must not multiply the load. */
struct sl_retry_budget {
    double spent;
};

/* Milliseconds to wait before the next attempt, or -1: it must not or need not be
 * repeated. `chance` is a random number of 0 … 1: the full range of the back-off is used,
 * so that callers that failed together do not come back together. Takes from the budget.
 */
long sl_retry_wait_ms(const struct sl_attempt *attempt, double chance,
                      struct sl_retry_budget *budget);

/* Is this outcome the service's or the network's passing trouble? */
bool sl_retry_is_passing(enum sl_code code, long status);

/* A call succeeded: some of the budget comes back. */
void sl_retry_earn(struct sl_retry_budget *budget);

#endif
