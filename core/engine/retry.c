/* SPDX-License-Identifier: MIT */
#include "engine/retry.h"

/* Statuses that may be gone a moment later. No other 4xx is: repeating what was refused
 * gives the same refusal. */
static const long passing[] = {408, 429, 500, 502, 503, 504};

bool sl_retry_is_passing(enum sl_code code, long status) {
    if (code != SL_OK)
        return code == SL_ERR_NETWORK || code == SL_ERR_TIMEOUT;
    for (unsigned i = 0; i < sizeof passing / sizeof *passing; i++)
        if (status == passing[i])
            return true;
    return false;
}

void sl_retry_earn(struct sl_retry_budget *budget) {
    budget->spent = budget->spent > SL_RETRY_EARNED ? budget->spent - SL_RETRY_EARNED : 0;
}

/* What never left this machine, and what the service turned away at its door, can be
 * repeated whatever it asks for. */
static bool is_safe(const struct sl_attempt *attempt) {
    return attempt->repeatable || !attempt->sent ||
           (attempt->code == SL_OK && attempt->status == 429);
}

static long back_off_ms(unsigned number, double chance) {
    long most = SL_RETRY_BASE_MS;
    for (unsigned i = 1; i < number && most < SL_RETRY_CAP_MS; i++)
        most *= 2;
    return (long)((double)(most < SL_RETRY_CAP_MS ? most : SL_RETRY_CAP_MS) * chance);
}

long sl_retry_wait_ms(const struct sl_attempt *attempt, double chance,
                      struct sl_retry_budget *budget) {
    unsigned allowed = attempt->allowed ? attempt->allowed : SL_RETRY_ATTEMPTS;
    if (!sl_retry_is_passing(attempt->code, attempt->status) || !is_safe(attempt) ||
        attempt->number >= allowed || attempt->retry_after_s > SL_RETRY_AFTER_MAX_S ||
        budget->spent + 1 > SL_RETRY_BUDGET)
        return -1;
    long wait = back_off_ms(attempt->number, chance) + attempt->retry_after_s * 1000;
    if (attempt->left_s >= 0 && (double)wait / 1000 >= attempt->left_s)
        return -1; /* the deadline comes first */
    budget->spent += 1;
    return wait;
}
