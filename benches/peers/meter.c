/* Runs a program, and then writes what it took to the descriptor that the first argument
   names: its peak of memory in KiB, and its CPU time in seconds, both with those of the
   processes that it waited for: the CPU time is their sum, the peak that of the largest.

   It is not in Python, because what a process has before it becomes another program
   counts among its peak, and Python has several times as much as a small program. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "arguments: DESCRIPTOR PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    int report = atoi(argv[1]);
    pid_t child = fork();
    if (child == 0) {
        close(report);
        execv(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status;
    struct rusage took;
    if (child < 0 || wait4(child, &status, 0, &took) != child) {
        perror("meter");
        return 1;
    }
    double seconds = took.ru_utime.tv_sec + took.ru_stime.tv_sec
                     + (took.ru_utime.tv_usec + took.ru_stime.tv_usec) / 1e6;
    dprintf(report, "%ld %.6f\n", took.ru_maxrss, seconds);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
