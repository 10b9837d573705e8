/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/whole.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/whole.XXXXXX";
static char path[64];
static struct sl_error err;

static const char *in_folder(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int begin(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    return rmdir(folder);
}

static int count_files(void) {
    int count = -2; /* . and .. */
    DIR *opened = opendir(folder);
    while (readdir(opened))
        count++;
    closedir(opened);
    return count;
}

static enum sl_code put(const char *name, const char *text, mode_t mode, bool fresh) {
    err = (struct sl_error){0};
    return sl_whole_write(in_folder(name), text, strlen(text), mode, fresh, &err);
}

static void check_file(const char *name, const char *text, mode_t mode) {
    char found[16] = {0};
    struct stat status;
    FILE *file = fopen(in_folder(name), "r");
    assert_non_null(file);
    assert_int_equal(fread(found, 1, sizeof found - 1, file), strlen(text));
    fclose(file);
    assert_string_equal(found, text);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, mode);
}

static void replaces_what_is_there(void **state) {
    (void)state;
    mode_t before = umask(0077);
    assert_int_equal(put("a", "one", 0644, false), SL_OK);
    check_file("a", "one", 0644);
    assert_int_equal(put("a", "second", 0755, false), SL_OK);
    check_file("a", "second", 0755);
    umask(before);
    assert_int_equal(count_files(), 1);
    unlink(in_folder("a"));
}

static void replaces_nothing_when_told(void **state) {
    (void)state;
    assert_int_equal(put("a", "one", 0644, true), SL_OK);
    assert_int_equal(put("a", "two", 0644, true), SL_ERR_SYSTEM);
    assert_non_null(strstr(err.text, "File exists"));
    check_file("a", "one", 0644);
    assert_int_equal(count_files(), 1);
    unlink(in_folder("a"));
}

static void follows_no_link_and_fills_no_folder(void **state) {
    (void)state;
    assert_int_equal(put("a", "one", 0644, false), SL_OK);
    assert_int_equal(symlink("a", in_folder("link")), 0);
    assert_int_equal(put("link", "two", 0644, false), SL_ERR_SYSTEM);
    check_file("a", "one", 0644);
    assert_int_equal(mkdir(in_folder("folder"), 0755), 0);
    assert_int_equal(put("folder", "two", 0644, false), SL_ERR_SYSTEM);
    assert_int_equal(put("none/a", "two", 0644, false), SL_ERR_SYSTEM);
    assert_int_equal(count_files(), 3);
    rmdir(in_folder("folder"));
    unlink(in_folder("link"));
    unlink(in_folder("a"));
}

static void makes_a_folder_where_nothing_is(void **state) {
    (void)state;
    err = (struct sl_error){0};
    assert_int_equal(sl_whole_folder(in_folder("new"), &err), SL_OK);
    assert_int_equal(sl_whole_folder(path, &err), SL_ERR_SYSTEM);
    assert_non_null(strstr(err.text, "File exists"));
    rmdir(path);
    assert_int_equal(symlink("/nowhere", in_folder("link")), 0);
    assert_int_equal(sl_whole_folder(path, NULL), SL_ERR_SYSTEM);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_what_is_there),
        cmocka_unit_test(replaces_nothing_when_told),
        cmocka_unit_test(follows_no_link_and_fills_no_folder),
        cmocka_unit_test(makes_a_folder_where_nothing_is),
    };
    return cmocka_run_group_tests_name("engine/whole", tests, begin, end);
}
