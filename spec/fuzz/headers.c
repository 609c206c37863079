/* Header blocks, line by line as libcurl hands them over, through the callback of transfer_callbacks.c. */
#include "check.h"

/* For its static functions; the linker then leaves the library's copy out. */
#include "http/transfer_callbacks.c"

enum { LIMIT = 1 << 16 };

static void check_list(const struct header_list *list)
{
    struct header header;
    size_t count = 0;
    for (size_t position = 0; header_list_next(list, &position, &header); count++) {
        CHECK(header.value + header.value_length < list->lines.data + list->lines.length);
        CHECK(memchr(header.line, '\n', header.name_length) == NULL);
        CHECK(header.value_length == 0 || (header.value[0] != ' ' && header.value[0] != '\t'));
        struct header found;
        if (header.name_length < 64) {
            char name[64];
            memcpy(name, header.line, header.name_length);
            name[header.name_length] = '\0';
            CHECK(header_list_find(list, name, &found));
        }
    }
    CHECK(count == list->count);
}

static void edit(struct header_list *list)
{
    struct header_list copy = {0};
    CHECK(header_list_copy(&copy, list));
    CHECK(header_list_set(&copy, "content-type", "x", 1));
    check_list(&copy);
    CHECK(header_list_set(&copy, "content-type", "", 0));
    struct header header;
    CHECK(!header_list_find(&copy, "content-type", &header));
    header_list_free(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct transfer transfer = {.max_response_bytes = LIMIT};
    static struct transfer_response response;
    if (transfer.easy == NULL)
        transfer.easy = curl_easy_init();
    transfer.response = &response;
    transfer.head_bytes = 0;
    transfer.head_status = 0;
    transfer_response_clear(&response);
    const uint8_t *line = data, *end = data + size;
    while (line < end) {
        const uint8_t *stop = memchr(line, '\n', (size_t)(end - line));
        size_t length = stop != NULL ? (size_t)(stop - line) + 1 : (size_t)(end - line);
        char *copy = malloc(length); /* of that very size, for the sanitizer */
        CHECK(copy != NULL);
        memcpy(copy, line, length);
        on_header(copy, 1, length, &transfer);
        free(copy);
        line += length;
    }
    CHECK(!transfer.out_of_memory);
    check_list(&response.headers);
    edit(&response.headers);
    return 0;
}
