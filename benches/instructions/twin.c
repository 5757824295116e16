/* What `ours.rs` does, as one writes it in C: works of the same names. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>


enum { BATCH = 128, BATCHES = 4, TURNS = 3, FRAMES = 10, LARGE = 65536 };

#define CHECK(done) \
    do { \
        if (!(done)) { \
            fprintf (stderr, "%s failed: %s\n", #done, zmq_strerror (zmq_errno ())); \
            exit (1); \
        } \
    } while (0)

static void *push, *pull, *full, *pair, *peer, *idle[FRAMES];
static char data[LARGE], buffer[LARGE];
static void *buffers[BATCH];
static zmq_msg_t message;
/* Where results go, so that the compiler does not leave them out. */
static void *volatile sink;

/* ---- sending ---- */

static void send_slice (size_t size)
{
    for (int i = 0; i < BATCH; i++)
        CHECK (zmq_send (push, data, size, 0) != -1);
}

static void make_buffers (size_t size)
{
    for (int i = 0; i < BATCH; i++)
        CHECK (buffers[i] = calloc (1, size));
}

static void release (void *buffer, void *hint)
{
    (void) hint;
    free (buffer);
}

static void send_vec (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        zmq_msg_t msg;
        CHECK (zmq_msg_init_data (&msg, buffers[i], size, release, NULL) == 0);
        CHECK (zmq_msg_send (&msg, push, 0) != -1);
    }
}

static void send_multipart (size_t size)
{
    for (int i = 0; i < BATCH; i++)
        for (int frame = 0; frame < FRAMES; frame++)
            CHECK (zmq_send (push, data, size, frame < FRAMES - 1 ? ZMQ_SNDMORE : 0) != -1);
}

static void send_to_full (size_t size)
{
    for (int i = 0; i < BATCH; i++)
        CHECK (zmq_send (full, data, size, ZMQ_DONTWAIT) == -1 && zmq_errno () == EAGAIN);
}

/* ---- receiving ---- */

static void recv_msg (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        zmq_msg_t msg;
        CHECK (zmq_msg_init (&msg) == 0);
        CHECK (zmq_msg_recv (&msg, pull, 0) != -1);
        CHECK (zmq_msg_size (&msg) == size);
        CHECK (zmq_msg_close (&msg) == 0);
    }
}

static void recv (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        CHECK (zmq_msg_recv (&message, pull, 0) != -1);
        CHECK (zmq_msg_size (&message) == size);
    }
}

static void recv_into (size_t size)
{
    for (int i = 0; i < BATCH; i++)
        CHECK (zmq_recv (pull, buffer, sizeof buffer, 0) == (int) size);
}

static void recv_bytes (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        zmq_msg_t msg;
        CHECK (zmq_msg_init (&msg) == 0);
        CHECK (zmq_msg_recv (&msg, pull, 0) != -1);
        size_t length = zmq_msg_size (&msg);
        void *bytes = malloc (length);
        CHECK (bytes);
        memcpy (bytes, zmq_msg_data (&msg), length);
        CHECK (zmq_msg_close (&msg) == 0);
        CHECK (length == size);
        sink = bytes;
        free (bytes);
    }
}

static void recv_string (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        zmq_msg_t msg;
        CHECK (zmq_msg_init (&msg) == 0);
        CHECK (zmq_msg_recv (&msg, pull, 0) != -1);
        size_t length = zmq_msg_size (&msg);
        char *text = malloc (length + 1);
        CHECK (text);
        memcpy (text, zmq_msg_data (&msg), length);
        text[length] = '\0';
        CHECK (zmq_msg_close (&msg) == 0);
        CHECK (length == size);
        sink = text;
        free (text);
    }
}

/* A list that grows: how many frames will come, nobody knows. */
struct frames
{
    void *items;
    size_t length, capacity;
};

static void *another (struct frames *frames, size_t size)
{
    if (frames->length == frames->capacity) {
        frames->capacity = frames->capacity ? frames->capacity * 2 : 4;
        CHECK (frames->items = realloc (frames->items, frames->capacity * size));
    }
    return (char *) frames->items + size * frames->length++;
}

struct bytes
{
    void *start;
    size_t length;
};

static void recv_multipart (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        struct frames frames = {0};
        zmq_msg_t msg;
        CHECK (zmq_msg_init (&msg) == 0);
        do {
            CHECK (zmq_msg_recv (&msg, pull, 0) != -1);
            struct bytes *frame = another (&frames, sizeof *frame);
            frame->length = zmq_msg_size (&msg);
            CHECK (frame->start = malloc (frame->length));
            memcpy (frame->start, zmq_msg_data (&msg), frame->length);
            CHECK (frame->length == size);
        } while (zmq_msg_more (&msg));
        CHECK (zmq_msg_close (&msg) == 0);
        CHECK (frames.length == FRAMES);
        for (size_t frame = 0; frame < frames.length; frame++)
            free (((struct bytes *) frames.items)[frame].start);
        free (frames.items);
    }
}

static void recv_frames (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        struct frames frames = {0};
        zmq_msg_t *msg;
        do {
            msg = another (&frames, sizeof *msg);
            CHECK (zmq_msg_init (msg) == 0);
            CHECK (zmq_msg_recv (msg, pull, 0) != -1);
        } while (zmq_msg_more (msg));
        CHECK (frames.length == FRAMES);
        CHECK (zmq_msg_size (msg) == size);
        for (size_t frame = 0; frame < frames.length; frame++)
            CHECK (zmq_msg_close ((zmq_msg_t *) frames.items + frame) == 0);
        free (frames.items);
    }
}

static void recv_from_empty (size_t size)
{
    (void) size;
    for (int i = 0; i < BATCH; i++)
        CHECK (zmq_msg_recv (&message, pull, ZMQ_DONTWAIT) == -1 && zmq_errno () == EAGAIN);
}

/* ---- both ---- */

static void there_and_back (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        CHECK (zmq_send (pair, data, size, 0) != -1);
        CHECK (zmq_recv (peer, buffer, sizeof buffer, 0) == (int) size);
    }
}

/* ---- polling ---- */

static void poll_one (size_t size)
{
    (void) size;
    for (int i = 0; i < BATCH; i++) {
        zmq_pollitem_t item = {pull, 0, ZMQ_POLLIN, 0};
        CHECK (zmq_poll (&item, 1, 0) == 1);
    }
}

static void poll_ten (size_t size)
{
    (void) size;
    zmq_pollitem_t items[FRAMES];
    for (int i = 0; i < FRAMES; i++)
        items[i] = (zmq_pollitem_t){idle[i], 0, ZMQ_POLLIN, 0};
    for (int i = 0; i < BATCH; i++)
        CHECK (zmq_poll (items, FRAMES, 0) == 0);
}

/* ---- messages ---- */

static void copy_in (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        zmq_msg_t msg;
        CHECK (zmq_msg_init_size (&msg, size) == 0);
        memcpy (zmq_msg_data (&msg), data, size);
        sink = &msg;
        CHECK (zmq_msg_close (&msg) == 0);
    }
}

static void take_over (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        zmq_msg_t msg;
        CHECK (zmq_msg_init_data (&msg, buffers[i], size, release, NULL) == 0);
        sink = &msg;
        CHECK (zmq_msg_close (&msg) == 0);
    }
}

static void copy_and_free (size_t size)
{
    for (int i = 0; i < BATCH; i++) {
        zmq_msg_t msg;
        CHECK (zmq_msg_init_size (&msg, size) == 0);
        memcpy (zmq_msg_data (&msg), buffers[i], size);
        free (buffers[i]);
        sink = &msg;
        CHECK (zmq_msg_close (&msg) == 0);
    }
}

static void share (size_t size)
{
    (void) size;
    for (int i = 0; i < BATCH; i++) {
        zmq_msg_t msg;
        CHECK (zmq_msg_init (&msg) == 0);
        CHECK (zmq_msg_copy (&msg, &message) == 0);
        sink = &msg;
        CHECK (zmq_msg_close (&msg) == 0);
    }
}

/* ---- what comes before and after ---- */

static void nothing (size_t size)
{
    (void) size;
}

static void drain (size_t size)
{
    (void) size;
    while (zmq_recv (pull, buffer, sizeof buffer, ZMQ_DONTWAIT) != -1)
        ;
}

static void make_and_send (size_t size)
{
    make_buffers (size);
    send_vec (size);
}

static void send_one (size_t size)
{
    CHECK (zmq_send (push, data, size, 0) != -1);
}

static void fill_message (size_t size)
{
    CHECK (zmq_msg_close (&message) == 0);
    CHECK (zmq_msg_init_size (&message, size) == 0);
}

/* ---- all of it ---- */

typedef void work_t (size_t size);

static const struct work
{
    const char *name;
    /* What is counted, and what comes before and after it each time. */
    work_t *counted, *before, *after;
} works[] = {
    {"send_slice", send_slice, nothing, drain},
    {"send_slice_dynamic", send_slice, nothing, drain},
    {"send_vec", send_vec, make_buffers, drain},
    {"send_multipart", send_multipart, nothing, drain},
    {"send_to_full", send_to_full, nothing, nothing},
    {"recv_msg", recv_msg, send_slice, nothing},
    {"recv_msg_dynamic", recv_msg, send_slice, nothing},
    {"recv_msg_of_vec", recv_msg, make_and_send, nothing},
    {"recv", recv, send_slice, nothing},
    {"recv_into", recv_into, send_slice, nothing},
    {"recv_bytes", recv_bytes, send_slice, nothing},
    {"recv_string", recv_string, send_slice, nothing},
    {"recv_multipart", recv_multipart, send_multipart, nothing},
    {"recv_frames", recv_frames, send_multipart, nothing},
    {"recv_from_empty", recv_from_empty, nothing, nothing},
    {"there_and_back", there_and_back, nothing, nothing},
    {"poll_one", poll_one, send_one, drain},
    {"poll_ten", poll_ten, nothing, nothing},
    {"message_from_slice", copy_in, nothing, nothing},
    {"message_from_vec", take_over, make_buffers, nothing},
    {"message_from_vec_copied", copy_and_free, make_buffers, nothing},
    {"message_clone", share, fill_message, nothing},
};

/* What is done here is counted. */
__attribute__ ((noinline)) void counted (work_t *work, size_t size)
{
    work (size);
    __asm__ volatile ("" ::: "memory");
}

/* Here the count is written down, and begins anew. */
__attribute__ ((noinline)) void turn (void)
{
    __asm__ volatile ("" ::: "memory");
}

static void run (const struct work *work, size_t size)
{
    turn ();
    for (int i = 0; i < TURNS * BATCHES; i++) {
        work->before (size);
        counted (work->counted, size);
        work->after (size);
        if (i % BATCHES == BATCHES - 1)
            turn ();
    }
}

static void *bound (void *context, int type, const char *endpoint)
{
    void *socket = zmq_socket (context, type);
    CHECK (socket && zmq_bind (socket, endpoint) == 0);
    return socket;
}

static void *connected (void *context, int type, const char *endpoint)
{
    void *socket = zmq_socket (context, type);
    CHECK (socket && zmq_connect (socket, endpoint) == 0);
    return socket;
}

/* The arguments are names of works, each with a size in bytes. */
int main (int argc, char **argv)
{
    void *context = zmq_ctx_new ();
    push = bound (context, ZMQ_PUSH, "inproc://push");
    pull = connected (context, ZMQ_PULL, "inproc://push");
    pair = bound (context, ZMQ_PAIR, "inproc://pair");
    peer = connected (context, ZMQ_PAIR, "inproc://pair");
    full = bound (context, ZMQ_PUSH, "inproc://full");
    void *stopped = connected (context, ZMQ_PULL, "inproc://full");
    while (zmq_send (full, data, 1, ZMQ_DONTWAIT) != -1)
        ;
    for (int i = 0; i < FRAMES; i++)
        idle[i] = zmq_socket (context, ZMQ_PULL);
    CHECK (zmq_msg_init (&message) == 0);
    memset (data, 'x', sizeof data);

    for (int i = 1; i + 1 < argc; i += 2) {
        const struct work *work = works;
        while (strcmp (work->name, argv[i]) != 0)
            CHECK (++work < works + sizeof works / sizeof *works);
        run (work, strtoul (argv[i + 1], NULL, 10));
    }

    void *sockets[] = {push, pull, pair, peer, full, stopped};
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
        zmq_close (sockets[i]);
    for (int i = 0; i < FRAMES; i++)
        zmq_close (idle[i]);
    return zmq_ctx_term (context);
}
