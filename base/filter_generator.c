/*
 * A program of the build: turns a table of system calls (FILTER_TABLE) into
 * finished seccomp filters, those named as arguments, as a C header on standard
 * output.  So what runs needs no libseccomp.  One row a call, with its reason:
 *
 *   ALLOW(who, call, reason)
 *   ALLOW_EQUAL(who, call, argument, value, reason)      only when the argument (from 0) has
 *                                                        this value; else as without the row
 *   ALLOW_MASKED(who, call, argument, mask, value, reason) only when argument & mask == value
 *   ALLOW_MASKED_BOTH(who, call, argument, mask, value, argument, mask, value, reason) only when
 *                                                        both hold
 *   REFUSE(who, call, error, reason)                     fails with an error number
 *   REFUSE_MASKED(who, call, argument, mask, value, error, reason)
 *
 * who: whose filter it goes into.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

#define PROGRAM_MAX  1024
#define COMPARES_MAX 2
/* The bits of futex's second argument that say what it shall do. */
#define FUTEX_COMMAND (~(uint64_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))

enum who { WORKER = 1, ZYGOTE = 2, BOTH = 3, COMPILER = 4 };

static const struct filter {
    const char *name;
    enum who who;
    uint32_t otherwise; /* what becomes of a call without a row */
} filters[] = {
    { "zygote_filter", ZYGOTE, SCMP_ACT_KILL_PROCESS },
    { "worker_filter", WORKER, SCMP_ACT_KILL_PROCESS },
    { "compiler_filter", COMPILER, SCMP_ACT_ERRNO(EPERM) },
};

/* One row of the table. */
struct row {
    enum who who;
    const char *call;
    uint32_t action;
    unsigned compared; /* how many of the next */
    struct scmp_arg_cmp compare[COMPARES_MAX];
};

#define MASKED(argument, mask, value) SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, value)
#define EQUAL(argument, value)        SCMP_CMP64(argument, SCMP_CMP_EQ, value)

static const struct row rows[] = {
#define ALLOW(who, call, reason) { who, #call, SCMP_ACT_ALLOW, 0, { { 0 } } },
#define ALLOW_EQUAL(who, call, argument, value, reason) \
    { who, #call, SCMP_ACT_ALLOW, 1, { EQUAL(argument, value) } },
#define ALLOW_MASKED(who, call, argument, mask, value, reason) \
    { who, #call, SCMP_ACT_ALLOW, 1, { MASKED(argument, mask, value) } },
#define ALLOW_MASKED_BOTH(who, call, argument, mask, value, argument2, mask2, value2, reason) \
    { who,                                                                                    \
      #call,                                                                                  \
      SCMP_ACT_ALLOW,                                                                         \
      2,                                                                                      \
      { MASKED(argument, mask, value), MASKED(argument2, mask2, value2) } },
#define REFUSE(who, call, error, reason) { who, #call, SCMP_ACT_ERRNO(error), 0, { { 0 } } },
#define REFUSE_MASKED(who, call, argument, mask, value, error, reason) \
    { who, #call, SCMP_ACT_ERRNO(error), 1, { MASKED(argument, mask, value) } },
#include FILTER_TABLE
};

static int add_row(scmp_filter_ctx filter, const struct row *row)
{
    int number = seccomp_syscall_resolve_name(row->call);
    int result;

    if (number == __NR_SCMP_ERROR) {
        fprintf(stderr, FILTER_TABLE ": no system call '%s'\n", row->call);
        return -1;
    }
    /* Not of this machine's architecture (open, stat on arm64): then nobody can call it either. */
    if (number < 0)
        return 0;
    result = seccomp_rule_add_array(filter, row->action, number, row->compared, row->compare);
    if (result < 0)
        fprintf(stderr, FILTER_TABLE ": %s: %s\n", row->call, strerror(-result));
    return result;
}

static int add_rows(scmp_filter_ctx filter, enum who who)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((rows[i].who & who) && add_row(filter, &rows[i]) < 0)
            return -1;
    }
    return 0;
}

/* The program that libseccomp makes of a filter; the number of instructions, or -1. */
static long export_program(scmp_filter_ctx filter, struct sock_filter *ret_code, size_t max)
{
    FILE *file = tmpfile();
    long count = -1;

    if (!file)
        return -1;
    if (seccomp_export_bpf(filter, fileno(file)) == 0 && fseek(file, 0, SEEK_SET) == 0)
        count = (long)fread(ret_code, sizeof(*ret_code), max, file);
    fclose(file);
    return count > 0 && (size_t)count < max ? count : -1;
}

static void print_program(const char *name, const struct sock_filter *code, long count)
{
    printf("static const struct sock_filter %s[] = {\n", name);
    for (long i = 0; i < count; i++)
        printf("    { 0x%02x, %u, %u, 0x%08x },\n", code[i].code, code[i].jt, code[i].jf,
               code[i].k);
    printf("};\n\n");
}

static int generate(const struct filter *wanted)
{
    scmp_filter_ctx filter = seccomp_init(wanted->otherwise);
    struct sock_filter code[PROGRAM_MAX];
    long count = -1;

    if (!filter)
        return -1;
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
        add_rows(filter, wanted->who) == 0)
        count = export_program(filter, code, PROGRAM_MAX);
    seccomp_release(filter);
    if (count < 0) {
        fprintf(stderr, "cannot make the filter %s\n", wanted->name);
        return -1;
    }
    print_program(wanted->name, code, count);
    return 0;
}

static const struct filter *find_filter(const char *name)
{
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        if (strcmp(filters[i].name, name) == 0)
            return &filters[i];
    }
    fprintf(stderr, "no filter is named %s\n", name);
    return NULL;
}

int main(int argc, char **argv)
{
    printf("/* Generated from %s by filter_generator.c. */\n", FILTER_TABLE);
    for (int i = 1; i < argc; i++) {
        const struct filter *filter = find_filter(argv[i]);

        if (!filter || generate(filter) < 0)
            return 1;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
