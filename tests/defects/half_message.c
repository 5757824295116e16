/* A PUSH disconnects, with a linger of 0, while its first frame of two is on its way;
   then the connection is lost. */

#include "defect.h"

static const char GREETING[64] = "\377\0\0\0\0\0\0\0\1\177\3\0NULL";
static const char READY[] = "\4\32\5READY\13Socket-Type\0\0\0\4PULL";

static void read_all(int peer, size_t length)
{
    char buffer[4096];
    while (length) {
        ssize_t got = recv(peer, buffer, length < sizeof buffer ? length : sizeof buffer, 0);
        check(got > 0, "recv");
        length -= got;
    }
}

/* A PULL that has read a little of the first message. */
static int accept_pull(int port)
{
    int peer = accept(port, NULL, NULL);
    check(peer != -1, "accept");
    check(send(peer, GREETING, sizeof GREETING, 0) == sizeof GREETING, "send");
    check(send(peer, READY, sizeof READY - 1, 0) == sizeof READY - 1, "send");
    read_all(peer, 64 + 100);
    return peer;
}

/* Returns when the I/O thread has done what it was told before: another connection is
   there. */
static void wait_for_io(void *context, int port, const struct sockaddr_in *address)
{
    static char data[200];
    void *push = zmq_socket(context, ZMQ_PUSH);
    set(push, ZMQ_LINGER, 0);
    check(zmq_connect(push, endpoint("tcp", address)) == 0, "zmq_connect");
    check(zmq_send(push, data, sizeof data, 0) == sizeof data, "zmq_send");
    close(accept_pull(port));
    check(zmq_close(push) == 0, "zmq_close");
}

int main(void)
{
    static char large[64 << 20];
    struct sockaddr_in address;
    int port = open_port(SOCK_STREAM, &address), peer;
    void *context = zmq_ctx_new(), *push = zmq_socket(context, ZMQ_PUSH);
    check(listen(port, 8) == 0, "listen");
    set(push, ZMQ_LINGER, 0);
    check(zmq_connect(push, endpoint("tcp", &address)) == 0, "zmq_connect");
    check(zmq_send(push, large, sizeof large, ZMQ_SNDMORE) != -1, "zmq_send");
    check(zmq_send(push, "last", 4, 0) == 4, "zmq_send");
    peer = accept_pull(port);

    check(zmq_disconnect(push, endpoint("tcp", &address)) == 0, "zmq_disconnect");
    wait_for_io(context, port, &address);
    close(peer);
    wait_for_io(context, port, &address);
    check(zmq_close(push) == 0, "zmq_close");
    check(zmq_ctx_term(context) == 0, "zmq_ctx_term");
    puts("done");
    return 0;
}
