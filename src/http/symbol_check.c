#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* RTLD_DEFAULT, dl_iterate_phdr */
#endif
#include "http/symbol_check.h"

#ifdef __linux__

#include <curl/curl.h>
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct lookup {
    uintptr_t address;
    bool in_program;
};

static int inspect_program(struct dl_phdr_info *info, size_t size, void *context)
{
    struct lookup *lookup = context;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        if (info->dlpi_phdr[i].p_type == PT_LOAD && lookup->address >= start &&
            lookup->address - start < info->dlpi_phdr[i].p_memsz)
            lookup->in_program = true;
    }
    return 1; /* dl_iterate_phdr(3): the first object is the main program */
}

static bool is_in_program(const void *address)
{
    struct lookup lookup = {(uintptr_t)address, false};
    dl_iterate_phdr(inspect_program, &lookup);
    return lookup.in_program;
}

static bool uses_openssl(void)
{
    const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;
    return name != NULL && strstr(name, "OpenSSL") != NULL;
}

struct status symbol_check(void)
{
    const void *openssl = dlsym(RTLD_DEFAULT, "SSL_CTX_new");
    const void *libcurl = dlsym(RTLD_DEFAULT, "curl_easy_init");
    /* libcurl is NULL if it is linked into this module, outside of the global scope. If it is in
     * the program, too, both were linked to belong together. */
    if (openssl == NULL || !uses_openssl() || !is_in_program(openssl) ||
        (libcurl != NULL && is_in_program(libcurl)))
        return status_ok();
    return status_unavailable(
        "the program exports its own OpenSSL, which libcurl would call: use a program that shares "
        "the system's OpenSSL or is linked without -Wl,-E, or give the client a transport");
}

#else

struct status symbol_check(void)
{
    return status_ok();
}

#endif
