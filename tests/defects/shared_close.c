/* A CLIENT is closed when the process has no descriptors left; and one is made then. */

#include "defect.h"
#include <fcntl.h>
#include <sys/resource.h>

int main(void)
{
    struct rlimit limit = {64, 64};
    void *context = zmq_ctx_new(), *client = zmq_socket(context, ZMQ_CLIENT), *second;
    int taken;
    check(client && setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
    while ((taken = open("/dev/null", O_RDONLY)) != -1)
        ;
    check(zmq_close(client) == 0, "zmq_close");


    /* Where one needs a descriptor, there is none for the second until that of the first
       is free. */
    while (!(second = zmq_socket(context, ZMQ_CLIENT)))
        check(zmq_errno() == EMFILE, "zmq_socket");
    check(zmq_close(second) == 0 && zmq_ctx_term(context) == 0, "the end");
    puts("done");
    return 0;
}
