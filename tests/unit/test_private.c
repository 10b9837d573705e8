/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[128];
static struct sl_private store;
static struct sl_buffer out;
static struct sl_error err;
static bool found;

static const char *in_folder(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int begin(void **state) {
    (void)state;
    err = (struct sl_error){0};
    found = false;
    sl_buffer_init(&out, "the test", 10000);
    out.secret = true;
    snprintf(folder, sizeof folder, "%s", "/tmp/sluice-private-XXXXXX");
    sl_private_init(&store);
    return mkdtemp(folder) && sl_private_open(&store, folder, &err) == SL_OK ? 0 : -1;
}

static int end(void **state) {
    static const char *const names[] = {"a", "b", ".a.lock", ".b.lock", ".a.new", "c"};
    (void)state;
    sl_private_close(&store);
    sl_private_close(&store);
    sl_buffer_fini(&out);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unlink(in_folder(names[i]));
        rmdir(in_folder(names[i]));
    }
    return rmdir(folder);
}

static mode_t mode_of(const char *name) {
    struct stat status;
    assert_int_equal(stat(in_folder(name), &status), 0);
    return status.st_mode & 07777;
}

static void write_file(const char *name, const char *text) {
    assert_int_equal(sl_private_write(&store, name, text, strlen(text), &err), SL_OK);
}

static void check_text(const char *name, const char *text) {
    sl_buffer_fini(&out);
    found = false;
    assert_int_equal(sl_private_read(&store, name, &out, &found, &err), SL_OK);
    assert_true(found);
    assert_string_equal(out.data, text);
}

static void keeps_what_was_written_last(void **state) {
    (void)state;
    assert_int_equal(sl_private_read(&store, "a", &out, &found, &err), SL_OK);
    assert_false(found);
    mode_t mask = umask(0);
    write_file("a", "first, which is longer");
    umask(mask);
    assert_int_equal(mode_of("a"), 0600);
    write_file("a", "second");
    write_file("b", "");
    check_text("a", "second");
    check_text("b", "");
    bool removed = false;
    assert_int_equal(sl_private_remove(&store, "a", &removed, &err), SL_OK);
    assert_true(removed);
    assert_int_equal(sl_private_remove(&store, "a", &removed, &err), SL_OK);
    assert_false(removed);
}

/* What a crash, or somebody who can write here, left in the place of the new file. */
static void writes_past_what_stands_there(void **state) {
    (void)state;
    int file = open(in_folder(".a.new"), O_WRONLY | O_CREAT, 0666);
    assert_int_equal(write(file, "half of something", 17), 17);
    close(file);
    write_file("a", "whole");
    check_text("a", "whole");
    assert_int_equal(mode_of("a"), 0600);
    write_file("c", "untouched");
    char target[128];
    snprintf(target, sizeof target, "%s", in_folder("c"));
    assert_int_equal(symlink(target, in_folder(".a.new")), 0);
    write_file("a", "again");
    check_text("c", "untouched");
    check_text("a", "again");
}

static void check_refused(const char *name, const char *reason) {
    err = (struct sl_error){0};
    assert_int_equal(sl_private_read(&store, name, &out, &found, &err), SL_ERR_SYSTEM);
    assert_false(found);
    assert_non_null(strstr(err.text, reason));
}

static void reads_only_what_is_its_own(void **state) {
    (void)state;
    write_file("a", "text");
    chmod(in_folder("a"), 0640);
    check_refused("a", "a is open to others (mode 0640); close it: chmod go= a");
    unlink(in_folder("a"));
    assert_int_equal(symlink("/etc/hostname", in_folder("a")), 0);
    check_refused("a", "cannot open a: Too many levels of symbolic links");
    unlink(in_folder("a"));
    assert_int_equal(mkfifo(in_folder("a"), 0600), 0);
    check_refused("a", "a is not a file");
    unlink(in_folder("a"));
    assert_int_equal(mkdir(in_folder("a"), 0700), 0);
    check_refused("a", "a is not a file");
}

static void refuses_a_folder_that_is_open(void **state) {
    (void)state;
    struct sl_private other;
    sl_private_init(&other);
    chmod(folder, 0755);
    assert_int_equal(sl_private_open(&other, folder, &err), SL_ERR_SYSTEM);
    assert_non_null(strstr(err.text, "is open to others (mode 0755)"));
    assert_int_equal(other.folder, -1);
    chmod(folder, 0700);
    err = (struct sl_error){0};
    assert_int_equal(symlink(folder, in_folder("c")), 0);
    assert_int_equal(sl_private_open(&other, in_folder("c"), &err), SL_ERR_SYSTEM);
    err = (struct sl_error){0};
    assert_int_equal(sl_private_open(&other, "/proc/1", &err), SL_ERR_SYSTEM);
    err = (struct sl_error){0};
    assert_int_equal(sl_private_open(&other, in_folder("nowhere"), &err), SL_OK);
    assert_int_equal(other.folder, -1);
}

static void knows_good_names(void **state) {
    static const char *const names[] = {"", ".", "..", ".a", "a/b", "../a", "a b", "ä"};
    char longest[SL_PRIVATE_NAME_MAX + 2] = {0};
    bool removed;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(sl_private_read(&store, names[i], &out, &found, NULL),
                         SL_ERR_ARGUMENT);
        assert_int_equal(sl_private_write(&store, names[i], "", 0, NULL),
                         SL_ERR_ARGUMENT);
        assert_int_equal(sl_private_remove(&store, names[i], &removed, NULL),
                         SL_ERR_ARGUMENT);
        assert_int_equal(sl_private_lock(&store, names[i], NULL), SL_ERR_ARGUMENT);
    }
    memset(longest, 'a', SL_PRIVATE_NAME_MAX);
    write_file(longest, "text");
    assert_int_equal(sl_private_remove(&store, longest, &removed, &err), SL_OK);
    longest[SL_PRIVATE_NAME_MAX] = 'a';
    assert_int_equal(sl_private_write(&store, longest, "", 0, NULL), SL_ERR_ARGUMENT);
}

static bool lock(struct sl_private *private, const char *name) {
    assert_int_equal(sl_private_lock(private, name, &err), SL_OK);
    return private->lock >= 0;
}

static void locks_once_at_a_time(void **state) {
    (void)state;
    struct sl_private other;
    sl_private_init(&other);
    assert_int_equal(sl_private_open(&other, folder, &err), SL_OK);
    assert_true(lock(&store, "a"));
    assert_true(lock(&store, "a"));
    assert_false(lock(&other, "a"));
    assert_true(lock(&other, "b"));
    sl_private_unlock(&other);
    sl_private_unlock(&store);
    assert_true(lock(&other, "a"));
    assert_false(lock(&store, "a"));
    sl_private_close(&other);
    assert_true(lock(&store, "a"));
    assert_int_equal(mode_of(".a.lock"), 0600);
}

static void survives_any_failed_allocation(void **state) {
    (void)state;
    write_file("a", "text");
    enum sl_code code = SL_ERR_MEMORY;
    for (long n = 0; code != SL_OK; n++) {
        err = (struct sl_error){0};
        sl_buffer_fini(&out);
        sl_memory_fail_after(n);
        code = sl_private_read(&store, "a", &out, &found, &err);
        sl_memory_fail_after(-1);
        assert_int_equal(err.code, code);
        assert_int_equal(found, code == SL_OK);
        assert_true(n < 100);
    }
    out.max = 3;
    sl_buffer_fini(&out);
    assert_int_equal(sl_private_read(&store, "a", &out, &found, &err), SL_ERR_LIMIT);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(keeps_what_was_written_last),
        TEST(writes_past_what_stands_there),
        TEST(reads_only_what_is_its_own),
        TEST(refuses_a_folder_that_is_open),
        TEST(knows_good_names),
        TEST(locks_once_at_a_time),
        TEST(survives_any_failed_allocation),
    };
    return cmocka_run_group_tests_name("engine/private", tests, NULL, NULL);
}
