/* Two CHANNEL sockets over inproc, each sending and receiving in a thread of its own. */

#include "defect.h"

enum { EACH = 100000 };

static void *sockets[2];
static int counts[2];

static void *work(void *index)
{
    int *count = &counts[(intptr_t)index];
    void *channel = sockets[(intptr_t)index];
    char data[8];
    for (int i = 0; i < EACH; i++) {
        check(zmq_send(channel, "hello", 5, 0) == 5, "zmq_send");
        while (zmq_recv(channel, data, sizeof data, ZMQ_DONTWAIT) == 5)
            __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    }
    /* Nobody is asked for more than there is. */
    while (__atomic_load_n(count, __ATOMIC_RELAXED) < 2 * EACH) {
        check(zmq_recv(channel, data, sizeof data, 0) == 5, "zmq_recv");
        __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static int sum(void)
{
    return __atomic_load_n(&counts[0], __ATOMIC_RELAXED)
           + __atomic_load_n(&counts[1], __ATOMIC_RELAXED);
}

int main(void)
{
    void *context = zmq_ctx_new();
    pthread_t threads[2];
    int i, quiet = 0, last = -1;
    for (i = 0; i < 2; i++) {
        sockets[i] = zmq_socket(context, ZMQ_CHANNEL);
        set(sockets[i], ZMQ_SNDHWM, 0);
        set(sockets[i], ZMQ_RCVHWM, 0);
    }
    check(zmq_bind(sockets[0], "inproc://channels") == 0, "zmq_bind");
    check(zmq_connect(sockets[1], "inproc://channels") == 0, "zmq_connect");
    for (i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i);

    /* Whether they still do something: not for 5 s in a row. */
    while (sum() < 4 * EACH && quiet < 50) {
        usleep(100000);
        quiet = sum() == last ? quiet + 1 : 0;
        last = sum();
    }
    if (sum() < 4 * EACH) {
        puts("they wait for each other");
        fflush(stdout);
        _exit(1);
    }
    for (i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        check(zmq_close(sockets[i]) == 0, "zmq_close");
    }
    check(zmq_ctx_term(context) == 0, "zmq_ctx_term");
    puts("done");
    return 0;
}
