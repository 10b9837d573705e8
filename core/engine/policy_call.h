/* SPDX-License-Identifier: MIT
 * What a policy has to know of a request: where it goes, and what its headers say. */
#ifndef SL_ENGINE_POLICY_CALL_H
#define SL_ENGINE_POLICY_CALL_H

#include <stdbool.h>
#include <stddef.h>

#define SL_ORIGIN_MAX 262 /* a name of 253 bytes, a colon and a port */

struct sl_origin {
    char shown[SL_ORIGIN_MAX]; /* host:port, in lower case, brackets kept */
    size_t host_len;
    bool usual_port; /* it is the one of the scheme */
};

/* The origin of a URL; false when it cannot be told beyond doubt. */
bool sl_origin_of(const char *url, struct sl_origin *origin);

/* Does the origin match "name", "*.name", "name:port" or "*.name:port"? */
bool sl_origin_matches(const struct sl_origin *origin, const char *pattern);

/* The value of a header, its name in lower case; NULL when it is not among the lines. */
const char *sl_call_header(const char *const *lines, const char *name);

/* May the call write to sandboxes that its path names? */
bool sl_call_manages_sandboxes(const char *method, const char *url);

/* Does the header of that name, in whatever case, say whose the call is? */
bool sl_call_is_identity(const char *name);

/* Does one of the lines make something else of a request than its method and its URL say?
 */
bool sl_call_is_disguised(const char *const *lines);

#endif
