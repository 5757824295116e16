/* Passes whole messages on, as they are, between two sockets, both ways as far as
   their types allow:
     mirror TYPE bind|connect ENDPOINT [OPTION=VALUE ...] -- TYPE bind|connect ... */

#include "socket.h"

/* Passes one message on. (zmq_proxy takes several at once, which REP refuses.) */
static void pass(void *from, void *to)
{
    zmq_msg_t frame;
    int more;
    zmq_msg_init(&frame);
    do {
        check(zmq_msg_recv(&frame, from, 0) != -1, "zmq_msg_recv");
        more = zmq_msg_more(&frame);
        check(zmq_msg_send(&frame, to, more ? ZMQ_SNDMORE : 0) != -1, "zmq_msg_send");
    } while (more);
}

int main(int argc, char **argv)
{
    void *context = zmq_ctx_new();
    char **first = argv + (argc > 0), **second = first;
    while (*second && strcmp(*second++, "--") != 0)
        ;
    void *one = make_socket(context, first), *other = make_socket(context, second);
    attach(one, first[1], first[2]);
    attach(other, second[1], second[2]);
    zmq_pollitem_t items[] = {{one, 0, ZMQ_POLLIN, 0}, {other, 0, ZMQ_POLLIN, 0}};
    for (;;) {
        check(zmq_poll(items, 2, -1) != -1, "zmq_poll");
        if (items[0].revents)
            pass(one, other);
        if (items[1].revents)
            pass(other, one);
    }
}
