/* SPDX-License-Identifier: MIT
 * The Lua sources inside the program, and how `require` finds them. */
#ifndef SL_HOST_EMBED_H
#define SL_HOST_EMBED_H

struct lua_State;

struct sl_embedded {
    const char *module; /* name in `require` */
    const char *chunk;  /* name in error messages: "@" and the path in the source tree */
    const unsigned char *packed; /* its text, by zlib */
    const unsigned long *packed_size, *size;
    const unsigned char *code; /* the same, compiled by the Lua it was built with */
    const unsigned long *code_size;
};

/* All of them in the order of their names, ended by a row of zeros. Written by
 * core/cmake/EmbedLua.cmake. */
extern const struct sl_embedded sl_embedded[];
extern const unsigned long sl_embedded_count;

/* Lets `require` look among them, before it looks at any file.              [-0, +0, m]
 */
void sl_embed_open(struct lua_State *L);

/* (module) → its text, its place in the source tree | nothing               [-0, +2, v]
 */
int sl_embed_source(struct lua_State *L);

/* () → the names of all modules inside the program                          [-0, +1, m]
 */
int sl_embed_modules(struct lua_State *L);

/* Does the message begin with the place ("lua/sluice/….lua:12:") of one of them? */
int sl_embed_is_place(const char *message);

#endif
