/*
 * Runs a fuzzer's function over the files of its corpus, for builds without
 * libFuzzer.  Fails when there is no file: a replay that replays nothing is no
 * test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/fd.h"

#define INPUT_MAX_BYTES (16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *folder, const char *name)
{
    CLEANUP(buf) struct buf input = BUF(INPUT_MAX_BYTES);
    CLEANUP(str) char *path = xasprintf("%s/%s", folder, name);
    struct err err = ERR_INIT;

    if (file_read(path, &input, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&input), input.len);
    return 0;
}

static int replay_folder(const char *folder, size_t *ret_count)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int result = 0;

    if (!dir) {
        perror(folder);
        return -1;
    }
    while (result == 0 && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        result = replay_file(folder, entry->d_name);
        ++*ret_count;
    }
    closedir(dir);
    return result;
}

int main(int argc, char **argv)
{
    size_t count = 0;

    for (int i = 1; i < argc; i++) {
        if (replay_folder(argv[i], &count) < 0)
            return 1;
    }
    printf("%zu inputs replayed\n", count);
    return count ? 0 : 1;
}
