/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/wide.h"

#include <string.h>

#define NONE SL_WIDE_REPLACEMENT

static const struct text {
    const char *bytes;
    size_t len;
    wchar_t wide[8];
} texts[] = {
    {"", 0, {0}},
    {"a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 10, {'a', 0xE4, 0x20AC, 0x1F600}},
    {"\x80z", 2, {NONE, 'z'}},                         /* begins nowhere */
    {"\xc0\xaf", 2, {NONE, NONE}},                     /* longer than it need be */
    {"\xe0\x80\xaf", 3, {NONE, NONE, NONE}},           /* likewise */
    {"\xed\xa0\x80", 3, {NONE, NONE, NONE}},           /* half a pair of UTF-16 */
    {"\xf4\x90\x80\x80", 4, {NONE, NONE, NONE, NONE}}, /* past the last character */
    {"\xf5", 1, {NONE}},
    {"\xe2\x82", 2, {NONE, NONE}}, /* cut off */
    {"\xe2\x82z", 3, {NONE, NONE, 'z'}},
    {"a\0b", 3, {'a', NONE, 'b'}},
};

static void reads_utf8(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wchar_t *wide = sl_wide_dup(texts[i].bytes, texts[i].len);
        assert_non_null(wide);
        assert_int_equal(wcscmp(wide, texts[i].wide), 0);
        sl_memory_free(wide);
    }
}

static void writes_what_it_reads(void **state) {
    (void)state;
    struct sl_buffer out;
    sl_buffer_init(&out, "the test", 100);
    assert_int_equal(sl_wide_add(&out, texts[1].wide, 4, NULL), SL_OK);
    assert_string_equal(out.data, texts[1].bytes);
    sl_buffer_fini(&out);
}

static void writes_no_halves(void **state) {
    (void)state;
    const wchar_t half[] = {0xD800, 0x110000};
    struct sl_buffer out;
    sl_buffer_init(&out, "the test", 100);
    assert_int_equal(sl_wide_add(&out, half, 2, NULL), SL_OK);
    assert_string_equal(out.data, "\xef\xbf\xbd\xef\xbf\xbd");
    sl_buffer_fini(&out);
}

static void says_when_memory_or_room_runs_out(void **state) {
    (void)state;
    struct sl_buffer out;
    sl_memory_fail_after(0);
    assert_null(sl_wide_dup("abc", 3));
    sl_memory_fail_after(-1);
    sl_buffer_init(&out, "the test", 2);
    assert_int_equal(sl_wide_add(&out, texts[1].wide, 2, NULL), SL_ERR_LIMIT);
    sl_buffer_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_utf8),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(writes_no_halves),
        cmocka_unit_test(says_when_memory_or_room_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
