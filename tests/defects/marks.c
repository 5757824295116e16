/* A PULL changes its high water mark while peers leave. */

#include "defect.h"

int main(void)
{
    void *context = zmq_ctx_new(), *pull = zmq_socket(context, ZMQ_PULL), *peers[4];
    char name[64], data[8];
    size_t length = sizeof name;
    int round, i;
    check(zmq_bind(pull, "tcp://127.0.0.1:*") == 0, "zmq_bind");
    check(zmq_getsockopt(pull, ZMQ_LAST_ENDPOINT, name, &length) == 0, "zmq_getsockopt");
    for (round = 0; round < 300; round++) {
        for (i = 0; i < 4; i++) {
            peers[i] = zmq_socket(context, ZMQ_PUSH);
            check(zmq_connect(peers[i], name) == 0, "zmq_connect");
            check(zmq_send(peers[i], "hello", 5, 0) == 5, "zmq_send");
        }
        for (i = 0; i < 4; i++)
            check(zmq_recv(pull, data, sizeof data, 0) == 5, "zmq_recv");
        for (i = 0; i < 4; i++)
            check(zmq_close(peers[i]) == 0, "zmq_close");
        for (i = 0; i < 20; i++) {
            zmq_recv(pull, data, sizeof data, ZMQ_DONTWAIT);
            set(pull, ZMQ_RCVHWM, 1000 + i);
            sched_yield();
        }
    }
    check(zmq_close(pull) == 0 && zmq_ctx_term(context) == 0, "the end");
    puts("done");
    return 0;
}
