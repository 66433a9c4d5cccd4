/*
 * A folder for one test.
 */
#ifndef TESTS_UNIT_PROXY_STORE_FOLDER_H
#define TESTS_UNIT_PROXY_STORE_FOLDER_H

#define FOLDER_MAX_BYTES 64

struct folder {
    char path[FOLDER_MAX_BYTES];  /* a new folder */
    char store[FOLDER_MAX_BYTES]; /* a folder in a folder in it, neither made yet */
    char file[FOLDER_MAX_BYTES];  /* the store's file */
};

void folder_init(struct folder *folder);
/* Removes all that is in it. */
void folder_done(struct folder *folder);

#endif
