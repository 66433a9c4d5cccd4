#include "tests/unit/proxy/store/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define ROOM 32 /* for what is below a folder of ours */

void folder_init(struct folder *folder)
{
    snprintf(folder->path, sizeof(folder->path), "/tmp/mcpfold-store-XXXXXX");
    BUG_ON(!mkdtemp(folder->path));
    snprintf(folder->store, sizeof(folder->store), "%.*s/state/own", ROOM, folder->path);
    snprintf(folder->file, sizeof(folder->file), "%.*s/state/own/mcpfold.db", ROOM, folder->path);
}

static int drop(const char *path, const struct stat *stat, int kind, struct FTW *place)
{
    (void)stat;
    (void)kind;
    (void)place;
    return remove(path);
}

void folder_done(struct folder *folder)
{
    nftw(folder->path, drop, 8, FTW_DEPTH | FTW_PHYS);
}
