/*
 * Prints what codegen/ makes of saved catalogues, for the tests that compile
 * or count it:
 *
 *     declare check|compact|full|description BUDGET|prelude|search QUERY|describe PATH FILE...
 *     declare servers FILE...         what mcp.servers() gives
 *     declare tokens FILE...          what the compact form costs, as the description reckons
 *     declare ask QUESTIONS FILE...   a line of results for each line of the file QUESTIONS
 *     declare split FOLDER FILE...
 *         writes prelude.d.ts and one NAME.check.d.ts, NAME.compact.d.ts,
 *         NAME.full.d.ts for each file into FOLDER
 *     declare time FILE...
 *         CPU milliseconds of declarations and index
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/mem.h"
#include "codegen/catalogue.h"
#include "codegen/declarations.h"
#include "codegen/describe.h"
#include "codegen/observed.h"
#include "codegen/search.h"
#include "codegen/search_index.h"

#define OUTPUT_MAX_BYTES ((size_t)256 * 1024 * 1024)

/* Of which the median is told. */
#define TIMED_RUNS 15

static const char *const style_names[] = { "check", "compact", "full" };

static int fail(const struct err *err)
{
    fprintf(stderr, "declare: %s\n", err->text);
    return 1;
}

/* A tool of a saved catalogue may have "replies", which were observed. */
static void observe_replies(const struct tool *tool)
{
    struct span replies;

    if (!json_get(span_of(tool->definition), "replies", &replies))
        return;
    ((struct tool *)(uintptr_t)tool)->observed = observed_new(0);
    for (struct json_iter it = json_iter(replies); json_next(&it); tool->observed->replies++)
        shape_see(&tool->observed->root, it.value);
}

static struct catalogue *load(char **files, size_t count, struct err *err)
{
    struct catalogue_server **servers = xcalloc(count + 1, sizeof(struct catalogue_server *));
    struct catalogue *catalogue = NULL;
    size_t loaded = 0;

    while (loaded < count && (servers[loaded] = catalogue_server_load(files[loaded], NULL, err))) {
        for (size_t i = 0; i < servers[loaded]->tool_count; i++)
            observe_replies(&servers[loaded]->tools[i]);
        loaded++;
    }
    if (loaded == count)
        catalogue = catalogue_new(servers, count, 1);
    for (size_t i = 0; i < loaded; i++)
        catalogue_server_unref(servers[i]);
    free(servers);
    return catalogue;
}

static int
print_style(const struct catalogue *catalogue, const char *style, struct buf *out, struct err *err)
{
    for (int i = 0; i <= DECLARATION_FULL; i++) {
        if (strcmp(style, style_names[i]) != 0)
            continue;
        for (size_t k = 0; k < catalogue->server_count; k++) {
            if (declarations_of_server(catalogue->servers[k], (enum declaration_style)i, out, err) <
                0)
                return -1;
        }
        return 0;
    }
    return err_set(err, ERR_INVALID, "no command '%s'", style);
}

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Milliseconds of CPU of one making. */
struct times {
    double declared, indexed;
    size_t tools, bytes;
};

static int time_once(char **files, size_t count, struct times *ret_times, struct err *err)
{
    CLEANUP(buf) struct buf text = BUF(OUTPUT_MAX_BYTES);
    struct catalogue *catalogue = load(files, count, err);
    double start = cpu_ms(), declared;
    int result = 0;

    *ret_times = (struct times){ 0 };
    for (size_t i = 0; result == 0 && catalogue && i < catalogue->server_count; i++) {
        ret_times->tools += catalogue->servers[i]->tool_count;
        result = declarations_of_server(catalogue->servers[i], DECLARATION_CHECK, &text, err);
    }
    declared = cpu_ms();
    for (size_t i = 0; result == 0 && catalogue && i < catalogue->server_count; i++)
        search_index_of(catalogue->servers[i]);
    ret_times->declared = declared - start;
    ret_times->indexed = cpu_ms() - declared;
    ret_times->bytes = text.len;
    result = catalogue ? result : -1;
    catalogue_unref(catalogue);
    return result;
}

static int by_sum(const void *a, const void *b)
{
    const struct times *left = a, *right = b;
    double difference = left->declared + left->indexed - right->declared - right->indexed;

    return (difference > 0) - (difference < 0);
}

static int print_times(char **files, size_t count, struct buf *out, struct err *err)
{
    struct times times[TIMED_RUNS], *median = &times[TIMED_RUNS / 2];
    double first;

    for (size_t i = 0; i < TIMED_RUNS; i++) {
        if (time_once(files, count, &times[i], err) < 0)
            return -1;
    }
    first = times[0].declared + times[0].indexed;
    qsort(times, TIMED_RUNS, sizeof(times[0]), by_sum);
    return buf_printf(out,
                      "%zu tools, %zu bytes: declarations %.1f ms, index %.1f ms of CPU "
                      "(median of %d; together %.1f, least %.1f, first %.1f)\n",
                      median->tools, median->bytes, median->declared, median->indexed, TIMED_RUNS,
                      median->declared + median->indexed, times[0].declared + times[0].indexed,
                      first);
}

static int
print_search(const struct catalogue *catalogue, const char *query, struct buf *out, struct err *err)
{
    double start;
    int result;

    for (size_t i = 0; i < catalogue->server_count; i++)
        search_index_of(catalogue->servers[i]);
    if (search_tools(catalogue, span_of(query), 0, out, err) < 0) /* makes what is kept */
        return -1;
    buf_clear(out);
    start = cpu_ms();
    result = search_tools(catalogue, span_of(query), 0, out, err);

    fprintf(stderr, "%.2f ms\n", cpu_ms() - start);
    return result;
}

/* The results of each line of a file, a line each; the time of all on stderr. */
static int print_answers(const struct catalogue *catalogue,
                         const char *questions,
                         struct buf *out,
                         struct err *err)
{
    CLEANUP(buf) struct buf text = BUF(OUTPUT_MAX_BYTES);
    double spent = 0;

    if (file_read(questions, &text, err) < 0 ||
        print_search(catalogue, "", out, err) < 0) /* makes what is kept */
        return -1;
    buf_clear(out);
    for (struct span rest = buf_span(&text); rest.len;) {
        const char *end = memchr(rest.data, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.data) : rest.len;
        double start = cpu_ms();

        if (search_tools(catalogue, span_make(rest.data, len), 0, out, err) < 0)
            return -1;
        spent += cpu_ms() - start;
        buf_add_char(out, '\n');
        rest = span_skip(rest, len + 1);
    }
    fprintf(stderr, "%.2f ms\n", spent);
    return buf_check(out, "the answers", err);
}

static int write_file(
    const char *folder, const char *name, const char *style, struct span text, struct err *err)
{
    CLEANUP(str) char *path = xasprintf("%s/%s.%s.d.ts", folder, name, style);
    FILE *file = fopen(path, "w");

    if (!file)
        return err_set(err, ERR_IO, "%s: can't be written", path);
    fwrite(text.data, 1, text.len, file);
    return fclose(file) == 0 ? 0 : err_set(err, ERR_IO, "%s: can't be written", path);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int split_one(const char *folder, char *file, struct err *err)
{
    struct catalogue *catalogue = load(&file, 1, err);
    int result = catalogue ? 0 : -1;

    for (int i = 0; result == 0 && i <= DECLARATION_FULL; i++) {
        CLEANUP(buf) struct buf text = BUF(OUTPUT_MAX_BYTES);

        result =
            declarations_of_server(catalogue->servers[0], (enum declaration_style)i, &text, err);
        if (result == 0)
            result = write_file(folder, base_name(file), style_names[i], buf_span(&text), err);
    }
    catalogue_unref(catalogue);
    return result;
}

static int split(const char *folder, char **files, int count, struct err *err)
{
    if (write_file(folder, "prelude", "check", declarations_prelude(), err) < 0)
        return -1;
    for (int i = 0; i < count; i++) {
        if (split_one(folder, files[i], err) < 0)
            return -1;
    }
    return 0;
}

static int print_loaded(const char *command,
                        const char *argument,
                        const struct catalogue *catalogue,
                        struct buf *out,
                        struct err *err)
{
    if (strcmp(command, "search") == 0)
        return print_search(catalogue, argument, out, err);
    if (strcmp(command, "ask") == 0)
        return print_answers(catalogue, argument, out, err);
    if (strcmp(command, "tokens") == 0) {
        CLEANUP(buf) struct buf text = BUF(OUTPUT_MAX_BYTES);

        if (print_style(catalogue, "compact", &text, err) < 0)
            return -1;
        return buf_printf(out, "%zu\n", describe_tokens(buf_span(&text)));
    }
    if (strcmp(command, "servers") == 0)
        return search_servers(catalogue, out, err);
    if (strcmp(command, "describe") == 0)
        return search_describe(catalogue, span_of(argument), NULL, out, err);
    if (strcmp(command, "description") == 0) {
        struct describe_options options = { .budget_tokens = strtoul(argument, NULL, 10) };

        return describe_catalogue(catalogue, &options, out, err);
    }
    return print_style(catalogue, command, out, err);
}

static bool takes_argument(const char *command)
{
    return strcmp(command, "search") == 0 || strcmp(command, "describe") == 0 ||
           strcmp(command, "ask") == 0 || strcmp(command, "description") == 0 ||
           strcmp(command, "split") == 0;
}

static int run(const char *command,
               const char *argument,
               char **files,
               int count,
               struct buf *out,
               struct err *err)
{
    struct catalogue *catalogue;
    int result;

    if (strcmp(command, "prelude") == 0)
        return buf_add_span(out, declarations_prelude());
    if (strcmp(command, "split") == 0)
        return split(argument, files, count, err);
    if (strcmp(command, "time") == 0)
        return print_times(files, (size_t)count, out, err);
    catalogue = load(files, (size_t)count, err);
    if (!catalogue)
        return -1;
    result = print_loaded(command, argument, catalogue, out, err);
    catalogue_unref(catalogue);
    return result;
}

int main(int argc, char **argv)
{
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
    struct err err = ERR_INIT;
    int skipped;

    if (argc < 2 || (takes_argument(argv[1]) && argc < 3)) {
        fputs("usage: declare COMMAND [ARGUMENT] FILE...\n", stderr);
        return 2;
    }
    skipped = takes_argument(argv[1]) ? 3 : 2;
    if (run(argv[1], argv[2], argv + skipped, argc - skipped, &out, &err) < 0)
        return fail(&err);
    fwrite(buf_str(&out), 1, out.len, stdout);
    return 0;
}
