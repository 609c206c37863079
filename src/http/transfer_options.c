#include "http/transfer_options.h"

#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

static bool copy_string(const char **copy, const char *from)
{
    *copy = NULL;
    if (from == NULL)
        return true;
    size_t size = strlen(from) + 1;
    char *memory = malloc(size);
    if (memory != NULL)
        memcpy(memory, from, size);
    *copy = memory;
    return memory != NULL;
}

bool transfer_options_copy(struct transfer_options *copy, const struct transfer_options *from)
{
    *copy = *from;
    /* No short circuit: every string must be replaced by a copy or NULL. */
    bool copied = copy_string(&copy->proxy, from->proxy);
    copied &= copy_string(&copy->ca_file, from->ca_file);
    copied &= copy_string(&copy->ca_path, from->ca_path);
    copied &= copy_string(&copy->ca_pem, from->ca_pem);
    copied &= copy_string(&copy->cert_file, from->cert_file);
    copied &= copy_string(&copy->key_file, from->key_file);
    copied &= copy_string(&copy->key_password, from->key_password);
    if (!copied)
        transfer_options_free(copy);
    return copied;
}

void transfer_options_free(struct transfer_options *copy)
{
    wipe_and_free_string((char *)copy->proxy); /* may have a password */
    wipe_and_free_string((char *)copy->ca_file);
    wipe_and_free_string((char *)copy->ca_path);
    wipe_and_free_string((char *)copy->ca_pem);
    wipe_and_free_string((char *)copy->cert_file);
    wipe_and_free_string((char *)copy->key_file);
    wipe_and_free_string((char *)copy->key_password);
    copy->proxy = copy->ca_file = copy->ca_path = NULL;
    copy->ca_pem = copy->cert_file = copy->key_file = copy->key_password = NULL;
}
