/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/versions.h"

#include <string.h>

/* All of them are installed where the tests run. */
static void tells_of_each_library(void **state) {
    (void)state;
    static const char *const names[] = {"libcurl", "libcrypto", "libmicrohttpd", "libzip",
                                        "libedit"};
    for (int i = 0; i < SL_VERSIONS_COUNT; i++) {
        struct sl_version version;
        struct sl_error err = {0};
        assert_int_equal(sl_versions_get(i, &version, &err), SL_OK);
        assert_string_equal(version.name, names[i]);
        assert_memory_equal(version.package, "lib", 3);
        assert_true(strlen(version.purpose) > 0);
    }
}

static void takes_the_librarys_own_words(void **state) {
    (void)state;
    static const char *const beginnings[] = {"libcurl/", "OpenSSL ", "0."};
    for (int i = 0; i < 3; i++) {
        struct sl_version version;
        assert_int_equal(sl_versions_get(i, &version, NULL), SL_OK);
        assert_memory_equal(version.text, beginnings[i], strlen(beginnings[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_each_library),
        cmocka_unit_test(takes_the_librarys_own_words),
    };
    return cmocka_run_group_tests_name("engine/versions", tests, NULL, NULL);
}
