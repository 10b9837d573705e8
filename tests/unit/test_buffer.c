/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/buffer.h"

#include <string.h>

static void grows_and_stays_terminated(void **state) {
    (void)state;
    struct sl_buffer buffer;
    sl_buffer_init(&buffer, "the test", 5000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(sl_buffer_add_text(&buffer, "abcde", NULL), SL_OK);
    assert_int_equal(buffer.len, 5000);
    assert_int_equal(strlen(buffer.data), 5000);
    sl_buffer_fini(&buffer);
    assert_null(buffer.data);
}

static void refuses_more_than_its_limit_and_names_it(void **state) {
    (void)state;
    struct sl_buffer buffer;
    struct sl_error err = {0};
    sl_buffer_init(&buffer, "the test", 4);
    assert_int_equal(sl_buffer_add(&buffer, "abcd", 4, &err), SL_OK);
    assert_int_equal(sl_buffer_add(&buffer, "e", 1, &err), SL_ERR_LIMIT);
    assert_string_equal(err.text, "the test is larger than its limit of 4 bytes");
    assert_string_equal(buffer.data, "abcd");
    sl_buffer_fini(&buffer);
}

static void keeps_its_content_when_memory_runs_out(void **state) {
    (void)state;
    struct sl_buffer buffer;
    struct sl_error err = {0};
    char chunk[1000] = {0};
    sl_buffer_init(&buffer, "the test", 100000);
    assert_int_equal(sl_buffer_add(&buffer, "x", 1, &err), SL_OK);
    sl_memory_fail_after(0);
    enum sl_code code = sl_buffer_add(&buffer, chunk, sizeof chunk, &err);
    sl_memory_fail_after(-1);
    assert_int_equal(code, SL_ERR_MEMORY);
    assert_string_equal(buffer.data, "x");
    sl_buffer_fini(&buffer);
}

/* Close to the largest number there is, room must neither wrap round nor be sought for
 * ever. */
static void refuses_what_no_memory_can_hold(void **state) {
    (void)state;
    struct sl_buffer buffer;
    struct sl_error err = {0};
    sl_buffer_init(&buffer, "the test", SIZE_MAX);
    assert_int_equal(sl_buffer_reserve(&buffer, SIZE_MAX, &err), SL_ERR_LIMIT);
    err = (struct sl_error){0};
    sl_memory_fail_after(0); /* sanitizers do not like to be asked for so much */
    enum sl_code code = sl_buffer_reserve(&buffer, SIZE_MAX - 1, &err);
    sl_memory_fail_after(-1);
    assert_int_equal(code, SL_ERR_MEMORY);
    assert_null(buffer.data);
}

static void moves_a_secret(void **state) {
    (void)state;
    struct sl_buffer buffer;
    struct sl_error err = {0};
    char expected[2001] = {0};
    sl_buffer_init(&buffer, "the test", 5000);
    buffer.secret = true;
    memset(expected, 's', 2000);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(sl_buffer_add(&buffer, "s", 1, &err), SL_OK);
    assert_string_equal(buffer.data, expected);
    sl_memory_fail_after(0);
    enum sl_code code = sl_buffer_reserve(&buffer, 3000, &err);
    sl_memory_fail_after(-1);
    assert_int_equal(code, SL_ERR_MEMORY);
    assert_string_equal(buffer.data, expected);
    sl_buffer_fini(&buffer);
}

static void first_error_wins(void **state) {
    (void)state;
    struct sl_error err = {0};
    assert_int_equal(sl_error_set(&err, SL_ERR_LIMIT, "first %d", 1), SL_ERR_LIMIT);
    assert_int_equal(sl_error_set(&err, SL_ERR_SYSTEM, "second"), SL_ERR_SYSTEM);
    assert_int_equal(err.code, SL_ERR_LIMIT);
    assert_string_equal(err.text, "first 1");
    assert_int_equal(sl_error_set(NULL, SL_ERR_SYSTEM, "nobody listens"), SL_ERR_SYSTEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(refuses_more_than_its_limit_and_names_it),
        cmocka_unit_test(keeps_its_content_when_memory_runs_out),
        cmocka_unit_test(refuses_what_no_memory_can_hold),
        cmocka_unit_test(moves_a_secret),
        cmocka_unit_test(first_error_wins),
    };
    return cmocka_run_group_tests_name("engine/buffer", tests, NULL, NULL);
}
