/* udp_group LENGTH: a DISH gets datagrams that say that their group has so many bytes,
   and have two, or one less than that; then one that has them, for which nobody is there; and
   then a good one. */

#include "defect.h"

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    void *context = zmq_ctx_new(), *dish = zmq_socket(context, ZMQ_DISH);
    int port = open_port(SOCK_DGRAM, &address), i;
    unsigned char bad[256] = {0, 'a', 'b'};
    char text[8];
    assert(argc == 2);
    bad[0] = (unsigned char)atoi(argv[1]);
    /* Free again; somebody else may be quicker, and then it is another run's. */
    close(port);
    check(zmq_bind(dish, endpoint("udp", &address)) == 0, "zmq_bind");
    check(zmq_join(dish, "g") == 0, "zmq_join");

    port = socket(AF_INET, SOCK_DGRAM, 0);
    set(dish, ZMQ_RCVTIMEO, 10);
    /* It is there when the I/O thread has bound it. */
    do
        sendto(port, "\1gHere", 6, 0, (struct sockaddr *)&address, sizeof address);
    while (zmq_recv(dish, text, sizeof text, 0) == -1);
    set(dish, ZMQ_RCVTIMEO, -1);
    check(connect(port, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    for (i = 0; i < 20; i++) {
        int size = i % 2 ? 3 : bad[0];
        check(send(port, bad, size, 0) == size, "send");
    }
    check(send(port, bad, bad[0] + 4, 0) == bad[0] + 4, "send");
    check(send(port, "\1gGood", 6, 0) == 6, "send");
    do
        check(zmq_recv(dish, text, sizeof text, 0) == 4, "zmq_recv");
    while (memcmp(text, "Good", 4) != 0);
    close(port);
    check(zmq_close(dish) == 0 && zmq_ctx_term(context) == 0, "the end");
    puts("done");
    return 0;
}
