/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/inflate.h"

#include <string.h>

/* "hello, hello, hello", as zlib packs it. */
static const unsigned char packed[] = {0x78, 0xda, 0xcb, 0x48, 0xcd, 0xc9,
                                       0xc9, 0xd7, 0x51, 0xc8, 0x40, 0xa2,
                                       0x00, 0x44, 0x28, 0x06, 0xd5};

static void unpacks(void **state) {
    char out[19];
    struct sl_error err = {0};
    (void)state;
    assert_int_equal(sl_inflate(packed, sizeof packed, out, sizeof out, &err), SL_OK);
    assert_memory_equal(out, "hello, hello, hello", sizeof out);
}

static void refuses_what_is_not_as_it_was(void **state) {
    char out[20];
    unsigned char changed[sizeof packed];
    (void)state;
    assert_int_equal(sl_inflate(packed, sizeof packed, out, 18, NULL), SL_ERR_ARGUMENT);
    assert_int_equal(sl_inflate(packed, sizeof packed, out, 20, NULL), SL_ERR_ARGUMENT);
    assert_int_equal(sl_inflate(packed, sizeof packed - 1, out, 19, NULL),
                     SL_ERR_ARGUMENT);
    memcpy(changed, packed, sizeof packed);
    changed[4] ^= 1;
    assert_int_equal(sl_inflate(changed, sizeof changed, out, 19, NULL), SL_ERR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks),
        cmocka_unit_test(refuses_what_is_not_as_it_was),
    };
    return cmocka_run_group_tests_name("engine/inflate", tests, NULL, NULL);
}
