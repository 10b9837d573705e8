/* SPDX-License-Identifier: MIT
 * Comparing under stress: sequences against a plain model, memory that runs out. */
#include "json_support.h"

#include "module/patch_align.h"

#define LONGEST 12

/* The length of a longest common subsequence, by trying everything. */
static int model(const int *a, int n, const int *b, int m) {
    int best[LONGEST + 1][LONGEST + 1] = {{0}};
    for (int i = n - 1; i >= 0; i--)
        for (int j = m - 1; j >= 0; j--) {
            int skip = best[i + 1][j] > best[i][j + 1] ? best[i + 1][j] : best[i][j + 1];
            best[i][j] = a[i] == b[j] ? 1 + best[i + 1][j + 1] : skip;
        }
    return best[0][0];
}

static int check_match(const int *a, int n, const int *b, int m, const int *match) {
    int count = 0, last = -1;
    for (int i = 0; i < n; i++) {
        if (match[i] < 0)
            continue;
        assert_true(match[i] > last && match[i] < m);
        assert_int_equal(a[i], b[match[i]]);
        last = match[i];
        count++;
    }
    return count;
}

static void fill(int *numbers, int count, int kinds, unsigned *seed) {
    for (int i = 0; i < count; i++) {
        *seed = *seed * 1103515245u + 12345u;
        numbers[i] = (int)(*seed >> 16) % kinds;
    }
}

static void test_align_finds_the_longest(void **state) {
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        int a[LONGEST], b[LONGEST], match[LONGEST], n = round % (LONGEST + 1);
        int m = round / 13 % (LONGEST + 1), kinds = 1 + round % 7;
        fill(a, n, kinds, &seed);
        fill(b, m, kinds, &seed);
        assert_int_equal(sl_patch_align(a, (size_t)n, b, (size_t)m, match, NULL), SL_OK);
        assert_int_equal(check_match(a, n, b, m, match), model(a, n, b, m));
    }
}

/* Too different to search for long: what is matched must still be right. */
static void test_align_gives_up(void **state) {
    (void)state;
    enum { COUNT = 100000 };
    int *a = sl_memory_new(sizeof *a * 3 * COUNT), *b = a + COUNT, *match = b + COUNT;
    unsigned seed = 5;
    for (int kinds = 2; kinds < 100000; kinds *= 30) {
        fill(a, COUNT, kinds, &seed);
        fill(b, COUNT, kinds, &seed);
        a[0] = b[0] = a[COUNT - 1] = b[COUNT - 1] = 1;
        assert_int_equal(sl_patch_align(a, COUNT, b, COUNT, match, NULL), SL_OK);
        assert_true(check_match(a, COUNT, b, COUNT, match) >= 2);
        assert_int_equal(match[0], 0);
        assert_int_equal(match[COUNT - 1], COUNT - 1);
    }
    sl_memory_free(a);
}

static void test_align_without_memory(void **state) {
    (void)state;
    const int a[] = {1, 2, 3, 4, 5, 6}, b[] = {2, 1, 4, 3, 6, 5};
    int match[6];
    for (long n = 0;; n++) {
        struct sl_error err = {0};
        sl_memory_fail_after(n);
        enum sl_code code = sl_patch_align(a, 6, b, 6, match, &err);
        sl_memory_fail_after(-1);
        assert_int_equal(err.code, code);
        if (code == SL_OK)
            break;
        assert_int_equal(code, SL_ERR_MEMORY);
        assert_true(n < 100);
    }
    assert_int_equal(check_match(a, 6, b, 6, match), 3);
}

static void test_size_is_the_length(void **state) {
    run(*state,
        "local samples = { 1, -1.5, 1e300, 'a\"\\n\\1é', true, json.null, {}, "
        "json.array(), { 1, 2, { 3 } },\n"
        "  { a = 1, ['b\\\\'] = { c = {}, d = json.array() } }, secret.new('S', 'x') }\n"
        "samples[#samples + 1] = json.copy(samples)\n"
        "return json.array(samples)");
    lua_State *L = *state;
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        slL_json_encode(L, -1, 0);
        size_t len = lua_rawlen(L, -1);
        lua_pop(L, 1);
        assert_int_equal(slL_json_size(L, -1, 100000), len);
        assert_int_equal(slL_json_size(L, -1, len), len);
        assert_int_equal(slL_json_size(L, -1, len - 1), len);
        assert_int_equal(slL_json_size(L, -1, 0), 1);
        lua_pop(L, 1);
    }
}

static void test_diff_without_memory(void **state) {
    lua_State *L = *state;
    run(L,
        "local a = { a = { 1, 2, { b = 'x' }, 4 }, c = { d = {} }, s = { { id = 1, v = "
        "1 }, { id = 2 } } }\n"
        "local b = { a = { 2, { b = 'y' }, 4, 5 }, c = { d = json.array() }, s = { { "
        "id = 3 }, { id = 1, v = 2 } } }\n"
        "local text_a, text_b = json.encode(a), json.encode(b)\n"
        "return function()\n"
        "  for _, options in ipairs { {}, { test = true, keys = { ['/s'] = '/id' } } } "
        "do\n"
        "    local ok, p = pcall(patch.diff, a, b, options)\n"
        "    assert(json.encode(a) == text_a and json.encode(b) == text_b)\n"
        "    if not ok then error(p, 0) end\n"
        "    assert(#patch.diff(p:apply(a), b, options) == 0)\n"
        "  end\n"
        "end");
    fail_each_allocation(L);
}

static int setup(void **state) {
    *state = new_state();
    return 0;
}

static int teardown(void **state) {
    lua_close(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_align_finds_the_longest),
        cmocka_unit_test(test_align_gives_up),
        cmocka_unit_test(test_align_without_memory),
        TEST(test_size_is_the_length),
        TEST(test_diff_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
