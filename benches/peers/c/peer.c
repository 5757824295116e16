/* Plain C on libzmq: the command line and the works of `driver`, once more. */

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/* zmq.h declares them for the draft API alone. */
#define IN_BATCH_SIZE 101
#define OUT_BATCH_SIZE 102

enum { WARM_UP = 1, MEASURED, LAST };
enum way { SLICE, COPY, HAND_OVER, MULTIPART };
enum { FRAMES = 10, BLOCK = 100, BLOCKS_UNDERWAY = 10, SHORTEST = 16, NOT_OFFERED = 3 };

static void *context;
static int batched;

/* What is asked for. */
static const struct work *work;
static const char *transport;
static size_t size;
static int processes;
static double seconds;

/* One end of a work: what it has, and what it measured. */
struct end {
    void *socket;
    void *subscribers[100];
    void *acks;
    double measured[5];
    int numbers;
};

struct work {
    const char *name;
    int binds, connects;
    void (*bound) (struct end *), (*connected) (struct end *);
    enum way way;
    int subscribers, window, curve;
};

/* ---- what everything uses ---- */

/* Leaves no files of endpoints behind. */
static void leave (int status)
{
    char file[64];
    for (int number = 1; number <= 2; number++) {
        snprintf (file, sizeof file, "/tmp/peer-%d-%d", (int) getpid (), number);
        unlink (file);
    }
    fflush (stdout);
    _exit (status);
}

static void check (int fine, const char *what)
{
    if (!fine) {
        fprintf (stderr, "%s: %s\n", what, zmq_strerror (zmq_errno ()));
        leave (1);
    }
}

static void expect (int fine, const char *what)
{
    if (!fine) {
        fprintf (stderr, "not as expected: %s\n", what);
        leave (1);
    }
}

static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

/* How long a part of a work takes. */
static double part_time (int part)
{
    return part == WARM_UP ? seconds / 4 : part == MEASURED ? seconds : 0;
}

static char *buffer (size_t length)
{
    char *bytes = calloc (1, length);
    expect (bytes != NULL, "memory");
    return bytes;
}

static void write_number (char *message, uint64_t number)
{
    memcpy (message + 8, &number, sizeof number);
}

static uint64_t read_number (const char *message)
{
    uint64_t number;
    memcpy (&number, message + 8, sizeof number);
    return number;
}

static void send_copy (void *socket, const char *bytes, int flags)
{
    check (zmq_send (socket, bytes, size, flags) != -1, "zmq_send");
}

/* The bytes of the next frame, which has to have the length of a message. */
static char *receive (void *socket, zmq_msg_t *message)
{
    check (zmq_msg_recv (message, socket, 0) != -1, "zmq_msg_recv");
    expect (zmq_msg_size (message) == size, "the length of a message");
    return zmq_msg_data (message);
}

static void set (void *socket, int option, const char *key)
{
    check (zmq_setsockopt (socket, option, key, strlen (key)) == 0, "zmq_setsockopt");
}

static void set_int (void *socket, int option, int value)
{
    check (zmq_setsockopt (socket, option, &value, sizeof value) == 0, "zmq_setsockopt");
}

static void *open_socket (int type)
{
    void *socket = zmq_socket (context, type);
    check (socket != NULL, "zmq_socket");
    if (batched) {
        set_int (socket, IN_BATCH_SIZE, 128 << 10);
        set_int (socket, OUT_BATCH_SIZE, 63 << 10);
    }
    if (type == ZMQ_XPUB) {
        set_int (socket, ZMQ_XPUB_VERBOSE, 1);
        set_int (socket, ZMQ_SNDHWM, 0);
    }
    if (type == ZMQ_SUB)
        set (socket, ZMQ_SUBSCRIBE, "");
    return socket;
}

/* ---- the works ---- */

static void release (void *bytes, void *hint)
{
    (void) hint;
    free (bytes);
}

static void push_one (void *socket, char *message)
{
    char *bytes;
    zmq_msg_t given;

    switch (work->way) {
        case SLICE:
            send_copy (socket, message, 0);
            break;
        case COPY:
            bytes = malloc (size);
            memset (bytes, message[0], size);
            send_copy (socket, bytes, 0);
            free (bytes);
            break;
        case HAND_OVER:
            bytes = malloc (size);
            memset (bytes, message[0], size);
            zmq_msg_init_data (&given, bytes, size, release, NULL);
            check (zmq_msg_send (&given, socket, 0) != -1, "zmq_msg_send");
            break;
        case MULTIPART:
            for (int i = 0; i < FRAMES; i++)
                send_copy (socket, message, i < FRAMES - 1 ? ZMQ_SNDMORE : 0);
    }
}

static void push (struct end *end)
{
    int between_looks = size < 1 << 16 ? 32 : 1;
    uint64_t sent = 0;
    char *message = buffer (size);
    for (int part = WARM_UP; part <= MEASURED; part++) {
        message[0] = part;
        double begin = now ();
        while (now () - begin < part_time (part)) {
            for (int i = 0; i < between_looks; i++)
                push_one (end->socket, message);
            sent += between_looks;
        }
    }
    message[0] = LAST;
    write_number (message, sent);
    if (work->way == MULTIPART)
        push_one (end->socket, message);
    else
        send_copy (end->socket, message, 0);
}

static void pull (struct end *end)
{
    int frames = work->way == MULTIPART ? FRAMES : 1;
    uint64_t arrived = 0, measured = 0;
    double begin = 0;
    zmq_msg_t first, frame;
    zmq_msg_init (&first);
    zmq_msg_init (&frame);
    for (;; arrived++) {
        const char *message = receive (end->socket, &first);
        zmq_msg_t *last = &first;
        for (int i = 1; i < frames; i++) {
            expect (zmq_msg_more (last), "a frame");
            last = &frame;
            receive (end->socket, last);
        }
        expect (!zmq_msg_more (last), "the end of a message");
        if (message[0] == LAST) {
            expect (read_number (message) == arrived, "how many messages arrived");
            break;
        }
        if (message[0] == MEASURED && measured++ == 0)
            begin = now ();
    }
    end->measured[0] = measured / (now () - begin);
    end->numbers = 1;
}

static void publish (struct end *end)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    for (int i = 0; i < work->subscribers; i++) {
        check (zmq_msg_recv (&message, end->socket, 0) == 1, "a subscription");
        expect (*(char *) zmq_msg_data (&message) == 1, "a subscription");
    }
    uint64_t sent = 0;
    char *bytes = buffer (size);
    for (int part = WARM_UP; part <= LAST; part++) {
        bytes[0] = part;
        double begin = now ();
        do {
            if (sent >= BLOCK * BLOCKS_UNDERWAY)
                check (zmq_msg_recv (&message, end->acks, 0) != -1, "zmq_msg_recv");
            for (int i = 0; i < BLOCK; i++) {
                write_number (bytes, sent++);
                send_copy (end->socket, bytes, 0);
            }
        } while (now () - begin < part_time (part));
    }
}

static void subscribe (struct end *end)
{
    uint64_t arrived = 0, measured = 0;
    double measured_from = 0, measured_to = 0;
    int part = WARM_UP;
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (part != LAST) {
        for (int i = 0; i < BLOCK; i++)
            for (int subscriber = 0; subscriber < work->subscribers; subscriber++) {
                const char *bytes = receive (end->subscribers[subscriber], &message);
                expect (read_number (bytes) == arrived + i, "which message arrived");
                part = bytes[0];
            }
        arrived += BLOCK;
        if (part == WARM_UP)
            measured_from = now ();
        if (part == MEASURED) {
            measured_to = now ();
            measured += (uint64_t) BLOCK * work->subscribers;
        }
        check (zmq_send (end->acks, "", 0, 0) != -1, "zmq_send");
    }
    end->measured[0] = measured / (measured_to - measured_from);
    end->numbers = 1;
}

static int by_value (const void *a, const void *b)
{
    double difference = *(const double *) a - *(const double *) b;
    return (difference > 0) - (difference < 0);
}

static void ask (struct end *end)
{
    size_t room = 1 << 20, trips = 0, asked = 0, answered = 0;
    double *took = malloc (room * sizeof *took);
    double *asked_at = malloc (work->window * sizeof *asked_at);
    double elapsed = 0;
    char *question = buffer (size);
    zmq_msg_t reply;
    zmq_msg_init (&reply);
    for (int part = WARM_UP; part <= MEASURED; part++) {
        double begin = now ();
        elapsed = trips = 0;
        while (elapsed < part_time (part) || asked > answered) {
            while (asked - answered < (size_t) work->window && elapsed < part_time (part)) {
                asked_at[asked++ % work->window] = elapsed;
                send_copy (end->socket, question, 0);
            }
            expect (!memcmp (receive (end->socket, &reply), question, size), "the reply");
            elapsed = now () - begin;
            if (trips == room)
                took = realloc (took, (room *= 2) * sizeof *took);
            took[trips++] = elapsed - asked_at[answered++ % work->window];
        }
    }
    question[0] = LAST;
    send_copy (end->socket, question, 0);
    receive (end->socket, &reply);

    static const double percentiles[] = {50, 99, 99.9, 100};
    qsort (took, trips, sizeof *took, by_value);
    end->measured[0] = trips / elapsed;
    for (int i = 0; i < 4; i++)
        end->measured[i + 1] = took[(size_t) ((trips - 1) * percentiles[i] / 100)] * 1e6;
    end->numbers = 5;
}

/* A REP, or a ROUTER, which has to name whom it answers. */
static void answer (struct end *end)
{
    int part = WARM_UP;
    zmq_msg_t name, question;
    zmq_msg_init (&name);
    zmq_msg_init (&question);
    while (part != LAST) {
        if (work->binds == ZMQ_ROUTER)
            check (zmq_msg_recv (&name, end->socket, 0) != -1, "zmq_msg_recv");
        const char *bytes = receive (end->socket, &question);
        part = bytes[0];
        if (work->binds == ZMQ_ROUTER)
            check (zmq_msg_send (&name, end->socket, ZMQ_SNDMORE) != -1, "zmq_msg_send");
        send_copy (end->socket, bytes, 0);
    }
}

static const struct work works[] = {
    {"push-pull", ZMQ_PULL, ZMQ_PUSH, pull, push, SLICE, 0, 0, 0},
    {"copy", ZMQ_PULL, ZMQ_PUSH, pull, push, COPY, 0, 0, 0},
    {"hand-over", ZMQ_PULL, ZMQ_PUSH, pull, push, HAND_OVER, 0, 0, 0},
    {"multipart", ZMQ_PULL, ZMQ_PUSH, pull, push, MULTIPART, 0, 0, 0},
    {"curve", ZMQ_PULL, ZMQ_PUSH, pull, push, SLICE, 0, 0, 1},
    {"pub-sub-1", ZMQ_XPUB, ZMQ_SUB, publish, subscribe, SLICE, 1, 0, 0},
    {"pub-sub-10", ZMQ_XPUB, ZMQ_SUB, publish, subscribe, SLICE, 10, 0, 0},
    {"pub-sub-100", ZMQ_XPUB, ZMQ_SUB, publish, subscribe, SLICE, 100, 0, 0},
    {"req-rep", ZMQ_REP, ZMQ_REQ, answer, ask, SLICE, 0, 1, 0},
    {"dealer-router", ZMQ_ROUTER, ZMQ_DEALER, answer, ask, SLICE, 0, 100, 0},
    {0},
};

/* ---- the two ends ---- */

static void bind_socket (void *socket, int number, char *endpoint, size_t room)
{
    if (!strcmp (transport, "tcp"))
        snprintf (endpoint, room, "tcp://127.0.0.1:*");
    else if (!strcmp (transport, "ipc"))
        snprintf (endpoint, room, "ipc:///tmp/peer-%d-%d", (int) getpid (), number);
    else
        snprintf (endpoint, room, "inproc://%d", number);
    check (zmq_bind (socket, endpoint) == 0, "zmq_bind");
    check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &room) == 0, "zmq_getsockopt");
}

/* Where it is bound; after it the public key, or where acknowledgements go to. */
static void bind_end (struct end *end, char *where, size_t room)
{
    char endpoint[256], also[256] = "", secret[41];
    end->socket = open_socket (work->binds);
    if (work->curve) {
        check (zmq_curve_keypair (also, secret) == 0, "zmq_curve_keypair");
        set_int (end->socket, ZMQ_CURVE_SERVER, 1);
        set (end->socket, ZMQ_CURVE_SECRETKEY, secret);
    }
    bind_socket (end->socket, 1, endpoint, sizeof endpoint);
    if (work->subscribers) {
        end->acks = open_socket (ZMQ_PULL);
        bind_socket (end->acks, 2, also, sizeof also);
    }
    snprintf (where, room, "%s %s", endpoint, also);
}

static void connect_end (struct end *end, char *where)
{
    char public[41], secret[41];
    char *also = strchr (where, ' ');
    expect (also != NULL, "an endpoint");
    *also++ = 0;
    if (work->subscribers) {
        for (int i = 0; i < work->subscribers; i++) {
            end->subscribers[i] = open_socket (ZMQ_SUB);
            check (zmq_connect (end->subscribers[i], where) == 0, "zmq_connect");
        }
        end->acks = open_socket (ZMQ_PUSH);
        check (zmq_connect (end->acks, also) == 0, "zmq_connect");
        return;
    }
    end->socket = open_socket (work->connects);
    if (work->curve) {
        check (zmq_curve_keypair (public, secret) == 0, "zmq_curve_keypair");
        set (end->socket, ZMQ_CURVE_SERVERKEY, also);
        set (end->socket, ZMQ_CURVE_PUBLICKEY, public);
        set (end->socket, ZMQ_CURVE_SECRETKEY, secret);
    }
    check (zmq_connect (end->socket, where) == 0, "zmq_connect");
}

static void print_measured (const struct end *end)
{
    for (int i = 0; i < end->numbers; i++)
        printf ("%.2f%s", end->measured[i], i + 1 < end->numbers ? " " : "\n");
    fflush (stdout);
}

static void *run_connected (void *end)
{
    work->connected (end);
    return NULL;
}

/* Ends this process with the other one. */
static void *wait_for (void *other)
{
    int status;
    waitpid (*(pid_t *) other, &status, 0);
    leave (WIFEXITED (status) ? WEXITSTATUS (status) : 1);
    return NULL;
}

/* Starts this program once more, to connect. It ends when what is returned is closed. */
static int start_other (char **argv, char *where)
{
    static pid_t other;
    pthread_t thread;
    int ends[2];
    char *arguments[9];
    expect (pipe (ends) == 0, "a pipe");
    for (int i = 0; i < 7; i++)
        arguments[i] = argv[i];
    arguments[7] = where;
    arguments[8] = NULL;
    other = fork ();
    expect (other != -1, "a process");
    if (other == 0) {
        dup2 (ends[0], STDIN_FILENO);
        close (ends[0]);
        close (ends[1]);
        execv ("/proc/self/exe", arguments);
        _exit (1);
    }
    close (ends[0]);
    expect (pthread_create (&thread, NULL, wait_for, &other) == 0, "a thread");
    return ends[1];
}

/* Inproc stays within a process, and is not encrypted. */
static int is_offered (void)
{
    int inproc = !strcmp (transport, "inproc");
    return !(inproc && (processes == 2 || work->curve)) && !(work->curve && !zmq_has ("curve"));
}

int peer (int argc, char **argv, int with_batches)
{
    static struct end bound, connected;
    static char where[600];
    pthread_t thread;

    for (work = works; argc >= 7 && work->name && strcmp (work->name, argv[1]);)
        work++;
    if (argc < 7 || !work->name || (size = strtoul (argv[3], NULL, 10)) < SHORTEST) {
        fprintf (stderr, "arguments: WORK TRANSPORT SIZE PROCESSES THREADS SECONDS\n");
        return 2;
    }
    transport = argv[2];
    processes = atoi (argv[4]);
    seconds = atof (argv[6]);
    batched = with_batches;
    if (!is_offered ()) {
        fprintf (stderr, "does not offer %s over %s%s\n", argv[1], transport,
                 processes == 2 ? " between processes" : "");
        return NOT_OFFERED;
    }
    context = zmq_ctx_new ();
    if (argc > 7) {
        connect_end (&connected, argv[7]);
        work->connected (&connected);
        print_measured (&connected);
        /* Told when the process that binds is done. */
        while (read (STDIN_FILENO, where, sizeof where) > 0)
            ;
        leave (0);
    }
    bind_end (&bound, where, sizeof where);
    if (processes == 2) {
        int other = start_other (argv, where);
        work->bound (&bound);
        print_measured (&bound);
        close (other);
        for (;;)
            pause ();
    }
    connect_end (&connected, where);
    expect (pthread_create (&thread, NULL, run_connected, &connected) == 0, "a thread");
    work->bound (&bound);
    pthread_join (thread, NULL);
    print_measured (&bound);
    print_measured (&connected);
    leave (0);
    return 0;
}
