/* Sockets connect over inproc to nobody while their context ends, each time a little later. Who
   connects after those who wait have been counted is waited for for ever; not here. */

#include "defect.h"

enum { ROUNDS = 50, COUNT = 10 };

static pthread_barrier_t begin;
static int nth;

static void *end(void *context)
{
    volatile int moment = nth * 10000;
    pthread_barrier_wait(&begin);
    while (moment--)
        ;
    zmq_ctx_term(context);
    return NULL;
}

int main(void)
{
    pthread_barrier_init(&begin, NULL, 2);
    for (nth = 0; nth < ROUNDS; nth++) {
        void *context = zmq_ctx_new(), *sockets[COUNT];
        pthread_t thread;
        int events, i;
        size_t length = sizeof events;
        for (i = 0; i < COUNT; i++) {
            sockets[i] = zmq_socket(context, ZMQ_DEALER);
            check(sockets[i] != NULL, "zmq_socket");
            set(sockets[i], ZMQ_LINGER, 0);
        }
        check(pthread_create(&thread, NULL, end, context) == 0, "pthread_create");
        pthread_detach(thread);
        pthread_barrier_wait(&begin);
        for (i = 0; i < COUNT; i++)
            check(zmq_connect(sockets[i], "inproc://nobody") == 0 || zmq_errno() == ETERM,
                  "zmq_connect");
        while (zmq_getsockopt(sockets[0], ZMQ_EVENTS, &events, &length) == 0)
            sched_yield();
        for (i = 0; i < COUNT; i++)
            check(zmq_close(sockets[i]) == 0, "zmq_close");
    }
    puts("done");
    fflush(stdout);
    _exit(0);
}
