/* SPDX-License-Identifier: MIT */
#include "engine/buffer.h"

#include <stdint.h>
#include <string.h>

#define FIRST_ROOM 256

void sl_buffer_init(struct sl_buffer *buffer, const char *name, size_t max) {
    *buffer = (struct sl_buffer){.name = name, .max = max};
}

void sl_buffer_fini(struct sl_buffer *buffer) {
    if (buffer->secret)
        sl_memory_wipe(buffer->data, buffer->len);
    sl_memory_free(buffer->data);
    buffer->data = NULL;
    buffer->len = buffer->room = 0;
}

static size_t next_room(const struct sl_buffer *buffer, size_t needed) {
    size_t room = buffer->room ? buffer->room : FIRST_ROOM;
    while (room < needed && room <= SIZE_MAX / 2)
        room *= 2;
    return room < needed ? needed : room;
}

/* realloc would leave the old bytes somewhere. */
static char *move_secret(struct sl_buffer *buffer, size_t room) {
    char *data = sl_memory_new(room);
    if (data && buffer->len)
        memcpy(data, buffer->data, buffer->len);
    if (data) {
        sl_memory_wipe(buffer->data, buffer->len);
        sl_memory_free(buffer->data);
    }
    return data;
}

enum sl_code sl_buffer_reserve(struct sl_buffer *buffer, size_t more,
                               struct sl_error *err) {
    if (more > buffer->max - buffer->len || more > SIZE_MAX - 1 - buffer->len)
        return sl_error_set(err, SL_ERR_LIMIT, "%s is larger than its limit of %zu bytes",
                            buffer->name, buffer->max);
    size_t needed = buffer->len + more + 1;
    if (needed <= buffer->room)
        return SL_OK;
    size_t room = next_room(buffer, needed);
    char *data =
        buffer->secret ? move_secret(buffer, room) : sl_memory_resize(buffer->data, room);
    if (!data)
        return sl_error_memory(err);
    buffer->data = data;
    buffer->room = room;
    return SL_OK;
}

enum sl_code sl_buffer_add(struct sl_buffer *buffer, const char *bytes, size_t len,
                           struct sl_error *err) {
    enum sl_code code = sl_buffer_reserve(buffer, len, err);
    if (code != SL_OK)
        return code;
    if (len)
        memcpy(buffer->data + buffer->len, bytes, len);
    buffer->len += len;
    buffer->data[buffer->len] = '\0';
    return SL_OK;
}

enum sl_code sl_buffer_add_text(struct sl_buffer *buffer, const char *text,
                                struct sl_error *err) {
    return sl_buffer_add(buffer, text, strlen(text), err);
}
