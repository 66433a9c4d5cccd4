/*
 * What a type check costs the compiler: processor time a check, and memory.
 *
 *     check_cost TOOLS CATALOGUE...
 *
 * Loads the catalogues, again and again under other names, up to that many
 * tools; checks a script of 40 lines in many versions; prints JSON.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/json.h"
#include "isolate/prepare.h"
#include "proxy/check/checker.h"

#define SERVERS_MAX 1024
#define WARM_UP     10
#define CHECKS      61

struct bench {
    struct loop *loop;
    struct checker *checker;
    struct catalogue *catalogue;
    bool failed;
};

static const char script[] =
    "interface Row { title: string; open: boolean; labels: string[]; age?: number }\n"
    "const owner = \"nodejs\", repo = \"node\";\n"
    "const limit: number = input?.limit ?? %d;\n"
    "async function issues(page: number): Promise<any[]> {\n"
    "  const batch = await github.list_issues({ owner, repo, state: \"open\", page });\n"
    "  return Array.isArray(batch) ? batch : [];\n"
    "}\n"
    "const rows: Row[] = [];\n"
    "for (let page = 1; page <= 3; page++) {\n"
    "  const batch = await issues(page);\n"
    "  if (batch.length === 0) break;\n"
    "  for (const issue of batch) {\n"
    "    const labels: string[] = (issue.labels ?? []).map((l: any) => l.name);\n"
    "    rows.push({ title: issue.title, open: issue.state === \"open\", labels });\n"
    "  }\n"
    "}\n"
    "const byLabel = new Map<string, Row[]>();\n"
    "for (const row of rows) {\n"
    "  for (const label of row.labels) {\n"
    "    const list = byLabel.get(label) ?? [];\n"
    "    list.push(row);\n"
    "    byLabel.set(label, list);\n"
    "  }\n"
    "}\n"
    "const [found, spelled] = await Promise.all([\n"
    "  pubmed.pubmed_search_articles({ query: \"sleep\", maxResults: 5, sort: \"pub_date\" }),\n"
    "  pubmed.pubmed_spell_check({ query: \"slep\" }),\n"
    "]);\n"
    "const titles = found.summaries\n"
    "  .filter((s) => s.title?.length)\n"
    "  .map((s) => ({ title: s.title, year: s.pubDate?.slice(0, 4) ?? \"unknown\" }))\n"
    "  .sort((a, b) => a.year.localeCompare(b.year));\n"
    "const { contrastRatio, passes } = await mapbox.check_color_contrast_tool({\n"
    "  foregroundColor: \"#333\", backgroundColor: \"#fff\", level: \"AA\",\n"
    "});\n"
    "const top = [...byLabel.entries()]\n"
    "  .map(([label, list]) => ({ label, count: list.length }))\n"
    "  .sort((a, b) => b.count - a.count)\n"
    "  .slice(0, limit);\n"
    "return { top, titles, spelled: spelled.corrected, contrast: passes ? contrastRatio : null "
    "};\n";

static int die(const char *what)
{
    fprintf(stderr, "check_cost: %s\n", what);
    return 1;
}

/* Processor time of all threads of a process, in nanoseconds. */
static double cpu_of(int pid)
{
    CLEANUP(str) char *folder = xasprintf("/proc/%d/task", pid);
    DIR *tasks = opendir(folder);
    struct dirent *entry;
    double sum = 0;

    while (tasks && (entry = readdir(tasks)) != NULL) {
        CLEANUP(buf) struct buf text = BUF(256);
        CLEANUP(str) char *path = xasprintf("%s/%s/schedstat", folder, entry->d_name);
        struct err err = ERR_INIT;

        if (entry->d_name[0] != '.' && file_read(path, &text, &err) == 0)
            sum += strtod(buf_str(&text), NULL);
    }
    if (tasks)
        closedir(tasks);
    return sum;
}

/* A figure of /proc/PID/status, in MiB. */
static double memory_of(int pid, const char *name)
{
    CLEANUP(buf) struct buf text = BUF(8192);
    CLEANUP(str) char *path = xasprintf("/proc/%d/status", pid);
    struct err err = ERR_INIT;
    const char *at;

    if (file_read(path, &text, &err) < 0 || (at = strstr(buf_str(&text), name)) == NULL)
        return 0;
    return strtod(at + strlen(name), NULL) / 1024;
}

static struct catalogue *load(size_t tools, char **files, int count)
{
    struct catalogue_server *servers[SERVERS_MAX];
    struct catalogue *catalogue;
    size_t loaded = 0, found = 0;

    for (unsigned round = 0; found < tools && loaded + (size_t)count < SERVERS_MAX; round++) {
        for (int i = 0; i < count && (found < tools || round == 0); i++) {
            char *equals = strchr(files[i], '=');
            CLEANUP(str)
            char *key = equals ? xasprintf(round ? "%.*s%u" : "%.*s", (int)(equals - files[i]),
                                           files[i], round)
                               : NULL;
            struct err err = ERR_INIT;

            servers[loaded] = key ? catalogue_server_load(equals + 1, key, &err) : NULL;
            if (!servers[loaded])
                exit(die(key ? err.text : "a catalogue is named as KEY=FILE"));
            found += servers[loaded++]->tool_count;
        }
    }
    catalogue = catalogue_new(servers, loaded, 1);
    for (size_t i = 0; i < loaded; i++)
        catalogue_server_unref(servers[i]);
    printf("{\"tools\":%zu,\"servers\":%zu", found, loaded);
    return catalogue;
}

static void on_done(void *ctx, const struct check_report *report, const struct err *err)
{
    struct bench *bench = ctx;

    if (err || report->count)
        fprintf(stderr, "check_cost: %s\n", err ? err->text : report->diagnostics[0].message);
    bench->failed = bench->failed || err || report->count;
    loop_stop(bench->loop);
}

/* Checks one version of the script; returns milliseconds of the compiler's processor time. */
static double check(struct bench *bench, int version)
{
    CLEANUP(str) char *code = NULL;
    struct prepare_result prepared;
    struct err err = ERR_INIT;
    int pid = checker_pid(bench->checker);
    double before = pid ? cpu_of(pid) : 0;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    code = xasprintf(script, version);
#pragma GCC diagnostic pop
    prepare_result_init(&prepared);
    if (prepare_code(span_of(code), &prepared, &err) < 0)
        bench->failed = true;
    checker_check(bench->checker, bench->catalogue, buf_span(&prepared.check_text),
                  buf_span(&prepared.notes), on_done, bench);
    loop_run(bench->loop);
    prepare_result_done(&prepared);
    return (cpu_of(checker_pid(bench->checker)) - before) / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(struct bench *bench)
{
    double samples[CHECKS], first = check(bench, 0);

    for (int i = 1; i <= WARM_UP; i++)
        check(bench, i);
    for (int i = 0; i < CHECKS; i++)
        samples[i] = check(bench, WARM_UP + 1 + i);
    qsort(samples, CHECKS, sizeof(*samples), compare);
    printf(",\"first_ms\":%.1f,\"p50\":%.2f,\"p99\":%.2f,\"rss_mib\":%.1f,\"peak_mib\":%.1f}\n",
           first, samples[CHECKS / 2], samples[CHECKS - 1],
           memory_of(checker_pid(bench->checker), "VmRSS:"),
           memory_of(checker_pid(bench->checker), "VmHWM:"));
}

int main(int argc, char **argv)
{
    struct checker_options options = { .tsc = TSC_DIR "/tsc", .library_dir = TSC_DIR };
    struct bench bench = { .failed = false };
    struct err err = ERR_INIT;

    if (argc < 3)
        return die("usage: check_cost TOOLS KEY=CATALOGUE...");
    bench.loop = loop_new(&err);
    if (!bench.loop)
        return die(err.text);
    bench.catalogue = load((size_t)strtoul(argv[1], NULL, 10), argv + 2, argc - 2);
    bench.checker = checker_new(bench.loop, &options);
    measure(&bench);
    checker_free(bench.checker);
    loop_drain(bench.loop, 1000);
    loop_free(bench.loop);
    catalogue_unref(bench.catalogue);
    return bench.failed;
}
