/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/digest.h"

#include <string.h>

static void check(const char *text, const char *expected) {
    char hex[SL_DIGEST_DIGITS + 1];
    struct sl_error err = {0};
    assert_int_equal(sl_digest(text, strlen(text), hex, &err), SL_OK);
    assert_string_equal(hex, expected);
}

/* The examples of the standard (FIPS 180-4). */
static void is_that_of_the_standard(void **state) {
    (void)state;
    check("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_that_of_the_standard),
    };
    return cmocka_run_group_tests_name("engine/digest", tests, NULL, NULL);
}
