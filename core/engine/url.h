/* SPDX-License-Identifier: MIT
 * The few things about URLs that safety rests on: what goes into them, and where they
 * lead. */
#ifndef SL_ENGINE_URL_H
#define SL_ENGINE_URL_H

#include "engine/buffer.h"

#include <stdbool.h>

#define SL_URL_MAX 65536

/* Appends `text` percent-encoded: all but the unreserved characters of RFC 3986 §2.3. */
SL_MUST_USE enum sl_code sl_url_encode(struct sl_buffer *out, const char *text,
                                       size_t len, struct sl_error *err);

/* Appends a link as a service gave it, encoding only what no request may hold
 * (blanks, quotes, control characters, bytes above 126, and `#`, behind which nothing
 * would be sent), so that its own escapes and `=` stay. */
SL_MUST_USE enum sl_code sl_url_add_link(struct sl_buffer *out, const char *link,
                                         size_t len, struct sl_error *err);

/* https anywhere, http only to 127.0.0.0/8, localhost and [::1], no user information. */
SL_MUST_USE enum sl_code sl_url_check(const char *url, struct sl_error *err);

/* Takes user name and password out of a text that quotes a URL, such as a proxy's:
 * 'http://user:word@host' becomes 'http://host'. */
void sl_url_hide_user(char *text);

/* Does `url` lead to this machine only? */
bool sl_url_is_loopback(const char *url);

#endif
