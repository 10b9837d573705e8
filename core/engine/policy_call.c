/* SPDX-License-Identifier: MIT
 * Of requests: their origin, their headers, and what they do. */
#include "engine/policy_call.h"

#include "engine/policy.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MAX_PORT 65535UL

/* ---- origins
 * -------------------------------------------------------------------------------- */

/* The length of the host at `text`, 0 for what is none: letters, digits, dots and
 * hyphens, or an address in brackets. */
static size_t host_len(const char *text) {
    static const char in_name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-";
    if (*text != '[')
        return strspn(text, in_name);
    size_t len = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
    return text[len] == ']' ? len + 1 : 0;
}

/* Reads the port at `text`, 0 for what is none, and moves behind it. */
static unsigned long port_of(const char **text) {
    unsigned long port = 0;
    size_t len = strspn(*text, "0123456789");
    for (size_t i = 0; i < len && port <= MAX_PORT; i++)
        port = port * 10 + (unsigned long)((*text)[i] - '0');
    *text += len;
    return port <= MAX_PORT ? port : 0;
}

static const char *after_scheme(const char *url, unsigned long *usual_port) {
    static const struct {
        const char *text;
        size_t len;
        unsigned long port;
    } schemes[] = {{"https://", 8, 443}, {"http://", 7, 80}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(url, schemes[i].text, schemes[i].len) == 0) {
            *usual_port = schemes[i].port;
            return url + schemes[i].len;
        }
    return NULL;
}

bool sl_origin_of(const char *url, struct sl_origin *origin) {
    unsigned long usual, port;
    const char *host = after_scheme(url, &usual);
    size_t len = host ? host_len(host) : 0;
    if (len == 0 || len > SL_ORIGIN_MAX - sizeof ":65535")
        return false;
    const char *rest = host + len;
    port = usual;
    if (*rest == ':') {
        rest++;
        port = port_of(&rest);
    }
    if (port == 0 || (*rest && !strchr("/?#", *rest)))
        return false;
    for (size_t i = 0; i < len; i++)
        origin->shown[i] = (char)tolower((unsigned char)host[i]);
    snprintf(origin->shown + len, sizeof origin->shown - len, ":%lu", port);
    origin->host_len = len;
    origin->usual_port = port == usual;
    return true;
}

/* The length of a pattern's part for the host. */
static size_t pattern_len(const char *pattern) {
    const char *bracket = strchr(pattern, ']');
    const char *colon = strchr(bracket ? bracket : pattern, ':');
    return colon ? (size_t)(colon - pattern) : strlen(pattern);
}

bool sl_origin_matches(const struct sl_origin *origin, const char *pattern) {
    size_t len = pattern_len(pattern);
    const char *port = pattern + len;
    if (*port ? strcmp(port, origin->shown + origin->host_len) != 0 : !origin->usual_port)
        return false;
    if (strncmp(pattern, "*.", 2) != 0)
        return len == origin->host_len && strncasecmp(pattern, origin->shown, len) == 0;
    size_t end = len - 1; /* ".name" */
    return end > 1 && origin->host_len > end &&
           strncasecmp(pattern + 1, origin->shown + origin->host_len - end, end) == 0;
}

/* ---- headers
 * -------------------------------------------------------------------------------- */

const char *sl_call_header(const char *const *lines, const char *name) {
    size_t len = strlen(name);
    for (; lines && *lines; lines++)
        if (strncasecmp(*lines, name, len) == 0 && strchr(":;", (*lines)[len])) {
            const char *value = *lines + len + ((*lines)[len] != '\0');
            return value + strspn(value, " ");
        }
    return NULL;
}

bool sl_call_is_identity(const char *name) {
    static const char *const names[] = {"authorization", "x-api-key", "x-gw-ims-org-id",
                                        "x-user-token", NULL};
    const char *const *at = names;
    while (*at && strcasecmp(name, *at) != 0)
        at++;
    return *at != NULL;
}

bool sl_call_is_disguised(const char *const *lines) {
    static const char *const names[] = {"x-http-method-override", "x-http-method",
                                        "x-method-override",      "x-original-method",
                                        "x-original-url",         "x-rewrite-url",
                                        "x-original-uri",         "x-forwarded-uri",
                                        "x-forwarded-prefix",     NULL};
    const char *const *at = names;
    while (*at && !sl_call_header(lines, *at))
        at++;
    return *at != NULL;
}

/* ---- what a call does
 * ----------------------------------------------------------------------- */

#define FLOW_SERVICE "/data/foundation/flowservice"

/* The writes that are known, and the POSTs that only read: flow-service-api.md §3, §7,
 * §16, activation.md §4 and §8, destinations.md. `*` is one segment. An export that is
 * started is a new run of something that stays as it is; new credentials take the place
 * of those there were. */
static const struct known_call {
    const char *method;
    const char *path;
    const char *query; /* NULL: any */
    unsigned does;
} known_calls[] = {
    {"PATCH", FLOW_SERVICE "/*/*", NULL, SL_POLICY_DOES_UPDATE},
    {"DELETE", FLOW_SERVICE "/*/*", NULL, SL_POLICY_DOES_DELETE},
    {"POST", "/ims/token/v3", NULL, 0},
    {"POST", "/data/foundation/access-control/acl/effective-policies", NULL,
     SL_POLICY_DOES_READ},
    {"POST", FLOW_SERVICE "/connections/search", NULL, SL_POLICY_DOES_READ},
    {"POST", FLOW_SERVICE "/flows/search", NULL, SL_POLICY_DOES_READ},
    {"POST", FLOW_SERVICE "/flowSpecs/search", NULL, SL_POLICY_DOES_READ},
    {"POST", FLOW_SERVICE "/connections", NULL, SL_POLICY_DOES_CREATE},
    {"POST", FLOW_SERVICE "/sourceConnections", NULL, SL_POLICY_DOES_CREATE},
    {"POST", FLOW_SERVICE "/targetConnections", NULL, SL_POLICY_DOES_CREATE},
    {"POST", FLOW_SERVICE "/flows", NULL, SL_POLICY_DOES_CREATE},
    {"POST", FLOW_SERVICE "/runs", NULL, SL_POLICY_DOES_CREATE},
    {"POST", FLOW_SERVICE "/*/*/action", "op=enable", SL_POLICY_DOES_UPDATE},
    {"POST", FLOW_SERVICE "/*/*/action", "op=disable", SL_POLICY_DOES_UPDATE},
    {"POST", "/data/foundation/conversion/schemas", NULL, SL_POLICY_DOES_CREATE},
    {"POST", "/data/foundation/conversion/mappingSets", NULL, SL_POLICY_DOES_CREATE},
    {"POST", "/data/core/activation/disflowprovider/adhocrun", NULL,
     SL_POLICY_DOES_CREATE},
    {"POST", "/data/foundation/connectors/landingzone/credentials", NULL,
     SL_POLICY_DOES_UPDATE},
};

/* Segments that a server, or libcurl, may take as something else than they show. */
static bool is_straight(const char *path, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (strchr("%\\;", path[i]) ||
            (path[i] == '/' && i + 1 < len && strchr("/.", path[i + 1])))
            return false;
    return true;
}

/* Is the path all of the pattern? */
static bool is_path(const char *path, size_t len, const char *pattern) {
    size_t i = 0;
    for (; *pattern; pattern++) {
        if (*pattern != '*' && (i >= len || path[i++] != *pattern))
            return false;
        size_t from = i;
        while (*pattern == '*' && i < len && path[i] != '/')
            i++;
        if (*pattern == '*' && i == from)
            return false;
    }
    return i == len;
}

static bool is_query(const char *query, size_t len, const char *expected) {
    return !expected || (len == strlen(expected) && strncmp(query, expected, len) == 0);
}

/* The path of a URL, and its length. */
static const char *path_of(const char *url, size_t *len) {
    unsigned long port;
    const char *host = after_scheme(url, &port);
    const char *path = host ? host + strcspn(host, "/?#") : "";
    *len = strcspn(path, "?#");
    return path;
}

unsigned sl_policy_does(const char *method, const char *url) {
    static const char *const reads[] = {"GET", "HEAD", "OPTIONS", NULL};
    for (const char *const *read = reads; *read; read++)
        if (strcmp(method, *read) == 0)
            return SL_POLICY_DOES_READ;
    size_t len;
    const char *path = path_of(url, &len), *query = path + len + (path[len] == '?');
    size_t query_len = strcspn(query, "#");
    for (size_t i = 0; i < sizeof known_calls / sizeof *known_calls; i++)
        if (strcmp(method, known_calls[i].method) == 0 &&
            is_path(path, len, known_calls[i].path) &&
            is_query(query, query_len, known_calls[i].query) && is_straight(path, len))
            return known_calls[i].does;
    return SL_POLICY_DOES_ANYTHING;
}

/* Its paths name sandboxes, whatever the header says. */
bool sl_call_manages_sandboxes(const char *method, const char *url) {
    static const char administration[] = "/data/foundation/sandbox-management";
    size_t len;
    const char *path = path_of(url, &len);
    return sl_policy_does(method, url) == SL_POLICY_DOES_ANYTHING &&
           (!is_straight(path, len) ||
            strncmp(path, administration, sizeof administration - 1) == 0);
}
