/* SPDX-License-Identifier: MIT
 * Transport and listener against each other, over real sockets. */
#include "unit.h"

#include "engine/listener.h"
#include "engine/transport.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct bench {
    struct sl_transport *transport;
    struct sl_listener *listener;
    char url[64];
};

static int set_up(void **state) {
    struct bench *bench = sl_memory_new(sizeof *bench);
    struct sl_error err = {0};
    bench->transport = sl_transport_new(&err);
    bench->listener = sl_listener_new(0, 1000, &err);
    assert_non_null(bench->transport);
    assert_non_null(bench->listener);
    snprintf(bench->url, sizeof bench->url, "http://127.0.0.1:%u/path?query=%%20",
             (unsigned)sl_listener_port(bench->listener));
    *state = bench;
    return 0;
}

static int tear_down(void **state) {
    struct bench *bench = *state;
    sl_listener_free(bench->listener);
    sl_transport_free(bench->transport);
    sl_memory_free(bench);
    return 0;
}

static void count_done(void *context) {
    ++*(int *)context;
}

/* How many allocations succeed in a run of the listener; negative: all. */
static long listener_allowance = -1;

static void run_once(struct bench *bench) {
    struct pollfd fd = {.fd = sl_listener_fd(bench->listener), .events = POLLIN};
    struct sl_error err = {0};
    int timeout = sl_listener_timeout_ms(bench->listener);
    assert_int_equal(sl_transport_run(bench->transport, &fd, 1,
                                      timeout < 0 || timeout > 20 ? 20 : timeout, &err),
                     SL_OK);
    if (listener_allowance >= 0)
        sl_memory_fail_after(listener_allowance);
    sl_listener_run(bench->listener);
    if (listener_allowance >= 0)
        sl_memory_fail_after(-1);
}

static struct sl_exchange *next_exchange(struct bench *bench) {
    struct sl_exchange *exchange;
    for (int i = 0; i < 500; i++) {
        if ((exchange = sl_listener_next(bench->listener)) != NULL)
            return exchange;
        run_once(bench);
    }
    fail_msg("no request arrived");
    return NULL;
}

static void run_until(struct bench *bench, const int *done, int count) {
    for (int i = 0; i < 500 && *done < count; i++)
        run_once(bench);
    assert_int_equal(*done, count);
}

static struct sl_transfer *start(struct bench *bench, struct sl_request *request,
                                 int *done) {
    struct sl_error err = {0};
    request->url = bench->url;
    struct sl_transfer *transfer =
        sl_transport_start(bench->transport, request, count_done, done, &err);
    if (!transfer)
        fail_msg("%s", err.text);
    return transfer;
}

static void find_header(void *context, const struct sl_header *header) {
    if (strcmp(header->name, "X-Test") == 0)
        snprintf(context, 20, "%.*s", (int)header->value_len, header->value);
}

static void sends_and_answers(void **state) {
    static const char *const headers[] = {"X-Test: seen", NULL};
    struct bench *bench = *state;
    int done = 0;
    char seen[20] = "";
    struct sl_request request = {
        .method = "PATCH", .headers = headers, .body = "a\0b", .body_len = 3};
    struct sl_transfer *transfer = start(bench, &request, &done);
    assert_int_equal(sl_transport_active(bench->transport), 1);

    struct sl_exchange *exchange = next_exchange(bench);
    assert_string_equal(sl_exchange_method(exchange), "PATCH");
    assert_string_equal(sl_exchange_target(exchange), "/path?query=%20");
    assert_int_equal(sl_exchange_body(exchange)->len, 3);
    assert_memory_equal(sl_exchange_body(exchange)->data, "a\0b", 3);
    sl_exchange_headers(exchange, find_header, seen);
    assert_string_equal(seen, "seen");

    const struct sl_header answer[] = {{"X-Answer", "yes", 3}, {NULL, NULL, 0}};
    struct sl_error err = {0};
    assert_int_equal(sl_exchange_respond(exchange, 201, answer, "ok", 2, &err), SL_OK);
    assert_int_equal(sl_exchange_respond(exchange, 201, answer, "ok", 2, &err),
                     SL_ERR_ARGUMENT);
    sl_exchange_free(exchange);
    run_until(bench, &done, 1);
    assert_int_equal(sl_transfer_error(transfer)->code, SL_OK);
    assert_int_equal(sl_transfer_status(transfer), 201);
    assert_string_equal(sl_transfer_body(transfer)->data, "ok");
    assert_non_null(strstr(sl_transfer_headers(transfer)->data, "x-answer: yes\n"));
    assert_int_equal(sl_transport_active(bench->transport), 0);
    sl_transfer_free(transfer);
}

static void reuses_its_connection(void **state) {
    struct bench *bench = *state;
    struct sl_error err = {0};
    for (int i = 0; i < 5; i++) {
        int done = 0;
        struct sl_request request = {.method = "GET"};
        struct sl_transfer *transfer = start(bench, &request, &done);
        struct sl_exchange *exchange = next_exchange(bench);
        assert_int_equal(sl_exchange_respond(exchange, 200, NULL, "", 0, &err), SL_OK);
        sl_exchange_free(exchange);
        run_until(bench, &done, 1);
        assert_int_equal(sl_transfer_error(transfer)->code, SL_OK);
        sl_transfer_free(transfer);
    }
}

static void limits_the_answer(void **state) {
    struct bench *bench = *state;
    struct sl_error err = {0};
    int done = 0;
    struct sl_request request = {.method = "GET", .max_body = 10};
    struct sl_transfer *transfer = start(bench, &request, &done);
    struct sl_exchange *exchange = next_exchange(bench);
    assert_int_equal(sl_exchange_respond(exchange, 200, NULL, "12345678901", 11, &err),
                     SL_OK);
    sl_exchange_free(exchange);
    run_until(bench, &done, 1);
    assert_int_equal(sl_transfer_error(transfer)->code, SL_ERR_LIMIT);
    assert_string_equal(sl_transfer_error(transfer)->text,
                        "the body of the answer is larger than its limit of 10 bytes");
    sl_transfer_free(transfer);
}

static void limits_the_request(void **state) {
    struct bench *bench = *state;
    char body[2000];
    int done = 0;
    memset(body, 'x', sizeof body);
    struct sl_request request = {.method = "POST", .body = body, .body_len = sizeof body};
    struct sl_transfer *transfer = start(bench, &request, &done);
    run_until(bench, &done, 1);
    assert_int_equal(sl_transfer_status(transfer), 413);
    assert_null(sl_listener_next(bench->listener));
    sl_transfer_free(transfer);
}

static void ends_when_nobody_answers(void **state) {
    struct bench *bench = *state;
    int done = 0;
    struct sl_request request = {.method = "GET", .timeout_ms = 50};
    struct sl_transfer *transfer = start(bench, &request, &done);
    struct sl_exchange *exchange = next_exchange(bench);
    run_until(bench, &done, 1);
    assert_int_equal(sl_transfer_error(transfer)->code, SL_ERR_TIMEOUT);
    sl_transfer_free(transfer);
    sl_exchange_free(exchange);
}

static void tells_of_a_dropped_connection(void **state) {
    struct bench *bench = *state;
    int done = 0;
    struct sl_request request = {.method = "GET"};
    struct sl_transfer *transfer = start(bench, &request, &done);
    sl_exchange_free(next_exchange(bench));
    run_until(bench, &done, 1);
    assert_int_equal(sl_transfer_error(transfer)->code, SL_ERR_NETWORK);
    sl_transfer_free(transfer);
}

static void asks_for_the_head_alone(void **state) {
    struct bench *bench = *state;
    struct sl_error err = {0};
    int done = 0;
    struct sl_request request = {.method = "HEAD"};
    struct sl_transfer *transfer = start(bench, &request, &done);
    struct sl_exchange *exchange = next_exchange(bench);
    assert_int_equal(sl_exchange_respond(exchange, 200, NULL, "body", 4, &err), SL_OK);
    sl_exchange_free(exchange);
    run_until(bench, &done, 1);
    assert_int_equal(sl_transfer_error(transfer)->code, SL_OK);
    assert_int_equal(sl_transfer_body(transfer)->len, 0);
    assert_non_null(strstr(sl_transfer_headers(transfer)->data, "content-length: 4\n"));
    sl_transfer_free(transfer);
}

static void refuses_methods_that_are_none(void **state) {
    struct bench *bench = *state;
    static const char *const methods[] = {"", "GE T", "GET / HTTP/1.1\r\nX: y\r\n",
                                          "G\xc3\xa4"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct sl_error err = {0};
        struct sl_request request = {.method = methods[i], .url = bench->url};
        int done = 0;
        assert_null(
            sl_transport_start(bench->transport, &request, count_done, &done, &err));
        assert_int_equal(err.code, SL_ERR_ARGUMENT);
    }
}

/* Whatever a script starts meanwhile must not hold on to a connection. */
static void leaves_no_descriptor_to_programs(void **state) {
    struct bench *bench = *state;
    int done = 0, sockets = 0;
    struct sl_request request = {.method = "GET"};
    struct sl_transfer *transfer = start(bench, &request, &done);
    struct sl_exchange *exchange = next_exchange(bench);
    for (int fd = 3; fd < 100; fd++) {
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
            address.sin_family != AF_INET)
            continue;
        sockets++;
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
    assert_true(sockets >= 3); /* listening, accepted, connected */
    sl_exchange_free(exchange);
    run_until(bench, &done, 1);
    sl_transfer_free(transfer);
}

static void refuses_plain_http_to_others(void **state) {
    struct bench *bench = *state;
    struct sl_error err = {0};
    struct sl_request request = {.method = "GET", .url = "http://example.com/"};
    int done = 0;
    assert_null(sl_transport_start(bench->transport, &request, count_done, &done, &err));
    assert_int_equal(err.code, SL_ERR_ARGUMENT);
}

static void may_be_freed_at_any_time(void **state) {
    struct bench *bench = *state;
    int done = 0;
    struct sl_request request = {.method = "GET"};
    struct sl_transfer *early = start(bench, &request, &done);
    struct sl_transfer *late = start(bench, &request, &done);
    struct sl_exchange *exchange = next_exchange(bench);
    sl_transfer_free(early);
    sl_transport_free(bench->transport);
    sl_listener_free(bench->listener);
    bench->transport = NULL;
    bench->listener = NULL;
    sl_transfer_free(late);
    struct sl_error err = {0};
    assert_int_equal(sl_exchange_respond(exchange, 200, NULL, "", 0, &err), SL_OK);
    sl_exchange_free(exchange);
    assert_int_equal(done, 0);
}

/* Every allocation of ours fails in turn: a clean failure, no leak, no crash. */
static void survives_running_out_of_memory(void **state) {
    struct bench *bench = *state;
    struct sl_error err = {0};
    struct sl_request request = {
        .method = "POST", .url = bench->url, .body = "x", .body_len = 1};
    int done = 0, failures = 0;
    struct sl_transfer *transfer = NULL;
    for (long allowed = 0; !transfer; allowed++) {
        err = (struct sl_error){0};
        sl_memory_fail_after(allowed);
        transfer =
            sl_transport_start(bench->transport, &request, count_done, &done, &err);
        sl_memory_fail_after(-1);
        failures += transfer == NULL;
        assert_int_equal(err.code, transfer ? SL_OK : SL_ERR_MEMORY);
    }
    assert_true(failures >= 2);
    sl_transfer_free(transfer);
}

/* Both ends of one request, until it has its answer or has failed. Gives the status, 0 on
 * failure. */
static long ask_once(struct bench *bench) {
    struct sl_error err = {0};
    struct sl_request request = {
        .method = "POST", .url = bench->url, .body = "body", .body_len = 4};
    const struct sl_header answer[] = {{"X-Answer", "yes", 3}, {NULL, NULL, 0}};
    int done = 0;
    struct sl_transfer *transfer =
        sl_transport_start(bench->transport, &request, count_done, &done, &err);
    for (int i = 0; transfer && !done && i < 500; i++) {
        struct sl_exchange *exchange = sl_listener_next(bench->listener);
        if (exchange &&
            sl_exchange_respond(exchange, 200, answer, "ok", 2, NULL) != SL_OK)
            fail_msg("the answer could not be sent");
        sl_exchange_free(exchange);
        run_once(bench);
    }
    assert_int_equal(done, transfer != NULL);
    long status = 0;
    if (transfer && sl_transfer_error(transfer)->code == SL_OK)
        status = sl_transfer_status(transfer);
    sl_transfer_free(transfer);
    return status;
}

/* The same for all that follows the start, on both sides: nobody waits for ever. */
static void survives_running_out_of_memory_under_way(void **state) {
    struct bench *bench = *state;
    long status = 0, allowed = 0;
    for (; status == 0; allowed++) {
        sl_memory_fail_after(allowed);
        status = ask_once(bench);
        sl_memory_fail_after(-1);
    }
    assert_int_equal(status, 200);
    assert_true(allowed > 6);
}

/* A server without memory closes the connection; it does not call the request too large.
 */
static void closes_what_it_has_no_memory_for(void **state) {
    struct bench *bench = *state;
    long status = 0;
    for (listener_allowance = 0; status == 0; listener_allowance++)
        status = ask_once(bench);
    assert_int_equal(status, 200);
    assert_true(listener_allowance > 3);
    listener_allowance = -1;
}

static void opens_cleanly_or_not_at_all(void **state) {
    (void)state;
    struct sl_error err = {0};
    sl_memory_fail_after(0);
    struct sl_transport *transport = sl_transport_new(&err);
    sl_memory_fail_after(-1);
    assert_null(transport);
    assert_int_equal(err.code, SL_ERR_MEMORY);
    err = (struct sl_error){0};
    sl_memory_fail_after(0);
    struct sl_listener *listener = sl_listener_new(0, 0, &err);
    sl_memory_fail_after(-1);
    assert_null(listener);
    assert_int_equal(err.code, SL_ERR_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sends_and_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reuses_its_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_the_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_the_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_when_nobody_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_of_a_dropped_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_plain_http_to_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_for_the_head_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_methods_that_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_no_descriptor_to_programs, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(survives_running_out_of_memory_under_way, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(closes_what_it_has_no_memory_for, set_up,
                                        tear_down),
        cmocka_unit_test(opens_cleanly_or_not_at_all),
        cmocka_unit_test_setup_teardown(may_be_freed_at_any_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_running_out_of_memory, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("engine/transport", tests, NULL, NULL);
}
