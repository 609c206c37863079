/* The number of elements of an array (not of a pointer to one). */
#ifndef VAULT_BASE_COUNT_H
#define VAULT_BASE_COUNT_H

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
