/* SPDX-License-Identifier: MIT */
#include "engine/archive_form.h"

#include <string.h>

#define LOCAL ((size_t)30) /* bytes of a member's own header without its name */
#define END_SIGNATURE 0x06054b50u
#define DIRECTORY_SIGNATURE 0x02014b50u
#define LOCAL_SIGNATURE 0x04034b50u
#define MADE_BY 0x033fu /* Unix, version 6.3 of the format's description */
#define NEEDED 10u      /* version 1.0: stored */
#define UTF8 0x0800u
#define ENCRYPTED 0x0001u
#define ALL_ONES 0xffffffffu /* zip64 says the number elsewhere */
#define LINK 0xau            /* the kind of file in the highest four bits of attributes */
#define PLAIN 0x8u
#define MISPLACED "is damaged: its first member is not where its directory says"

static uint32_t number(const char *bytes, size_t width) {
    uint32_t value = 0;
    while (width-- > 0)
        value = value << 8 | (unsigned char)bytes[width];
    return value;
}

static void put(char *bytes, size_t width, uint32_t value) {
    for (; width-- > 0; value >>= 8)
        *bytes++ = (char)(value & 0xff);
}

/* ---- the end ----------------------------------------------------------------------- */

bool sl_form_is_end(const char record[SL_FORM_END]) {
    return number(record, 4) == END_SIGNATURE && number(record + 20, 2) == 0;
}

static enum sl_code refuse(struct sl_error *err, const char *what) {
    return sl_error_set(err, SL_ERR_ARGUMENT, "%s", what);
}

enum sl_code sl_form_read_end(const char record[SL_FORM_END], uint64_t size,
                              struct sl_form_end *end, struct sl_error *err) {
    uint32_t count = number(record + 10, 2), bytes = number(record + 12, 4);
    if (!sl_form_is_end(record))
        return refuse(err, "is cut off, or has further bytes or a comment at its end");
    if (count == 0xffff || bytes == ALL_ONES || number(record + 16, 4) == ALL_ONES)
        return refuse(err, "is a zip64 archive, which no bundle is");
    if (number(record + 4, 4) != 0 || number(record + 8, 2) != count)
        return refuse(err, "is one part of several");
    if (count == 0)
        return refuse(err, "is empty");
    if (count > SL_ARCHIVE_MEMBERS_MAX)
        return sl_error_set(err, SL_ERR_LIMIT, "has %u members, at most %d are allowed",
                            (unsigned)count, SL_ARCHIVE_MEMBERS_MAX);
    *end = (struct sl_form_end){.count = count, .directory = number(record + 16, 4)};
    if (end->directory + bytes + SL_FORM_END != size || bytes < SL_FORM_HEADER)
        return refuse(err, "is damaged: its directory is not where its end says");
    return SL_OK;
}

enum sl_code sl_form_read_front(const char header[SL_FORM_HEADER], uint64_t size,
                                uint64_t *front, struct sl_error *err) {
    *front = number(header + 42, 4);
    if (*front > SL_ARCHIVE_FRONT_MAX || *front + SL_FORM_HEADER + SL_FORM_END > size)
        return refuse(err, MISPLACED);
    if (size - *front > SL_ARCHIVE_MAX)
        return sl_error_set(err, SL_ERR_LIMIT, "has %llu bytes, at most %llu are allowed",
                            (unsigned long long)(size - *front),
                            (unsigned long long)SL_ARCHIVE_MAX);
    return SL_OK;
}

void sl_form_show(char shown[SL_FORM_SHOWN], const char *name, size_t len) {
    size_t i = 0;
    for (; i < len && i < SL_FORM_SHOWN - 1; i++) {
        shown[i] = name[i];
        if ((unsigned char)name[i] < ' ' || name[i] == '\x7f')
            shown[i] = '?';
    }
    shown[i] = '\0';
}

/* ---- one member -------------------------------------------------------------------- */

/* Where reading stands. */
struct walk {
    const char *bytes;
    size_t directory, end; /* where the directory and the record at the end begin */
    size_t header;         /* the next header of the directory … */
    size_t local;          /* … and of a member */
    uint64_t front;
    const struct sl_member *last;
    struct sl_error *err;
};

static enum sl_code blame_as(const struct walk *walk, enum sl_code code,
                             const char *what) {
    const char *header = walk->bytes + walk->header;
    char name[SL_FORM_SHOWN];
    sl_form_show(name, header + SL_FORM_HEADER, number(header + 28, 2));
    return sl_error_set(walk->err, code, "the member %s %s", name, what);
}

static enum sl_code blame(const struct walk *walk, const char *what) {
    return blame_as(walk, SL_ERR_ARGUMENT, what);
}

/* Fields whose values say why a member has no place here. */
static const char *reason(const char *header) {
    uint32_t kind = number(header + 38, 4) >> 28, packed = number(header + 20, 4);
    if (number(header + 8, 2) & ENCRYPTED)
        return "is encrypted; expected one that anybody can read";
    if (packed == ALL_ONES || number(header + 24, 4) == ALL_ONES)
        return "has its size elsewhere (zip64), which no member of a bundle has";
    if (number(header + 10, 2) != 0)
        return "is compressed; expected one that is stored as it is";
    if (kind == LINK)
        return "is a symbolic link; expected a file";
    if (kind != PLAIN)
        return "is no plain file";
    if (packed != number(header + 24, 4))
        return "has two sizes";
    if (memchr(header + SL_FORM_HEADER, '\0', number(header + 28, 2)))
        return "has a NUL in its name";
    return number(header + 28, 2) == 0 ? "has no name" : NULL;
}

static bool is_ascii(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (text[i] & 0x80)
            return false;
    return true;
}

/* The fields of a directory header that are the same in every one. */
static const struct {
    unsigned char at, width;
    uint32_t value;
} fixed[] = {
    {0, 4, DIRECTORY_SIGNATURE},
    {4, 2, MADE_BY},
    {6, 2, NEEDED},
    {12, 2, 0},
    {14, 2, SL_FORM_DATE},
    {30, 2, 0},
    {32, 2, 0},
    {34, 2, 0},
    {36, 2, 0},
    {38, 4, SL_FORM_MODE},
};

static bool is_settled(const char *header) {
    const char *name = header + SL_FORM_HEADER;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (number(header + fixed[i].at, fixed[i].width) != fixed[i].value)
            return false;
    return number(header + 8, 2) == (is_ascii(name, number(header + 28, 2)) ? 0 : UTF8);
}

static int compare(const struct sl_member *a, const struct sl_member *b) {
    size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
    int order = memcmp(a->name, b->name, len);
    return order ? order : (a->name_len > b->name_len) - (a->name_len < b->name_len);
}

/* The member's own header says what the directory says, and stands where it should. */
static enum sl_code check_local(const struct walk *walk, const char *header,
                                const struct sl_member *member) {
    const char *local = walk->bytes + walk->local;
    size_t room = walk->directory - walk->local, own = LOCAL + member->name_len;
    if (number(header + 42, 4) != walk->front + walk->local)
        return blame(walk, "does not stand right behind the one before it");
    if (room < own || member->len > room - own)
        return blame(walk, "reaches beyond the place of members");
    if (number(local, 4) != LOCAL_SIGNATURE || memcmp(local + 4, header + 6, 26) != 0 ||
        memcmp(local + LOCAL, member->name, member->name_len) != 0)
        return blame(walk, "is damaged: its own header is not as the directory says");
    return SL_OK;
}

static enum sl_code check_header(const struct walk *walk, const char *header,
                                 const struct sl_member *member) {
    const char *why = reason(header);
    if (why)
        return blame(walk, why);
    if (member->len > SL_ARCHIVE_MEMBER_MAX)
        return blame_as(walk, SL_ERR_LIMIT, "has more than 16 MiB");
    if (!is_settled(header))
        return blame(walk, "is damaged, or written by another program");
    if (walk->last && compare(walk->last, member) == 0)
        return blame(walk, "is there twice");
    if (walk->last && compare(walk->last, member) > 0)
        return blame(walk, "stands out of order");
    return check_local(walk, header, member);
}

/* Reads the next member and goes on behind it. */
static enum sl_code take(struct walk *walk, struct sl_member *member) {
    const char *header = walk->bytes + walk->header;
    size_t room = walk->end - walk->header;
    if (room < SL_FORM_HEADER || number(header, 4) != DIRECTORY_SIGNATURE ||
        room - SL_FORM_HEADER < number(header + 28, 2))
        return refuse(walk->err, "is damaged: its directory ends too early");
    *member = (struct sl_member){.name = header + SL_FORM_HEADER,
                                 .name_len = number(header + 28, 2),
                                 .len = number(header + 24, 4)};
    if (member->name_len > SL_ARCHIVE_NAME_MAX)
        return sl_error_set(walk->err, SL_ERR_LIMIT,
                            "has a member whose name has %zu bytes, at most %d are "
                            "allowed",
                            member->name_len, SL_ARCHIVE_NAME_MAX);
    enum sl_code code = check_header(walk, header, member);
    if (code != SL_OK)
        return code;
    member->bytes = walk->bytes + walk->local + LOCAL + member->name_len;
    walk->header += SL_FORM_HEADER + member->name_len;
    walk->local += LOCAL + member->name_len + member->len;
    walk->last = member;
    return SL_OK;
}

/* ---- all of them ------------------------------------------------------------------- */

static enum sl_code check_members(struct walk *walk, struct sl_archive *archive) {
    enum sl_code code = SL_OK;
    for (size_t i = 0; code == SL_OK && i < archive->count; i++)
        code = take(walk, &archive->members[i]);
    if (code != SL_OK)
        return code;
    if (walk->header != walk->end)
        return refuse(walk->err, "has bytes behind its directory");
    if (walk->local != walk->directory)
        return refuse(walk->err, "has bytes between its members and its directory");
    return SL_OK;
}

enum sl_code sl_form_check(struct sl_archive *archive, struct sl_error *err) {
    size_t len = archive->bytes.len;
    struct sl_form_end end = {0};
    enum sl_code code = sl_form_read_end(archive->bytes.data + len - SL_FORM_END,
                                         archive->front + len, &end, err);
    if (code == SL_OK && end.directory < archive->front)
        code = refuse(err, MISPLACED);
    if (code != SL_OK)
        return code;
    struct walk walk = {.bytes = archive->bytes.data,
                        .directory = (size_t)(end.directory - archive->front),
                        .end = len - SL_FORM_END,
                        .header = (size_t)(end.directory - archive->front),
                        .front = archive->front,
                        .err = err};
    archive->count = end.count;
    archive->members = sl_memory_new(end.count * sizeof *archive->members);
    return archive->members ? check_members(&walk, archive) : sl_error_memory(err);
}

void sl_form_settle(char *bytes, size_t len, size_t count, uint64_t from, uint64_t to) {
    char *record = bytes + len - SL_FORM_END;
    char *header = bytes + (number(record + 16, 4) - from);
    put(record + 16, 4, (uint32_t)(number(record + 16, 4) - from + to));
    for (; count-- > 0; header += SL_FORM_HEADER + number(header + 28, 2)) {
        uint64_t offset = number(header + 42, 4) - from;
        bool plain = is_ascii(header + SL_FORM_HEADER, number(header + 28, 2));
        put(header + 4, 2, MADE_BY);
        put(header + 6, 2, NEEDED);
        put(header + 8, 2, plain ? 0 : UTF8);
        memcpy(bytes + offset + 4, header + 6, 4);
        put(header + 42, 4, (uint32_t)(offset + to));
    }
}
