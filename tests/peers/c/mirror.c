/* Passes whole messages on, as they are, between two sockets, both ways as far as
   their types allow:
     mirror TYPE bind|connect ENDPOINT [OPTION=VALUE ...] -- TYPE bind|connect ... */

#include "peer.h"

struct name {
    const char *name;
    int number;
};

static const struct name types[] = {
    {"PAIR", ZMQ_PAIR},     {"PUB", ZMQ_PUB},       {"SUB", ZMQ_SUB},   {"REQ", ZMQ_REQ},
    {"REP", ZMQ_REP},       {"DEALER", ZMQ_DEALER}, {"PULL", ZMQ_PULL}, {"PUSH", ZMQ_PUSH},
    {"ROUTER", ZMQ_ROUTER}, {NULL, 0},
};
static const struct name text_options[] = {
    {"subscribe", ZMQ_SUBSCRIBE}, {"routing_id", ZMQ_ROUTING_ID}, {NULL, 0},
};
static const struct name int_options[] = {
    {"sndhwm", ZMQ_SNDHWM}, {"rcvhwm", ZMQ_RCVHWM}, {"sndbuf", ZMQ_SNDBUF},
    {"rcvbuf", ZMQ_RCVBUF}, {NULL, 0},
};

static const struct name *find(const struct name *names, const char *name)
{
    while (names->name && strcmp(names->name, name) != 0)
        names++;
    return names->name ? names : NULL;
}

static void set(void *socket, char *option)
{
    char *value = strchr(option, '=');
    check(value != NULL, option);
    *value++ = '\0';
    const struct name *known;
    if ((known = find(text_options, option))) {
        check(zmq_setsockopt(socket, known->number, value, strlen(value)) == 0, option);
    } else {
        known = find(int_options, option);
        check(known != NULL, option);
        int number = atoi(value);
        check(zmq_setsockopt(socket, known->number, &number, sizeof number) == 0, option);
    }
}

/* Opens the socket that the arguments up to the next "--" describe, and moves on
   past it. */
static void *open_socket(void *context, char ***argument)
{
    char **words = *argument, **option = words + 3;
    check(words[0] && words[1] && words[2], "usage");
    const struct name *type = find(types, words[0]);
    check(type != NULL, words[0]);
    void *socket = zmq_socket(context, type->number);
    for (; *option && strcmp(*option, "--") != 0; option++)
        set(socket, *option);
    *argument = *option ? option + 1 : option;
    attach(socket, words[1], words[2]);
    return socket;
}

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
    char **argument = argv + (argc > 0);
    void *one = open_socket(context, &argument);
    void *other = open_socket(context, &argument);
    zmq_pollitem_t items[] = {{one, 0, ZMQ_POLLIN, 0}, {other, 0, ZMQ_POLLIN, 0}};
    for (;;) {
        check(zmq_poll(items, 2, -1) != -1, "zmq_poll");
        if (items[0].revents)
            pass(one, other);
        if (items[1].revents)
            pass(other, one);
    }
}
