/* A proxy is told to pause; it goes on, and pauses when it is told to go on. */

#include "defect.h"

static void *sockets[3];

static void *run(void *nothing)
{
    zmq_proxy_steerable(sockets[0], sockets[1], NULL, sockets[2]);
    return nothing;
}

int main(void)
{
    void *context = zmq_ctx_new(), *ends[3];
    const int types[3][2] = {{ZMQ_PULL, ZMQ_PUSH}, {ZMQ_PUSH, ZMQ_PULL}, {ZMQ_REP, ZMQ_REQ}};
    const char *names[3] = {"inproc://front", "inproc://back", "inproc://control"};
    pthread_t thread;
    char data[8];
    int i;
    for (i = 0; i < 3; i++) {
        sockets[i] = zmq_socket(context, types[i][0]);
        ends[i] = zmq_socket(context, types[i][1]);
        check(zmq_bind(sockets[i], names[i]) == 0, "zmq_bind");
        check(zmq_connect(ends[i], names[i]) == 0, "zmq_connect");
    }
    check(pthread_create(&thread, NULL, run, NULL) == 0, "pthread_create");
    check(zmq_send(ends[2], "PAUSE", 5, 0) == 5, "zmq_send");
    check(zmq_recv(ends[2], data, sizeof data, 0) == 0, "zmq_recv");
    check(zmq_send(ends[0], "hello", 5, 0) == 5, "zmq_send");
    check(zmq_recv(ends[1], data, sizeof data, 0) == 5, "zmq_recv");
    puts("passed on while it is paused");
    check(zmq_send(ends[2], "TERMINATE", 9, 0) == 9, "zmq_send");
    check(zmq_recv(ends[2], data, sizeof data, 0) == 0, "zmq_recv");
    pthread_join(thread, NULL);
    for (i = 0; i < 3; i++)
        check(zmq_close(ends[i]) == 0 && zmq_close(sockets[i]) == 0, "zmq_close");
    check(zmq_ctx_term(context) == 0, "zmq_ctx_term");
    puts("done");
    return 0;
}
