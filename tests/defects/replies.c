/* Whoever answers has room for one answer, and the peer has read the last. */

#include "defect.h"

enum { ROUNDS = 1000, PATIENCE = 5000 };

static void say(void *socket, char what)
{
    check(zmq_send(socket, "", 0, ZMQ_SNDMORE) == 0, "zmq_send");
    check(zmq_send(socket, &what, 1, 0) == 1, "zmq_send");
}

/* Whether that comes. */
static int hears(void *socket, char what)
{
    char heard = 0;
    if (zmq_recv(socket, &heard, 1, 0) != 0)
        return 0;
    check(zmq_recv(socket, &heard, 1, 0) == 1 && heard == what, "zmq_recv");
    return 1;
}

static void answer(void *replies, char what)
{
    char heard = 0;
    check(zmq_recv(replies, &heard, 1, 0) == 1 && heard == what, "zmq_recv");
    check(zmq_send(replies, &what, 1, 0) == 1, "zmq_send");
}

int main(void)
{
    void *context = zmq_ctx_new();
    void *asks = zmq_socket(context, ZMQ_DEALER), *replies = zmq_socket(context, ZMQ_REP);
    char endpoint[64];
    size_t length = sizeof endpoint;
    int i, lost = 0;
    set(replies, ZMQ_SNDHWM, 1);
    set(asks, ZMQ_RCVTIMEO, PATIENCE);
    check(zmq_bind(replies, "tcp://127.0.0.1:*") == 0, "zmq_bind");
    check(zmq_getsockopt(replies, ZMQ_LAST_ENDPOINT, endpoint, &length) == 0, "zmq_getsockopt");
    check(zmq_connect(asks, endpoint) == 0, "zmq_connect");
    for (i = 0; i < ROUNDS && !lost; i++) {
        say(asks, 'a');
        say(asks, 'b');
        answer(replies, 'a');
        check(hears(asks, 'a'), "zmq_recv");
        answer(replies, 'b');
        lost = !hears(asks, 'b');
    }
    if (lost)
        puts("an answer is lost that there was room for");
    check(zmq_close(asks) == 0 && zmq_close(replies) == 0, "zmq_close");
    check(zmq_ctx_term(context) == 0, "zmq_ctx_term");
    puts("done");
    return 0;
}
