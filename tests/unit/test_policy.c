/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/policy.h"
#include "engine/policy_call.h"

#include <string.h>

/* ---- origins
 * -------------------------------------------------------------------------------- */

static const struct {
    const char *url, *pattern;
    int matches;
} origins[] = {
    {"https://platform.adobe.io/data", "platform.adobe.io", 1},
    {"https://PLATFORM.adobe.io", "platform.ADOBE.io", 1},
    {"https://platform.adobe.io:443?x", "platform.adobe.io", 1},
    {"https://platform.adobe.io:443#x", "platform.adobe.io:443", 1},
    {"https://platform.adobe.io:8443/", "platform.adobe.io", 0},
    {"https://platform.adobe.io:8443/", "platform.adobe.io:8443", 1},
    {"https://platform.adobe.io/", "platform.adobe.io:8443", 0},
    {"http://127.0.0.1:8080/x", "127.0.0.1:8080", 1},
    {"http://127.0.0.1:8080/x", "127.0.0.1", 0},
    {"http://127.0.0.1/x", "127.0.0.1", 1},
    {"http://127.0.0.1/x", "127.0.0.1:443", 0},
    {"http://[::1]:8080/x", "[::1]:8080", 1},
    {"http://[::1]/x", "[::1]", 1},
    {"https://a.example.com/", "*.example.com", 1},
    {"https://a.b.example.com/", "*.example.com", 1},
    {"https://example.com/", "*.example.com", 0},
    {"https://badexample.com/", "*.example.com", 0},
    {"https://a.example.com.evil.test/", "*.example.com", 0},
    {"https://a.example.com:99/", "*.example.com:99", 1},
    {"https://a.example.com:99/", "*.example.com", 0},
    {"https://example.com./", "example.com", 0},
    {"https://evil.test@example.com/", "example.com", 0},
    {"https://example.com@evil.test/", "example.com", 0},
    {"https://example.com\\@evil.test/", "example.com", 0},
    {"https://example.com%2eevil.test/", "example.com", 0},
    {"https://example.com:0/", "example.com", 0},
    {"https://example.com:443443/", "example.com:443443", 0},
    {"https://example.com:/", "example.com", 0},
    {"https://[::1/", "[::1", 0},
    {"ftp://example.com/", "example.com", 0},
    {"https://", "", 0},
    {"", "", 0},
};

static void tells_origins(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        struct sl_origin origin;
        int matches = sl_origin_of(origins[i].url, &origin) &&
                      sl_origin_matches(&origin, origins[i].pattern);
        if (matches != origins[i].matches)
            fail_msg("%s and %s", origins[i].url, origins[i].pattern);
    }
}

static void refuses_hosts_that_are_too_long(void **state) {
    (void)state;
    char url[400] = "https://";
    struct sl_origin origin;
    memset(url + 8, 'a', 253);
    assert_true(sl_origin_of(url, &origin));
    memset(url + 8, 'a', 300);
    assert_false(sl_origin_of(url, &origin));
}

/* ---- what a call does
 * ----------------------------------------------------------------------- */

enum {
    READ = SL_POLICY_DOES_READ,
    CREATE = SL_POLICY_DOES_CREATE,
    UPDATE = SL_POLICY_DOES_UPDATE,
    DELETE = SL_POLICY_DOES_DELETE,
    ANYTHING = SL_POLICY_DOES_ANYTHING,
};

#define HOST "https://platform.adobe.io"
#define FLOW_SERVICE HOST "/data/foundation/flowservice"
#define SANDBOXES HOST "/data/foundation/sandbox-management"

static const struct {
    const char *method, *url;
    unsigned does;
} calls[] = {
    {"GET", FLOW_SERVICE "/flows?x=1", READ},
    {"HEAD", HOST, READ},
    {"OPTIONS", HOST, READ},
    {"get", HOST, ANYTHING},
    {"PATCH", FLOW_SERVICE "/flows/1", UPDATE},
    {"PATCH", FLOW_SERVICE "/flows/1/x", ANYTHING},
    {"PATCH", HOST "/data/foundation/sandbox-management/sandboxes/dev", ANYTHING},
    {"PATCH", HOST "/data/foundation/access-control/administration/roles/1", ANYTHING},
    {"DELETE", HOST "/data/foundation/catalog/dataSets/1", ANYTHING},
    {"DELETE", FLOW_SERVICE "/flows/..", ANYTHING},
    {"PUT", FLOW_SERVICE "/runs/1", ANYTHING},
    {"DELETE", FLOW_SERVICE "/flows/1", DELETE},
    {"delete", FLOW_SERVICE "/flows/1", ANYTHING},
    {"PURGE", HOST, ANYTHING},
    {"POST", HOST "/ims/token/v3", 0},
    {"POST", HOST "/ims/token/v3/x", ANYTHING},
    {"POST", FLOW_SERVICE "/connections", CREATE},
    {"POST", FLOW_SERVICE "/sourceConnections", CREATE},
    {"POST", FLOW_SERVICE "/targetConnections?x=y", CREATE},
    {"POST", FLOW_SERVICE "/flows", CREATE},
    {"POST", FLOW_SERVICE "/flows/", ANYTHING},
    {"POST", FLOW_SERVICE "/flows/search", READ},
    {"POST", FLOW_SERVICE "/flowSpecs/search?limit=3", READ},
    {"POST", FLOW_SERVICE "/flows/1/action?op=enable", UPDATE},
    {"POST", FLOW_SERVICE "/flows/1/action?op=disable", UPDATE},
    {"POST", FLOW_SERVICE "/flows/1/action?op=delete", ANYTHING},
    {"POST", FLOW_SERVICE "/flows/1/action?op=enable&op=delete", ANYTHING},
    {"POST", FLOW_SERVICE "/flows/1/action", ANYTHING},
    {"POST", FLOW_SERVICE "/flows//action?op=enable", ANYTHING},
    {"POST", FLOW_SERVICE "/flows/../action?op=enable", ANYTHING},
    {"POST", FLOW_SERVICE "/flows/%2e%2e/action?op=enable", ANYTHING},
    {"POST", FLOW_SERVICE "/flows/1;x/action?op=enable", ANYTHING},
    {"POST", FLOW_SERVICE "/flows/a/b/action?op=enable", ANYTHING},
    {"POST", HOST "/data/foundation/access-control/acl/effective-policies", READ},
    {"POST", HOST "/data/foundation/conversion/schemas", CREATE},
    {"POST", HOST "/data/foundation/conversion/mappingSets", CREATE},
    {"POST", HOST "/data/core/activation/disflowprovider/adhocrun", CREATE},
    {"POST", HOST "/data/foundation/connectors/landingzone/credentials?action=refresh",
     UPDATE},
    {"POST", HOST "/elsewhere", ANYTHING},
    {"POST", HOST, ANYTHING},
    {"POST", "nothing", ANYTHING},
};

static void tells_what_calls_do(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (sl_policy_does(calls[i].method, calls[i].url) != calls[i].does)
            fail_msg("%s %s", calls[i].method, calls[i].url);
}

static void finds_headers(void **state) {
    (void)state;
    const char *const lines[] = {"X-Sandbox-Name: prod", "Empty;", "A:b", NULL};
    assert_string_equal(sl_call_header(lines, "x-sandbox-name"), "prod");
    assert_string_equal(sl_call_header(lines, "empty"), "");
    assert_string_equal(sl_call_header(lines, "a"), "b");
    assert_null(sl_call_header(lines, "x-sandbox"));
    assert_null(sl_call_header(NULL, "x"));
}

/* ---- asking
 * --------------------------------------------------------------------------------- */

static struct sl_policy policy;

static int fill(void **state) {
    (void)state;
    sl_policy_init(&policy);
    assert_int_equal(sl_policy_add(&policy, SL_POLICY_HOSTS, "platform.adobe.io", NULL),
                     0);
    assert_int_equal(sl_policy_add(&policy, SL_POLICY_SANDBOXES, "dev", NULL), 0);
    assert_int_equal(sl_policy_add(&policy, SL_POLICY_READ, "/srv/in", NULL), 0);
    assert_int_equal(sl_policy_add(&policy, SL_POLICY_WRITE, "/srv/out", NULL), 0);
    assert_int_equal(sl_policy_add(&policy, SL_POLICY_OWN_READ, "/etc/own", NULL), 0);
    assert_int_equal(sl_policy_add(&policy, SL_POLICY_OWN_WRITE, "/var/own", NULL), 0);
    policy.operations = READ | UPDATE;
    return 0;
}

static int clear(void **state) {
    (void)state;
    sl_policy_fini(&policy);
    return 0;
}

static enum sl_policy_part ask(const char *method, const char *url,
                               const char *const *headers, struct sl_error *err) {
    struct sl_policy_call call = {method, url, headers};
    return sl_policy_ask_call(&policy, &call, err);
}

static void asks_about_calls(void **state) {
    (void)state;
    const char *const dev[] = {"x-sandbox-name: dev", NULL};
    const char *const prod[] = {"x-sandbox-name: prod", NULL};
    const char *const by_id[] = {"x-sandbox-name: dev", "X-Sandbox-Id: 1", NULL};
    const char *const other_host[] = {"x-sandbox-name: dev", "Host: evil.test", NULL};
    const char *const masked[] = {"x-sandbox-name: dev", "X-HTTP-Method-Override: DELETE",
                                  NULL};
    const char *const none[] = {NULL};
    struct sl_error err = {0};
    assert_int_equal(ask("GET", HOST "/x", dev, &err), SL_POLICY_ALLOWED);
    assert_int_equal(ask("PATCH", FLOW_SERVICE "/flows/1", dev, &err), SL_POLICY_ALLOWED);
    assert_int_equal(err.code, SL_OK);
    assert_int_equal(ask("GET", "https://evil.test/x", dev, &err), SL_POLICY_BY_HOSTS);
    assert_int_equal(err.code, SL_ERR_PERMISSION);
    assert_string_equal(err.text, "not permitted: the host evil.test:443; permitted: "
                                  "platform.adobe.io");
    err.code = SL_OK;
    assert_int_equal(ask("DELETE", FLOW_SERVICE "/flows/1", dev, &err),
                     SL_POLICY_BY_OPERATIONS);
    assert_string_equal(err.text,
                        "not permitted: the operation delete; permitted: read, update");
    err.code = SL_OK;
    assert_int_equal(ask("GET", HOST "/x", prod, &err), SL_POLICY_BY_SANDBOXES);
    assert_string_equal(err.text, "not permitted: the sandbox prod; permitted: dev");
    assert_int_equal(ask("GET", HOST "/x", none, NULL), SL_POLICY_BY_SANDBOXES);
    assert_int_equal(ask("GET", HOST "/x", by_id, NULL), SL_POLICY_BY_SANDBOXES);
    assert_int_equal(ask("GET", HOST "/x", other_host, NULL), SL_POLICY_BY_HOSTS);
    assert_int_equal(ask("GET", HOST "/x", masked, NULL), SL_POLICY_BY_OPERATIONS);
    policy.operations = ANYTHING;
    assert_int_equal(ask("PUT", HOST "/data/x", dev, NULL), SL_POLICY_ALLOWED);
    assert_int_equal(ask("PUT", SANDBOXES "/sandboxes/prod", dev, NULL),
                     SL_POLICY_BY_SANDBOXES);
    assert_int_equal(ask("PUT", HOST "/data/x/../y", dev, NULL), SL_POLICY_BY_SANDBOXES);
    assert_int_equal(ask("GET", SANDBOXES "/sandboxes/prod", dev, NULL),
                     SL_POLICY_ALLOWED);
    assert_int_equal(ask("POST", HOST "/ims/token/v3", none, NULL), SL_POLICY_ALLOWED);
    assert_int_equal(ask("POST", "https://evil.test/ims/token/v3", none, NULL),
                     SL_POLICY_BY_HOSTS);
    assert_int_equal(sl_policy_add(&policy, SL_POLICY_SANDBOXES, "*", NULL), 0);
    assert_int_equal(ask("PUT", SANDBOXES "/sandboxes/prod", dev, NULL),
                     SL_POLICY_ALLOWED);
    assert_int_equal(ask("GET", HOST "/x", none, NULL), SL_POLICY_ALLOWED);
    assert_int_equal(ask("GET", HOST "/x", by_id, NULL), SL_POLICY_ALLOWED);
}

static const struct {
    enum sl_policy_list use;
    int own;
    const char *place;
    int allowed;
} places[] = {
    {SL_POLICY_READ, 0, "/srv/in", 1},     {SL_POLICY_READ, 0, "/srv/in/a/b", 1},
    {SL_POLICY_READ, 0, "/srv/inside", 0}, {SL_POLICY_READ, 0, "/srv", 0},
    {SL_POLICY_READ, 0, "/srv/out", 0},    {SL_POLICY_WRITE, 0, "/srv/out/x", 1},
    {SL_POLICY_WRITE, 0, "/srv/in/x", 0},  {SL_POLICY_READ, 0, "/etc/own", 0},
    {SL_POLICY_READ, 1, "/etc/own", 1},    {SL_POLICY_WRITE, 1, "/etc/own", 0},
    {SL_POLICY_WRITE, 1, "/var/own/x", 1}, {SL_POLICY_WRITE, 0, "/var/own/x", 0},
    {SL_POLICY_READ, 1, "/srv/in/x", 1},
};

static void asks_about_places(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        enum sl_policy_part part = sl_policy_ask_place(
            &policy, places[i].use, places[i].own, places[i].place, "x", NULL);
        if ((part == SL_POLICY_ALLOWED) != places[i].allowed)
            fail_msg("%s", places[i].place);
    }
    struct sl_error err = {0};
    assert_int_equal(
        sl_policy_ask_place(&policy, SL_POLICY_WRITE, false, "/etc/x", "../x", &err),
        SL_POLICY_BY_WRITE);
    assert_string_equal(err.text, "not permitted: writing ../x; permitted: /srv/out");
    assert_int_equal(sl_policy_add(&policy, SL_POLICY_READ, "/", NULL), 0);
    assert_int_equal(
        sl_policy_ask_place(&policy, SL_POLICY_READ, false, "/etc/x", "x", NULL),
        SL_POLICY_ALLOWED);
}

static void asks_about_commands(void **state) {
    (void)state;
    struct sl_error err = {0};
    assert_int_equal(sl_policy_ask_command(&policy, "rm", &err), SL_POLICY_BY_COMMANDS);
    assert_string_equal(err.text,
                        "not permitted: running a program, rm; permitted: none");
    policy.commands = true;
    assert_int_equal(sl_policy_ask_command(&policy, "rm", NULL), SL_POLICY_ALLOWED);
}

static void cuts_what_is_too_long(void **state) {
    (void)state;
    struct sl_error err = {0};
    for (int i = 0; i < 40; i++)
        assert_int_equal(
            sl_policy_add(&policy, SL_POLICY_HOSTS, "a-long-name.example.com", NULL), 0);
    assert_int_equal(ask("GET", "https://evil.test", NULL, &err), SL_POLICY_BY_HOSTS);
    assert_true(strlen(err.text) < sizeof err.text);
}

static void tells_when_memory_runs_out(void **state) {
    (void)state;
    for (long count = 0; count < 2; count++) {
        sl_memory_fail_after(count);
        assert_int_equal(sl_policy_add(&policy, SL_POLICY_HOSTS, "x", NULL),
                         SL_ERR_MEMORY);
        sl_memory_fail_after(-1);
    }
    assert_int_equal(policy.lists[SL_POLICY_HOSTS].count, 1);
}

static void knows_operations(void **state) {
    (void)state;
    assert_int_equal(sl_policy_operation("read"), READ);
    assert_int_equal(sl_policy_operation("delete"), DELETE);
    assert_int_equal(sl_policy_operation("Read"), 0);
}

/* The last test: there is no way back. */
static void is_sealed_once(void **state) {
    (void)state;
    struct sl_policy other;
    assert_null(sl_policy_sealed());
    assert_true(sl_policy_seal(&policy));
    assert_int_equal(policy.lists[SL_POLICY_HOSTS].count, 0);
    assert_int_equal(sl_policy_sealed()->operations, READ | UPDATE);
    sl_policy_init(&other);
    other.operations = ANYTHING;
    assert_false(sl_policy_seal(&other));
    assert_int_equal(sl_policy_sealed()->operations, READ | UPDATE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_origins),
        cmocka_unit_test(refuses_hosts_that_are_too_long),
        cmocka_unit_test(tells_what_calls_do),
        cmocka_unit_test(finds_headers),
        cmocka_unit_test_setup_teardown(asks_about_calls, fill, clear),
        cmocka_unit_test_setup_teardown(asks_about_places, fill, clear),
        cmocka_unit_test_setup_teardown(asks_about_commands, fill, clear),
        cmocka_unit_test_setup_teardown(cuts_what_is_too_long, fill, clear),
        cmocka_unit_test_setup_teardown(tells_when_memory_runs_out, fill, clear),
        cmocka_unit_test(knows_operations),
        cmocka_unit_test_setup_teardown(is_sealed_once, fill, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
