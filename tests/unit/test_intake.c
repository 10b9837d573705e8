/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT 10000
#define SECONDS 1000L

static struct sl_buffer out;
static struct sl_error err;

static int begin(void **state) {
    (void)state;
    err = (struct sl_error){0};
    sl_buffer_init(&out, "the secret", LIMIT);
    out.secret = true;
    return 0;
}

static int end(void **state) {
    (void)state;
    sl_buffer_fini(&out);
    return 0;
}

/* Reads the text from the reading end of a pipe. */
static enum sl_code take(const char *text, size_t len) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, len), len);
    close(ends[1]);
    enum sl_code code = sl_intake_input(ends[0], -1, &out, &err);
    close(ends[0]);
    return code;
}

static void leaves_one_line_end_out(void **state) {
    static const struct {
        const char *given, *kept;
    } cases[] = {
        {"word", "word"},     {"word\n", "word"},     {"word\r\n", "word"},
        {"word\r", "word\r"}, {"word\n\n", "word\n"}, {"two\nlines\n", "two\nlines"},
        {" word ", " word "}, {"\r", "\r"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(state);
        assert_int_equal(take(cases[i].given, strlen(cases[i].given)), SL_OK);
        assert_int_equal(out.len, strlen(cases[i].kept));
        assert_memory_equal(out.data, cases[i].kept, out.len);
        end(state);
    }
    begin(state);
    assert_int_equal(take("a\0b\n", 4), SL_OK);
    assert_int_equal(out.len, 3);
}

static void takes_nothing_for_a_failure(void **state) {
    (void)state;
    assert_int_equal(take("", 0), SL_ERR_SYSTEM);
    assert_string_equal(err.text, "it is empty");
    end(state);
    begin(state);
    assert_int_equal(take("\r\n", 2), SL_ERR_SYSTEM);
}

static void has_a_limit(void **state) {
    static char text[LIMIT + 1];
    memset(text, 's', sizeof text);
    assert_int_equal(take(text, LIMIT), SL_OK);
    assert_int_equal(out.len, LIMIT);
    end(state);
    begin(state);
    assert_int_equal(take(text, LIMIT + 1), SL_ERR_LIMIT);
    assert_string_equal(err.text, "the secret is larger than its limit of 10000 bytes");
}

static void reads_a_file(void **state) {
    (void)state;
    assert_int_equal(sl_intake_file("/dev/null", -1, &out, &err), SL_ERR_SYSTEM);
    assert_string_equal(err.text, "it is empty");
    err.code = SL_OK;
    assert_int_equal(sl_intake_file("/nowhere/at/all", -1, &out, &err), SL_ERR_SYSTEM);
    assert_string_equal(err.text, "cannot be opened: No such file or directory");
    err.code = SL_OK;
    assert_int_equal(sl_intake_file("/", -1, &out, &err), SL_ERR_SYSTEM);
    assert_string_equal(err.text, "cannot read: Is a directory");
    err.code = SL_OK;
    assert_int_equal(sl_intake_file("/dev/zero", -1, &out, &err), SL_ERR_LIMIT);
}

static enum sl_code command(const char *script, long timeout_ms) {
    const char *const words[] = {"sh", "-c", script, NULL};
    return sl_intake_command(words, timeout_ms, -1, &out, &err);
}

static void hears_what_came_before_it_waits(void **state) {
    const char *const words[] = {"sleep", "1000", NULL};
    int wake[2], silent[2];
    assert_int_equal(pipe(wake), 0);
    assert_int_equal(pipe(silent), 0);
    assert_int_equal(write(wake[1], "!", 1), 1);
    assert_int_equal(sl_intake_command(words, 600 * SECONDS, wake[0], &out, &err),
                     SL_ERR_INTERRUPTED);
    end(state);
    begin(state);
    assert_int_equal(sl_intake_input(silent[0], wake[0], &out, &err), SL_ERR_INTERRUPTED);
    for (int i = 0; i < 2; i++)
        close(wake[i]), close(silent[i]);
}

/* The program itself wakes us, when there is no more to read of it. */
static void hears_what_comes_while_a_program_ends(void **state) {
    (void)state;
    char script[128];
    const char *const words[] = {"sh", "-c", script, NULL};
    int wake[2];
    assert_int_equal(pipe(wake), 0);
    snprintf(script, sizeof script,
             "exec >&-; sleep 0.1; echo ! >/proc/self/fd/%d; exec sleep 1000", wake[1]);
    assert_int_equal(sl_intake_command(words, 600 * SECONDS, wake[0], &out, &err),
                     SL_ERR_INTERRUPTED);
    close(wake[0]);
    close(wake[1]);
}

static void waits_for_a_named_pipe_where_it_can_be_woken(void **state) {
    (void)state;
    char folder[] = "/tmp/test_intake.XXXXXX", path[64];
    int wake[2];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pipe(wake), 0);
    assert_int_equal(write(wake[1], "!", 1), 1);
    assert_int_equal(sl_intake_file(path, wake[0], &out, &err), SL_ERR_INTERRUPTED);
    unlink(path);
    rmdir(folder);
    close(wake[0]);
    close(wake[1]);
}

static void asks_a_program(void **state) {
    (void)state;
    assert_int_equal(command("echo hush; cat", 60 * SECONDS), SL_OK); /* no input */
    assert_string_equal(out.data, "hush\n");
    assert_int_equal(out.len, 4);
}

static void tells_how_a_program_failed(void **state) {
    static const struct {
        const char *script, *text;
    } cases[] = {
        {"exit 3", "it ended with code 3"},
        {"echo hush; exit 1", "it ended with code 1"},
        {"kill -9 $$", "it was ended by signal 9"},
        {"true", "it printed nothing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(state);
        assert_int_equal(command(cases[i].script, 60 * SECONDS), SL_ERR_SYSTEM);
        assert_string_equal(err.text, cases[i].text);
        end(state);
    }
    begin(state);
    const char *const words[] = {"/nowhere/at/all", NULL};
    assert_int_equal(sl_intake_command(words, SECONDS, -1, &out, &err), SL_ERR_SYSTEM);
    assert_string_equal(err.text, getenv("WRAP") /* Valgrind starts programs otherwise */
                                      ? "it ended with code 127"
                                      : "cannot be started: No such file or directory");
}

/* Whether it goes on printing, waits with or without its output, or does not want to
 * end: it is gone afterwards. */
static void ends_a_program_that_takes_too_long(void **state) {
    static const char *const scripts[] = {
        "exec sleep 1000",
        "exec sleep 1000 >&-",
        "echo hush; exec sleep 1000",
        "trap '' TERM; exec sleep 1000",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        begin(state);
        assert_int_equal(command(scripts[i], 50), SL_ERR_TIMEOUT);
        assert_string_equal(err.text, "it took too long");
        end(state);
    }
    begin(state);
}

static void survives_any_failed_allocation(void **state) {
    enum sl_code code = SL_ERR_MEMORY;
    for (long n = 0; code != SL_OK; n++) {
        end(state);
        begin(state);
        sl_memory_fail_after(n);
        code = command("printf '%9000s' x", 60 * SECONDS);
        sl_memory_fail_after(-1);
        assert_int_equal(err.code, code);
        assert_true(n < 100);
    }
    assert_int_equal(out.len, 9000);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(leaves_one_line_end_out),
        TEST(takes_nothing_for_a_failure),
        TEST(has_a_limit),
        TEST(reads_a_file),
        TEST(hears_what_came_before_it_waits),
        TEST(hears_what_comes_while_a_program_ends),
        TEST(waits_for_a_named_pipe_where_it_can_be_woken),
        TEST(asks_a_program),
        TEST(tells_how_a_program_failed),
        TEST(ends_a_program_that_takes_too_long),
        TEST(survives_any_failed_allocation),
    };
    return cmocka_run_group_tests_name("engine/intake", tests, NULL, NULL);
}
