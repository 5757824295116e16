/* Sockets that have connected over inproc before somebody binds. Usage: early_inproc CASE */

#include "defect.h"

static void *context;

static void *connected(int kind)
{
    void *socket = zmq_socket(context, kind);
    check(zmq_connect(socket, "inproc://here") == 0, "zmq_connect");
    return socket;
}

static void *bound(int kind)
{
    void *socket = zmq_socket(context, kind);
    check(zmq_bind(socket, "inproc://here") == 0, "zmq_bind");
    return socket;
}

static void *send_second(void *dealer)
{
    check(zmq_send(dealer, "second", 6, 0) == 6, "zmq_send");
    return NULL;
}

static void *end(void *unused)
{
    check(zmq_ctx_term(context) == 0, "zmq_ctx_term");
    return unused;
}

int main(int argc, char **argv)
{
    const char *what = argv[argc - 1];
    void *sockets[2] = {NULL, NULL};
    pthread_t thread;
    int events, i;
    size_t length = sizeof events;
    context = zmq_ctx_new();
    if (!strcmp(what, "gone")) {
        /* Who has connected has disconnected, and knows it. */
        sockets[0] = connected(ZMQ_ROUTER);
        check(zmq_disconnect(sockets[0], "inproc://here") == 0, "zmq_disconnect");
        for (i = 0; i < 2; i++)
            check(zmq_getsockopt(sockets[0], ZMQ_EVENTS, &events, &length) == 0, "zmq_getsockopt");
        sockets[1] = bound(ZMQ_DEALER);
    } else if (!strcmp(what, "ended")) {
        /* Nobody has bound when the context ends. */
        sockets[0] = connected(ZMQ_ROUTER);
        sockets[1] = connected(ZMQ_ROUTER);
        check(pthread_create(&thread, NULL, end, NULL) == 0, "pthread_create");
        while (zmq_getsockopt(sockets[0], ZMQ_EVENTS, &events, &length) == 0)
            usleep(1000);
    } else if (!strcmp(what, "full")) {
        /* The queue is full by the mark of who has connected. */
        char data[8];
        sockets[0] = zmq_socket(context, ZMQ_DEALER);
        set(sockets[0], ZMQ_SNDHWM, 1);
        check(zmq_connect(sockets[0], "inproc://here") == 0, "zmq_connect");
        check(zmq_send(sockets[0], "first", 5, 0) == 5, "zmq_send");
        check(pthread_create(&thread, NULL, send_second, sockets[0]) == 0, "pthread_create");
        usleep(100000);
        sockets[1] = zmq_socket(context, ZMQ_ROUTER);
        set(sockets[1], ZMQ_RCVHWM, 0);
        set(sockets[1], ZMQ_RCVTIMEO, 5000);
        check(zmq_bind(sockets[1], "inproc://here") == 0, "zmq_bind");
        for (i = 0; i < 4; i++)
            check(zmq_recv(sockets[1], data, sizeof data, 0) > 4, "zmq_recv");
        pthread_join(thread, NULL);
    } else if (!strcmp(what, "farewell")) {
        /* Who has connected closes, and has not looked who has bound. */
        char data[8];
        sockets[0] = connected(ZMQ_DEALER);
        sockets[1] = zmq_socket(context, ZMQ_ROUTER);
        check(zmq_setsockopt(sockets[1], ZMQ_DISCONNECT_MSG, "gone", 4) == 0, "zmq_setsockopt");
        check(zmq_bind(sockets[1], "inproc://here") == 0, "zmq_bind");
        check(zmq_close(sockets[0]) == 0, "zmq_close");
        set(sockets[1], ZMQ_RCVTIMEO, 5000);
        check(zmq_recv(sockets[1], data, sizeof data, 0) == 5, "zmq_recv");
        check(zmq_recv(sockets[1], data, sizeof data, 0) == 4 && !memcmp(data, "gone", 4),
              "zmq_recv");
        sockets[0] = zmq_socket(context, ZMQ_PAIR);
    } else if (!strcmp(what, "many")) {
        /* Who connects to nobody, again and again, is counted for as many. */
        check(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 3) == 0, "zmq_ctx_set");
        sockets[0] = zmq_socket(context, ZMQ_PAIR);
        sockets[1] = zmq_socket(context, ZMQ_PUSH);
        for (i = 0; i < 100; i++) {
            check(zmq_connect(sockets[1], "inproc://here") == 0, "zmq_connect");
            check(zmq_disconnect(sockets[1], "inproc://here") == 0, "zmq_disconnect");
        }
    }
    for (i = 0; i < 2; i++)
        check(zmq_close(sockets[i]) == 0, "zmq_close");
    if (strcmp(what, "ended"))
        end(NULL);
    else
        pthread_join(thread, NULL);
    puts("done");
    return 0;
}
