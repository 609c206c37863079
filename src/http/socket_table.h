/* Which descriptor a connection of libcurl's has: libcurl tells only its two ports while it is in
 * use. */
#ifndef VAULT_HTTP_SOCKET_TABLE_H
#define VAULT_HTTP_SOCKET_TABLE_H

#include <curl/curl.h>

/* `socket` may be the connection between these ports, or not. Any thread may call these. */
void socket_table_add(curl_socket_t socket, int local_port, int remote_port);
/* The socket of the connection between these ports, as far as it was noted; or CURL_SOCKET_BAD. */
curl_socket_t socket_table_find(int local_port, int remote_port);

#endif
