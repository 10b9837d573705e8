/* SPDX-License-Identifier: MIT */
#include "engine/policy.h"

#include "engine/policy_call.h"

#include <stdio.h>
#include <string.h>

/* ---- the policy
 * ----------------------------------------------------------------------------- */

static struct sl_policy of_process;
static bool is_sealed;

void sl_policy_init(struct sl_policy *policy) {
    *policy = (struct sl_policy){0};
}

void sl_policy_fini(struct sl_policy *policy) {
    for (int list = 0; list < SL_POLICY_LISTS; list++) {
        for (size_t i = 0; i < policy->lists[list].count; i++)
            sl_memory_free(policy->lists[list].all[i]);
        sl_memory_free(policy->lists[list].all);
    }
    sl_policy_init(policy);
}

enum sl_code sl_policy_add(struct sl_policy *policy, enum sl_policy_list list,
                           const char *word, struct sl_error *err) {
    struct sl_policy_words *words = &policy->lists[list];
    char **all = sl_memory_resize(words->all, (words->count + 1) * sizeof *all);
    if (!all)
        return sl_error_memory(err);
    words->all = all;
    all[words->count] = sl_memory_dup(word, strlen(word));
    if (!all[words->count])
        return sl_error_memory(err);
    words->count++;
    return SL_OK;
}

static const struct operation {
    const char *name;
    unsigned bit;
} operations[] = {
    {"read", SL_POLICY_DOES_READ},
    {"create", SL_POLICY_DOES_CREATE},
    {"update", SL_POLICY_DOES_UPDATE},
    {"delete", SL_POLICY_DOES_DELETE},
    {NULL, 0},
};

unsigned sl_policy_operation(const char *name) {
    const struct operation *at = operations;
    while (at->name && strcmp(at->name, name) != 0)
        at++;
    return at->bit;
}

bool sl_policy_seal(struct sl_policy *policy) {
    if (is_sealed)
        return false;
    of_process = *policy;
    sl_policy_init(policy);
    is_sealed = true;
    return true;
}

const struct sl_policy *sl_policy_sealed(void) {
    return is_sealed ? &of_process : NULL;
}

/* ---- words
 * ---------------------------------------------------------------------------------- */

struct text {
    char bytes[200];
    size_t len;
};

/* Appends a word; what is too long is cut. */
static void add(struct text *text, const char *word) {
    const char *between = text->len ? ", " : "";
    int len = snprintf(text->bytes + text->len, sizeof text->bytes - text->len, "%s%s",
                       between, word);
    text->len += len > 0 ? (size_t)len : 0;
    if (text->len >= sizeof text->bytes)
        text->len = sizeof text->bytes - 1;
}

static struct text words_of(const struct sl_policy_words *words) {
    struct text text = {0};
    for (size_t i = 0; i < words->count; i++)
        add(&text, words->all[i]);
    if (words->count == 0)
        add(&text, "none");
    return text;
}

static struct text operations_of(unsigned bits) {
    struct text text = {0};
    for (const struct operation *at = operations; at->name; at++)
        if (bits & at->bit)
            add(&text, at->name);
    if (!bits)
        add(&text, "none");
    return text;
}

static enum sl_policy_part refuse(enum sl_policy_part part, const char *what,
                                  const char *shown, const struct text *allowed,
                                  struct sl_error *err) {
    sl_error_set(err, SL_ERR_PERMISSION, "not permitted: %s %.200s; permitted: %s", what,
                 shown, allowed->bytes);
    return part;
}

/* ---- calls
 * ---------------------------------------------------------------------------------- */

static bool is_host_allowed(const struct sl_policy *policy, const struct sl_origin *to) {
    const struct sl_policy_words *hosts = &policy->lists[SL_POLICY_HOSTS];
    for (size_t i = 0; i < hosts->count; i++)
        if (sl_origin_matches(to, hosts->all[i]))
            return true;
    return false;
}

static enum sl_policy_part ask_host(const struct sl_policy *policy,
                                    const struct sl_policy_call *call,
                                    struct sl_error *err) {
    struct sl_origin to;
    bool known = sl_origin_of(call->url, &to);
    if (known && is_host_allowed(policy, &to) && !sl_call_header(call->headers, "host"))
        return SL_POLICY_ALLOWED;
    struct text allowed = words_of(&policy->lists[SL_POLICY_HOSTS]), shown = {0};
    add(&shown, known ? to.shown : "that cannot be told from the URL");
    return refuse(SL_POLICY_BY_HOSTS, "the host", shown.bytes, &allowed, err);
}

static enum sl_policy_part ask_operation(const struct sl_policy *policy,
                                         const struct sl_policy_call *call,
                                         struct sl_error *err) {
    unsigned does = sl_call_is_disguised(call->headers)
                        ? SL_POLICY_DOES_ANYTHING
                        : sl_policy_does(call->method, call->url);
    if ((does & ~policy->operations) == 0)
        return SL_POLICY_ALLOWED;
    struct text allowed = operations_of(policy->operations);
    struct text shown = operations_of(does & ~policy->operations);
    return refuse(SL_POLICY_BY_OPERATIONS, "the operation", shown.bytes, &allowed, err);
}

/* The service takes a request without a sandbox as one for its default, so it has to say.
 * The ID of a sandbox may be any one's. */
static enum sl_policy_part ask_sandbox(const struct sl_policy *policy,
                                       const struct sl_policy_call *call,
                                       struct sl_error *err) {
    const struct sl_policy_words *names = &policy->lists[SL_POLICY_SANDBOXES];
    const char *name = sl_call_header(call->headers, "x-sandbox-name");
    bool by_id = sl_call_header(call->headers, "x-sandbox-id") != NULL;
    bool by_path = sl_call_manages_sandboxes(call->method, call->url);
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->all[i], "*") == 0 ||
            (name && !by_id && !by_path && strcmp(names->all[i], name) == 0))
            return SL_POLICY_ALLOWED;
    struct text allowed = words_of(names);
    const char *shown = by_id     ? "that x-sandbox-id names"
                        : by_path ? "that the path names"
                        : name    ? name
                                  : "not named";
    return refuse(SL_POLICY_BY_SANDBOXES, "the sandbox", shown, &allowed, err);
}

enum sl_policy_part sl_policy_ask_call(const struct sl_policy *policy,
                                       const struct sl_policy_call *call,
                                       struct sl_error *err) {
    enum sl_policy_part part = ask_host(policy, call, err);
    if (part == SL_POLICY_ALLOWED)
        part = ask_operation(policy, call, err);
    if (part == SL_POLICY_ALLOWED && sl_policy_does(call->method, call->url) != 0)
        part = ask_sandbox(policy, call, err);
    return part;
}

/* ---- files and programs
 * --------------------------------------------------------------------- */

static bool is_within(const char *place, const char *root) {
    size_t len = strlen(root);
    if (len == 1 && *root == '/')
        return *place == '/';
    return strncmp(place, root, len) == 0 && (place[len] == '/' || place[len] == '\0');
}

static bool is_in_list(const struct sl_policy_words *roots, const char *place) {
    for (size_t i = 0; i < roots->count; i++)
        if (is_within(place, roots->all[i]))
            return true;
    return false;
}

enum sl_policy_part sl_policy_ask_place(const struct sl_policy *policy,
                                        enum sl_policy_list use, bool own,
                                        const char *place, const char *shown,
                                        struct sl_error *err) {
    bool reads = use == SL_POLICY_READ;
    bool never = (reads || !own) && is_in_list(&policy->lists[SL_POLICY_NEVER], place);
    enum sl_policy_list own_list = reads ? SL_POLICY_OWN_READ : SL_POLICY_OWN_WRITE;
    if (!never && (is_in_list(&policy->lists[use], place) ||
                   (own && is_in_list(&policy->lists[own_list], place))))
        return SL_POLICY_ALLOWED;
    struct text allowed = words_of(&policy->lists[use]);
    if (never)
        add(&allowed, "but never what Sluice keeps for itself");
    return refuse(reads ? SL_POLICY_BY_READ : SL_POLICY_BY_WRITE,
                  reads ? "reading" : "writing", shown, &allowed, err);
}

enum sl_policy_part sl_policy_ask_command(const struct sl_policy *policy,
                                          const char *shown, struct sl_error *err) {
    struct text allowed = {.bytes = "none"};
    if (policy->commands)
        return SL_POLICY_ALLOWED;
    return refuse(SL_POLICY_BY_COMMANDS, "running a program,", shown, &allowed, err);
}
