#include "competitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct row rows[] = {
    {"get", "GET", "/vault/connections/crm/pipedrive", NULL, "", 0},
    {"list_20", "GET", "/vault/connections?api=crm", NULL, "", 0},
    {"list_200", "GET", "/vault/connections", NULL, "", 0},
    {"update", "PATCH", "/vault/connections/crm/pipedrive", "update", "", 0},
    {"import", "POST", "/vault/connections/crm/pipedrive/import", "import", "", 0},
};

const struct row *find_row(const char *name)
{
    static struct row row;
    static char prefix[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    if (sscanf(name, "concurrent_%d", &row.concurrent) == 1) {
        row.prefix = "";
        row.path = rows[0].path;
    } else if (strncmp(name, "size_", 5) == 0) {
        snprintf(prefix, sizeof prefix, "/%s", name);
        row.prefix = prefix;
        row.path = rows[2].path;
        row.concurrent = 0;
    } else {
        fail("no such row", name);
    }
    row.name = name;
    row.method = "GET";
    return &row;
}
