/* A ROUTER or STREAM gives the same name to two connections that it makes. */

#include "defect.h"

int main(int count, char **arguments)
{
    int is_router = count > 1 && strcmp(arguments[1], "ROUTER") == 0, i;
    struct sockaddr_in address;
    int port = open_port(SOCK_STREAM, &address);
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, is_router ? ZMQ_ROUTER : ZMQ_STREAM);
    set(socket, ZMQ_LINGER, 0);
    check(listen(port, 2) == 0, "listen");
    for (i = 0; i < 2; i++) {
        check(zmq_setsockopt(socket, ZMQ_CONNECT_ROUTING_ID, "mine", 4) == 0, "zmq_setsockopt");
        check(zmq_connect(socket, endpoint("tcp", &address)) == 0, "zmq_connect");
    }
    zmq_close(socket);
    zmq_ctx_term(context);
    puts("done");
    return 0;
}
