/* SPDX-License-Identifier: MIT
 * chain WAY PLATFORM IMS CACERT NAME [COUNT AT_ONCE]: the set-up of a destination as a
 * plain libcurl program. WAY is
 *   sequential   one call after the other
 *   overlapped   what does not depend on each other at the same time, on curl's multi
 *   checked      the same with all calls that Sluice makes: it looks first what is there,
 *                and reads the connections back, too
 * COUNT set-ups are made, AT_ONCE at the same time (not with sequential). CACERT may be
 * empty. Nothing of an answer is looked at but its status, ID and etag. */
#include <curl/curl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT 8192
#define MAX_ANSWER 131072
#define MAX_CALLS 8 /* of one set-up at once */
#define SERVICE "/data/foundation/flowservice"
#define PROFILE_STORE "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
#define AMAZON_S3 "4890fc95-5a1f-4983-94bb-e060c08e3f81"
#define FLOW_SPEC "71471eba-b620-49e4-90fd-23f1fa0174d8"
#define VERSION "\",\"version\":\"1.0\"}"

struct id {
    char text[80];
};

struct setup;

struct call {
    struct setup *setup;
    CURL *easy;
    struct curl_slist *headers;
    struct id *id; /* where the answer's ID goes; NULL: nowhere */
    char body[MAX_TEXT];
    size_t len;
    char answer[MAX_ANSWER];
};

struct setup {
    char name[200];
    int stage;
    int open, ended; /* calls of the stage */
    struct id profile_store, account, source, target, flow, etag;
    struct call calls[MAX_CALLS]; /* the first one alone when sequential */
};

static const char *way, *platform, *ims, *cacert;
static struct curl_slist *common;
static CURLM *multi; /* NULL: sequential */

#define IS_CHECKED (strcmp(way, "checked") == 0)

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "chain: %s: %.300s\n", what, detail);
    exit(1);
}

/* ---- one call */

static size_t on_answer(char *bytes, size_t unit, size_t len, void *context) {
    struct call *call = context;
    if (call->len + unit * len >= sizeof call->answer)
        return 0;
    memcpy(call->answer + call->len, bytes, unit * len);
    call->len += unit * len;
    return unit * len;
}

/* Copies the text that follows the mark up to its quote, without what escapes quotes. */
static void read_text(const char *answer, const char *mark, char *out, size_t size) {
    const char *at = strstr(answer, mark);
    size_t len = 0;
    if (!at)
        fail(mark, answer);
    for (at += strlen(mark); *at && len + 1 < size; at++) {
        if (*at == '"' && at[-1] != '\\')
            break;
        if (*at != '\\' && *at != '"')
            out[len++] = *at;
    }
    out[len] = '\0';
}

static void take_answer(struct call *call, CURLcode result) {
    long status = 0;
    call->answer[call->len] = '\0';
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK)
        fail("libcurl", curl_easy_strerror(result));
    if (status < 200 || status > 299)
        fail("refused", call->answer);
    if (call->id)
        read_text(call->answer, "\"id\":\"", call->id->text, sizeof call->id->text);
    if (call->setup && call->id == &call->setup->flow)
        read_text(call->answer, "\"etag\":\"", call->setup->etag.text,
                  sizeof call->setup->etag.text);
    curl_slist_free_all(call->headers);
    call->headers = NULL;
}

/* A handle is used again and again, for its settings stay. */
static CURL *handle(struct call *call) {
    if (call->easy)
        return call->easy;
    call->easy = curl_easy_init();
    curl_easy_setopt(call->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(call->easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(call->easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
    if (*cacert)
        curl_easy_setopt(call->easy, CURLOPT_CAINFO, cacert);
    return call->easy;
}

static void perform(struct call *call) {
    take_answer(call, curl_easy_perform(call->easy));
}

static void set_body(struct call *call, const char *method) {
    curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method);
    if (*call->body)
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body);
    else
        curl_easy_setopt(call->easy, CURLOPT_HTTPGET, 1L);
}

/* Begins a call of a set-up; `body` NULL: none. */
static void ask(struct setup *setup, const char *method, const char *path, struct id *id,
                const char *body, ...) {
    struct call *call = &setup->calls[multi ? setup->open++ : 0];
    char url[MAX_TEXT], match[120];
    va_list values;
    call->setup = setup;
    call->id = id;
    call->len = 0;
    call->body[0] = '\0';
    va_start(values, body);
    if (body)
        vsnprintf(call->body, sizeof call->body, body, values);
    va_end(values);
    snprintf(url, sizeof url, "%s" SERVICE "%s", platform, path);
    curl_easy_setopt(handle(call), CURLOPT_URL, url);
    set_body(call, method);
    if (strcmp(method, "PATCH") == 0) { /* one header more */
        snprintf(match, sizeof match, "If-Match: \"%s\"", setup->etag.text);
        for (struct curl_slist *at = common; at; at = at->next)
            call->headers = curl_slist_append(call->headers, at->data);
        call->headers = curl_slist_append(call->headers, match);
    }
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER,
                     call->headers ? call->headers : common);
    if (multi)
        curl_multi_add_handle(multi, call->easy);
    else
        perform(call);
}

static void get(struct setup *setup, const char *collection, const char *id) {
    char path[MAX_TEXT];
    snprintf(path, sizeof path, "/%s/%s", collection, id);
    ask(setup, "GET", path, NULL, NULL);
}

static void find(struct setup *setup, const char *collection, const char *name,
                 const char *suffix) {
    char path[MAX_TEXT];
    char *whole = curl_easy_escape(NULL, name, 0),
         *end = curl_easy_escape(NULL, suffix, 0);
    snprintf(path, sizeof path, "/%s?property=name%%3D%%3D%s%s", collection, whole, end);
    curl_free(whole);
    curl_free(end);
    ask(setup, "GET", path, NULL, NULL);
}

/* ---- the stages: calls of one stage do not depend on each other */

static void look(struct setup *setup) {
    get(setup, "connectionSpecs", AMAZON_S3);
    find(setup, "connections", setup->name, " - Profile Store");
    find(setup, "connections", setup->name, " - account");
    find(setup, "sourceConnections", setup->name, " - Profile Store source");
    find(setup, "targetConnections", setup->name, " - target");
    find(setup, "flows", setup->name, "");
}

static void make_bases(struct setup *setup) {
    ask(setup, "POST", "/connections", &setup->profile_store,
        "{\"connectionSpec\":{\"id\":\"" PROFILE_STORE VERSION
        ",\"name\":\"%s - Profile Store\"}",
        setup->name);
    ask(setup, "POST", "/connections", &setup->account,
        "{\"auth\":{\"params\":{\"s3AccessKey\":\"AKIAEXAMPLEEXAMPLE22\",\"s3SecretKey\":"
        "\"exampleexampleexampleexampleexampleexamp\"},\"specName\":\"Access Key\"},"
        "\"connectionSpec\":{\"id\":\"" AMAZON_S3 VERSION ",\"name\":\"%s - account\"}",
        setup->name);
}

static void make_ends(struct setup *setup) {
    ask(setup, "POST", "/sourceConnections", &setup->source,
        "{\"baseConnectionId\":\"%s\",\"connectionSpec\":{\"id\":\"" PROFILE_STORE VERSION
        ",\"data\":{\"format\":\"CSV\",\"schema\":null},\"name\":\"%s - Profile Store "
        "source\",\"params\":{}}",
        setup->profile_store.text, setup->name);
    ask(setup, "POST", "/targetConnections", &setup->target,
        "{\"baseConnectionId\":\"%s\",\"connectionSpec\":{\"id\":\"" AMAZON_S3 VERSION
        ",\"data\":{\"format\":\"json\",\"schema\":{\"id\":\"1.0" VERSION
        "},\"name\":\"%s - target\",\"params\":{\"bucketName\":\"example-audiences\","
        "\"format\":\"CSV\",\"mode\":\"S3\",\"path\":\"exports/daily\"}}",
        setup->account.text, setup->name);
}

static void make_flow(struct setup *setup) {
    ask(setup, "POST", "/flows", &setup->flow,
        "{\"flowSpec\":{\"id\":\"" FLOW_SPEC VERSION
        ",\"name\":\"%s\",\"sourceConnectionIds\":[\"%s\"],\"targetConnectionIds\":["
        "\"%s\"],\"transformations\":[{\"name\":\"GeneralTransform\",\"params\":{"
        "\"profileSelectors\":{\"selectors\":[]},\"segmentSelectors\":{\"selectors\":[]}"
        "}}]}",
        setup->name, setup->source.text, setup->target.text);
}

#define PARAMS "\"path\":\"/transformations/0/params/"
#define ATTRIBUTE(path)                                                                  \
    "{\"op\":\"add\"," PARAMS "profileSelectors/selectors/-\",\"value\":{\"type\":"      \
    "\"JSON_PATH\",\"value\":{\"path\":\"" path "\"}}},"

static void activate(struct setup *setup) {
    char path[200];
    snprintf(path, sizeof path, "/flows/%s", setup->flow.text);
    ask(setup, "PATCH", path, NULL, "%s",
        "[{\"op\":\"add\"," PARAMS "segmentSelectors/selectors/-\",\"value\":{\"type\":"
        "\"PLATFORM_SEGMENT\",\"value\":{\"exportMode\":\"DAILY_FULL_EXPORT\","
        "\"filenameTemplate\":\"%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_"
        "HHmmss)%\",\"id\":\"0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1\",\"name\":\"Loyal "
        "customers\",\"schedule\":{\"endDate\":\"2030-12-31\",\"frequency\":\"DAILY\","
        "\"startDate\":\"2030-01-01\",\"startTime\":\"02:00\",\"triggerType\":"
        "\"SCHEDULED\"}}}}," ATTRIBUTE("person.name.firstName")
            ATTRIBUTE("person.name.lastName") ATTRIBUTE("personalEmail.address")
                ATTRIBUTE("segmentMembership.seg_namespace.seg_id.status") //
        "{\"op\":\"add\"," PARAMS "profileSelectors/mandatoryFields\",\"value\":["
        "\"personalEmail.address\"]},{\"op\":\"add\"," PARAMS
        "profileSelectors/primaryFields\",\"value\":[{\"attributePath\":"
        "\"personalEmail.address\",\"fieldType\":\"ATTRIBUTE\"}]}]");
}

static void read_back(struct setup *setup) {
    get(setup, "flows", setup->flow.text);
    if (!IS_CHECKED)
        return;
    get(setup, "sourceConnections", setup->source.text);
    get(setup, "targetConnections", setup->target.text);
}

static void (*const stages[])(struct setup *) = {look,      make_bases, make_ends,
                                                 make_flow, activate,   read_back};

#define STAGES ((int)(sizeof stages / sizeof *stages))

/* Begins the next stage; false when there is none. */
static bool advance(struct setup *setup) {
    if (setup->stage == 0 && !IS_CHECKED)
        setup->stage++;
    if (setup->stage == STAGES)
        return false;
    stages[setup->stage++](setup);
    return true;
}

/* ---- the whole */

static int started, count;

/* The next stage, or the next set-up in the place of one that is over; false when all
 * have begun. */
static bool go_on(struct setup *setup, const char *name) {
    setup->open = setup->ended = 0;
    if (advance(setup))
        return true;
    if (started == count)
        return false;
    setup->stage = 0;
    snprintf(setup->name, sizeof setup->name, "%s %d", name, ++started);
    return advance(setup);
}

/* Did something end? */
static bool take_ended(const char *name) {
    int left;
    bool ended = false;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        struct call *call = NULL;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        curl_multi_remove_handle(multi, call->easy);
        take_answer(call, result);
        ended = true;
        if (++call->setup->ended == call->setup->open)
            go_on(call->setup, name);
    }
    return ended;
}

static void run_overlapped(struct setup *setups, int at_once, const char *name) {
    int running = 1;
    for (int i = 0; i < at_once; i++)
        go_on(&setups[i], name);
    while (running) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            fail("curl_multi_perform", "");
        if (take_ended(name))
            running = 1;
        else if (running)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

static void get_token(void) {
    static struct call call;
    char url[MAX_TEXT], token[MAX_TEXT], line[MAX_TEXT + 30];
    snprintf(url, sizeof url, "%s/ims/token/v3", ims);
    snprintf(call.body, sizeof call.body,
             "grant_type=client_credentials&client_id=client&client_secret=secret&scope="
             "openid");
    curl_easy_setopt(handle(&call), CURLOPT_URL, url);
    set_body(&call, "POST");
    perform(&call);
    read_text(call.answer, "\"access_token\":\"", token, sizeof token);
    snprintf(line, sizeof line, "Authorization: Bearer %s", token);
    const char *const lines[] = {
        line, "x-api-key: client", "x-gw-ims-org-id: 0123456789ABCDEF01234567@AdobeOrg",
        "x-sandbox-name: prod", "Content-Type: application/json"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        common = curl_slist_append(common, lines[i]);
}

int main(int argc, char **argv) {
    if (argc != 6 && argc != 8) {
        fprintf(stderr, "usage: chain WAY PLATFORM IMS CACERT NAME [COUNT AT_ONCE]\n");
        return 2;
    }
    way = argv[1], platform = argv[2], ims = argv[3], cacert = argv[4];
    count = argc == 8 ? (int)strtol(argv[6], NULL, 10) : 1;
    int at_once = argc == 8 ? (int)strtol(argv[7], NULL, 10) : 1;
    struct setup *setups = calloc((size_t)at_once, sizeof *setups);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    get_token();
    for (int i = 0; i < at_once; i++)
        setups[i].stage = STAGES; /* over */
    if (strcmp(way, "sequential") != 0) {
        multi = curl_multi_init();
        run_overlapped(setups, at_once, argv[5]);
    } else {
        while (go_on(setups, argv[5])) {
        }
    }
    return started == count ? 0 : 1;
}
