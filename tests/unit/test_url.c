/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/url.h"

#include <stdio.h>
#include <string.h>

static void encodes_all_but_unreserved(void **state) {
    (void)state;
    struct sl_buffer out;
    sl_buffer_init(&out, "the test", 1000);
    assert_int_equal(sl_url_encode(&out, "aZ09-._~ =&\xc3\xa4\0%", 15, NULL), SL_OK);
    assert_string_equal(out.data, "aZ09-._~%20%3D%26%C3%A4%00%25");
    sl_buffer_fini(&out);
}

static void keeps_what_a_link_holds(void **state) {
    (void)state;
    struct sl_buffer out;
    const char *link = "/flows?continuationToken=a==b%2F&x=\" \n#y";
    sl_buffer_init(&out, "the test", 1000);
    assert_int_equal(sl_url_add_link(&out, link, strlen(link), NULL), SL_OK);
    assert_string_equal(out.data, "/flows?continuationToken=a==b%2F&x=%22%20%0A%23y");
    sl_buffer_fini(&out);
}

static const struct allowed {
    const char *url;
    int allowed;
} urls[] = {
    {"https://platform.adobe.io", 1},
    {"https://platform.adobe.io:8443/x", 1},
    {"http://127.0.0.1:8080/x", 1},
    {"http://127.9.9.9/", 1},
    {"http://localhost", 1},
    {"http://localhost:1/x", 1},
    {"http://[::1]:1/x", 1},
    {"http://platform.adobe.io/", 0},
    {"http://localhost.example.com/", 0},
    {"http://127.0.0.1.example.com/", 0},
    {"http://127.0.0.1@example.com/", 0},
    {"https://user:word@example.com/", 0},
    {"http://1270.0.0.1/", 0},
    {"http://127.0.0.256/", 0},
    {"http://127.../", 0},
    {"http://127.1/", 0},
    {"http://127.0.0.1\\@example.com/", 0},
    {"http://127.0.0.1\\.example.com/", 0},
    {"http://[::1].example.com/", 0},
    {"HTTP://LOCALHOST:1/x", 1},
    {"HTTPS://Platform.Adobe.IO", 1},
    {"ftp://127.0.0.1/", 0},
    {"file:///etc/passwd", 0},
    {"https://", 0},
    {"platform.adobe.io", 0},
    {"", 0},
};

static void allows_only_safe_urls(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct sl_error err = {0};
        int allowed = sl_url_check(urls[i].url, &err) == SL_OK;
        if (allowed != urls[i].allowed)
            fail_msg("%s: allowed %d", urls[i].url, allowed);
        assert_int_equal(err.code == SL_OK, urls[i].allowed);
    }
}

static void hides_who_a_url_names(void **state) {
    static const char *const texts[][2] = {
        {"no proxy 'http://a:b@c@host:1'", "no proxy 'http://host:1'"},
        {"no proxy 'a:b//c@host'", "no proxy 'host'"},
        {"no proxy 'a:b@host'", "no proxy 'host'"},
        {"a@b", "b"},
        {"@", ""},
        {"nobody's", "nobody's"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s", texts[i][0]);
        sl_url_hide_user(text);
        assert_string_equal(text, texts[i][1]);
    }
}

/* Every allocation fails in turn; what had been added stays. */
static void survives_running_out_of_memory(void **state) {
    (void)state;
    enum sl_code code = SL_ERR_MEMORY;
    long allowed = 0;
    for (; code != SL_OK; allowed++) {
        struct sl_buffer out;
        struct sl_error err = {0};
        char text[1000];
        memset(text, ' ', sizeof text);
        sl_buffer_init(&out, "the test", 5000);
        sl_memory_fail_after(allowed);
        code = sl_url_encode(&out, text, sizeof text, &err);
        sl_memory_fail_after(-1);
        assert_int_equal(err.code, code);
        assert_int_equal(code, out.len == 3000 ? SL_OK : SL_ERR_MEMORY);
        sl_buffer_fini(&out);
    }
    assert_true(allowed > 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_all_but_unreserved),
        cmocka_unit_test(keeps_what_a_link_holds),
        cmocka_unit_test(allows_only_safe_urls),
        cmocka_unit_test(hides_who_a_url_names),
        cmocka_unit_test(survives_running_out_of_memory),
    };
    return cmocka_run_group_tests_name("engine/url", tests, NULL, NULL);
}
