/* The floor for starting jobs: posix_spawn of one script N times, a few at a time.
 *
 * bench_baseline SCRIPT N [PARALLEL] runs SCRIPT with this process's own environment and standard
 * streams, and prints one JSON line: wall time, own CPU and children's CPU in seconds. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

static double cpu(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc < 3) return fprintf(stderr, "usage: %s SCRIPT N [PARALLEL]\n", argv[0]), 2;
    char *arguments[] = {argv[1], NULL};
    int jobs = atoi(argv[2]), parallel = argc > 3 ? atoi(argv[3]) : 2;
    double start = now();
    for (int started = 0, running = 0, ended = 0; ended < jobs;) {
        while (running < parallel && started < jobs) {
            pid_t pid;
            int failure = posix_spawn(&pid, argv[1], NULL, NULL, arguments, environ);
            if (failure) return errno = failure, perror(argv[1]), 1;
            started++, running++;
        }
        int status;
        if (wait(&status) < 0) return perror("wait"), 1;
        if (status) return fprintf(stderr, "job ended with status %d\n", status), 1;
        running--, ended++;
    }
    printf("{\"jobs\": %d, \"parallel\": %d, \"wall_s\": %.4f, \"self_cpu_s\": %.4f, \"child_cpu_s\": %.4f}\n",
           jobs, parallel, now() - start, cpu(RUSAGE_SELF), cpu(RUSAGE_CHILDREN));
    return 0;
}
