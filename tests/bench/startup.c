/* SPDX-License-Identifier: MIT
 * startup RUNS COMMAND [ARGUMENT…]: starts a command again and again; prints the median
 * and the 90th percentile of its wall time and its largest resident set. Its output is
 * thrown away. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void become(char **command) {
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    execvp(command[0], command);
    _exit(127);
}

/* Wall milliseconds of one run; its peak of memory goes to *kib. */
static double run_once(char **command, long *kib) {
    struct rusage usage;
    int status;
    double start = now_ms();
    pid_t child = vfork();
    if (child == 0)
        become(command);
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) {
        fprintf(stderr, "startup: %s failed\n", command[0]);
        exit(1);
    }
    if (usage.ru_maxrss > *kib)
        *kib = usage.ru_maxrss;
    return now_ms() - start;
}

int main(int argc, char **argv) {
    int runs = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    if (runs < 1) {
        fprintf(stderr, "usage: startup RUNS COMMAND [ARGUMENT…]\n");
        return 2;
    }
    double *times = calloc((size_t)runs, sizeof *times);
    long kib = 0;
    for (int i = 0; times && i < runs; i++)
        times[i] = run_once(argv + 2, &kib);
    qsort(times, (size_t)runs, sizeof *times, compare);
    printf("%6.2f ms median  %6.2f ms p90  %6.1f MiB\n", times[runs / 2],
           times[runs * 9 / 10], (double)kib / 1024);
    free(times);
    return 0;
}
