/* SPDX-License-Identifier: MIT
 * timed RUNS COMMAND [ARGUMENT…]: runs a command again and again and prints, apart by
 * tabs, the median and the 90th percentile of its wall time, the median of its CPU time
 * (user and system, its own children included), both in milliseconds, and its largest
 * resident set in KiB. `{}` in an argument stands for a number that no other run has.
 * Its output is thrown away; STDERR=FILE keeps its errors. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct run {
    double wall_ms, cpu_ms;
    long kib;
};

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double ms_of(struct timeval time) {
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static int by_wall(const void *a, const void *b) {
    double left = ((const struct run *)a)->wall_ms,
           right = ((const struct run *)b)->wall_ms;
    return (left > right) - (left < right);
}

static int by_cpu(const void *a, const void *b) {
    double left = ((const struct run *)a)->cpu_ms,
           right = ((const struct run *)b)->cpu_ms;
    return (left > right) - (left < right);
}

/* The argument with its number in place; a copy that lives until the program ends. */
static char *numbered(const char *argument, int index) {
    const char *mark = strstr(argument, "{}");
    char *text = NULL;
    if (!mark)
        return strdup(argument);
    if (asprintf(&text, "%.*s%d-%d%s", (int)(mark - argument), argument, (int)getpid(),
                 index, mark + 2) < 0)
        return NULL;
    return text;
}

static void become(char **command) {
    const char *errors = getenv("STDERR");
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(errors ? open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600) : null, STDERR_FILENO);
    execvp(command[0], command);
    _exit(127);
}

static struct run run_once(char **command) {
    struct rusage usage;
    int status;
    double start = now_ms();
    pid_t child = vfork();
    if (child == 0)
        become(command);
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) {
        fprintf(stderr, "timed: %s failed\n", command[0]);
        exit(1);
    }
    return (struct run){now_ms() - start, ms_of(usage.ru_utime) + ms_of(usage.ru_stime),
                        usage.ru_maxrss};
}

static struct run run_numbered(int argc, char **argv, int index) {
    char **command = calloc((size_t)argc + 1, sizeof *command);
    for (int i = 0; command && i < argc; i++)
        command[i] = numbered(argv[i], index);
    struct run run = run_once(command);
    for (int i = 0; i < argc; i++)
        free(command[i]);
    free(command);
    return run;
}

static void print(struct run *runs, int count) {
    long kib = 0;
    for (int i = 0; i < count; i++)
        kib = runs[i].kib > kib ? runs[i].kib : kib;
    qsort(runs, (size_t)count, sizeof *runs, by_wall);
    printf("%.3f\t%.3f\t", runs[count / 2].wall_ms, runs[count * 9 / 10].wall_ms);
    qsort(runs, (size_t)count, sizeof *runs, by_cpu);
    printf("%.3f\t%ld\n", runs[count / 2].cpu_ms, kib);
}

int main(int argc, char **argv) {
    int count = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    if (count < 1) {
        fprintf(stderr, "usage: timed RUNS COMMAND [ARGUMENT…]\n");
        return 2;
    }
    struct run *runs = calloc((size_t)count, sizeof *runs);
    for (int i = 0; runs && i < count; i++)
        runs[i] = run_numbered(argc - 2, argv + 2, i);
    print(runs, count);
    free(runs);
    return 0;
}
