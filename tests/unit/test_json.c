/* SPDX-License-Identifier: MIT
 * The C faces of json: what request and answer code call. */
#include "json_support.h"

#include "module/buffer.h"

static void test_decode_pushes_one_value(void **state) {
    lua_State *L = *state;
    static const char text[] = "{\"a\":[],\"n\":12345678901234567}garbage";
    slL_json_decode(L, text, strlen(text) - strlen("garbage"), "answer");
    assert_int_equal(lua_gettop(L), 1);
    lua_getfield(L, 1, "a");
    assert_true(slL_json_is_array(L, -1));
    lua_getfield(L, 1, "n");
    assert_true(lua_isinteger(L, -1));
    assert_int_equal(lua_tointeger(L, -1), 12345678901234567);
}

static int decode_broken(lua_State *L) {
    slL_json_decode(L, "[1,\n", 4, "answer");
    return 0;
}

static void test_decode_raises_an_error_object(void **state) {
    lua_State *L = *state;
    lua_pushcfunction(L, decode_broken);
    assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    assert_true(slL_error_test(L, -1));
    lua_getfield(L, -1, "message");
    assert_string_equal(
        lua_tostring(L, -1),
        "answer: line 2, column 1: expected a value, found the end of the text");
}

static void test_reveal(void **state) {
    lua_State *L = *state;
    lua_newtable(L);
    slL_secret_push(L, "PW", "a\"b", 3);
    lua_setfield(L, -2, "p");
    struct sl_buffer *revealed = slL_buffer_new(L, "the test", 100);
    slL_json_reveal(L, 1, 0, revealed);
    assert_true(revealed->secret);
    assert_string_equal(revealed->data, "{\"p\":\"a\\\"b\"}");
    assert_int_equal(lua_gettop(L), 2);
    slL_json_encode(L, 1, 0);
    assert_string_equal(lua_tostring(L, -1), "{\"p\":\"‹secret PW›\"}");
    assert_int_equal(lua_gettop(L), 3);
}

static void test_indent_is_bounded(void **state) {
    lua_State *L = *state;
    run(L, "return { { 1 } }");
    slL_json_encode(L, -1, 1000);
    assert_int_equal(lua_rawlen(L, -1), strlen("[\n[\n1\n]\n]") + 16 + 32 + 16);
}

static void test_null(void **state) {
    lua_State *L = *state;
    slL_json_null(L);
    lua_getglobal(L, "json");
    lua_getfield(L, -1, "null");
    assert_true(lua_rawequal(L, 1, -1));
}

static void test_depth_needs_no_c_stack(void **state) {
    lua_State *L = *state;
    run(L, "local t = 1 for _ = 1, 512 do t = { t } end\n"
           "local text = json.encode(t)\n"
           "assert(json.encode(json.decode(text)) == text)\n"
           "assert(json.equal(t, json.copy(t)))");
}

/* Decoding is left out of Lua's own failures: lua-cjson forgets its scratch memory when
 * Lua throws inside it. */
static void test_encode_without_memory(void **state) {
    lua_State *L = *state;
    run(L,
        "local v = { a = { 1, 2.5, 'x\\n', json.null, secret.new('S', 'y') }, b = {} }\n"
        "for i = 1, 100 do v.b['name ' .. i] = { i, json.array() } end\n"
        "local expected = json.encode(v)\n"
        "return function() assert(json.encode(v) == expected) end");
    fail_each_allocation(L);
}

static void test_equal_and_copy_without_memory(void **state) {
    lua_State *L = *state;
    run(L, "local v = { a = { 1, { b = 'x' } }, c = json.array() }\n"
           "return function() assert(json.equal(v, json.copy(v))) end");
    fail_each_allocation(L);
}

static void test_decode_without_engine_memory(void **state) {
    lua_State *L = *state;
    run(L, "return function() return json.decode '[[], 1.0, {\"a\": []}]' end");
    for (long n = 0;; n++) {
        lua_pushvalue(L, -1);
        sl_memory_fail_after(n);
        int status = lua_pcall(L, 0, 0, 0);
        sl_memory_fail_after(-1);
        if (status == LUA_OK) {
            assert_true(n > 0);
            return;
        }
        lua_pop(L, 1);
    }
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
        TEST(test_decode_pushes_one_value),
        TEST(test_decode_raises_an_error_object),
        TEST(test_reveal),
        TEST(test_indent_is_bounded),
        TEST(test_null),
        TEST(test_depth_needs_no_c_stack),
        TEST(test_encode_without_memory),
        TEST(test_equal_and_copy_without_memory),
        TEST(test_decode_without_engine_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
