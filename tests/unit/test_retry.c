/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/pace.h"
#include "engine/retry.h"

/* What a failed attempt leads to: the longest wait, or -1. */
static const struct decision {
    const char *what;
    struct sl_attempt attempt;
    long longest;
} decisions[] = {
    {"a reset read", {1, 0, true, true, SL_ERR_NETWORK, 0, 0, -1}, 500},
    {"a timeout", {1, 0, true, true, SL_ERR_TIMEOUT, 0, 0, -1}, 500},
    {"the second time", {2, 0, true, true, SL_OK, 503, 0, -1}, 1000},
    {"the fourth time", {4, 0, true, true, SL_OK, 500, 0, -1}, 4000},
    {"far on", {40, 100, true, true, SL_OK, 502, 0, -1}, SL_RETRY_CAP_MS},
    {"the last time", {5, 0, true, true, SL_OK, 504, 0, -1}, -1},
    {"one attempt allowed", {1, 1, true, true, SL_OK, 504, 0, -1}, -1},
    {"what was refused", {1, 0, true, true, SL_OK, 400, 0, -1}, -1},
    {"not found", {1, 0, true, true, SL_OK, 404, 0, -1}, -1},
    {"a conflict", {1, 0, true, true, SL_OK, 412, 0, -1}, -1},
    {"a certificate", {1, 0, true, false, SL_ERR_TRUST, 0, 0, -1}, -1},
    {"a limit", {1, 0, true, true, SL_ERR_LIMIT, 0, 0, -1}, -1},
    {"a create that never left", {1, 0, false, false, SL_ERR_NETWORK, 0, 0, -1}, 500},
    {"a create whose answer was lost", {1, 0, false, true, SL_ERR_NETWORK, 0, 0, -1}, -1},
    {"a create in a failing service", {1, 0, false, true, SL_OK, 503, 0, -1}, -1},
    {"a create at a closed door", {1, 0, false, true, SL_OK, 429, 0, -1}, 500},
    {"as asked for", {1, 0, true, true, SL_OK, 429, 7, -1}, 7500},
    {"more than is borne", {1, 0, true, true, SL_OK, 429, 121, -1}, -1},
    {"after the deadline", {1, 0, true, true, SL_OK, 503, 3, 2.5}, -1},
    {"before the deadline", {1, 0, true, true, SL_OK, 503, 2, 2.6}, 2500},
};

static void decides(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++) {
        struct sl_retry_budget budget = {0};
        const struct decision *expected = &decisions[i];
        long wait = sl_retry_wait_ms(&expected->attempt, 1, &budget);
        if (wait != expected->longest)
            fail_msg("%s: %ld instead of %ld", expected->what, wait, expected->longest);
        assert_true(budget.spent == (wait >= 0 ? 1 : 0));
    }
}

static void spreads_over_the_whole_range(void **state) {
    (void)state;
    struct sl_retry_budget budget = {0};
    struct sl_attempt attempt = {3, 0, true, true, SL_OK, 503, 0, -1};
    assert_int_equal(sl_retry_wait_ms(&attempt, 0, &budget), 0);
    assert_int_equal(sl_retry_wait_ms(&attempt, 0.5, &budget), 1000);
}

static void has_a_budget_that_success_refills(void **state) {
    (void)state;
    struct sl_retry_budget budget = {0};
    struct sl_attempt attempt = {1, 0, true, true, SL_OK, 503, 0, -1};
    int count = 0;
    while (sl_retry_wait_ms(&attempt, 1, &budget) >= 0)
        count++;
    assert_int_equal(count, (int)SL_RETRY_BUDGET);
    for (int i = 0; i < 11; i++)
        sl_retry_earn(&budget);
    assert_int_equal(sl_retry_wait_ms(&attempt, 1, &budget), 500);
    assert_int_equal(sl_retry_wait_ms(&attempt, 1, &budget), -1);
    for (int i = 0; i < 10000; i++)
        sl_retry_earn(&budget);
    assert_true(budget.spent == 0);
}

/* ---- pace
 * ----------------------------------------------------------------------------------- */

static unsigned start_all(struct sl_pace *pace) {
    unsigned count = 0;
    while (sl_pace_start(pace))
        count++;
    return count;
}

static void starts_no_more_than_its_width(void **state) {
    (void)state;
    struct sl_pace pace = {0};
    assert_int_equal(start_all(&pace), (int)SL_PACE_START);
    sl_pace_left(&pace);
    assert_int_equal(start_all(&pace), 1);
}

static void narrows_once_for_calls_of_one_width(void **state) {
    (void)state;
    struct sl_pace pace = {0};
    for (int i = 0; i < 16; i++)
        sl_pace_learn(&pace, 1.0, 2.0, true);
    assert_true(sl_pace_width(&pace) == SL_PACE_START / 2);
    sl_pace_learn(&pace, 2.5, 3.0, true);
    assert_true(sl_pace_width(&pace) == SL_PACE_START / 4);
    for (int i = 0; i < 100; i++)
        sl_pace_learn(&pace, 10.0 + i, 10.5 + i, true);
    assert_true(sl_pace_width(&pace) == 1);
    assert_int_equal(start_all(&pace), 1);
}

static void doubles_with_each_round_until_something_is_wrong(void **state) {
    (void)state;
    struct sl_pace pace = {0};
    for (int i = 0; i < 16; i++)
        sl_pace_learn(&pace, 1.0, 1.1, false);
    assert_true(sl_pace_width(&pace) == 2 * SL_PACE_START);
    sl_pace_learn(&pace, 2.0, 2.1, true);
    for (int i = 0; i < 16; i++)
        sl_pace_learn(&pace, 3.0, 3.1, false);
    assert_true(sl_pace_width(&pace) < SL_PACE_START + 1);
}

static void recovers(void **state) {
    (void)state;
    struct sl_pace pace = {0};
    sl_pace_learn(&pace, 1.0, 2.0, true);
    for (int i = 0; i < 10000; i++)
        sl_pace_learn(&pace, 3.0 + i, 3.1 + i, false);
    assert_true(sl_pace_width(&pace) == SL_PACE_MOST);
}

static void narrows_when_answers_take_ever_longer(void **state) {
    (void)state;
    struct sl_pace pace = {0};
    for (int i = 0; i < 20; i++)
        sl_pace_learn(&pace, 1.0 + i, 1.1 + i, false);
    double wide = sl_pace_width(&pace);
    for (int i = 0; i < 20; i++)
        sl_pace_learn(&pace, 30.0 + 3 * i, 32.0 + 3 * i, false);
    assert_true(sl_pace_width(&pace) < wide / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides),
        cmocka_unit_test(spreads_over_the_whole_range),
        cmocka_unit_test(has_a_budget_that_success_refills),
        cmocka_unit_test(starts_no_more_than_its_width),
        cmocka_unit_test(narrows_once_for_calls_of_one_width),
        cmocka_unit_test(doubles_with_each_round_until_something_is_wrong),
        cmocka_unit_test(recovers),
        cmocka_unit_test(narrows_when_answers_take_ever_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
