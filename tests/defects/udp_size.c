/* udp_size RADIO|DGRAM: sends 20000 bytes, in a datagram. Less would overflow into the
   buffer behind, which nobody notices. */

#include "defect.h"

int main(int argc, char **argv)
{
    static char data[20000];
    struct sockaddr_in address;
    int port = open_port(SOCK_DGRAM, &address), radio;
    void *context = zmq_ctx_new(), *socket;
    assert(argc == 2);
    radio = strcmp(argv[1], "RADIO") == 0;
    socket = zmq_socket(context, radio ? ZMQ_RADIO : ZMQ_DGRAM);
    if (radio) {
        zmq_msg_t message;
        check(zmq_connect(socket, endpoint("udp", &address)) == 0, "zmq_connect");
        check(zmq_msg_init_size(&message, sizeof data) == 0, "zmq_msg_init_size");
        memset(zmq_msg_data(&message), 7, sizeof data);
        check(zmq_msg_set_group(&message, "g") == 0, "zmq_msg_set_group");
        check(zmq_msg_send(&message, socket, 0) == sizeof data, "zmq_msg_send");
    } else {
        const char *to = endpoint("udp", &address) + strlen("udp://");
        check(zmq_bind(socket, "udp://127.0.0.1:*") == 0, "zmq_bind");
        check(zmq_send(socket, to, strlen(to), ZMQ_SNDMORE) != -1, "zmq_send");
        check(zmq_send(socket, data, sizeof data, 0) == sizeof data, "zmq_send");
    }
    check(zmq_close(socket) == 0 && zmq_ctx_term(context) == 0, "the end");
    close(port);
    puts("done");
    return 0;
}
