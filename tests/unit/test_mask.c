/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/mask.h"

#include <string.h>

static enum sl_code add(struct sl_mask *mask, const char *name, const char *secret,
                        struct sl_error *err) {
    return sl_mask_add(mask, name, strlen(name), secret, strlen(secret), err);
}

/* The text without the secrets, "NAME=SECRET" each. */
static void check(const char *const *secrets, const char *text, const char *expected) {
    struct sl_mask mask = {0};
    struct sl_buffer out;
    sl_mask_init(&mask);
    sl_buffer_init(&out, "the test", 100000);
    for (; *secrets; secrets++) {
        const char *equals = strchr(*secrets, '=');
        assert_int_equal(sl_mask_add(&mask, *secrets, (size_t)(equals - *secrets),
                                     equals + 1, strlen(equals + 1), NULL),
                         SL_OK);
    }
    assert_int_equal(sl_mask_apply(&mask, text, strlen(text), &out, NULL), SL_OK);
    assert_string_equal(out.data ? out.data : "", expected);
    sl_buffer_fini(&out);
    sl_mask_fini(&mask);
}

#define LIST(...)                                                                        \
    (const char *const[]) {                                                              \
        __VA_ARGS__, NULL                                                                \
    }
#define S "‹secret s›"

static const char odd[] = "s=p8e-&= \"x\\y/\xc3\xa9\n";

static const struct {
    const char *secret, *text, *expected;
} cases[] = {
    {"s=hush-hush", "", ""},
    {"s=hush-hush", "nothing here", "nothing here"},
    {"s=hush-hush", "hush-hush", S},
    {"s=hush-hush", "a hush-hushhush-hush, hush-hus", "a " S S ", hush-hus"},
    /* base64: behind nothing, one byte, two bytes; in both alphabets */
    {"s=hush-hush", "aHVzaC1odXNo", S},
    {"s=hush-hush", "Basic Omh1c2gtaHVzaA==", "Basic O" S},
    {"s=hush-hush", "Basic YWI6aHVzaC1odXNo", "Basic YWI6" S},
    {"s=hush-hush", "Basic YWFiOmh1c2gtaHVzaHg=", "Basic YWFiO" S "g="},
    {"s=hush-hush", "YToraHVzaC1odXNo", "YTor" S},
    {"s=hush-hush", "OjpodXNoLWh1c2g=", "Oj" S},
    {"s=~~~\?\?\?>>>", "fn5-Pz8_Pj4-", S},
    {"s=~~~\?\?\?>>>", "fn5+Pz8/Pj4+", S},
    {"s=~~~\?\?\?>>>", "fn5%2bPz8%2FPj4%2B", S},
    {"s=~~~\?\?\?>>>", "fn5+Pz8\\/Pj4+", S},
    /* percent-encoding, of whatever bytes */
    {odd, "p8e-%26%3D%20%22x%5Cy%2F%C3%A9%0A", S},
    {odd, "p8e-%26%3d+%22x%5cy/%c3%a9%0a", S},
    {"s=hush-hush", "%68%75%73%68%2d%68%75%73%68!", S "!"},
    {"s= blank first", "+blank+first", S},
    {"s=100%25more", "100%25more 100%2525more", S " " S},
    {"s=hush-hush", "%6 %zz %", "%6 %zz %"},
    /* JSON's escapes, of whatever characters, and JSON inside of JSON */
    {odd, "p8e-&= \\\"x\\\\y\\/\\u00e9\\n", S},
    {odd, "\"p8e-&= \\\"x\\\\y/\xc3\xa9\\u000a\"", "\"" S "\""},
    {odd, "p8e-&= \\\\\\\"x\\\\\\\\y/\\\\u00E9\\\\n", S},
    {"s=\xf0\x9f\x94\x91 key", "\\ud83d\\udd11 key", S},
    {"s=\xf0\x9f\x94\x91 key", "\\ud83d\\n \\ud83d\\u0041 \\udd11 \\u12",
     "\\ud83d\\n \\ud83d\\u0041 \\udd11 \\u12"},
    {"s=hush-hush", "\\u0068ush\\u002dhus\\u0068", S},
    {"s=hush-hush", "\\q hush-\\", "\\q hush-\\"},
    /* short ones are words, or are not there */
    {"s=pass", "pass, password, 'pass'", S ", password, '" S "'"},
    {"s=pass", "compass pass1 pass", "compass pass1 " S},
    {"s=abc", "abc", "abc"},
    {"s=", "abc", "abc"},
};

static void finds_every_form(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(LIST(cases[i].secret), cases[i].text, cases[i].expected);
}

/* What is left of a longer secret after a shorter one would give it away. */
static void leaves_nothing_of_overlapping_ones(void **state) {
    (void)state;
    check(LIST("a=hush-hush", "b=hush-hush-baby"), "hush-hush-baby", "‹secret b›");
    check(LIST("b=hush-hush-baby", "a=hush-hush"), "hush-hush-baby", "‹secret b›");
    check(LIST("a=abcdefgh", "b=efghijkl"), "xabcdefghijklx", "x‹secret a›x");
    check(LIST("a=abcdefghijkl", "b=efghijkl"), "abcdefghijkl", "‹secret a›");
    check(LIST("b=hush-hush", "ab=hush-hush", "a=hush-hush"), "hush-hush", "‹secret a›");
    check(LIST("a=hush-hush", "ab=hush-hush", "b=hush-hush"), "hush-hush", "‹secret a›");
    check(LIST("a=first-one", "b=other-one"), "other-one first-one",
          "‹secret b› ‹secret a›");
}

static void survives_any_failed_allocation(void **state) {
    (void)state;
    enum sl_code code = SL_ERR_MEMORY;
    for (long n = 0; code != SL_OK; n++) {
        struct sl_mask mask;
        struct sl_buffer out;
        struct sl_error err = {0};
        sl_mask_init(&mask);
        sl_buffer_init(&out, "the test", 1000);
        sl_memory_fail_after(n);
        code = add(&mask, "s", "hush-hush", &err);
        if (code == SL_OK)
            code = sl_mask_apply(&mask, "a hush-hush", 11, &out, &err);
        sl_memory_fail_after(-1);
        assert_int_equal(err.code, code);
        if (code == SL_OK)
            assert_string_equal(out.data, "a " S);
        sl_buffer_fini(&out);
        sl_mask_fini(&mask);
        assert_true(n < 100);
    }
}

static void stops_at_the_limit_of_the_output(void **state) {
    (void)state;
    struct sl_mask mask = {0};
    for (size_t max = 0; max < 14; max++) {
        struct sl_buffer out;
        struct sl_error err = {0};
        sl_buffer_init(&out, "the test", max);
        assert_int_equal(add(&mask, "s", "hush-hush", &err), SL_OK);
        assert_int_equal(sl_mask_apply(&mask, "hush-hush!", 10, &out, &err),
                         SL_ERR_LIMIT);
        sl_buffer_fini(&out);
        sl_mask_fini(&mask);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_form),
        cmocka_unit_test(leaves_nothing_of_overlapping_ones),
        cmocka_unit_test(survives_any_failed_allocation),
        cmocka_unit_test(stops_at_the_limit_of_the_output),
    };
    return cmocka_run_group_tests_name("engine/mask", tests, NULL, NULL);
}
