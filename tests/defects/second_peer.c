/* A PAIR, or CHANNEL, that has a peer is sent something by another one, who then leaves. */

#include "defect.h"
#include <dirent.h>
#include <poll.h>

static const char GREETING[64] = "\377\0\0\0\0\0\0\0\1\177\3\0NULL";

static int descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    check(folder != NULL, "opendir");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* A peer of this kind that has sent "hello". */
static int come(const char *name, const char *kind)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char ready[64] = "\4?\5READY\13Socket-Type\0\0\0", buffer[256];
    size_t length = 23 + 1 + strlen(kind), got = 0;
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(atoi(strrchr(name, ':') + 1));
    check(connect(peer, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    ready[1] = length - 2;
    ready[23] = strlen(kind);
    strcpy(ready + 24, kind);
    check(send(peer, GREETING, sizeof GREETING, 0) == sizeof GREETING, "send");
    check(send(peer, ready, length, 0) == (ssize_t)length, "send");
    /* Its greeting and its READY, which has an empty identity for a kind that has one. */
    while (got < sizeof GREETING + length) {
        ssize_t more = recv(peer, buffer, sizeof buffer, 0);
        check(more > 0, "recv");
        got += more;
    }
    check(send(peer, "\0\5hello", 7, 0) == 7, "send");
    return peer;
}

int main(int argc, char **argv)
{
    const char *kind = argv[argc - 1];
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, strcmp(kind, "PAIR") ? ZMQ_CHANNEL : ZMQ_PAIR);
    char name[64], data[8];
    size_t length = sizeof name;
    int first, second, before, i;
    check(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "zmq_bind");
    check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, name, &length) == 0, "zmq_getsockopt");
    first = come(name, kind);
    check(zmq_recv(socket, data, sizeof data, 0) == 5, "zmq_recv");

    before = descriptors();
    for (i = 0; i < 4; i++) {
        struct pollfd closed = {.events = POLLIN};
        closed.fd = second = come(name, kind);
        /* It is sent away when the socket looks what there is to do. */
        for (int tries = 0; tries < 20 && poll(&closed, 1, 50) == 0; tries++)
            check(zmq_recv(socket, data, sizeof data, ZMQ_DONTWAIT) == -1, "zmq_recv");
        send(second, "\0\5hello", 7, MSG_NOSIGNAL);
        close(second);
    }
    /* Closing takes the I/O thread a moment. */
    for (i = 0; i < 100 && descriptors() != before; i++)
        usleep(10000);
    if (descriptors() != before)
        printf("%d descriptors are kept\n", descriptors() - before);

    /* The first is still there; when it goes, there is room for another. */
    check(send(first, "\0\5hello", 7, 0) == 7, "send");
    check(zmq_recv(socket, data, sizeof data, 0) == 5, "zmq_recv");
    close(first);
    do {
        second = come(name, kind);
        set(socket, ZMQ_RCVTIMEO, 200);
        i = zmq_recv(socket, data, sizeof data, 0);
        close(second);
    } while (i != 5);
    check(zmq_close(socket) == 0 && zmq_ctx_term(context) == 0, "the end");
    puts("done");
    return 0;
}
