/* An XPUB leaves it to the program what its subscribers get; one of them is gone when it learns
   what that one wanted. */

#include "defect.h"

int main(void)
{
    void *context = zmq_ctx_new(), *xpub, *xsubs[2], *next;
    int events, i;
    size_t length = sizeof events;
    char data[8];
    check(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 3) == 0, "zmq_ctx_set");
    xpub = zmq_socket(context, ZMQ_XPUB);
    set(xpub, ZMQ_XPUB_MANUAL, 1);
    check(zmq_bind(xpub, "inproc://here") == 0, "zmq_bind");
    for (i = 0; i < 2; i++) {
        xsubs[i] = zmq_socket(context, ZMQ_XSUB);
        check(zmq_connect(xsubs[i], "inproc://here") == 0, "zmq_connect");
        check(zmq_send(xsubs[i], "\1A", 2, 0) == 2, "zmq_send");
    }
    check(zmq_close(xsubs[0]) == 0, "zmq_close");
    /* Its place is free when the connection has ended on both sides. */
    do {
        check(zmq_getsockopt(xpub, ZMQ_EVENTS, &events, &length) == 0, "zmq_getsockopt");
        next = zmq_socket(context, ZMQ_PAIR);
    } while (!next);
    check(zmq_getsockopt(xpub, ZMQ_EVENTS, &events, &length) == 0, "zmq_getsockopt");
    for (i = 0; i < 2; i++)
        check(zmq_recv(xpub, data, sizeof data, 0) == 2, "zmq_recv");
    check(zmq_close(xpub) == 0 && zmq_close(xsubs[1]) == 0 && zmq_close(next) == 0, "zmq_close");
    check(zmq_ctx_term(context) == 0, "zmq_ctx_term");
    puts("done");
    return 0;
}
