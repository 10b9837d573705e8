/* SPDX-License-Identifier: MIT
 * relay PORT ROUND_TRIP_MS: a network of its own on the loopback address. It prints
 * "listening on 127.0.0.1:N" and passes what comes there on to PORT, and back. Bytes take
 * half a round trip each way; the first ones of a connection a whole round trip more, for
 * that is what a connect takes. Bandwidth has no end. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_LINKS 500
#define CHUNK 65536

/* Bytes on their way; no bytes: the end of the stream. */
struct parcel {
    struct parcel *next;
    double due_s;
    size_t len, sent;
    char bytes[];
};

/* One direction of a connection. */
struct way {
    int from, to;
    struct parcel *first, *last;
    double not_before_s;
    bool over; /* nothing more comes in */
};

static struct link { struct way up, down; } links[MAX_LINKS];
static int link_count;
static double one_way_s;

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listen_anywhere(void) {
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 128) != 0)
        fail("cannot listen");
    getsockname(fd, (struct sockaddr *)&address, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void prepare(int fd) {
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void open_link(int client, int port) {
    struct sockaddr_in address = loopback(port);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0 || link_count == MAX_LINKS ||
        connect(server, (struct sockaddr *)&address, sizeof address) != 0)
        fail("cannot connect");
    prepare(client);
    prepare(server);
    double open_s = now_s() + 2 * one_way_s;
    links[link_count++] = (struct link){.up = {client, server, .not_before_s = open_s},
                                        .down = {server, client}};
}

static void take(struct way *way) {
    static char bytes[CHUNK];
    ssize_t len = read(way->from, bytes, sizeof bytes);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len < 0)
        len = 0;
    way->over = len == 0;
    struct parcel *parcel = malloc(sizeof *parcel + (size_t)len);
    if (!parcel)
        fail("no memory");
    double begin = now_s();
    *parcel = (struct parcel){.len = (size_t)len};
    parcel->due_s = (begin > way->not_before_s ? begin : way->not_before_s) + one_way_s;
    memcpy(parcel->bytes, bytes, (size_t)len);
    *(way->first ? &way->last->next : &way->first) = parcel;
    way->last = parcel;
}

static void drop(struct way *way) {
    struct parcel *parcel = way->first;
    way->first = parcel->next;
    free(parcel);
}

/* Sends what is due; what the socket does not take goes the next time. */
static void deliver(struct way *way) {
    while (way->first && way->first->due_s <= now_s()) {
        struct parcel *parcel = way->first;
        ssize_t sent = send(way->to, parcel->bytes + parcel->sent,
                            parcel->len - parcel->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN)
            return;
        parcel->sent += sent < 0 ? parcel->len - parcel->sent : (size_t)sent;
        if (parcel->len == 0)
            shutdown(way->to, SHUT_WR);
        if (parcel->sent == parcel->len)
            drop(way);
    }
}

static bool is_over(const struct link *link) {
    return link->up.over && link->down.over && !link->up.first && !link->down.first;
}

static void close_ended(void) {
    for (int i = 0; i < link_count;) {
        if (!is_over(&links[i])) {
            i++;
            continue;
        }
        close(links[i].up.from);
        close(links[i].up.to);
        links[i] = links[--link_count];
    }
}

static double earliest(const struct way *way, double due_s) {
    return way->first && (due_s < 0 || way->first->due_s < due_s) ? way->first->due_s
                                                                  : due_s;
}

/* Waits for bytes or until the next parcel is due. */
static void wait_for(struct pollfd *fds, nfds_t count) {
    double due_s = -1;
    for (int i = 0; i < link_count; i++)
        due_s = earliest(&links[i].down, earliest(&links[i].up, due_s));
    double left = due_s < 0 ? 3600 : due_s - now_s();
    left = left < 0 ? 0 : left;
    struct timespec time = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    if (ppoll(fds, count, &time, NULL) < 0 && errno != EINTR)
        fail("cannot wait");
}

static short wanted(const struct way *way) {
    return way->over ? 0 : POLLIN;
}

static void run_once(int listener, int port) {
    static struct pollfd fds[1 + 2 * MAX_LINKS];
    int count = link_count;
    fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (int i = 0; i < count; i++) { /* a negative descriptor is passed over */
        struct way *up = &links[i].up, *down = &links[i].down;
        fds[1 + 2 * i] = (struct pollfd){up->over ? -1 : up->from, wanted(up), 0};
        fds[2 + 2 * i] = (struct pollfd){down->over ? -1 : down->from, wanted(down), 0};
    }
    wait_for(fds, 1 + 2 * (nfds_t)count);
    for (int i = 0; i < count; i++) {
        if (fds[1 + 2 * i].revents)
            take(&links[i].up);
        if (fds[2 + 2 * i].revents)
            take(&links[i].down);
        deliver(&links[i].up);
        deliver(&links[i].down);
    }
    if (fds[0].revents)
        open_link(accept(listener, NULL, NULL), port);
    close_ended();
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: relay PORT ROUND_TRIP_MS\n");
        return 2;
    }
    int port = (int)strtol(argv[1], NULL, 10), listener = listen_anywhere();
    one_way_s = strtod(argv[2], NULL) / 2000;
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1L); /* nanoseconds: on time */
    for (;;)
        run_once(listener, port);
}
