/* Passes messages on between sockets of libzmq's draft API, or sends them back:
     draft TYPE bind|connect ENDPOINT                 sends back what it receives
     draft TYPE connect ENDPOINT TYPE connect ENDPOINT   passes on, one way
   A CLIENT says hello first. A DISH joins the group "there", a RADIO sends to the group "back". */

#define _POSIX_C_SOURCE 200809L /* zmq.h needs sigset_t */
#define ZMQ_BUILD_DRAFT_API
#include "peer.h"

static const struct {
    const char *name;
    int number;
} types[] = {
    {"SERVER", ZMQ_SERVER}, {"CLIENT", ZMQ_CLIENT},   {"RADIO", ZMQ_RADIO},
    {"DISH", ZMQ_DISH},     {"GATHER", ZMQ_GATHER},   {"SCATTER", ZMQ_SCATTER},
    {"PEER", ZMQ_PEER},     {"CHANNEL", ZMQ_CHANNEL}, {NULL, 0},
};

static void *open_socket(void *context, char **words)
{
    int i = 0;
    check(words[0] && words[1] && words[2], "usage");
    while (types[i].name && strcmp(types[i].name, words[0]) != 0)
        i++;
    check(types[i].name != NULL, words[0]);
    void *socket = zmq_socket(context, types[i].number);
    check(socket != NULL, words[0]);
    if (types[i].number == ZMQ_DISH)
        check(zmq_join(socket, "there") == 0, "zmq_join");
    attach(socket, words[1], words[2]);
    return socket;
}

int main(int argc, char **argv)
{
    void *context = zmq_ctx_new();
    void *from = open_socket(context, argv + (argc > 0));
    void *to = argc > 4 ? open_socket(context, argv + 4) : from;
    int type;
    size_t len = sizeof type;
    check(zmq_getsockopt(to, ZMQ_TYPE, &type, &len) == 0, "ZMQ_TYPE");
    if (type == ZMQ_CLIENT)
        check(zmq_send(to, "hello", 5, 0) == 5, "zmq_send");
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (;;) {
        check(zmq_msg_recv(&message, from, 0) != -1, "zmq_msg_recv");
        if (type == ZMQ_RADIO) {
            check(strcmp(zmq_msg_group(&message), "there") == 0, "the group");
            check(zmq_msg_set_group(&message, "back") == 0, "zmq_msg_set_group");
        }
        check(zmq_msg_send(&message, to, 0) != -1, "zmq_msg_send");
    }
}
