/*
 * Files with secrets that others on this machine may read, and files that
 * name commands which others may change.
 */
#include <string.h>
#include <sys/stat.h>

#include "proxy/config/reader.h"

void note_secret(struct reader *r, const struct yaml_node *node)
{
    for (size_t i = 0; node->kind == YAML_KIND_LIST && i < node->count; i++)
        note_secret(r, node->items[i]);
    if (node->kind == YAML_KIND_SCALAR && !r->literal && *node->text && !strstr(node->text, "${"))
        r->config->holds_secrets = true;
}

void warn_of_exposed_file(struct config *config, const char *path, bool is_secret)
{
    struct stat file;

    if (stat(path, &file) < 0 || !S_ISREG(file.st_mode))
        return;
    if (file.st_mode & S_IWOTH)
        config_warn(config, "%s can be written by every user of this machine; chmod o-w it", path);
    if (is_secret && (file.st_mode & S_IROTH))
        config_warn(config,
                    "%s holds a secret and can be read by every user of this machine; "
                    "chmod 600 it",
                    path);
}
