/* SPDX-License-Identifier: MIT */
#include "engine/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_unreserved(unsigned char c) {
    return isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static bool is_link_safe(unsigned char c) {
    return c > ' ' && c < 127 && !strchr("\"#<>\\^`{|}", c);
}

static enum sl_code add_encoded(struct sl_buffer *out, const char *text, size_t len,
                                bool (*safe)(unsigned char), struct sl_error *err) {
    static const char hex[] = "0123456789ABCDEF";
    enum sl_code code = sl_buffer_reserve(out, len, err);
    for (size_t i = 0; code == SL_OK && i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        char escaped[] = {'%', hex[c >> 4], hex[c & 15]};
        bool plain = safe(c);
        code = sl_buffer_add(out, plain ? &text[i] : escaped, plain ? 1 : 3, err);
    }
    return code;
}

enum sl_code sl_url_encode(struct sl_buffer *out, const char *text, size_t len,
                           struct sl_error *err) {
    return add_encoded(out, text, len, is_unreserved, err);
}

enum sl_code sl_url_add_link(struct sl_buffer *out, const char *link, size_t len,
                             struct sl_error *err) {
    return add_encoded(out, link, len, is_link_safe, err);
}

static const char *host_of(const char *url) {
    const char *mark = strstr(url, "://");
    return mark && mark != url ? mark + 3 : NULL;
}

/* The length of "scheme://host:port" at the start of `url`, 0 when it has no such start.
 */
static size_t origin_len(const char *url) {
    const char *host = host_of(url);
    return host ? (size_t)(host - url) + strcspn(host, "/?#") : 0;
}

/* Is the host, up to its end or port, exactly `name`? */
static bool host_is(const char *host, const char *name) {
    size_t len = strlen(name);
    return strncasecmp(host, name, len) == 0 && strchr(":/?#", host[len]) != NULL;
}

/* An address below 127: "127.0.0.1.example.com" is none, and neither are "127.1" and
 * "127.0.0.256", which might be looked up as names. */
static bool host_is_127(const char *host) {
    char text[INET_ADDRSTRLEN] = "";
    struct in_addr address;
    size_t len = strcspn(host, ":/?#");
    if (len < sizeof text)
        memcpy(text, host, len);
    return inet_pton(AF_INET, text, &address) == 1 &&
           ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool sl_url_is_loopback(const char *url) {
    const char *host = host_of(url);
    return host &&
           (host_is(host, "localhost") || host_is(host, "[::1]") || host_is_127(host));
}

enum sl_code sl_url_check(const char *url, struct sl_error *err) {
    size_t origin = origin_len(url);
    if (memchr(url, '@', origin))
        return sl_error_set(
            err, SL_ERR_ARGUMENT,
            "a URL must not hold a user name or password before its host");
    if (strncasecmp(url, "https://", 8) == 0 && origin > 8)
        return SL_OK;
    if (strncasecmp(url, "http://", 7) == 0 && sl_url_is_loopback(url))
        return SL_OK;
    return sl_error_set(
        err, SL_ERR_ARGUMENT,
        "%.200s: expected an https:// URL (http:// is allowed to 127.0.0.1, "
        "localhost and [::1] only)",
        url);
}

void sl_url_hide_user(char *text) {
    const char *at = strrchr(text, '@'), *quote = strchr(text, '\'');
    if (!at)
        return;
    char *from = text + (quote && quote < at ? quote + 1 - text : 0);
    size_t scheme = strcspn(from, ":@/'");
    if (strncmp(from + scheme, "://", 3) == 0)
        from += scheme + 3;
    memmove(from, at + 1, strlen(at));
}
