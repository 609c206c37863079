/* The server of the calls: HTTP/1.1 on loopback, in a process of its own, in which no allocation
 * fails. The first segment of the path selects the behaviour. */
#ifndef VAULT_SPEC_ALLOCATIONS_SERVER_H
#define VAULT_SPEC_ALLOCATIONS_SERVER_H

/* Starts it; it ends with this process. Returns its port. */
int server_start(void);
/* A loopback port that is closed, and stays so until this process ends. */
int server_closed_port(void);

#endif
