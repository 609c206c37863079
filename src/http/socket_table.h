/* Finds the descriptor of a connection in use, of which libcurl only reports the two ports. */
#ifndef VAULT_HTTP_SOCKET_TABLE_H
#define VAULT_HTTP_SOCKET_TABLE_H

#include <curl/curl.h>

/* Records that `socket` connects these ports. Both functions may be called from any thread. */
void socket_table_add(curl_socket_t socket, int local_port, int remote_port);
/* Returns the socket that connects these ports, if it was recorded; else CURL_SOCKET_BAD. */
curl_socket_t socket_table_find(int local_port, int remote_port);

#endif
