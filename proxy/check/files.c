#include "proxy/check/files.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "codegen/declarations.h"

#define FILES_PRELUDE "/w/prelude.d.ts"
#define SERVERS_DIR   "/w/servers/"
#define SUFFIX        ".d.ts"

/*
 * noImplicitAny stays on: without it `const out = []` is never[].  What it
 * finds otherwise is left out of the findings (diagnostics.c).
 * noResolve keeps import types from the disk.
 */
#define COMPILER_OPTIONS                                                                  \
    "{\"strict\":true,\"target\":\"esnext\",\"module\":\"esnext\",\"moduleResolution\":"  \
    "\"bundler\",\"lib\":[\"esnext\"],\"types\":[],\"noResolve\":true,"                   \
    "\"moduleDetection\":\"force\",\"skipLibCheck\":true,"                                \
    "\"useUnknownInCatchVariables\":false,\"noEmit\":true,\"allowUnreachableCode\":true," \
    "\"allowUnusedLabels\":true}"

void files_done(struct files *files)
{
    catalogue_unref(files->catalogue);
    files->catalogue = NULL;
}

static void write_path(struct buf *out, const struct catalogue_server *server)
{
    json_write_comma(out);
    buf_printf(out, "\"" SERVERS_DIR "%s" SUFFIX "\"", server->identifier);
}

static const struct catalogue_server *find_identifier(const struct catalogue *catalogue,
                                                      struct span identifier)
{
    for (size_t i = 0; catalogue && i < catalogue->server_count; i++) {
        if (span_is(identifier, catalogue->servers[i]->identifier))
            return catalogue->servers[i];
    }
    return NULL;
}

const struct catalogue_server *files_server(const struct files *files, struct span path)
{
    if (!span_starts_with(path, SPAN(SERVERS_DIR)) || path.len < sizeof(SERVERS_DIR SUFFIX) - 1)
        return NULL;
    path = span_skip(path, sizeof(SERVERS_DIR) - 1);
    if (memcmp(path.data + path.len - (sizeof(SUFFIX) - 1), SUFFIX, sizeof(SUFFIX) - 1) != 0)
        return NULL;
    return find_identifier(files->catalogue, span_make(path.data, path.len - sizeof(SUFFIX) + 1));
}

/* Writes the paths of servers of `of` that `other` has not (or has in another form, with
 * `changed`). */
static size_t write_difference(struct buf *out,
                               const struct catalogue *of,
                               const struct catalogue *other,
                               bool changed)
{
    size_t count = 0;

    for (size_t i = 0; of && i < of->server_count; i++) {
        const struct catalogue_server *server = of->servers[i];
        const struct catalogue_server *twin = find_identifier(other, span_of(server->identifier));

        if (changed ? (twin && twin != server) : !twin) {
            write_path(out, server);
            count++;
        }
    }
    return count;
}

int files_change(struct files *files, struct catalogue *catalogue, bool loose, struct buf *out)
{
    struct catalogue *old = files->catalogue;
    size_t listed = 0;

    buf_add_str(out, "{\"created\":[");
    listed += write_difference(out, catalogue, old, false);
    buf_add_str(out, "],\"deleted\":[");
    listed += write_difference(out, old, catalogue, false);
    buf_add_str(out, "],\"changed\":[\"" FILES_SCRIPT "\"");
    write_difference(out, catalogue, old, true);
    if (listed) {
        json_write_comma(out);
        buf_add_str(out, "\"" FILES_PROJECT "\"");
    }
    if (loose != files->loose) {
        json_write_comma(out);
        buf_add_str(out, "\"" FILES_PRELUDE "\"");
    }
    buf_add_str(out, "]}");
    files->catalogue = catalogue_ref(catalogue);
    files->loose = loose;
    catalogue_unref(old);
    return buf_failed(out) ? -1 : 0;
}

static void write_project(const struct files *files, struct buf *out)
{
    buf_add_str(out, "{\"compilerOptions\":" COMPILER_OPTIONS ",\"files\":[\"" FILES_PRELUDE "\"");
    for (size_t i = 0; files->catalogue && i < files->catalogue->server_count; i++)
        write_path(out, files->catalogue->servers[i]);
    buf_add_str(out, ",\"" FILES_SCRIPT "\"]}");
}

/* The declarations of a server; one whose declarations are too large may be called with anything.
 */
static void write_server(const struct catalogue_server *server, struct buf *out)
{
    struct err err = ERR_INIT;

    if (declarations_of_server(server, DECLARATION_CHECK, out, &err) == 0)
        return;
    log_warn("check", "declarations_left_out", LOG_STR("server", server->key), LOG_ERR(&err));
    buf_clear(out);
    buf_printf(out, "declare const %s: any;\n", server->identifier);
}

/* The prelude, in which Observed<T> is any when `loose`. */
static void write_prelude(struct buf *out, bool loose)
{
    static const char head[] = "type Observed<T> = ", tail[] = ";\n";
    struct span prelude = declarations_prelude();
    const char *start = memmem(prelude.data, prelude.len, head, sizeof(head) - 1);
    struct span rest = span_skip(prelude, (size_t)(start - prelude.data) + sizeof(head) - 1);
    const char *end = memmem(rest.data, rest.len, tail, sizeof(tail) - 1);

    if (!loose) {
        buf_add_span(out, prelude);
        return;
    }
    buf_add(out, prelude.data, (size_t)(rest.data - prelude.data));
    buf_add_str(out, "any");
    buf_add_span(out, span_skip(rest, (size_t)(end - rest.data)));
}

/* Appends the text of a file; false when there is none. */
static bool write_file(const struct files *files, struct span path, struct buf *out)
{
    const struct catalogue_server *server;

    if (span_is(path, FILES_SCRIPT)) {
        buf_add_span(out, files->script);
    } else if (span_is(path, FILES_PROJECT)) {
        write_project(files, out);
    } else if (span_is(path, FILES_PRELUDE)) {
        write_prelude(out, files->loose);
    } else if ((server = files_server(files, path)) != NULL) {
        write_server(server, out);
    } else {
        return false;
    }
    return true;
}

/* True for lib.NAME.d.ts right in the compiler's own folder, which it reads by itself. */
static bool is_library(const struct files *files, struct span path)
{
    struct span folder = span_of(files->library_dir), name;

    if (!span_starts_with(path, folder))
        return false;
    name = span_skip(path, folder.len);
    return span_starts_with(name, SPAN("/lib.")) && name.len > sizeof(SUFFIX) &&
           !memchr(name.data + 1, '/', name.len - 1) &&
           memcmp(name.data + name.len - (sizeof(SUFFIX) - 1), SUFFIX, sizeof(SUFFIX) - 1) == 0;
}

/* The compiler reads a file itself where the answer is null, so that a file that must not be read
 * is one without content. */
static int answer_content(const struct files *files, struct span path, struct buf *answer)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_CHECK_MESSAGE_BYTES);

    if (is_library(files, path))
        return buf_add_str(answer, "null");
    buf_add_str(answer, "{\"content\":");
    if (!write_file(files, path, &text))
        buf_add_str(answer, "null");
    else if (buf_failed(&text))
        return -1;
    else
        json_write_string(answer, buf_span(&text));
    return buf_add_char(answer, '}');
}

static bool exists(const struct files *files, struct span path)
{
    return span_is(path, FILES_SCRIPT) || span_is(path, FILES_PROJECT) ||
           span_is(path, FILES_PRELUDE) || files_server(files, path) || is_library(files, path);
}

static bool is_folder(const struct files *files, struct span path)
{
    return span_is(path, "/w") || span_is(path, "/w/servers") || span_is(path, files->library_dir);
}

int files_answer(const struct files *files,
                 struct span method,
                 struct span path,
                 struct buf *answer)
{
    if (span_is(method, "readFile"))
        return answer_content(files, path, answer);
    if (span_is(method, "fileExists"))
        return buf_add_str(answer, exists(files, path) ? "true" : "false");
    if (span_is(method, "directoryExists"))
        return buf_add_str(answer, is_folder(files, path) ? "true" : "false");
    if (span_is(method, "realpath"))
        return json_write_string(answer, path);
    return buf_add_str(answer, "{\"files\":[],\"directories\":[]}");
}
