/* In the midst of a message of two frames another connection of the socket ends: the last
   frame is sent to, or received from, a third. One thread, over inproc, so in this order. */

#include "defect.h"

enum { PEERS = 3 };

static void *context, *socket_, *peers[PEERS];

static void open_all(int kind, int peers_kind)
{
    int i;
    context = zmq_ctx_new();
    socket_ = zmq_socket(context, kind);
    set(socket_, ZMQ_RCVTIMEO, 0);
    for (i = 0; i < PEERS; i++) {
        static const char *const endpoints[] = {"inproc://0", "inproc://1", "inproc://2"};
        peers[i] = zmq_socket(context, peers_kind);
        set(peers[i], ZMQ_RCVTIMEO, 0);
        check(zmq_bind(peers[i], endpoints[i]) == 0, "zmq_bind");
        check(zmq_connect(socket_, endpoints[i]) == 0, "zmq_connect");
    }
}

/* Has a socket do what it was told to. */
static void work_off(void *socket)
{
    int events;
    size_t size = sizeof events;
    check(zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0, "zmq_getsockopt");
}

static void end_second(void)
{
    char buffer[100];
    check(zmq_disconnect(socket_, "inproc://1") == 0, "zmq_disconnect");
    /* It agrees when it has read all. */
    work_off(peers[1]);
    while (zmq_recv(peers[1], buffer, sizeof buffer, 0) != -1)
        ;
    work_off(socket_);
}

static void send_text(void *socket, const char *text, int flags)
{
    check(zmq_send(socket, text, strlen(text), flags) != -1, "zmq_send");
}

static void expect(void *socket, const char *text)
{
    char buffer[100];
    int size = zmq_recv(socket, buffer, sizeof buffer - 1, 0);
    check(size != -1, "zmq_recv");
    buffer[size] = 0;
    if (strcmp(buffer, text) != 0)
        printf("%s in the place of %s\n", buffer, text);
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "";
    int i;
    if (strcmp(what, "send") == 0) {
        open_all(ZMQ_PUSH, ZMQ_PULL);
        send_text(socket_, "first", 0);
        send_text(socket_, "second", 0);
        send_text(socket_, "head", ZMQ_SNDMORE);
        end_second();
        send_text(socket_, "tail", 0);
        expect(peers[0], "first");
        expect(peers[2], "head");
        expect(peers[2], "tail");
    } else {
        open_all(ZMQ_PULL, ZMQ_PUSH);
        send_text(peers[0], "first", 0);
        if (strcmp(what, "receive") == 0)
            send_text(peers[0], "another", 0);
        send_text(peers[1], "second", 0);
        send_text(peers[2], "head", ZMQ_SNDMORE);
        send_text(peers[2], "tail", 0);
        expect(socket_, "first");
        expect(socket_, "second");
        expect(socket_, "head");
        end_second();
        expect(socket_, "tail");
    }
    for (i = 0; i < PEERS; i++)
        zmq_close(peers[i]);
    set(socket_, ZMQ_LINGER, 0);
    zmq_close(socket_);
    zmq_ctx_term(context);
    puts("done");
    return 0;
}
