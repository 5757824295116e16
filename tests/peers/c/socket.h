/* Sockets as arguments describe them: TYPE bind|connect ENDPOINT [OPTION=VALUE ...] */

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
    {"subscribe", ZMQ_SUBSCRIBE},
    {"routing_id", ZMQ_ROUTING_ID},
    {"zap_domain", ZMQ_ZAP_DOMAIN},
    {"plain_username", ZMQ_PLAIN_USERNAME},
    {"plain_password", ZMQ_PLAIN_PASSWORD},
    {"curve_publickey", ZMQ_CURVE_PUBLICKEY},
    {"curve_secretkey", ZMQ_CURVE_SECRETKEY},
    {"curve_serverkey", ZMQ_CURVE_SERVERKEY},
    {NULL, 0},
};
static const struct name int_options[] = {
    {"sndhwm", ZMQ_SNDHWM},
    {"rcvhwm", ZMQ_RCVHWM},
    {"sndbuf", ZMQ_SNDBUF},
    {"rcvbuf", ZMQ_RCVBUF},
    {"handshake_ivl", ZMQ_HANDSHAKE_IVL},
    {"reconnect_ivl", ZMQ_RECONNECT_IVL},
    {"plain_server", ZMQ_PLAIN_SERVER},
    {"curve_server", ZMQ_CURVE_SERVER},
    {NULL, 0},
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

/* Makes the socket that the words up to "--" or the end describe. */
static void *make_socket(void *context, char **words)
{
    check(words[0] && words[1] && words[2], "usage");
    const struct name *type = find(types, words[0]);
    check(type != NULL, words[0]);
    void *socket = zmq_socket(context, type->number);
    check(socket != NULL, words[0]);
    for (char **option = words + 3; *option && strcmp(*option, "--") != 0; option++)
        set(socket, *option);
    return socket;
}
