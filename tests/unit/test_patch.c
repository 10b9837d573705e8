/* SPDX-License-Identifier: MIT
 * Patches under stress: memory that runs out, and random patches that must leave their
 * document alone and give the same result each time. */
#include "json_support.h"

static void test_pointer_tokens(void **state) {
    (void)state;
    struct sl_pointer p = sl_pointer_start("/a//0", 5);
    assert_true(sl_pointer_next(&p));
    assert_int_equal(p.len, 1);
    assert_true(sl_pointer_next(&p));
    assert_int_equal(p.len, 0);
    assert_int_equal(sl_pointer_index(&p), -1);
    assert_false(sl_pointer_is_last(&p));
    assert_true(sl_pointer_next(&p));
    assert_int_equal(sl_pointer_index(&p), 0);
    assert_true(sl_pointer_is_last(&p));
    assert_false(sl_pointer_next(&p));
    p = sl_pointer_start("", 0);
    assert_false(sl_pointer_next(&p));
}

static void test_pointer_indexes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        lua_Integer index;
    } cases[] = {
        {"/0", 0},
        {"/10", 10},
        {"/00", -1},
        {"/01", -1},
        {"/-1", -1},
        {"/+1", -1},
        {"/", -1},
        {"/1 ", -1},
        {"/1e1", -1},
        {"/-", -1},
        {"/999999999999999999", 999999999999999999},
        {"/99999999999999999999999", LUA_MAXINTEGER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_pointer p = sl_pointer_start(cases[i].text, strlen(cases[i].text));
        assert_true(sl_pointer_next(&p));
        assert_int_equal(sl_pointer_index(&p), cases[i].index);
    }
}

static void test_apply_without_memory(void **state) {
    lua_State *L = *state;
    run(L, "local doc = { a = { 1, 2, { b = 'x' } }, c = { d = {} }, e = { 1, 2 } }\n"
           "local before = json.encode(doc)\n"
           "return function()\n"
           "  local p = patch.new():add('/a/2/n~0', { 1 "
           "}):remove('/a/0'):replace('/c/d', 5)\n"
           "    :move('/e', '/c/e'):copy('/c', '/f'):add('/f/e/-', 3):test('/c/e', { 1, "
           "2 })\n"
           "  local ok, result = pcall(p.apply, p, doc)\n"
           "  assert(json.encode(doc) == before)\n"
           "  if not ok then error(result, 0) end\n"
           "  assert(json.encode(result) == '{\"a\":[2,{\"b\":\"x\",\"n~\":[1]}],'\n"
           "    .. '\"c\":{\"d\":5,\"e\":[1,2]},\"f\":{\"d\":5,\"e\":[1,2,3]}}')\n"
           "end");
    fail_each_allocation(L);
}

/* An array is opened, closed by a change elsewhere, and opened again. */
static void test_moves_without_memory(void **state) {
    run(*state, "local doc = { a = { 'x', 'y' }, b = 1 }\n"
                "return function()\n"
                "  local ok, err = pcall(function()\n"
                "    local p = patch.new():remove('/a/0'):replace('/b', 2)\n"
                "    for i = 1, 12 do p:add('/a/0', i) end\n"
                "    p:remove('/a/11'):replace('/a/0', { z = 3 }):move('/a/1', '/a/-')\n"
                "    assert(json.encode(p:apply(doc)) == "
                "'{\"a\":[{\"z\":3},10,9,8,7,6,5,4,3,2,\"y\",11],\"b\":2}')\n"
                "  end)\n"
                "  assert(json.encode(doc) == '{\"a\":[\"x\",\"y\"],\"b\":1}')\n"
                "  if not ok then error(err, 0) end\n"
                "end");
    fail_each_allocation(*state);
}

static void test_errors_without_memory(void **state) {
    lua_State *L = *state;
    run(L, "return function()\n"
           "  local ok, err = pcall(function()\n"
           "    return patch.new():add('/a', 1):remove('/b/c'):apply({ b = {} }) end)\n"
           "  if type(err) == 'string' then error(err, 0) end\n"
           "  assert(not ok and err.code == 'not_found' and err.index == 2)\n"
           "end");
    fail_each_allocation(L);
}

static void test_identity_without_memory(void **state) {
    run(*state,
        "local doc = { l = { { id = 1 }, { id = 2, v = {} }, { id = 3 } }, m = { 'x' } "
        "}\n"
        "local before = json.encode(doc)\n"
        "return function()\n"
        "  local ok, err = pcall(function()\n"
        "    local p = patch.new():remove_by('/l', { ['/id'] = 1 })\n"
        "      :replace_by('/l', { ['/id'] = 2, ['/v'] = {} }, { id = 'two' })\n"
        "      :add_unless('/l', { ['/id'] = 4 }, { id = 4 }):remove_by('/m', { [''] = "
        "'x' })\n"
        "    local after = p:apply(doc)\n"
        "    assert(json.encode(p:resolve(doc):apply(doc)) == json.encode(after))\n"
        "    assert(json.encode(p:inverse(doc):apply(after)) == before)\n"
        "    assert(json.encode(after) == "
        "'{\"l\":[{\"id\":\"two\"},{\"id\":3},{\"id\":4}],\"m\":[]}')\n"
        "  end)\n"
        "  assert(json.encode(doc) == before)\n"
        "  if not ok then error(err, 0) end\n"
        "end");
    fail_each_allocation(*state);
}

static void test_inverse_without_memory(void **state) {
    run(*state, "local doc = { a = { 1, 2 }, b = { c = { 3 } } }\n"
                "local before = json.encode(doc)\n"
                "return function()\n"
                "  local ok, err = pcall(function()\n"
                "    local p = patch.new():add('/a/-', 3):move('/b/c', '/b'):copy('/a', "
                "'/c'):remove('/a/0')\n"
                "    assert(json.encode(p:inverse(doc):apply(p:apply(doc))) == before)\n"
                "  end)\n"
                "  assert(json.encode(doc) == before)\n"
                "  if not ok then error(err, 0) end\n"
                "end");
    fail_each_allocation(*state);
}

static void test_merge_without_memory(void **state) {
    run(*state,
        "local a = { a = { b = 1, c = { 1 } }, d = 'x' }\n"
        "local b = { a = { b = 2, e = { f = json.array() } }, g = {} }\n"
        "local text_a, text_b = json.encode(a), json.encode(b)\n"
        "return function()\n"
        "  local ok, err = pcall(function()\n"
        "    local p = merge_patch.create(a, b)\n"
        "    assert(json.encode(merge_patch.apply(a, p)) == text_b)\n"
        "    local fine, refusal = pcall(merge_patch.create, a, { h = json.null })\n"
        "    if not fine and type(refusal) == 'string' then error(refusal, 0) end\n"
        "    assert(not fine and refusal.pointer == '/h')\n"
        "  end)\n"
        "  assert(json.encode(a) == text_a and json.encode(b) == text_b)\n"
        "  if not ok then error(err, 0) end\n"
        "end");
    fail_each_allocation(*state);
}

/* A reference that changes a deep copy in place, one operation after the other, must come
 * to the same result; the document and the patch must stay as they are. */
static const char random_patches[] =
    "local function value(depth)\n"
    "  local kind = math.random(depth > 0 and 6 or 3)\n"
    "  if kind == 1 then return math.random(9) end\n"
    "  if kind == 2 then return 's' .. math.random(9) end\n"
    "  if kind == 3 then return json.null end\n"
    "  local t = kind < 5 and json.array() or json.object()\n"
    "  for i = 1, math.random(0, 3) do\n"
    "    t[kind < 5 and i or ({ 'a', 'b/', '~' })[i]] = value(depth - 1)\n"
    "  end\n"
    "  return t\n"
    "end\n"
    "local function places(v, tokens, list)\n"
    "  list[#list + 1] = pointer.format(tokens)\n"
    "  if type(v) ~= 'table' then return list end\n"
    "  for k, w in pairs(v) do\n"
    "    tokens[#tokens + 1] = math.type(k) and k - 1 or k\n"
    "    places(w, tokens, list)\n"
    "    tokens[#tokens] = nil\n"
    "  end\n"
    "  if json.is_array(v) then list[#list + 1] = pointer.format(tokens) .. '/-' end\n"
    "  return list\n"
    "end\n"
    "local ops = { 'add', 'remove', 'replace', 'move', 'copy', 'test' }\n"
    "local function operation(doc)\n"
    "  local list = places(doc, {}, {})\n"
    "  local function pick() return list[math.random(#list)] end\n"
    "  return { op = ops[math.random(#ops)], path = pick(), from = pick(), value = "
    "value(2) }\n"
    "end\n"
    "local applied = 0\n"
    "for seed = 1, 3000 do\n"
    "  math.randomseed(seed)\n"
    "  local doc = value(4)\n"
    "  local before, reference, list = json.encode(doc), json.copy(doc), {}\n"
    "  for _ = 1, 8 do\n"
    "    local op = operation(reference)\n"
    "    local ok, result = pcall(function() return patch.new({ op }):apply(reference) "
    "end)\n"
    "    if ok then list[#list + 1], reference = op, json.copy(result) end\n"
    "  end\n"
    "  applied = applied + #list\n"
    "  local p = patch.new(list)\n"
    "  local text = tostring(p)\n"
    "  for _ = 1, 2 do\n"
    "    assert(json.encode(p:apply(doc)) == json.encode(reference), seed)\n"
    "    assert(json.encode(doc) == before, seed)\n"
    "    assert(tostring(p) == text, seed)\n"
    "  end\n"
    "end\n"
    "assert(applied > 6000, applied)\n";

static void test_random_patches(void **state) {
    run(*state, random_patches);
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
        cmocka_unit_test(test_pointer_tokens),
        cmocka_unit_test(test_pointer_indexes),
        TEST(test_apply_without_memory),
        TEST(test_errors_without_memory),
        TEST(test_identity_without_memory),
        TEST(test_inverse_without_memory),
        TEST(test_moves_without_memory),
        TEST(test_merge_without_memory),
        TEST(test_random_patches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
