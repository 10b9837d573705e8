/* SPDX-License-Identifier: MIT */
#include "engine/transport.h"

#include "engine/library.h"
#include "engine/url.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define CURL_DISABLE_TYPECHECK /* the functions are called through pointers */
#include <curl/curl.h>

#define CURL_FUNCTIONS(X)                                                                \
    X(global_init_mem)                                                                   \
    X(easy_init)                                                                         \
    X(easy_cleanup)                                                                      \
    X(easy_setopt)                                                                       \
    X(easy_getinfo)                                                                      \
    X(easy_strerror)                                                                     \
    X(slist_append)                                                                      \
    X(slist_free_all)                                                                    \
    X(multi_init)                                                                        \
    X(multi_cleanup)                                                                     \
    X(multi_setopt)                                                                      \
    X(multi_add_handle)                                                                  \
    X(multi_remove_handle)                                                               \
    X(multi_perform)                                                                     \
    X(multi_poll)                                                                        \
    X(multi_info_read)                                                                   \
    X(multi_strerror)

#define MEMBER(name) __typeof__(&curl_##name) name;
#define SYMBOL(name) {"curl_" #name, &curl.name},

static struct { CURL_FUNCTIONS(MEMBER) } curl;

static const struct sl_symbol curl_symbols[] = {CURL_FUNCTIONS(SYMBOL){NULL, NULL}};

struct sl_transport {
    CURLM *multi;
    struct sl_transfer *active; /* doubly linked */
    size_t active_count;
    unsigned long ended_count;
};

struct sl_transfer {
    struct sl_transport *transport; /* NULL once ended */
    struct sl_transfer *previous, *next;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    size_t body_len;
    size_t body_read; /* so much has libcurl taken */
    struct sl_buffer answer_headers;
    struct sl_buffer answer;
    long status;
    bool sent;
    unsigned may_send; /* how often the request may go out without being seen to */
    unsigned times_sent;
    struct sl_transfer_stats stats;
    CURLcode refused; /* the first option that libcurl refused, while it is set up */
    struct sl_error error;
    char curl_text[CURL_ERROR_SIZE];
    sl_transfer_done *done;
    void *context;
};

/* ---- the library
 * ---------------------------------------------------------------------------- */

static enum sl_code load_curl(struct sl_error *err) {
    static bool loaded;
    if (loaded)
        return SL_OK;
    enum sl_code code = sl_library_load("libcurl.so.4", "libcurl4", curl_symbols, err);
    /* its buffers hold what is sent and received: they are wiped, too */
    if (code == SL_OK &&
        curl.global_init_mem(CURL_GLOBAL_DEFAULT, malloc, sl_memory_free_wiped,
                             sl_memory_resize_wiped, strdup, calloc) != CURLE_OK)
        code = sl_error_set(err, SL_ERR_LIBRARY, "libcurl could not be initialised");
    loaded = code == SL_OK;
    return code;
}

struct sl_transport *sl_transport_new(struct sl_error *err) {
    if (load_curl(err) != SL_OK)
        return NULL;
    struct sl_transport *transport = sl_memory_new(sizeof *transport);
    if (transport)
        transport->multi = curl.multi_init();
    if (transport && transport->multi) {
        curl.multi_setopt(transport->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
        curl.multi_setopt(transport->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                          SL_TRANSPORT_MAX_CONNECTIONS);
        return transport;
    }
    sl_memory_free(transport);
    sl_error_memory(err);
    return NULL;
}

/* ---- one transfer
 * --------------------------------------------------------------------------- */

static void link_transfer(struct sl_transport *transport, struct sl_transfer *transfer) {
    transfer->transport = transport;
    transfer->next = transport->active;
    if (transport->active)
        transport->active->previous = transfer;
    transport->active = transfer;
    transport->active_count++;
}

/* Takes the transfer out of its transport and gives its handle back. */
static void end_transfer(struct sl_transfer *transfer) {
    struct sl_transport *transport = transfer->transport;
    if (!transport)
        return;
    curl.multi_remove_handle(transport->multi, transfer->easy);
    curl.easy_cleanup(transfer->easy);
    transfer->easy = NULL;
    if (transfer->previous)
        transfer->previous->next = transfer->next;
    else
        transport->active = transfer->next;
    if (transfer->next)
        transfer->next->previous = transfer->previous;
    transfer->transport = NULL;
    transport->active_count--;
}

static void wipe_headers(struct curl_slist *list) { /* they hold the access token */
    for (; list; list = list->next)
        sl_memory_wipe(list->data, strlen(list->data));
}

void sl_transfer_free(struct sl_transfer *transfer) {
    if (!transfer)
        return;
    end_transfer(transfer);
    if (transfer->easy) /* it never began */
        curl.easy_cleanup(transfer->easy);
    if (transfer->headers) { /* else libcurl may not be there */
        wipe_headers(transfer->headers);
        curl.slist_free_all(transfer->headers);
    }
    sl_memory_wipe(transfer->body, transfer->body_len);
    sl_memory_free(transfer->body);
    sl_buffer_fini(&transfer->answer_headers);
    sl_buffer_fini(&transfer->answer);
    sl_memory_free(transfer);
}

void sl_transport_free(struct sl_transport *transport) {
    if (!transport)
        return;
    while (transport->active)
        end_transfer(transport->active);
    curl.multi_cleanup(transport->multi);
    sl_memory_free(transport);
}

/* libcurl's callback: called while the answer comes in; anything but `len` ends the
 * transfer. */
static size_t on_body(char *bytes, size_t unit, size_t len, void *context) {
    struct sl_transfer *transfer = context;
    enum sl_code code =
        sl_buffer_add(&transfer->answer, bytes, unit * len, &transfer->error);
    return code == SL_OK ? unit * len : 0;
}

static size_t name_len(const char *line, size_t len) {
    const char *colon = memchr(line, ':', len);
    return colon ? (size_t)(colon - line) : 0;
}

static enum sl_code add_header_line(struct sl_transfer *transfer, const char *line,
                                    size_t len, size_t name) {
    struct sl_buffer *headers = &transfer->answer_headers;
    size_t start = headers->len;
    const char *value = line + name + 1;
    while (value < line + len && (*value == ' ' || *value == '\t'))
        value++;
    enum sl_code code = sl_buffer_add(headers, line, name, &transfer->error);
    for (size_t i = start; i < headers->len; i++)
        headers->data[i] = (char)tolower((unsigned char)headers->data[i]);
    if (code == SL_OK)
        code = sl_buffer_add_text(headers, ": ", &transfer->error);
    if (code == SL_OK)
        code =
            sl_buffer_add(headers, value, (size_t)(line + len - value), &transfer->error);
    return code == SL_OK ? sl_buffer_add_text(headers, "\n", &transfer->error) : code;
}

static size_t on_header(char *line, size_t unit, size_t len, void *context) {
    struct sl_transfer *transfer = context;
    size_t size = unit * len, end = size;
    while (end && strchr("\r\n \t", line[end - 1]))
        end--;
    if (end >= 5 &&
        strncmp(line, "HTTP/", 5) == 0) { /* a new answer after 100 Continue */
        transfer->answer_headers.len = 0;
        return size;
    }
    size_t name = name_len(line, end);
    if (name && add_header_line(transfer, line, end, name) != SL_OK)
        return 0;
    return size;
}

static bool add_header(struct sl_transfer *transfer, const char *line) {
    struct curl_slist *list = curl.slist_append(transfer->headers, line);
    if (list)
        transfer->headers = list;
    return list != NULL;
}

/* A name without a value stops libcurl from adding the header by itself. */
static bool add_headers(struct sl_transfer *transfer, const char *const *headers) {
    bool typed = false;
    for (; headers && *headers; headers++) {
        typed = typed || (strncasecmp(*headers, "content-type", 12) == 0 &&
                          strchr(":;", (*headers)[12]));
        if (!add_header(transfer, *headers))
            return false;
    }
    return add_header(transfer, "Expect:") &&
           (typed || add_header(transfer, "Content-Type:"));
}

static void note(struct sl_transfer *transfer, CURLcode result) {
    if (transfer->refused == CURLE_OK)
        transfer->refused = result;
}

/* A request without an option that was refused might be less safe than it looks. */
#define SET(option, value) note(transfer, curl.easy_setopt(transfer->easy, option, value))

static size_t on_read(char *buffer, size_t unit, size_t count, void *context) {
    struct sl_transfer *transfer = context;
    size_t left = transfer->body_len - transfer->body_read;
    size_t len = unit * count < left ? unit * count : left;
    if (len)
        memcpy(buffer, transfer->body + transfer->body_read, len);
    transfer->body_read += len;
    return len;
}

/* libcurl repeats what it sent on a kept connection that ended without an answer. For
 * reading that is fine; a second DELETE would find nothing and look like a failure. */
static int on_request(void *context, char *to, char *from, int to_port, int from_port) {
    struct sl_transfer *transfer = context;
    (void)to, (void)from, (void)to_port, (void)from_port;
    transfer->times_sent++;
    return transfer->times_sent > transfer->may_send ? CURL_PREREQFUNC_ABORT
                                                     : CURL_PREREQFUNC_OK;
}

static bool is_reading(const char *method) {
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* The body is read, once, and cannot be rewound: otherwise libcurl sends a request again
 * by itself when a kept connection ends without an answer, and creates twice. */
static void set_method(struct sl_transfer *transfer, const char *method) {
    if (transfer->body || strcmp(method, "POST") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_READFUNCTION, on_read);
        SET(CURLOPT_READDATA, transfer);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body_len);
    }
    if (strcmp(method, "HEAD") == 0)
        SET(CURLOPT_NOBODY, 1L); /* its answer announces a body that does not come */
    SET(CURLOPT_CUSTOMREQUEST, method);
    transfer->may_send = is_reading(method) ? UINT_MAX : 1;
    SET(CURLOPT_PREREQFUNCTION, on_request);
    SET(CURLOPT_PREREQDATA, transfer);
}

/* Programs that a script starts do not inherit the connection. */
static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
    (void)context, (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void set_safety(struct sl_transfer *transfer, const struct sl_request *request) {
    bool local = sl_url_is_loopback(request->url);
    SET(CURLOPT_PROTOCOLS_STR, local ? "http,https" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    if (local)
        SET(CURLOPT_PROXY, "");
    if (request
            ->cacert) /* besides the folder of the system's CAs, which stays in force */
        SET(CURLOPT_CAINFO, request->cacert);
}

static long or_default(long value, long fallback) {
    return value > 0 ? value : fallback;
}

static void set_limits(struct sl_transfer *transfer, const struct sl_request *request) {
    SET(CURLOPT_CONNECTTIMEOUT_MS,
        or_default(request->connect_timeout_ms, SL_TRANSPORT_CONNECT_TIMEOUT_MS));
    SET(CURLOPT_TIMEOUT_MS, or_default(request->timeout_ms, SL_TRANSPORT_TIMEOUT_MS));
    sl_buffer_init(&transfer->answer, "the body of the answer",
                   request->max_body ? request->max_body : SL_TRANSPORT_MAX_BODY);
    transfer->answer.secret = true; /* it may hold a token */
    sl_buffer_init(&transfer->answer_headers, "the header of the answer",
                   SL_TRANSPORT_MAX_HEADERS);
}

static void set_wiring(struct sl_transfer *transfer, const struct sl_request *request) {
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_USERAGENT, "sluice/" SL_VERSION);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    curl.easy_setopt(transfer->easy, CURLOPT_HTTP_VERSION, /* 1.1 will do as well */
                     (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, 16384L); /* the least: made and wiped each time */
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_PIPEWAIT, strncasecmp(request->url, "https", 5) == 0 ? 1L : 0L);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->curl_text);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
}

static bool fill_transfer(struct sl_transfer *transfer,
                          const struct sl_request *request) {
    if (request->body) {
        transfer->body = sl_memory_dup(request->body, request->body_len);
        transfer->body_len = request->body_len;
        if (!transfer->body)
            return false;
    }
    transfer->easy = curl.easy_init();
    return transfer->easy && add_headers(transfer, request->headers);
}

static bool set_up(struct sl_transfer *transfer, const struct sl_request *request) {
    set_method(transfer, request->method);
    if (request->only_connect)
        transfer->may_send = 0;
    set_safety(transfer, request);
    set_limits(transfer, request);
    set_wiring(transfer, request);
    return transfer->refused == CURLE_OK;
}

/* A token of RFC 9110 §5.6.2: anything else would write further lines of the request. */
static enum sl_code check_method(const char *method, struct sl_error *err) {
    const char *at = method;
    while (isalnum((unsigned char)*at) || (*at && strchr("!#$%&'*+-.^_`|~", *at)))
        at++;
    if (at > method && *at == '\0')
        return SL_OK;
    return sl_error_set(err, SL_ERR_ARGUMENT, "'%.40s' cannot be the method of a request",
                        method);
}

static enum sl_code code_of_refusal(CURLcode refused) {
    return refused == CURLE_OUT_OF_MEMORY ? SL_ERR_MEMORY : SL_ERR_LIBRARY;
}

struct sl_transfer *sl_transport_start(struct sl_transport *transport,
                                       const struct sl_request *request,
                                       sl_transfer_done *done, void *context,
                                       struct sl_error *err) {
    if (check_method(request->method, err) != SL_OK ||
        sl_url_check(request->url, err) != SL_OK)
        return NULL;
    struct sl_transfer *transfer = sl_memory_new(sizeof *transfer);
    if (transfer && fill_transfer(transfer, request) && set_up(transfer, request) &&
        curl.multi_add_handle(transport->multi, transfer->easy) == CURLM_OK) {
        transfer->done = done;
        transfer->context = context;
        link_transfer(transport, transfer);
        return transfer;
    }
    if (transfer && transfer->refused != CURLE_OK)
        sl_error_set(err, code_of_refusal(transfer->refused), "libcurl: %s",
                     curl.easy_strerror(transfer->refused));
    sl_transfer_free(transfer);
    sl_error_memory(err);
    return NULL;
}

/* ---- moving on
 * ------------------------------------------------------------------------------ */

static enum sl_code code_of(const struct sl_transfer *transfer, CURLcode result) {
    switch (result) {
    case CURLE_OK:
        return SL_OK;
    case CURLE_OUT_OF_MEMORY:
        return SL_ERR_MEMORY;
    case CURLE_OPERATION_TIMEDOUT:
        return SL_ERR_TIMEOUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_URL_MALFORMAT:
        return SL_ERR_TRUST;
    case CURLE_UNSUPPORTED_PROTOCOL: /* an answer of noise passes for HTTP/0.9 */
        return sl_transfer_sent(transfer) ? SL_ERR_NETWORK : SL_ERR_TRUST;
    default:
        return SL_ERR_NETWORK;
    }
}

static double seconds_of(CURL *easy, CURLINFO info) {
    curl_off_t microseconds = 0;
    curl.easy_getinfo(easy, info, &microseconds);
    return (double)microseconds / 1e6;
}

static double bytes_of(CURL *easy, CURLINFO body, CURLINFO head) {
    curl_off_t body_size = 0;
    long head_size = 0;
    curl.easy_getinfo(easy, body, &body_size);
    curl.easy_getinfo(easy, head, &head_size);
    return (double)body_size + (double)head_size;
}

static long long_of(CURL *easy, CURLINFO info) {
    long value = 0;
    curl.easy_getinfo(easy, info, &value);
    return value;
}

static long version_of(CURL *easy) {
    switch (long_of(easy, CURLINFO_HTTP_VERSION)) {
    case CURL_HTTP_VERSION_1_0:
        return 10;
    case CURL_HTTP_VERSION_1_1:
        return 11;
    case CURL_HTTP_VERSION_2_0:
        return 20;
    default:
        return 0;
    }
}

static void take_stats(struct sl_transfer *transfer) {
    CURL *easy = transfer->easy;
    curl_off_t wait = 0;
    curl.easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait);
    transfer->sent = seconds_of(easy, CURLINFO_PRETRANSFER_TIME_T) > 0;
    transfer->stats = (struct sl_transfer_stats){
        .total_s = seconds_of(easy, CURLINFO_TOTAL_TIME_T),
        .first_byte_s = seconds_of(easy, CURLINFO_STARTTRANSFER_TIME_T),
        .bytes_sent = bytes_of(easy, CURLINFO_SIZE_UPLOAD_T, CURLINFO_REQUEST_SIZE),
        .bytes_received = bytes_of(easy, CURLINFO_SIZE_DOWNLOAD_T, CURLINFO_HEADER_SIZE),
        .connections = long_of(easy, CURLINFO_NUM_CONNECTS),
        .http_version = version_of(easy),
        .retry_after_s = wait < 0          ? 0
                         : wait < LONG_MAX ? (long)wait
                                           : LONG_MAX,
    };
}

static void finish(struct sl_transfer *transfer, CURLcode result) {
    curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &transfer->status);
    take_stats(transfer);
    if (result != CURLE_OK) {
        sl_url_hide_user(transfer->curl_text); /* a proxy's */
        const char *text =
            transfer->curl_text[0] ? transfer->curl_text : curl.easy_strerror(result);
        if (result == CURLE_SEND_FAIL_REWIND || result == CURLE_ABORTED_BY_CALLBACK)
            text = "the connection ended before an answer came";
        sl_error_set(&transfer->error, code_of(transfer, result), "%s", text);
    }
    transfer->transport->ended_count++;
    end_transfer(transfer);
    transfer->done(transfer->context); /* may free the transfer */
}

static void finish_ended(struct sl_transport *transport) {
    int left;
    CURLMsg *message;
    while ((message = curl.multi_info_read(transport->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct sl_transfer *transfer = NULL;
        CURLcode result = message->data.result;
        curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(transfer, result);
    }
}

static enum sl_code perform(struct sl_transport *transport, struct sl_error *err) {
    int running;
    CURLMcode result = curl.multi_perform(transport->multi, &running);
    if (result != CURLM_OK)
        return sl_error_set(err, SL_ERR_NETWORK, "libcurl: %s",
                            curl.multi_strerror(result));
    finish_ended(transport);
    return SL_OK;
}

#define MAX_EXTRA 16

enum sl_code sl_transport_run(struct sl_transport *transport, struct pollfd *extra,
                              unsigned extra_count, int timeout_ms,
                              struct sl_error *err) {
    unsigned long before = transport->ended_count;
    enum sl_code code = perform(transport, err);
    if (code != SL_OK || transport->ended_count != before)
        return code; /* something ended: let the caller look before waiting */
    struct curl_waitfd fds[MAX_EXTRA];
    if (extra_count > MAX_EXTRA)
        return sl_error_set(err, SL_ERR_LIMIT, "more than %d servers in one program",
                            MAX_EXTRA);
    for (unsigned i = 0; i < extra_count; i++)
        fds[i] = (struct curl_waitfd){.fd = extra[i].fd, .events = CURL_WAIT_POLLIN};
    CURLMcode result =
        curl.multi_poll(transport->multi, fds, extra_count, timeout_ms, NULL);
    if (result != CURLM_OK)
        return sl_error_set(err, SL_ERR_SYSTEM, "waiting for the network: %s",
                            curl.multi_strerror(result));
    for (unsigned i = 0; i < extra_count; i++)
        extra[i].revents = fds[i].revents & CURL_WAIT_POLLIN ? POLLIN : 0;
    return perform(transport, err);
}

size_t sl_transport_active(const struct sl_transport *transport) {
    return transport->active_count;
}

/* ---- without a network
 * -------------------------------------------------------------------- */

static bool fill_canned(struct sl_transfer *transfer, const char *headers,
                        size_t headers_len, const char *body, size_t body_len,
                        struct sl_error *err) {
    sl_buffer_init(&transfer->answer, "the body of the answer", body_len);
    transfer->answer.secret = true;
    sl_buffer_init(&transfer->answer_headers, "the header of the answer",
                   SL_TRANSPORT_MAX_HEADERS);
    return sl_buffer_add(&transfer->answer, body, body_len, err) == SL_OK &&
           sl_buffer_add(&transfer->answer_headers, headers, headers_len, err) == SL_OK;
}

struct sl_transfer *sl_transfer_canned(long status, const char *headers,
                                       size_t headers_len, const char *body,
                                       size_t body_len, struct sl_error *err) {
    struct sl_transfer *transfer = sl_memory_new(sizeof *transfer);
    if (transfer && fill_canned(transfer, headers, headers_len, body, body_len, err)) {
        transfer->status = status;
        transfer->sent = true;
        return transfer;
    }
    sl_transfer_free(transfer);
    sl_error_memory(err);
    return NULL;
}

/* ---- the answer
 * ----------------------------------------------------------------------------- */

const struct sl_error *sl_transfer_error(const struct sl_transfer *transfer) {
    return &transfer->error;
}

long sl_transfer_status(const struct sl_transfer *transfer) {
    return transfer->status;
}

const struct sl_buffer *sl_transfer_body(const struct sl_transfer *transfer) {
    return &transfer->answer;
}

const struct sl_buffer *sl_transfer_headers(const struct sl_transfer *transfer) {
    return &transfer->answer_headers;
}

bool sl_transfer_sent(const struct sl_transfer *transfer) {
    return transfer->sent;
}

const struct sl_transfer_stats *sl_transfer_stats(const struct sl_transfer *transfer) {
    return &transfer->stats;
}
