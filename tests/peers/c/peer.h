/* What the C programs share. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* Ends the program with libzmq's last error. */
static void check(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

/* Connects the socket, or binds it and says where. */
static void attach(void *socket, const char *how, const char *endpoint)
{
    char where[256];
    size_t len = sizeof where;
    if (strcmp(how, "connect") == 0) {
        check(zmq_connect(socket, endpoint) == 0, endpoint);
        return;
    }
    check(zmq_bind(socket, endpoint) == 0, endpoint);
    check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, where, &len) == 0, endpoint);
    fprintf(stderr, "listening on %s\n", where);
}
