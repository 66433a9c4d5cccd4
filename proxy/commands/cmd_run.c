/*
 * mcpfold run: one script as execute_code would run it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/commands/app.h"
#include "proxy/commands/command.h"

struct options {
    const char *config_path;
    const char *input;
    const char *script;
    bool json;
};

enum { KEY_INPUT = 0x100, KEY_JSON };

static const struct argp_option option_table[] = {
    { "input", KEY_INPUT, "JSON", 0, "What the script finds as `input`", 0 },
    { "json", KEY_JSON, NULL, 0, "Print {ok, value|error, logs, calls, duration_ms}", 0 },
    { 0 },
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is argp's. */
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->config_path;
        return 0;
    case KEY_INPUT:
        options->input = argument;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->script)
            argp_error(state, "more than one script");
        options->script = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .children = command_children,
    .args_doc = "[SCRIPT]",
    .doc = "Runs one script as execute_code would: the value goes to stdout, console lines to "
           "stderr.  SCRIPT is a file; `-` or nothing reads stdin.",
};

struct run {
    struct app *app;
    struct exec *exec; /* NULL before the start and after the end */
    bool json;
    int exit_code;
    struct loop_signal *on_int, *on_term;
};

static void print_span(FILE *out, struct span text)
{
    fwrite(text.data, 1, text.len, out);
    if (text.len == 0 || text.data[text.len - 1] != '\n')
        fputc('\n', out);
}

static void print_json(const struct exec_outcome *outcome)
{
    CLEANUP(buf)
    struct buf out = BUF(outcome->value.len + outcome->error.len + outcome->logs.len + 256);

    buf_add_char(&out, '{');
    json_write_member_bool(&out, "ok", outcome->ok);
    if (outcome->ok)
        json_write_member_raw(&out, "value", outcome->value.len ? outcome->value : SPAN("null"));
    else
        json_write_member_raw(&out, "error", outcome->error);
    json_write_member_raw(&out, "logs", outcome->logs.len ? outcome->logs : SPAN("[]"));
    json_write_member_int(&out, "calls", outcome->calls);
    json_write_member_int(&out, "duration_ms", (int64_t)outcome->duration_ms);
    buf_add_char(&out, '}');
    print_span(stdout, buf_span(&out));
}

/* A string as it is, anything else as JSON: without the console lines of the model's text. */
static void print_value(struct span value)
{
    CLEANUP(buf) struct buf text = BUF(value.len);

    if (value.len == 0)
        return;
    if (json_kind(value) == JSON_KIND_STRING && json_decode_string(value, &text) == 0)
        print_span(stdout, buf_span(&text));
    else
        print_span(stdout, value);
}

static void on_done(void *ctx, const struct exec_outcome *outcome)
{
    struct run *run = ctx;

    run->exec = NULL;
    run->exit_code = outcome->ok ? 0 : 1;
    if (run->json)
        print_json(outcome);
    else if (outcome->ok)
        print_value(outcome->value);
    else
        print_span(stderr, outcome->text);
    fflush(stdout);
    app_stop(run->app);
}

static void on_log(void *ctx, struct span level, struct span text)
{
    const struct run *run = ctx;

    (void)level;
    if (!run->json)
        print_span(stderr, text);
}

static void on_signal(void *ctx)
{
    struct run *run = ctx;

    if (run->exec)
        exec_cancel(run->exec, "interrupted by a signal");
    else
        app_stop(run->app);
}

static int read_script(const char *path, struct buf *code, struct err *err)
{
    if (path && strcmp(path, "-") != 0)
        return file_read(path, code, err);
    if (!path && isatty(STDIN_FILENO))
        return err_set(err, ERR_INVALID, "no script: name a file, or give it on stdin");
    if (fd_read_all(STDIN_FILENO, code, err) < 0)
        return err_in(err, "stdin");
    return 0;
}

static int watch_signals(struct run *run, struct err *err)
{
    run->on_int = loop_signal_new(run->app->loop, SIGINT, on_signal, run, err);
    if (!run->on_int)
        return -1;
    run->on_term = loop_signal_new(run->app->loop, SIGTERM, on_signal, run, err);
    return run->on_term ? 0 : -1;
}

static int execute(struct run *run, const struct exec_request *request, struct err *err)
{
    static const struct exec_events events = { .on_log = on_log, .on_done = on_done };

    if (watch_signals(run, err) == 0) {
        app_start(run->app);
        run->exec = exec_start(run->app->exec, request, &events, run);
        loop_run(run->app->loop);
    }
    loop_signal_free(run->on_int);
    loop_signal_free(run->on_term);
    return err->code == ERR_NONE ? 0 : -1;
}

/* Fewer lines between the script's own: what is normal is not told here. */
static void quieten(struct config *config)
{
    if (config->log_level == LOG_INFO)
        log_setup(LOG_WARN, config->log_format);
}

static int run_script(const struct options *options, struct err *err)
{
    CLEANUP(buf) struct buf code = BUF(LIMIT_CODE_BYTES);
    struct exec_request request = { .input = span_of(options->input) };
    struct run run = { .json = options->json };
    struct config *config;
    int result;

    if (options->input && json_check(request.input, 0, err) < 0)
        return err_in(err, "--input");
    if (read_script(options->script, &code, err) < 0)
        return -1;
    config = app_load_config(options->config_path, err);
    if (!config)
        return -1;
    quieten(config);
    run.app = app_new(config, APP_EXECUTE, err);
    if (!run.app)
        return -1;
    request.code = buf_span(&code);
    result = execute(&run, &request, err);
    app_free(run.app);
    return result < 0 ? -1 : run.exit_code;
}

int cmd_run(int argc, char **argv)
{
    struct options options = { 0 };
    struct err err = ERR_INIT;
    int result;

    argp_parse(&parser, argc, argv, 0, NULL, &options);
    result = run_script(&options, &err);
    return result < 0 ? command_fail(&err) : result;
}
