/* What the calls are made to: an HTTP/1.1 server on loopback in a process of its own, where no
 * allocation fails. The first segment of the path says what it does. */
#ifndef VAULT_SPEC_ALLOCATIONS_SERVER_H
#define VAULT_SPEC_ALLOCATIONS_SERVER_H

/* Starts it; it ends with this process. Returns its port. */
int server_start(void);
/* A port of loopback where nobody listens, and nobody can until this process ends. */
int server_closed_port(void);

#endif
