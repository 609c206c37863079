#include "competitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bytes_append(struct bytes *bytes, const char *data, size_t length)
{
    if (bytes->length + length > bytes->capacity) {
        bytes->capacity = (bytes->length + length) * 2;
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (bytes->data == NULL)
            fail("realloc", "no memory");
    }
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

void bytes_read_file(struct bytes *bytes, const char *directory, const char *name)
{
    char path[4096], chunk[4096];
    size_t count;
    snprintf(path, sizeof path, "%s/%s.json", directory, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail("cannot be read", path);
    bytes->length = 0;
    while ((count = fread(chunk, 1, sizeof chunk, file)) > 0)
        bytes_append(bytes, chunk, count);
    fclose(file);
}
