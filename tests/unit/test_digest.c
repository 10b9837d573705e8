/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/digest.h"

#include <string.h>

static void check(const char *text, size_t times, const char *expected) {
    struct sl_digest digest;
    char hex[SL_DIGEST_DIGITS + 1];
    sl_digest_init(&digest);
    for (size_t i = 0; i < times; i++)
        sl_digest_add(&digest, text, strlen(text));
    sl_digest_hex(&digest, hex);
    assert_string_equal(hex, expected);
}

/* The examples of the standard, and what sha256sum says of the lengths around a block. */
static void is_that_of_the_standard(void **state) {
    (void)state;
    check("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check("a", 1000000,
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    check("a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    check("a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    check("a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_that_of_the_standard),
    };
    return cmocka_run_group_tests_name("engine/digest", tests, NULL, NULL);
}
