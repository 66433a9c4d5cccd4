/*
 * Finds the program's parts.  Each is checked here, once, at the start, so that
 * a broken installation is told by what is missing and not by a failed exec.
 */
#include "proxy/paths.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define LOADER_PREFIX "ld-linux"

static int program_dir(char *ret_dir, size_t size, struct err *err)
{
    ssize_t len = readlink("/proc/self/exe", ret_dir, size - 1);
    char *slash;

    if (len < 0)
        return err_sys(err, ERR_IO, errno, "/proc/self/exe (is /proc mounted?)");
    ret_dir[len] = '\0';
    slash = strrchr(ret_dir, '/');
    if (!slash)
        return err_set(err, ERR_IO, "/proc/self/exe leads to '%s', no absolute path", ret_dir);
    *slash = '\0';
    return 0;
}

/*
 * What the variable says, else `tail` under the program's folder, without
 * symbolic links: the compiler finds its library by its own real path, and the
 * checker compares the two.
 */
static char *from_env_or(const char *variable, const char *dir, const char *tail)
{
    const char *value = getenv(variable);
    char *path = value && *value ? xstrdup(value) : xasprintf("%s/%s", dir, tail);
    char *real = realpath(path, NULL);

    /* What isn't there is told by check(), under the name it was sought by. */
    if (!real)
        return path;
    free(path);
    return real;
}

static char *loader_in(const char *dir)
{
    DIR *entries = opendir(dir);
    struct dirent *entry;
    char *found = NULL;

    if (!entries)
        return NULL;
    while (!found && (entry = readdir(entries)) != NULL)
        if (strncmp(entry->d_name, LOADER_PREFIX, strlen(LOADER_PREFIX)) == 0)
            found = xasprintf("%s/%s", dir, entry->d_name);
    closedir(entries);
    return found;
}

static int must_run(const char *what, const char *path, const char *variable, struct err *err)
{
    if (access(path, X_OK) == 0)
        return 0;
    return err_sys(err, ERR_NOT_FOUND, errno, "%s '%s' (install mcpfold again, or set %s)", what,
                   path, variable);
}

static int check(const struct paths *p, struct err *err)
{
    if (must_run("the worker program", p->isolate, "MCPFOLD_ISOLATE", err) < 0)
        return -1;
    if (!p->v8_loader)
        return err_set(err, ERR_NOT_FOUND,
                       "no %s*.so in the folder of V8's libraries '%s' (install mcpfold again, or "
                       "set MCPFOLD_V8_DIR)",
                       LOADER_PREFIX, p->v8_dir);
    if (must_run("V8's loader", p->v8_loader, "MCPFOLD_V8_DIR", err) < 0)
        return -1;
    return must_run("the TypeScript compiler", p->tsc, "MCPFOLD_TYPESCRIPT_DIR", err);
}

/* True for a build tree: there the worker lies beside the program. */
static bool is_build_tree(const char *dir)
{
    char *beside = xasprintf("%s/mcpfold-isolate", dir);
    bool found = access(beside, F_OK) == 0;

    free(beside);
    return found;
}

int paths_find_from(const char *dir, struct paths *ret_paths, struct err *err)
{
    bool build = is_build_tree(dir);
    struct paths *p = ret_paths;

    p->isolate = from_env_or("MCPFOLD_ISOLATE", dir,
                             build ? "mcpfold-isolate" : "../libexec/mcpfold/mcpfold-isolate");
    p->v8_dir = from_env_or("MCPFOLD_V8_DIR", dir, build ? "lib/mcpfold/v8" : "../lib/mcpfold/v8");
    p->v8_loader = loader_in(p->v8_dir);
    p->typescript_dir = from_env_or("MCPFOLD_TYPESCRIPT_DIR", dir,
                                    build ? "lib/mcpfold/typescript" : "../lib/mcpfold/typescript");
    p->tsc = xasprintf("%s/tsc", p->typescript_dir);
    if (check(p, err) == 0)
        return 0;
    paths_done(p);
    return -1;
}

int paths_find(struct paths *ret_paths, struct err *err)
{
    char dir[PATH_MAX];

    if (program_dir(dir, sizeof(dir), err) < 0)
        return -1;
    return paths_find_from(dir, ret_paths, err);
}

void paths_done(struct paths *p)
{
    free(p->isolate);
    free(p->v8_dir);
    free(p->v8_loader);
    free(p->typescript_dir);
    free(p->tsc);
    *p = (struct paths){ 0 };
}
