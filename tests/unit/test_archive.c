/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/archive.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct sl_member members[] = {
    {"a.lua", 5, "hello", 5},
    {"b", 1, "", 0},
    {"lib/\xc3\xbc.lua", 10, "x\0y", 3},
};
#define COUNT (sizeof members / sizeof *members)
#define FIRST 30u /* the header of the first member, before its name */

static struct sl_buffer made;
static struct sl_archive archive;
static struct sl_error err;

static int begin(void **state) {
    (void)state;
    err = (struct sl_error){0};
    archive = (struct sl_archive){0};
    sl_buffer_init(&made, "made", SL_ARCHIVE_MAX + 1);
    return sl_archive_write(members, COUNT, 0, &made, &err) == SL_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    sl_memory_fail_after(-1);
    sl_buffer_fini(&made);
    sl_archive_fini(&archive);
    return 0;
}

static void check_members(void) {
    assert_int_equal(archive.count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct sl_member *member = &archive.members[i];
        assert_int_equal(member->name_len, members[i].name_len);
        assert_memory_equal(member->name, members[i].name, member->name_len);
        assert_int_equal(member->len, members[i].len);
        assert_memory_equal(member->bytes, members[i].bytes, member->len);
    }
}

static void gives_back_what_was_written(void **state) {
    (void)state;
    assert_int_equal(sl_archive_parse(made.data, made.len, &archive, &err), SL_OK);
    assert_int_equal(archive.front, 0);
    check_members();
}

static void writes_the_same_bytes_each_time(void **state) {
    (void)state;
    struct sl_buffer again;
    sl_buffer_init(&again, "again", SL_ARCHIVE_MAX);
    assert_int_equal(sl_archive_write(members, COUNT, 0, &again, &err), SL_OK);
    assert_int_equal(again.len, made.len);
    assert_memory_equal(again.data, made.data, made.len);
    sl_buffer_fini(&again);
}

static void stands_behind_a_program(void **state) {
    (void)state;
    char *program = calloc(1, 1000 + made.len);
    struct sl_buffer behind;
    sl_buffer_init(&behind, "behind", SL_ARCHIVE_MAX);
    assert_int_equal(sl_archive_write(members, COUNT, 1000, &behind, &err), SL_OK);
    assert_int_equal(behind.len, made.len);
    memcpy(program + 1000, behind.data, behind.len);
    assert_int_equal(sl_archive_parse(program, 1000 + behind.len, &archive, &err), SL_OK);
    assert_int_equal(archive.front, 1000);
    check_members();
    sl_archive_fini(&archive);
    /* offsets are those of the whole file: less, or more, before it is refused */
    assert_int_equal(sl_archive_parse(program + 1, 999 + behind.len, &archive, &err),
                     SL_ERR_ARGUMENT);
    memcpy(program + 999, made.data, made.len);
    assert_int_equal(sl_archive_parse(program, 999 + made.len, &archive, &err),
                     SL_ERR_ARGUMENT);
    sl_buffer_fini(&behind);
    free(program);
}

static void refuses_any_changed_bit(void **state) {
    (void)state;
    for (size_t i = 0; i < made.len * 8; i++) {
        made.data[i / 8] ^= (char)(1 << i % 8);
        err = (struct sl_error){0};
        enum sl_code code = sl_archive_parse(made.data, made.len, &archive, &err);
        if (code == SL_OK)
            fail_msg("bit %zu of byte %zu may be changed", i % 8, i / 8);
        assert_true(code == SL_ERR_ARGUMENT || code == SL_ERR_LIMIT);
        assert_null(archive.members);
        made.data[i / 8] ^= (char)(1 << i % 8);
    }
}

static void refuses_any_other_length(void **state) {
    (void)state;
    for (size_t len = 0; len < made.len; len++) {
        char *part = malloc(len ? len : 1); /* reading past its end would show */
        memcpy(part, made.data, len);
        assert_int_not_equal(sl_archive_parse(part, len, &archive, &err), SL_OK);
        free(part);
    }
    assert_int_equal(sl_buffer_add(&made, "\n", 1, &err), SL_OK);
    err = (struct sl_error){0};
    assert_int_equal(sl_archive_parse(made.data, made.len, &archive, &err),
                     SL_ERR_ARGUMENT);
    assert_string_equal(err.text,
                        "is cut off, or has further bytes or a comment at its end");
}

static void names_the_damaged_member(void **state) {
    (void)state;
    made.data[FIRST + 5] ^= 1;
    assert_int_equal(sl_archive_parse(made.data, made.len, &archive, &err),
                     SL_ERR_ARGUMENT);
    assert_string_equal(
        err.text, "the member a.lua is damaged: its bytes are not those of its CRC");
}

static void keeps_to_its_limits(void **state) {
    (void)state;
    char *zeros = calloc(1, SL_ARCHIVE_MEMBER_MAX + 1), name[SL_ARCHIVE_NAME_MAX + 1];
    memset(name, 'n', sizeof name);
    struct sl_member one = {"a", 1, zeros, SL_ARCHIVE_MEMBER_MAX + 1};
    struct sl_member many[SL_ARCHIVE_MEMBERS_MAX + 1] = {{0}};
    const struct {
        struct sl_member member;
        enum sl_code code;
    } cases[] = {
        {{name, SL_ARCHIVE_NAME_MAX, "", 0}, SL_OK},
        {{name, SL_ARCHIVE_NAME_MAX + 1, "", 0}, SL_ERR_ARGUMENT},
        {{name, 0, "", 0}, SL_ERR_ARGUMENT},
        {{"a\0b", 3, "", 0}, SL_ERR_ARGUMENT},
        {{"a", 1, zeros, SL_ARCHIVE_MEMBER_MAX}, SL_OK},
        {one, SL_ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sl_buffer_fini(&made);
        assert_int_equal(sl_archive_write(&cases[i].member, 1, 0, &made, NULL),
                         cases[i].code);
    }
    assert_int_equal(sl_archive_write(many, 0, 0, &made, NULL), SL_ERR_LIMIT);
    assert_int_equal(sl_archive_write(many, SL_ARCHIVE_MEMBERS_MAX + 1, 0, &made, NULL),
                     SL_ERR_LIMIT);
    assert_int_equal(sl_archive_write(members, 1, SL_ARCHIVE_FRONT_MAX + 1, &made, NULL),
                     SL_ERR_LIMIT);
    many[0] = many[1] = many[2] = many[3] = many[4] = one;
    assert_int_equal(sl_archive_write(many, 5, 0, &made, NULL), SL_ERR_LIMIT);
    free(zeros);
}

static void wants_members_in_order(void **state) {
    (void)state;
    const struct sl_member other[] = {{"b", 1, "", 0}, {"a", 1, "", 0}};
    const struct sl_member longer[] = {{"aa", 2, "", 0}, {"a", 1, "", 0}};
    const struct sl_member twice[] = {{"a", 1, "", 0}, {"a", 1, "", 0}};
    const struct sl_member *cases[] = {other, longer, twice};
    for (size_t i = 0; i < 3; i++) {
        sl_buffer_fini(&made);
        assert_int_equal(sl_archive_write(cases[i], 2, 0, &made, NULL), SL_ERR_ARGUMENT);
    }
}

static void reads_files(void **state) {
    (void)state;
    char path[] = "/tmp/archive.XXXXXX";
    int file = mkstemp(path);
    assert_true(write(file, made.data, made.len) == (ssize_t)made.len);
    assert_true(sl_archive_is_behind(file));
    assert_int_equal(sl_archive_read(path, &archive, &err), SL_OK);
    check_members();
    assert_int_equal(ftruncate(file, (off_t)made.len - 1), 0);
    assert_false(sl_archive_is_behind(file));
    assert_int_equal(ftruncate(file, 3), 0);
    assert_false(sl_archive_is_behind(file));
    close(file);
    unlink(path);
    sl_archive_fini(&archive);
    assert_int_equal(sl_archive_read(path, &archive, &err), SL_ERR_SYSTEM);
    err = (struct sl_error){0};
    assert_int_equal(sl_archive_read("/dev/null", &archive, &err), SL_ERR_SYSTEM);
    assert_string_equal(err.text, "cannot be opened: it is no regular file");
}

static void survives_any_failed_allocation(void **state) {
    (void)state;
    enum sl_code code = SL_ERR_MEMORY;
    for (long n = 0; code != SL_OK; n++) {
        err = (struct sl_error){0};
        sl_memory_fail_after(n);
        code = sl_archive_parse(made.data, made.len, &archive, &err);
        sl_memory_fail_after(-1);
        assert_int_equal(err.code, code);
        assert_true(n < 100);
    }
    check_members();
    code = SL_ERR_MEMORY;
    for (long n = 0; code != SL_OK; n++) {
        err = (struct sl_error){0};
        sl_buffer_fini(&made);
        sl_memory_fail_after(n);
        code = sl_archive_write(members, COUNT, 0, &made, &err);
        sl_memory_fail_after(-1);
        assert_int_equal(err.code, code);
        assert_true(n < 100);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(gives_back_what_was_written),
        TEST(writes_the_same_bytes_each_time),
        TEST(stands_behind_a_program),
        TEST(refuses_any_changed_bit),
        TEST(refuses_any_other_length),
        TEST(names_the_damaged_member),
        TEST(keeps_to_its_limits),
        TEST(wants_members_in_order),
        TEST(reads_files),
        TEST(survives_any_failed_allocation),
    };
    return cmocka_run_group_tests_name("engine/archive", tests, NULL, NULL);
}
