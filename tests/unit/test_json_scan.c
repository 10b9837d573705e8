/* SPDX-License-Identifier: MIT
 * The scanner alone: what it accepts, what it rewrites, where it stops. */
#include "json_support.h"

static const struct rewrite {
    const char *text;
    const char *copy; /* NULL: parsed as it is */
} rewrites[] = {
    {"{}", NULL},
    {" {\"a\" : [ 1 , -2.5 , true ] } ", NULL},
    {"[]", "\"\x7f"
           "a\""},
    {"[ \n]", "\"\x7f"
              "a\""},
    {"{\"a\":[],\"b\":1}", "{\"a\":\"\x7f"
                           "a\",\"b\":1}"},
    {"[1,1.0]", "[1,\"\x7fn1.0\"]"},
    {"-0", "\"\x7fn-0\""},
    {"0", NULL},
    {"1e5", "\"\x7fn1e5\""},
    {"999999999999999", NULL},
    {"1234567890123456", "\"\x7fn1234567890123456\""},
    {"0.5", NULL},
    {"0.0357142857142857147", NULL},
    {"0.000", "\"\x7fn0.000\""},
    {"123456789012.99", NULL},
    {"123456789012.9999", "\"\x7fn123456789012.9999\""},
    {"123456789012.0001", "\"\x7fn123456789012.0001\""},
    {"123456789012345.5", "\"\x7fn123456789012345.5\""},
    {"[\"\x7f\"]", "[\"\x7f\x7f\"]"},
    {"\"\\u007Fx\"", "\"\x7f\\u007Fx\""},
    {"\"x\x7f\"", NULL},
    {"{\"\x7f\":1}", NULL},
    {"\xEF\xBB\xBF 1", " 1"},
};

static void test_rewrites(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rewrites / sizeof *rewrites; i++) {
        struct sl_buffer copy;
        struct sl_error err = {0};
        sl_buffer_init(&copy, "copy", SL_JSON_MAX_COPY);
        const struct rewrite *r = &rewrites[i];
        assert_int_equal(sl_json_scan(r->text, strlen(r->text), &copy, NULL, &err),
                         SL_OK);
        if (r->copy)
            assert_string_equal(copy.data, r->copy);
        else
            assert_null(copy.data);
        sl_buffer_fini(&copy);
    }
}

/* The text lies at the very end of its block, so that the sanitizer and Valgrind see any
 * byte read behind it. */
static enum sl_code scan_exact(const char *text, size_t len, struct sl_error *err) {
    char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, text, len);
    struct sl_buffer copy;
    sl_buffer_init(&copy, "copy", SL_JSON_MAX_COPY);
    enum sl_code code = sl_json_scan(exact, len, &copy, NULL, err);
    sl_buffer_fini(&copy);
    free(exact);
    return code;
}

static void test_every_prefix(void **state) {
    (void)state;
    static const char text[] =
        "{\"n\":[true,false,null,-1.5e+10,[],{}],"
        "\"\\u00e9\\\"\xC3\xA9\xF0\x9D\x84\x9E\":\"\\uD834\\uDD1E\"}";
    for (size_t len = 0; len < sizeof text - 1; len++) {
        struct sl_error err = {0};
        assert_int_equal(scan_exact(text, len, &err), SL_ERR_ARGUMENT);
        assert_memory_equal(err.text, "line 1, column ", 15);
    }
    struct sl_error err = {0};
    assert_int_equal(scan_exact(text, sizeof text - 1, &err), SL_OK);
}

/* No text of up to three of these bytes makes it read where it must not. */
static void test_short_texts(void **state) {
    (void)state;
    static const char bytes[] = "\"\\[]{}:,-0.eutn \xC3\xA9\xF0\x00\x7f";
    size_t count = sizeof bytes - 1;
    for (size_t i = 0; i < count * count * count; i++) {
        const char text[] = {bytes[i % count], bytes[i / count % count],
                             bytes[i / count / count]};
        for (size_t len = 1; len <= sizeof text; len++) {
            struct sl_error err = {0};
            enum sl_code code = scan_exact(text, len, &err);
            assert_true(code == SL_OK || code == SL_ERR_ARGUMENT);
        }
    }
}

static void test_plain_bytes(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        int plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
        for (size_t at = 0; at < 17; at++) {
            unsigned char text[17];
            memset(text, 'a', sizeof text);
            text[at] = (unsigned char)c;
            const unsigned char *end = text + sizeof text;
            assert_ptr_equal(sl_json_plain(text, end), plain ? end : text + at);
        }
    }
}

static void test_utf8(void **state) {
    (void)state;
    for (uint32_t c = 0; c < 0x110000;
         c += c < 0x900 || (c > 0xD700 && c < 0xE100) ? 1 : 61) {
        unsigned char s[4] = {(unsigned char)c};
        size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
        for (size_t i = len; len > 1 && i-- > 0;)
            s[i] = (unsigned char)((i ? 0x80 : leads[len]) |
                                   ((c >> (6 * (len - 1 - i))) & (i ? 0x3F : 0xFF)));
        int surrogate = c >= 0xD800 && c <= 0xDFFF;
        assert_int_equal(sl_json_utf8(s, s + len), surrogate ? 0 : len);
        if (len > 1)
            assert_int_equal(sl_json_utf8(s, s + len - 1), 0);
    }
}

static void test_size_limit(void **state) {
    (void)state;
    struct sl_error err = {0};
    /* refused before the first byte is read */
    assert_int_equal(sl_json_scan("1", SL_JSON_MAX_SIZE + 1, NULL, NULL, &err),
                     SL_ERR_LIMIT);
    assert_string_equal(err.text, "the text is larger than 268435456 bytes");
}

static void test_memory(void **state) {
    (void)state;
    static const char text[] = "[[],1.0,\"\x7f\",{\"a\":[]}]";
    for (long n = 0;; n++) {
        struct sl_error err = {0};
        sl_memory_fail_after(n);
        enum sl_code code = scan_exact(text, sizeof text - 1, &err);
        sl_memory_fail_after(-1);
        if (code == SL_OK) {
            assert_true(n > 0);
            return;
        }
        assert_int_equal(code, SL_ERR_MEMORY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rewrites),    cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_short_texts), cmocka_unit_test(test_plain_bytes),
        cmocka_unit_test(test_utf8),        cmocka_unit_test(test_size_limit),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
