/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/memory.h"

#include <stdbool.h>
#include <string.h>

#define LARGE 1000000 /* pages within it go back to the kernel */

static bool is_all(const char *block, char byte, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        if (block[i] != byte)
            return false;
    return true;
}

static void wipes_every_byte_and_no_other(void **state) {
    static const size_t sizes[] = {0, 1, 7, 8, 13, 63, 64, 65, 100, 4096, LARGE};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t shift = 0; shift < 3; shift++) {
            size_t size = sizes[i] + 10000;
            char *block = sl_memory_new(size);
            memset(block, 's', size);
            sl_memory_wipe(block + 5000 + shift, sizes[i]);
            assert_true(is_all(block, 's', 0, 5000 + shift));
            assert_true(is_all(block, 0, 5000 + shift, 5000 + shift + sizes[i]));
            assert_true(is_all(block, 's', 5000 + shift + sizes[i], size));
            sl_memory_free(block);
        }
    sl_memory_wipe(NULL, 10);
}

static void keeps_the_content_when_it_moves(void **state) {
    static const size_t sizes[] = {10, 100, 100000, LARGE, 600000, 1000, 900, 10, 1};
    char *block = NULL;
    size_t old = 0;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        block = sl_memory_move(block, old, sizes[i]);
        assert_non_null(block);
        assert_true(is_all(block, 's', 0, old < sizes[i] ? old : sizes[i]));
        old = sizes[i];
        memset(block, 's', old);
    }
    sl_memory_free(block);
}

static void gets_smaller_even_without_memory(void **state) {
    (void)state;
    char *block = sl_memory_move(NULL, 0, 1000);
    memset(block, 's', 1000);
    sl_memory_fail_after(0);
    assert_null(sl_memory_move(block, 1000, 2000));
    assert_ptr_equal(sl_memory_move(block, 1000, 10), block);
    sl_memory_fail_after(-1);
    assert_true(is_all(block, 's', 0, 10));
    assert_true(is_all(block, 0, 10, 1000)); /* what is given back is wiped at once */
    sl_memory_free(block);
}

static void resizes_without_being_told_the_size(void **state) {
    (void)state;
    char *block = sl_memory_resize_wiped(NULL, 10);
    memset(block, 's', 10);
    block = sl_memory_resize_wiped(block, LARGE);
    assert_true(is_all(block, 's', 0, 10));
    block = sl_memory_resize_wiped(block, 5);
    assert_true(is_all(block, 's', 0, 5));
    sl_memory_free_wiped(sl_memory_resize_wiped(block, 0));
    sl_memory_free_wiped(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wipes_every_byte_and_no_other),
        cmocka_unit_test(keeps_the_content_when_it_moves),
        cmocka_unit_test(gets_smaller_even_without_memory),
        cmocka_unit_test(resizes_without_being_told_the_size),
    };
    return cmocka_run_group_tests_name("engine/memory", tests, NULL, NULL);
}
