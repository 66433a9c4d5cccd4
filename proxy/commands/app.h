/*
 * The parts of the program put together, for the commands that need them.
 */
#ifndef PROXY_COMMANDS_APP_H
#define PROXY_COMMANDS_APP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "isolate/client.h"
#include "proxy/check/checker.h"
#include "proxy/config/config.h"
#include "proxy/exec/exec.h"
#include "proxy/mcp/server.h"
#include "proxy/upstream/upstreams.h"

struct app {
    struct loop *loop;
    struct config *config;
    struct isolate_pool *isolates; /* NULL where no code is run, as checker and exec */
    struct checker *checker;
    struct upstreams *upstreams;
    struct learned *learned; /* NULL when learn_outputs is off */
    struct exec_service *exec;
    struct mcp_server *mcp; /* NULL unless the command serves */
    struct loop_signal *on_int, *on_term, *on_hup;
    bool started, stopping;
};

enum app_use {
    APP_UPSTREAMS, /* connections and catalogue only */
    APP_EXECUTE,   /* and all that runs a script */
    APP_SERVE      /* and the downstream server */
};

/*
 * Puts the parts together; nothing costly starts.  Takes `config`, also when
 * it fails.  NULL with err.
 */
struct app *app_new(struct config *config, enum app_use use, struct err *err);

/* Starts upstreams, zygote and compiler; may be called again. */
void app_start(struct app *app);

/* Ends all in order; the loop stops when the last child is gone. */
void app_stop(struct app *app);

/* app_stop at SIGINT and SIGTERM. */
int app_stop_at_signals(struct app *app, struct err *err);

/* True when a script could run now, or a mirrored server could be asked; else *ret_why says what is
 * missing. */
bool app_ready(void *app, const char **ret_why);

void app_free(struct app *app); /* takes NULL */

/* The configuration of -c (or of the usual places), with the log set up and warnings shown. */
struct config *app_load_config(const char *path, struct err *err);

#endif
