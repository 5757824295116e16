/* What the programs that show a defect share. Each prints "done" at its end, if it
   comes that far. */

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#define ZMQ_BUILD_DRAFT_API
#include <zmq.h>

static inline void check(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
        exit(3);
    }
}

static inline void set(void *socket, int option, int value)
{
    check(zmq_setsockopt(socket, option, &value, sizeof value) == 0, "zmq_setsockopt");
}

/* A socket of the operating system's, on a free port of 127.0.0.1. */
static inline int open_port(int type, struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int port = socket(AF_INET, type, 0);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(bind(port, (struct sockaddr *)address, length) == 0, "bind");
    check(getsockname(port, (struct sockaddr *)address, &length) == 0, "getsockname");
    return port;
}

static inline const char *endpoint(const char *transport, const struct sockaddr_in *address)
{
    static char text[64];
    sprintf(text, "%s://127.0.0.1:%d", transport, ntohs(address->sin_port));
    return text;
}
