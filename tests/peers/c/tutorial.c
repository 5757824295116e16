/* The tutorial's seven programs over libzmq's C API: tutorial ROLE [ARGUMENT ...]
   where a role has the name and the arguments of the example that plays it. */

#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

/* Seconds that what was typed may wait for somebody to take it. */
enum { PATIENCE = 10, PATIENCE_AFTER_CTRL_C = 2 };

static const char *role;
static char **arguments; /* those left; ends with NULL */
static void *context;

/* ---- how programs end ---- */

static void fail(const char *what, const char *why, int status)
{
    fprintf(stderr, "%s: %s: %s\n", role, what, why);
    exit(status);
}

/* All signal handling: Ctrl-C interrupts blocked calls, an alarm ends programs
   whose peers do not take what they have. */
static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
    static const char gave_up[] = "nobody took all there was in time\n";
    if (signal == SIGALRM) {
        (void) !write(STDERR_FILENO, gave_up, sizeof gave_up - 1);
        _exit(interrupted ? 0 : 1);
    }
    interrupted = 1;
    alarm(PATIENCE_AFTER_CTRL_C);
}

static void catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
}

/* Whether a call succeeded; if not, Ctrl-C has interrupted it. */
static int done(int rc)
{
    if (rc == -1 && errno != EINTR)
        fail("libzmq", zmq_strerror(errno), 1);
    return rc != -1;
}

/* ---- sockets ---- */

static const char *argument(const char *otherwise)
{
    return *arguments ? *arguments++ : otherwise;
}

static void *bound(int type, const char *otherwise)
{
    const char *endpoint = argument(otherwise);
    void *socket = zmq_socket(context, type);
    char where[256];
    size_t len = sizeof where;
    if (*arguments)
        fail(*arguments, "one argument too many", 2);
    if (zmq_bind(socket, endpoint) == -1)
        fail(endpoint, zmq_strerror(errno), 2);
    done(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, where, &len));
    fprintf(stderr, "listening on %s\n", where);
    return socket;
}

static void connect_to(void *socket, const char *endpoint)
{
    if (zmq_connect(socket, endpoint) == -1)
        fail(endpoint, zmq_strerror(errno), 2);
}

static void *connected(int type, const char *otherwise)
{
    void *socket = zmq_socket(context, type);
    connect_to(socket, argument(otherwise));
    return socket;
}

static void print(zmq_msg_t *message)
{
    fwrite(zmq_msg_data(message), 1, zmq_msg_size(message), stdout);
    putchar('\n');
    fflush(stdout);
}

/* ---- typed lines ---- */

/* Sends the next line typed; 0 if there is none, or Ctrl-C. The peer has time
   until the alarm, which the next line puts off. */
static int send_line(void *socket)
{
    static char *line;
    static size_t room;
    alarm(interrupted ? PATIENCE_AFTER_CTRL_C : 0);
    if (isatty(STDIN_FILENO)) {
        fputs("input your data:", stdout);
        fflush(stdout);
    }
    ssize_t len = getline(&line, &room, stdin);
    alarm(interrupted ? PATIENCE_AFTER_CTRL_C : PATIENCE);
    if (len <= 0)
        return 0;
    len -= line[len - 1] == '\n';
    if (len == 1 && *line == 'q')
        return 0;
    return done(zmq_send(socket, line, len, 0));
}

/* ---- the roles; each returns its socket, or the one that sends ---- */

static zmq_msg_t message;

static void *reqrep_server(void)
{
    void *server = bound(ZMQ_REP, "tcp://*:5555");
    while (done(zmq_msg_recv(&message, server, 0))
           && done(zmq_send(server, "server response!", 16, 0)))
        print(&message);
    return server;
}

static void *reqrep_client(void)
{
    void *client = connected(ZMQ_REQ, "tcp://localhost:5555");
    while (send_line(client) && done(zmq_msg_recv(&message, client, 0)))
        print(&message);
    return client;
}

static void *pubsub_server(void)
{
    void *publisher = bound(ZMQ_PUB, "tcp://127.0.0.1:5000");
    while (send_line(publisher))
        ;
    return publisher;
}

static void *pubsub_client(void)
{
    void *subscriber = zmq_socket(context, ZMQ_SUB);
    int no_prefix = !*arguments || strstr(*arguments, "://");
    const char *prefix = no_prefix ? "" : *arguments++;
    done(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, prefix, strlen(prefix)));
    do
        connect_to(subscriber, argument("tcp://127.0.0.1:5000"));
    while (*arguments);
    while (done(zmq_msg_recv(&message, subscriber, 0)))
        print(&message);
    return subscriber;
}

static void *pipeline_client(void)
{
    void *workers = bound(ZMQ_PUSH, "tcp://*:5557");
    while (send_line(workers))
        ;
    return workers;
}

static void *pipeline_worker(void)
{
    void *client = connected(ZMQ_PULL, "tcp://127.0.0.1:5557");
    void *server = connected(ZMQ_PUSH, "tcp://127.0.0.1:5558");
    if (*arguments)
        fail(*arguments, "one argument too many", 2);
    while (done(zmq_msg_recv(&message, client, 0))) {
        zmq_msg_t copy;
        zmq_msg_init(&copy);
        zmq_msg_copy(&copy, &message);
        if (!done(zmq_msg_send(&copy, server, 0)))
            break;
        print(&message);
    }
    zmq_close(client);
    return server;
}

static void *pipeline_server(void)
{
    void *workers = bound(ZMQ_PULL, "tcp://*:5558");
    while (done(zmq_msg_recv(&message, workers, 0)))
        print(&message);
    return workers;
}

static const struct {
    const char *name;
    void *(*play)(void);
} roles[] = {
    {"reqrep_server", reqrep_server},     {"reqrep_client", reqrep_client},
    {"pubsub_server", pubsub_server},     {"pubsub_client", pubsub_client},
    {"pipeline_client", pipeline_client}, {"pipeline_worker", pipeline_worker},
    {"pipeline_server", pipeline_server},
};

int main(int argc, char **argv)
{
    role = argc > 1 ? argv[1] : "";
    arguments = argv + (argc > 1 ? 2 : 1);
    context = zmq_ctx_new();
    zmq_msg_init(&message);
    catch_signals();
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(role, roles[i].name) != 0)
            continue;
        zmq_close(roles[i].play());
        /* Waits until what was sent is delivered. */
        while (zmq_ctx_term(context) == -1)
            ;
        return 0;
    }
    fail("no such role", "see the source", 2);
}
