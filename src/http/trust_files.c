#if !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L /* st_mtim */
#endif
#include "http/trust_files.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHECK_INTERVAL_MS = 1000, SETTLED_SECONDS = 2 };

static bool look(const char *name, struct trust_stamp *stamp)
{
    struct stat status;
    if (name == NULL || stat(name, &status) != 0)
        return false;
    *stamp = (struct trust_stamp){
        .changed = status.st_mtime, .size = status.st_size, .inode = status.st_ino};
#ifdef __linux__
    stamp->changed_ns = status.st_mtim.tv_nsec;
#endif
    return true;
}

static bool is_same(const struct trust_stamp *a, const struct trust_stamp *b)
{
    return a->changed == b->changed && a->changed_ns == b->changed_ns && a->size == b->size &&
           a->inode == b->inode;
}

/* Whether the file has not changed for a while, and so is probably not being written. */
static bool is_settled(const struct trust_stamp *stamp, const struct trust_stamp *seen)
{
    return is_same(stamp, seen) || difftime(time(NULL), stamp->changed) >= SETTLED_SECONDS;
}

static bool copy_name(char **copy, const char *name)
{
    *copy = NULL;
    if (name == NULL)
        return true;
    size_t size = strlen(name) + 1;
    *copy = malloc(size);
    if (*copy != NULL)
        memcpy(*copy, name, size);
    return *copy != NULL;
}

bool trust_files_open(struct trust_files *files, const struct transfer_options *options)
{
    const char *file = options->ca_file, *path = options->ca_path;
    *files = (struct trust_files){.checked = -1};
    if (file == NULL && path == NULL && options->ca_pem == NULL) {
        const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
        file = info->cainfo;
        path = info->capath;
    }
    if (!copy_name(&files->names[0], file) || !copy_name(&files->names[1], path)) {
        trust_files_close(files);
        return false;
    }
    return true;
}

void trust_files_close(struct trust_files *files)
{
    for (int i = 0; i < TRUST_FILES; i++) {
        free(files->names[i]);
        files->names[i] = NULL;
    }
}

bool trust_files_changed(struct trust_files *files, double now)
{
    bool changed = false, first = files->checked < 0;
    if (!first && now - files->checked < CHECK_INTERVAL_MS)
        return false;
    files->checked = now;
    for (int i = 0; i < TRUST_FILES; i++) {
        struct trust_stamp stamp;
        if (!look(files->names[i], &stamp) || is_same(&stamp, &files->used[i])) {
            files->seen[i] = files->used[i];
        } else if (first || is_settled(&stamp, &files->seen[i])) {
            files->used[i] = stamp;
            changed = !first;
        } else {
            files->seen[i] = stamp;
        }
    }
    return changed;
}
