/* A PUSH that lingers for ever is closed; its peer reads slowly, and the system has little
   room for what is on its way. */

#include "defect.h"

enum { COUNT = 600, SIZE = 100 };

static const char GREETING[64] = "\377\0\0\0\0\0\0\0\1\177\3\0NULL";
static const char READY[] = "\4\32\5READY\13Socket-Type\0\0\0\4PULL";

static int ended;

static void *end(void *context)
{
    check(zmq_ctx_term(context) == 0, "zmq_ctx_term");
    __atomic_store_n(&ended, 1, __ATOMIC_RELAXED);
    return NULL;
}

int main(void)
{
    /* Its greeting, its READY with the two bytes before it, and the messages with theirs. */
    const long all = 64 + 28 + COUNT * (2 + SIZE);
    static char data[SIZE], buffer[1000];
    struct sockaddr_in address;
    int port = open_port(SOCK_STREAM, &address), peer, small = 4096, i;
    void *context = zmq_ctx_new(), *push, *other;
    long count = 0;
    ssize_t got;
    pthread_t thread;
    check(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 2) == 0, "zmq_ctx_set");
    push = zmq_socket(context, ZMQ_PUSH);
    other = zmq_socket(context, ZMQ_PAIR);
    check(setsockopt(port, SOL_SOCKET, SO_RCVBUF, &small, sizeof small) == 0, "setsockopt");
    check(listen(port, 1) == 0, "listen");
    set(push, ZMQ_SNDBUF, small);
    set(push, ZMQ_LINGER, -1);
    /* As in this crate. */
    set(push, ZMQ_OUT_BATCH_SIZE, 63 << 10);
    check(zmq_connect(push, endpoint("tcp", &address)) == 0, "zmq_connect");
    peer = accept(port, NULL, NULL);
    check(peer != -1, "accept");
    for (i = 0; i < COUNT; i++)
        check(zmq_send(push, data, SIZE, 0) == SIZE, "zmq_send");
    check(zmq_close(push) == 0 && zmq_close(other) == 0, "zmq_close");
    /* The first has been told to end when the place of the second is free. */
    while (!(other = zmq_socket(context, ZMQ_PAIR)))
        usleep(1000);
    check(zmq_close(other) == 0, "zmq_close");
    check(pthread_create(&thread, NULL, end, context) == 0, "pthread_create");
    check(send(peer, GREETING, sizeof GREETING, 0) == sizeof GREETING, "send");
    check(send(peer, READY, sizeof READY - 1, 0) == sizeof READY - 1, "send");
    /* Time to give up what is not written yet: not all threads are equally quick. */
    for (i = 0; i < 1000 && !__atomic_load_n(&ended, __ATOMIC_RELAXED); i++)
        usleep(1000);
    while ((got = recv(peer, buffer, sizeof buffer, 0)) > 0) {
        count += got;
        usleep(1000);
    }
    if (count != all)
        printf("%ld of %ld bytes are lost\n", all - count, all);
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
