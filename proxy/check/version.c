#include "proxy/check/version.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"

#define PREFIX SPAN("Version ")

struct version {
    struct child *child; /* owned */
    struct io *io;       /* owned; its standard output */
    struct buf printed;
    char *text; /* owned */
};

static void on_data(void *ctx, struct span data)
{
    struct version *version = ctx;

    buf_add_span(&version->printed, data);
}

static void on_end(void *ctx, const struct err *err)
{
    struct version *version = ctx;
    struct span line = span_trim(buf_span(&version->printed));

    (void)err; /* what was printed counts */
    if (span_starts_with(line, PREFIX))
        version->text = span_dup(span_skip(line, PREFIX.len));
    else
        log_warn("check", "compiler_version_unknown", LOG_SPAN("printed", line));
}

static void on_exit_of_child(void *ctx, int exit_status, int signal_number)
{
    (void)ctx;
    (void)exit_status;
    (void)signal_number;
}

static int start(struct version *version, struct loop *loop, const char *tsc, struct err *err)
{
    static const struct io_events events = { .on_data = on_data, .on_end = on_end };
    static const char *const env[] = { NULL };
    const char *const argv[] = { tsc, "--version", NULL };
    int fds[2];
    struct child_options options = {
        .argv = argv, .env = env, .cwd = "/", .stdin_fd = -1, .stderr_fd = -1, .extra_fd = -1
    };

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_sys(err, ERR_IO, errno, "pipe");
    options.stdout_fd = fds[1];
    version->child = child_start(loop, &options, on_exit_of_child, version, err);
    fd_close(&fds[1]);
    if (version->child && fd_set_nonblocking(fds[0], err) == 0)
        version->io = io_new(loop, fds[0], -1, 0, &events, version, err);
    if (!version->io)
        fd_close(&fds[0]);
    return version->io ? 0 : -1;
}

struct version *version_new(struct loop *loop, const char *tsc)
{
    struct version *version = NEW(struct version);
    struct err err = ERR_INIT;

    buf_init(&version->printed, 256);
    if (start(version, loop, tsc, &err) < 0)
        log_warn("check", "compiler_version_unknown", LOG_ERR(&err));
    return version;
}

const char *version_text(const struct version *version)
{
    return version ? version->text : NULL;
}

void version_free(struct version *version)
{
    if (!version)
        return;
    io_free(version->io);
    child_free(version->child);
    buf_done(&version->printed);
    free(version->text);
    free(version);
}
