/* Opens PUSH sockets as it is told on standard input, a command a line, and answers
   each with one; the counterpart of auth_client.py:
     open ENDPOINT [OPTION=VALUE ...]   connects a socket
     again                              connects the last one anew
     send TEXT                          by the last one, if it has a peer
     handshake                          waits until one of the last is over, and says
                                        how: the event of its monitor, and its value */

#include "socket.h"
#include <stdint.h>

enum {
    ENDINGS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
              | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
};

/* Starts to watch a socket. */
static void *watch(void *context, void *socket)
{
    static int count;
    char endpoint[32];
    sprintf(endpoint, "inproc://monitor-%d", count++);
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    check(zmq_connect(monitor, endpoint) == 0, endpoint);
    check(zmq_socket_monitor(socket, endpoint, ENDINGS) == 0, "zmq_socket_monitor");
    return monitor;
}

static void print_event(void *monitor)
{
    unsigned char frame[6];
    uint16_t event;
    int32_t value;
    check(zmq_recv(monitor, frame, sizeof frame, 0) == sizeof frame, "an event");
    memcpy(&event, frame, sizeof event);
    memcpy(&value, frame + sizeof event, sizeof value);
    check(zmq_recv(monitor, NULL, 0, 0) != -1, "its endpoint");
    printf("%d %d\n", event, value);
}

int main(void)
{
    void *context = zmq_ctx_new(), *last = NULL, *monitor = NULL;
    char line[1024], endpoint[256], *words[16] = {"PUSH", "connect", NULL};
    while (fgets(line, sizeof line, stdin)) {
        const char *command = strtok(line, " \n"), *answer = "done\n";
        char **word = words + 2, **end = words + 15;
        while (word < end && (*word = strtok(NULL, " \n")))
            word++;
        if (strcmp(command, "open") == 0) {
            last = make_socket(context, words);
            monitor = watch(context, last);
            check(strlen(words[2]) < sizeof endpoint, words[2]);
            strcpy(endpoint, words[2]);
            attach(last, "connect", endpoint);
        } else if (strcmp(command, "again") == 0) {
            check(zmq_disconnect(last, endpoint) == 0, "zmq_disconnect");
            attach(last, "connect", endpoint);
        } else if (strcmp(command, "handshake") == 0) {
            print_event(monitor);
            answer = "";
        } else {
            check(strcmp(command, "send") == 0 && words[2], command);
            if (zmq_send(last, words[2], strlen(words[2]), ZMQ_DONTWAIT) == -1)
                check(zmq_errno() == EAGAIN, "zmq_send");
        }
        fputs(answer, stdout);
        fflush(stdout);
    }
}
