/* SPDX-License-Identifier: MIT */
#include "engine/listener.h"

#include "engine/library.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define MHD_FUNCTIONS(X)                                                                 \
    X(start_daemon)                                                                      \
    X(stop_daemon)                                                                       \
    X(run)                                                                               \
    X(get_timeout)                                                                       \
    X(get_daemon_info)                                                                   \
    X(get_connection_info)                                                               \
    X(get_connection_values)                                                             \
    X(suspend_connection)                                                                \
    X(resume_connection)                                                                 \
    X(queue_response)                                                                    \
    X(create_response_from_buffer)                                                       \
    X(add_response_header)                                                               \
    X(destroy_response)

#define MEMBER(name) __typeof__(&MHD_##name) name;
#define SYMBOL(name) {"MHD_" #name, &mhd.name},

static struct { MHD_FUNCTIONS(MEMBER) } mhd;

static const struct sl_symbol mhd_symbols[] = {MHD_FUNCTIONS(SYMBOL){NULL, NULL}};

struct sl_listener {
    struct MHD_Daemon *daemon;
    uint16_t port;
    int fd;
    size_t max_body;
    bool closing;
    bool resumed; /* a connection goes on at the next run; nothing else tells of it */
    struct sl_exchange *all; /* every exchange with a live connection; doubly linked */
    struct sl_exchange *first,
        *last; /* complete requests that wait for sl_listener_next */
};

struct sl_exchange {
    struct sl_listener *listener; /* NULL when the connection is gone */
    struct sl_exchange *previous, *next;
    struct sl_exchange *next_waiting;
    struct MHD_Connection *connection;
    struct MHD_Response *response;
    unsigned status;
    char *method;
    char *target;
    struct sl_buffer body;
    struct sl_error error; /* why the request cannot be taken */
    bool started;          /* its header has been seen */
    bool suspended;        /* the connection waits for an answer */
    bool owned;            /* somebody took it with sl_listener_next */
    bool spoilt;           /* answered in a way that is not HTTP's */
    bool dropped;          /* given up without an answer */
};

static enum sl_code load_mhd(struct sl_error *err) {
    static bool loaded;
    enum sl_code code = SL_OK;
    if (!loaded)
        code =
            sl_library_load("libmicrohttpd.so.12", "libmicrohttpd12", mhd_symbols, err);
    loaded = code == SL_OK;
    return code;
}

/* ---- exchanges
 * ------------------------------------------------------------------------------ */

static void destroy(struct sl_exchange *exchange) {
    if (exchange->response)
        mhd.destroy_response(exchange->response);
    sl_buffer_fini(&exchange->body);
    sl_memory_free(exchange->method);
    sl_memory_free(exchange->target);
    sl_memory_free(exchange);
}

static void link_exchange(struct sl_listener *listener, struct sl_exchange *exchange) {
    exchange->listener = listener;
    exchange->next = listener->all;
    if (listener->all)
        listener->all->previous = exchange;
    listener->all = exchange;
}

static void unlink_waiting(struct sl_listener *listener, struct sl_exchange *exchange) {
    struct sl_exchange *before = NULL;
    for (struct sl_exchange *at = listener->first; at;
         before = at, at = at->next_waiting) {
        if (at != exchange)
            continue;
        *(before ? &before->next_waiting : &listener->first) = at->next_waiting;
        if (listener->last == at)
            listener->last = before;
        return;
    }
}

/* The connection is done with the exchange. */
static void detach(struct sl_exchange *exchange) {
    struct sl_listener *listener = exchange->listener;
    if (!listener)
        return;
    *(exchange->previous ? &exchange->previous->next : &listener->all) = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    unlink_waiting(listener, exchange);
    exchange->listener = NULL;
    exchange->connection = NULL;
    if (!exchange->owned)
        destroy(exchange);
}

static void enqueue(struct sl_exchange *exchange) {
    struct sl_listener *listener = exchange->listener;
    *(listener->last ? &listener->last->next_waiting : &listener->first) = exchange;
    listener->last = exchange;
}

static void wake(struct sl_exchange *exchange) {
    if (!exchange->suspended)
        return;
    mhd.resume_connection(exchange->connection);
    exchange->listener->resumed = true;
    exchange->suspended = false;
}

void sl_exchange_free(struct sl_exchange *exchange) {
    if (!exchange)
        return;
    exchange->owned = false;
    if (!exchange->listener) {
        destroy(exchange);
        return;
    }
    exchange->dropped = exchange->response == NULL;
    wake(exchange);
}

/* ---- libmicrohttpd's callbacks
 * -------------------------------------------------------------- */

/* The first sign of a request: its target as it was sent. What is returned follows the
 * request. */
static void *on_target(void *context, const char *target,
                       struct MHD_Connection *connection) {
    struct sl_listener *listener = context;
    struct sl_exchange *exchange = sl_memory_new(sizeof *exchange);
    if (!exchange)
        return NULL;
    exchange->target = sl_memory_dup(target, strlen(target));
    exchange->connection = connection;
    sl_buffer_init(&exchange->body, "the body of the request", listener->max_body);
    link_exchange(listener, exchange);
    return exchange;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode reason) {
    (void)context, (void)connection, (void)reason;
    if (*state)
        detach(*state);
    *state = NULL;
}

static enum MHD_Result answer_now(struct sl_exchange *exchange, unsigned status) {
    static char text[] = "{\"title\":\"the request is too large\",\"status\":413}";
    struct MHD_Response *response =
        mhd.create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    mhd.add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = mhd.queue_response(exchange->connection, status, response);
    mhd.destroy_response(response);
    return result;
}

static enum MHD_Result begin(struct sl_exchange *exchange, const char *method) {
    exchange->started = true;
    exchange->method = sl_memory_dup(method, strlen(method));
    return exchange->method && exchange->target ? MHD_YES : MHD_NO;
}

/* All of the request is here: hand it out, or send the answer when there is one. */
static enum MHD_Result complete(struct sl_exchange *exchange) {
    if (exchange->error.code != SL_OK)
        return exchange->error.code == SL_ERR_LIMIT ? answer_now(exchange, 413) : MHD_NO;
    if (exchange->response)
        return mhd.queue_response(exchange->connection, exchange->status,
                                  exchange->response);
    if (exchange->dropped || exchange->listener->closing)
        return MHD_NO;
    mhd.suspend_connection(exchange->connection);
    exchange->suspended = true;
    enqueue(exchange);
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_len,
                                  void **state) {
    (void)context, (void)connection, (void)url, (void)version;
    struct sl_exchange *exchange = *state;
    if (!exchange)
        return MHD_NO;
    if (!exchange->started)
        return begin(exchange, method);
    if (*data_len == 0)
        return complete(exchange);
    if (exchange->error.code == SL_OK &&
        sl_buffer_add(&exchange->body, data, *data_len, &exchange->error) != SL_OK)
        sl_buffer_fini(&exchange->body);
    *data_len = 0;
    return MHD_YES;
}

/* ---- the listener
 * --------------------------------------------------------------------------- */

static struct MHD_Daemon *start(struct sl_listener *listener, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return mhd.start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL, on_request, listener,
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_URI_LOG_CALLBACK, on_target, listener,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener, MHD_OPTION_CONNECTION_LIMIT,
        SL_LISTENER_MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        SL_LISTENER_IDLE_TIMEOUT_S, MHD_OPTION_END);
}

static uint16_t bound_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info =
        mhd.get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

struct sl_listener *sl_listener_new(uint16_t port, size_t max_body,
                                    struct sl_error *err) {
    if (load_mhd(err) != SL_OK)
        return NULL;
    struct sl_listener *listener = sl_memory_new(sizeof *listener);
    if (!listener) {
        sl_error_memory(err);
        return NULL;
    }
    listener->max_body = max_body ? max_body : SL_LISTENER_MAX_BODY;
    listener->daemon = start(listener, port);
    if (!listener->daemon) {
        sl_error_set(err, SL_ERR_SYSTEM, "cannot listen on 127.0.0.1 port %u: %s",
                     (unsigned)port, strerror(errno));
        sl_memory_free(listener);
        return NULL;
    }
    listener->port = bound_port(listener->daemon);
    listener->fd =
        mhd.get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return listener;
}

/* A suspended connection must be resumed before the daemon may stop. */
void sl_listener_free(struct sl_listener *listener) {
    if (!listener)
        return;
    listener->closing = true;
    for (struct sl_exchange *exchange = listener->all; exchange;
         exchange = exchange->next)
        wake(exchange);
    mhd.run(listener->daemon);
    mhd.stop_daemon(listener->daemon);
    while (listener->all) /* requests whose connection never reported its end */
        detach(listener->all);
    sl_memory_free(listener);
}

uint16_t sl_listener_port(const struct sl_listener *listener) {
    return listener->port;
}

int sl_listener_fd(const struct sl_listener *listener) {
    return listener->fd;
}

int sl_listener_timeout_ms(const struct sl_listener *listener) {
    MHD_UNSIGNED_LONG_LONG ms;
    if (listener->resumed)
        return 0;
    if (mhd.get_timeout(listener->daemon, &ms) != MHD_YES)
        return -1;
    return ms > 60000 ? 60000 : (int)ms;
}

void sl_listener_run(struct sl_listener *listener) {
    listener->resumed = false;
    mhd.run(listener->daemon);
}

bool sl_listener_has_next(const struct sl_listener *listener) {
    return listener->first != NULL;
}

struct sl_exchange *sl_listener_next(struct sl_listener *listener) {
    struct sl_exchange *exchange = listener->first;
    if (!exchange)
        return NULL;
    listener->first = exchange->next_waiting;
    if (!listener->first)
        listener->last = NULL;
    exchange->next_waiting = NULL;
    exchange->owned = true;
    return exchange;
}

/* ---- request and answer
 * --------------------------------------------------------------------- */

const char *sl_exchange_method(const struct sl_exchange *exchange) {
    return exchange->method;
}

const char *sl_exchange_target(const struct sl_exchange *exchange) {
    return exchange->target;
}

const struct sl_buffer *sl_exchange_body(const struct sl_exchange *exchange) {
    return &exchange->body;
}

struct header_visit {
    sl_header_each *each;
    void *context;
};

static enum MHD_Result visit_header(void *context, enum MHD_ValueKind kind,
                                    const char *name, const char *value) {
    (void)kind;
    struct header_visit *visit = context;
    struct sl_header header = {name, value ? value : "", value ? strlen(value) : 0};
    visit->each(visit->context, &header);
    return MHD_YES;
}

void sl_exchange_headers(const struct sl_exchange *exchange, sl_header_each *each,
                         void *context) {
    struct header_visit visit = {each, context};
    if (exchange->connection)
        mhd.get_connection_values(exchange->connection, MHD_HEADER_KIND, visit_header,
                                  &visit);
}

enum sl_code sl_exchange_respond(struct sl_exchange *exchange, unsigned status,
                                 const struct sl_header *headers, const char *body,
                                 size_t body_len, struct sl_error *err) {
    if (exchange->response || exchange->spoilt)
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "this request has been answered already");
    struct MHD_Response *response = mhd.create_response_from_buffer(
        body_len, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return sl_error_memory(err);
    for (; headers && headers->name; headers++)
        if (mhd.add_response_header(response, headers->name, headers->value) != MHD_YES) {
            mhd.destroy_response(response);
            return sl_error_set(err, SL_ERR_ARGUMENT, "the header %s cannot be sent",
                                headers->name);
        }
    exchange->response = response;
    exchange->status = status;
    if (exchange->listener)
        wake(exchange);
    return SL_OK;
}

/* ---- a bad network
 * ------------------------------------------------------------------------------ */

/* The socket while the answer is ours to give, or -1. */
static int socket_of(const struct sl_exchange *exchange) {
    if (!exchange->suspended)
        return -1;
    const union MHD_ConnectionInfo *info =
        mhd.get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static enum sl_code spoil(struct sl_exchange *exchange, int *fd, struct sl_error *err) {
    *fd = socket_of(exchange);
    if (*fd < 0)
        return sl_error_set(err, SL_ERR_NETWORK, "the client is gone");
    exchange->spoilt = true;
    return SL_OK;
}

enum sl_code sl_exchange_write(struct sl_exchange *exchange, const char *bytes,
                               size_t len, size_t *written, struct sl_error *err) {
    int fd;
    *written = 0;
    enum sl_code code = spoil(exchange, &fd, err);
    if (code != SL_OK)
        return code;
    ssize_t taken = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken < 0 && errno != EAGAIN && errno != EINTR)
        return sl_error_set(err, SL_ERR_NETWORK, "the client is gone: %s",
                            strerror(errno));
    *written = taken > 0 ? (size_t)taken : 0;
    return SL_OK;
}

/* Linux: connecting a connected socket to no address tears the connection down. */
enum sl_code sl_exchange_reset(struct sl_exchange *exchange, struct sl_error *err) {
    int fd;
    enum sl_code code = spoil(exchange, &fd, err);
    if (code != SL_OK)
        return code;
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (connect(fd, &nowhere, sizeof nowhere) != 0)
        return sl_error_set(err, SL_ERR_NETWORK, "the connection cannot be reset: %s",
                            strerror(errno));
    return SL_OK;
}

bool sl_exchange_is_open(const struct sl_exchange *exchange) {
    char byte;
    int fd = socket_of(exchange);
    if (fd < 0)
        return false;
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}
