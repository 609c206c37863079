/* Makes untrusted text a single line. */
#ifndef VAULT_BASE_ONE_LINE_H
#define VAULT_BASE_ONE_LINE_H

#include <stddef.h>

/* Replaces, in place, every character that could end a line or control a terminal by a space: the
 * control characters of ASCII and C1 (ISO/IEC 6429), and the line and paragraph separators of
 * Unicode (U+2028, U+2029). Returns the new length. */
size_t one_line(char *text, size_t length);

#endif
