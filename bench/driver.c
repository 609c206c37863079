/* Gives work to the competitors in turn and prints how long each took. Usage:
 *   driver warm ROUNDS MILLISECONDS PLAN         each competitor is one process; a turn lasts at
 * least so long
 *   driver fresh ROUNDS ROW WORK CALLS PLAN      a new process for each turn, timed until it
 * ends; for those that have ROW, which do WORK
 * A line of PLAN is a competitor, in fields separated by tabs: way, name, rows (separated by
 * commas), any number of NAME=value for its environment, the program, its arguments. A competitor
 * reads lines "row calls", does them and prints a line. The driver measures the time. All have
 * their turn in each round, in another order in the next, so that other load affects all alike.
 * Samples are printed as CSV. */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* wait4, clock_getcpuclockid */
#endif
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_COMPETITORS = 64,
    MAX_WORDS = 32,
    MAX_ENVIRONMENT = 512,
    MIN_WARM_UP = 5, /* turns */
    MAX_WARM_UP = 20,
    SLOW_US = 500000, /* a competitor with so long a turn */
    SLOW_ROUNDS = 3,  /* has only so many */
    LINE_BYTES = 8192,
    PATIENCE_SECONDS = 600
};

struct competitor {
    char line[LINE_BYTES]; /* owns the strings below */
    const char *way, *name, *rows;
    char *words[MAX_WORDS + 1];             /* program and arguments */
    char *environment[MAX_ENVIRONMENT + 1]; /* its own first: the first of a name counts */
    pid_t process;
    FILE *to, *from;
    long calls;        /* in a turn */
    double slowest_us; /* of its turns at this row */
    bool failed;
};

struct sample {
    double wall_us, cpu_us;
    long peak_kb; /* 0: not measured */
};

extern char **environ;

static struct competitor competitors[MAX_COMPETITORS];
static size_t competitor_count;
static bool something_failed;

static void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static double microseconds(clockid_t clock)
{
    struct timespec time = {0};
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double cpu_microseconds(pid_t process)
{
    clockid_t clock;
    return clock_getcpuclockid(process, &clock) == 0 ? microseconds(clock) : 0;
}

static void read_words(struct competitor *competitor)
{
    size_t words = 0, variables = 0;
    for (char *word; (word = strtok(NULL, "\t\n")) != NULL;) {
        if (words == 0 && strchr(word, '=') != NULL && variables < MAX_WORDS)
            competitor->environment[variables++] = word;
        else if (words < MAX_WORDS)
            competitor->words[words++] = word;
    }
    for (char **variable = environ; *variable != NULL && variables < MAX_ENVIRONMENT; variable++)
        competitor->environment[variables++] = *variable;
    if (words == 0)
        fail("a line of the plan has no program");
}

static void read_plan(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path);
    for (; competitor_count < MAX_COMPETITORS; competitor_count++) {
        struct competitor *competitor = &competitors[competitor_count];
        if (fgets(competitor->line, sizeof competitor->line, file) == NULL)
            break;
        competitor->way = strtok(competitor->line, "\t\n");
        competitor->name = strtok(NULL, "\t\n");
        competitor->rows = strtok(NULL, "\t\n");
        read_words(competitor);
    }
    fclose(file);
}

static bool has_row(const struct competitor *competitor, const char *row)
{
    size_t length = strlen(row);
    for (const char *at = competitor->rows; (at = strstr(at, row)) != NULL; at += length)
        if ((at == competitor->rows || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

static void start(struct competitor *competitor)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        fail("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    if (posix_spawnp(&competitor->process, competitor->words[0], &actions, NULL, competitor->words,
                     competitor->environment) != 0)
        fail(competitor->words[0]);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    competitor->to = fdopen(in[1], "w");
    competitor->from = fdopen(out[0], "r");
}

/* Waits until the process has ended, and reads its processor time and peak of resident memory. */
static struct sample stop(struct competitor *competitor)
{
    struct rusage usage = {0};
    int status = 0;
    fclose(competitor->to);
    if (wait4(competitor->process, &status, 0, &usage) != competitor->process || status != 0)
        competitor->failed = true;
    fclose(competitor->from);
    return (struct sample){
        .cpu_us = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
                  (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
        .peak_kb = usage.ru_maxrss,
    };
}

static void work(struct competitor *competitor, const char *row, long calls)
{
    char line[LINE_BYTES];
    alarm(PATIENCE_SECONDS);
    fprintf(competitor->to, "%s %ld\n", row, calls);
    fflush(competitor->to);
    if (fgets(line, sizeof line, competitor->from) == NULL)
        competitor->failed = true;
    alarm(0);
}

static struct sample take_turn(struct competitor *competitor, const char *row, long calls)
{
    double cpu = cpu_microseconds(competitor->process), began = microseconds(CLOCK_MONOTONIC);
    work(competitor, row, calls);
    return (struct sample){
        .wall_us = microseconds(CLOCK_MONOTONIC) - began,
        .cpu_us = cpu_microseconds(competitor->process) - cpu,
    };
}

static struct sample take_fresh_turn(struct competitor *competitor, const char *row, long calls)
{
    double began = microseconds(CLOCK_MONOTONIC);
    start(competitor);
    work(competitor, row, calls);
    struct sample sample = stop(competitor);
    sample.wall_us = microseconds(CLOCK_MONOTONIC) - began;
    return sample;
}

/* Finds the number of calls for a turn: enough concurrent ones that all are in flight most of the
 * time. */
static void find_calls(struct competitor *competitor, const char *row, double turn_us)
{
    int concurrent = 0;
    sscanf(row, "concurrent_%d", &concurrent);
    competitor->calls = concurrent > 1 ? 4 * concurrent : 1;
    take_turn(competitor, row, competitor->calls); /* connects */
    for (; !competitor->failed; competitor->calls *= 2) {
        double took = take_turn(competitor, row, competitor->calls).wall_us;
        if (took >= turn_us)
            return;
        if (took >= turn_us / 2) {
            competitor->calls = (long)((double)competitor->calls * turn_us / took) + 1;
            return;
        }
    }
}

/* Repeats until it gets no faster, for just-in-time compilers. */
static void warm_up(struct competitor *competitor, const char *row, double turn_us)
{
    double best = 0;
    find_calls(competitor, row, turn_us);
    for (int turns = 0; turns < MAX_WARM_UP && !competitor->failed; turns++) {
        double took = take_turn(competitor, row, competitor->calls).wall_us;
        if ((turns >= MIN_WARM_UP && took > 0.95 * best) || took > SLOW_US)
            break;
        best = took;
    }
    find_calls(competitor, row, turn_us);
}

static void report_failure(const struct competitor *competitor, const char *row)
{
    fprintf(stderr, "%s (%s) failed at %s\n", competitor->name, competitor->way, row);
    something_failed = true;
}

static void run_rounds(const char *row, const char *task, int rounds, bool fresh)
{
    size_t turns = 0;
    struct competitor *with_row[MAX_COMPETITORS];
    for (size_t i = 0; i < competitor_count; i++) {
        competitors[i].slowest_us = 0;
        if (!competitors[i].failed && has_row(&competitors[i], row))
            with_row[turns++] = &competitors[i];
    }
    for (int round = 0; round < rounds; round++) {
        for (size_t turn = 0; turn < turns; turn++) {
            size_t place = (turn + (size_t)round / 2) % turns;
            struct competitor *competitor = with_row[round % 2 == 0 ? place : turns - 1 - place];
            if (competitor->failed || (round >= SLOW_ROUNDS && competitor->slowest_us > SLOW_US))
                continue;
            struct sample sample = fresh ? take_fresh_turn(competitor, task, competitor->calls)
                                         : take_turn(competitor, task, competitor->calls);
            if (competitor->failed) {
                report_failure(competitor, row);
                continue;
            }
            if (sample.wall_us > competitor->slowest_us)
                competitor->slowest_us = sample.wall_us;
            printf("%s,%s,%s,%d,%ld,%.1f,%.1f,%ld\n", competitor->way, row, competitor->name, round,
                   competitor->calls, sample.wall_us, sample.cpu_us, sample.peak_kb);
        }
    }
    fflush(stdout);
}

/* Each row that any competitor has, once, in the order of the plan. */
static void run_rows(int rounds, double turn_us)
{
    static char done[16 * LINE_BYTES] = ",";
    for (size_t i = 0; i < competitor_count; i++) {
        char rows[LINE_BYTES], *rest = NULL;
        snprintf(rows, sizeof rows, "%s", competitors[i].rows);
        for (char *row = strtok_r(rows, ",", &rest); row; row = strtok_r(NULL, ",", &rest)) {
            char marked[LINE_BYTES];
            snprintf(marked, sizeof marked, ",%s,", row);
            if (strstr(done, marked) != NULL)
                continue;
            strncat(done, marked, sizeof done - strlen(done) - 1);
            for (size_t j = 0; j < competitor_count; j++) {
                if (competitors[j].failed || !has_row(&competitors[j], row))
                    continue;
                warm_up(&competitors[j], row, turn_us);
                if (competitors[j].failed)
                    report_failure(&competitors[j], row);
            }
            run_rounds(row, row, rounds, false);
        }
    }
}

int main(int argc, char **argv)
{
    bool warm = argc == 5 && strcmp(argv[1], "warm") == 0;
    if (!warm && !(argc == 7 && strcmp(argv[1], "fresh") == 0)) {
        fprintf(stderr, "usage: driver warm ROUNDS MILLISECONDS PLAN\n"
                        "       driver fresh ROUNDS ROW WORK CALLS PLAN\n");
        return EXIT_FAILURE;
    }
    signal(SIGPIPE, SIG_IGN);
    read_plan(argv[argc - 1]);
    if (warm) {
        for (size_t i = 0; i < competitor_count; i++)
            start(&competitors[i]);
        run_rows(atoi(argv[2]), atof(argv[3]) * 1e3);
        for (size_t i = 0; i < competitor_count; i++)
            stop(&competitors[i]);
    } else {
        for (size_t i = 0; i < competitor_count; i++)
            competitors[i].calls = atol(argv[5]);
        run_rounds(argv[3], argv[4], atoi(argv[2]), true);
    }
    return something_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
