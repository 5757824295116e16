/* One thread connects over inproc, again and again, while another binds. What comes between
   is for each pair of sockets something else. */

#include "defect.h"

enum { ROUNDS = 2000 };

static void *context;
static pthread_barrier_t begin, end;

static void name_of(int round, char name[32])
{
    sprintf(name, "inproc://%d", round);
}

static void *binder(void *unused)
{
    static const int kinds[] = {ZMQ_PULL, ZMQ_ROUTER, ZMQ_PAIR, ZMQ_DEALER, ZMQ_SUB, ZMQ_SERVER};
    for (int round = 0; round < ROUNDS; round++) {
        void *socket = zmq_socket(context, kinds[round % 6]);
        char name[32], data[8];
        name_of(round, name);
        check(socket != NULL, "zmq_socket");
        set(socket, ZMQ_RCVHWM, round % 5);
        set(socket, ZMQ_RCVTIMEO, 1);
        if (kinds[round % 6] == ZMQ_SUB)
            check(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0, "zmq_setsockopt");
        pthread_barrier_wait(&begin);
        check(zmq_bind(socket, name) == 0, "zmq_bind");
        for (int i = 0; i < round % 7; i++)
            zmq_recv(socket, data, sizeof data, 0);
        zmq_send(socket, "hello", 5, ZMQ_DONTWAIT);
        check(zmq_close(socket) == 0, "zmq_close");
        pthread_barrier_wait(&end);
    }
    return unused;
}

int main(void)
{
    static const int kinds[] = {ZMQ_PUSH, ZMQ_DEALER, ZMQ_ROUTER, ZMQ_ROUTER, ZMQ_XPUB, ZMQ_CLIENT};
    pthread_t thread;
    context = zmq_ctx_new();
    pthread_barrier_init(&begin, NULL, 2);
    pthread_barrier_init(&end, NULL, 2);
    pthread_create(&thread, NULL, binder, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        void *socket = zmq_socket(context, kinds[round % 6]);
        int late = round / 6 % 2;
        char name[32], data[8];
        name_of(round, name);
        check(socket != NULL, "zmq_socket");
        set(socket, ZMQ_SNDHWM, round % 3);
        set(socket, ZMQ_LINGER, 0);
        if (round % 6 < 5) {
            sprintf(name, "inproc://events-%d", round);
            check(zmq_socket_monitor_versioned(socket, name, ZMQ_EVENT_PIPES_STATS, 2, ZMQ_PUB) == 0,
                  "zmq_socket_monitor_versioned");
            name_of(round, name);
        }
        if (late)
            check(zmq_connect(socket, name) == 0, "zmq_connect");
        pthread_barrier_wait(&begin);
        if (!late)
            check(zmq_connect(socket, name) == 0, "zmq_connect");
        for (int i = 0; i < 4; i++)
            zmq_send(socket, "hello", 5, ZMQ_DONTWAIT);
        for (int i = 0; i < round / 24 % 2 * 5; i++) {
            set(socket, ZMQ_SNDHWM, 10 + i);
            /* Not all can be asked, nor is there always somebody. */
            zmq_socket_monitor_pipes_stats(socket);
            sched_yield();
        }
        zmq_recv(socket, data, sizeof data, ZMQ_DONTWAIT);
        /* Who has bound may have closed by now. */
        if (round / 12 % 2)
            check(zmq_disconnect(socket, name) == 0 || zmq_errno() == ENOENT, "zmq_disconnect");
        sched_yield();
        zmq_recv(socket, data, sizeof data, ZMQ_DONTWAIT);
        check(zmq_close(socket) == 0, "zmq_close");
        pthread_barrier_wait(&end);
    }
    pthread_join(thread, NULL);
    check(zmq_ctx_term(context) == 0, "zmq_ctx_term");
    puts("done");
    return 0;
}
