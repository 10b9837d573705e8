/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/output.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/sluice-output-XXXXXX";
static char path[64];

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) &&
                   snprintf(path, sizeof path, "%s/file", folder) < (int)sizeof path
               ? 0
               : -1;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static mode_t mode_of(const char *name) {
    struct stat found;
    assert_int_equal(stat(name, &found), 0);
    return found.st_mode & 0777;
}

static void write_text(const char *text) {
    FILE *file = NULL;
    struct sl_error err = {0};
    assert_int_equal(sl_output_open(path, strlen(path), &file, &err), SL_OK);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void makes_what_only_the_owner_reads(void **state) {
    (void)state;
    mode_t before = umask(0);
    write_text("first");
    umask(before);
    assert_int_equal(mode_of(path), 0600);
}

static void takes_rights_from_what_is_there_and_empties_it(void **state) {
    (void)state;
    struct stat found;
    write_text("longer");
    assert_int_equal(chmod(path, 0644), 0);
    write_text("x");
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_size, 1);
    assert_int_equal(mode_of(path), 0600);
}

static void leaves_devices_as_they_are(void **state) {
    (void)state;
    FILE *file = NULL;
    mode_t before = mode_of("/dev/null");
    assert_int_equal(sl_output_open("/dev/null", 9, &file, NULL), SL_OK);
    fclose(file);
    assert_int_equal(mode_of("/dev/null"), before);
}

static void says_what_cannot_be_written(void **state) {
    (void)state;
    FILE *file = NULL;
    struct sl_error err = {0};
    assert_int_equal(sl_output_open("/nowhere/x and more", 10, &file, &err),
                     SL_ERR_SYSTEM);
    assert_string_equal(err.text, "cannot write /nowhere/x: No such file or directory");
    err = (struct sl_error){0};
    assert_int_equal(sl_output_open("/tmp", 4, &file, &err), SL_ERR_SYSTEM);
    assert_string_equal(err.text, "cannot write /tmp: Is a directory");
    assert_null(file);
}

static void refuses_names_that_are_none(void **state) {
    (void)state;
    FILE *file = NULL;
    assert_int_equal(sl_output_open("", 0, &file, NULL), SL_ERR_ARGUMENT);
    assert_int_equal(sl_output_open("a\0b", 3, &file, NULL), SL_ERR_ARGUMENT);
}

static void survives_memory_running_out(void **state) {
    (void)state;
    FILE *file = NULL;
    sl_memory_fail_after(0);
    enum sl_code code = sl_output_open(path, strlen(path), &file, NULL);
    sl_memory_fail_after(-1);
    assert_int_equal(code, SL_ERR_MEMORY);
    assert_null(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_what_only_the_owner_reads),
        cmocka_unit_test(takes_rights_from_what_is_there_and_empties_it),
        cmocka_unit_test(leaves_devices_as_they_are),
        cmocka_unit_test(says_what_cannot_be_written),
        cmocka_unit_test(refuses_names_that_are_none),
        cmocka_unit_test(survives_memory_running_out),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
