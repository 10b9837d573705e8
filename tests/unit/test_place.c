/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX];

static void make_file(const char *name, const char *text) {
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int make_tree(void **state) {
    (void)state;
    char name[] = "/tmp/sluice-place-XXXXXX";
    assert_non_null(mkdtemp(name));
    assert_non_null(realpath(name, root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(mkdir("in", 0700), 0);
    assert_int_equal(mkdir("out", 0700), 0);
    make_file("in/a", "text");
    make_file("out/secret", "secret");
    assert_int_equal(symlink("../out", "in/away"), 0);
    assert_int_equal(symlink("a", "in/near"), 0);
    assert_int_equal(symlink("../out/new", "in/dangling"), 0);
    assert_int_equal(symlink("loop", "in/loop"), 0);
    assert_int_equal(mkfifo("in/pipe", 0600), 0);
    return 0;
}

static int remove_tree(void **state) {
    (void)state;
    static const char *const names[] = {"in/a",    "in/away", "in/near", "in/dangling",
                                        "in/loop", "in/pipe", "in/new",  "out/secret",
                                        "out/new", NULL};
    for (const char *const *name = names; *name; name++)
        unlink(*name);
    rmdir("in");
    rmdir("out");
    assert_int_equal(chdir("/"), 0);
    return rmdir(root);
}

static void finds(const char *path, const char *expected) {
    char place[PATH_MAX], whole[PATH_MAX + 100];
    struct sl_error err = {0};
    if (sl_place_find(path, strlen(path), place, &err) != SL_OK)
        fail_msg("%s: %s", path, err.text);
    snprintf(whole, sizeof whole, "%s%s", *expected == '/' ? "" : root, expected);
    if (*expected != '/')
        snprintf(whole, sizeof whole, "%s/%s", root, expected);
    assert_string_equal(place, whole);
}

static void finds_places(void **state) {
    (void)state;
    finds("in/a", "in/a");
    finds("./in//a", "in/a");
    finds("in/../in/a", "in/a");
    finds("in/near", "in/a");
    finds("in/away/secret", "out/secret");
    finds("in/away/../in/a", "in/a"); /* as the system goes: away is out */
    finds("in/new", "in/new");
    finds("in/new/deeper//still/", "in/new/deeper/still");
    finds("in/away/new", "out/new");
    finds("in/dangling", "in/dangling"); /* a link, which nothing opens */
    finds("/", "/");
    finds("/no-such-folder/x", "/no-such-folder/x");
    finds("..", "/tmp");
}

static void refuses(const char *path, size_t len, enum sl_code code) {
    char place[PATH_MAX];
    assert_int_equal(sl_place_find(path, len, place, NULL), code);
}

static void refuses_what_leads_nowhere(void **state) {
    (void)state;
    char long_name[2 * PATH_MAX];
    memset(long_name, 'a', sizeof long_name);
    refuses("", 0, SL_ERR_ARGUMENT);
    refuses("in\0a", 4, SL_ERR_ARGUMENT);
    refuses("new/../in/a", 11, SL_ERR_SYSTEM); /* `new` may become a link */
    refuses("new/./x", 7, SL_ERR_SYSTEM);
    refuses("in/loop", 7, SL_ERR_SYSTEM);
    refuses("in/a/b", 6, SL_ERR_SYSTEM);
    refuses(long_name, sizeof long_name, SL_ERR_SYSTEM);
    refuses(long_name, NAME_MAX + 1, SL_ERR_SYSTEM);
}

static int open_place(const char *name, const char *mode, FILE **file) {
    char place[PATH_MAX + 100];
    snprintf(place, sizeof place, "%s/%s", root, name);
    *file = NULL;
    return sl_place_open(place, mode, file);
}

static void opens_files(void **state) {
    (void)state;
    FILE *file;
    char text[16] = "";
    assert_int_equal(open_place("in/a", "rb", &file), 0);
    assert_int_equal(fread(text, 1, sizeof text, file), 4);
    assert_string_equal(text, "text");
    fclose(file);
    assert_int_equal(open_place("in/a", "a", &file), 0);
    assert_int_equal(fwrite("2", 1, 1, file), 1);
    fclose(file);
    assert_int_equal(open_place("in/a", "r+", &file), 0);
    assert_int_equal(fwrite("T", 1, 1, file), 1);
    fclose(file);
    assert_int_equal(open_place("in/a", "r", &file), 0);
    assert_int_equal(fread(text, 1, sizeof text, file), 5);
    assert_string_equal(text, "Text2");
    fclose(file);
    assert_int_equal(open_place("in/a", "w", &file), 0);
    fclose(file);
    assert_int_equal(open_place("in/a", "r", &file), 0);
    assert_int_equal(fread(text, 1, sizeof text, file), 0);
    fclose(file);
    assert_int_equal(open_place("in/new", "w+", &file), 0);
    fclose(file);
}

/* What is a link when it is opened was put there after it was looked at. */
static void follows_no_link(void **state) {
    (void)state;
    FILE *file;
    assert_int_equal(open_place("in/near", "r", &file), ELOOP);
    assert_int_equal(open_place("in/near", "w", &file), ELOOP);
    assert_int_equal(open_place("in/dangling", "w", &file), ELOOP);
    assert_int_equal(access("out/new", F_OK), -1);
    assert_int_equal(open_place("in/away/secret", "r", &file), ENOTDIR);
    assert_int_equal(open_place("in/away/new", "w", &file), ENOTDIR);
    assert_int_equal(access("out/new", F_OK), -1);
}

static void opens_nothing_else(void **state) {
    (void)state;
    FILE *file;
    struct stat found;
    assert_int_equal(open_place("in", "r", &file), EINVAL);
    assert_int_equal(open_place("in", "w", &file), EISDIR);
    assert_int_equal(open_place("in/pipe", "r", &file), EINVAL);
    assert_int_equal(open_place("in/pipe", "w", &file), ENXIO);
    assert_int_equal(open_place("in/missing", "r", &file), ENOENT);
    assert_int_equal(open_place("missing/x", "w", &file), ENOENT);
    assert_int_equal(sl_place_open("/", "r", &file), EINVAL);
    assert_int_equal(stat("out/secret", &found), 0);
    assert_int_equal(found.st_size, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_places, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(refuses_what_leads_nowhere, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(opens_files, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(follows_no_link, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(opens_nothing_else, make_tree, remove_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
