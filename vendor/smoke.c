/* Whether a libzmq works at all, on the system it was compiled for.
 *
 * Run with the names of what `zmq_has` must confirm, as in `smoke WS curve`.
 * Prints what it finds, and ends with 0 only if everything was right. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define MUST(what)                                                             \
    do {                                                                       \
        if (!(what)) {                                                         \
            printf ("line %d: %s: %s\n", __LINE__, #what,                      \
                    zmq_strerror (zmq_errno ()));                              \
            exit (1);                                                          \
        }                                                                      \
    } while (0)

static void *context;
static char public_key[41], secret_key[41]; /* empty without CURVE */

static void *socket_of (int type, int curve)
{
    void *s = zmq_socket (context, type);
    int server = type == ZMQ_REP, limit = 10000, none = 0;
    MUST (s);
    MUST (!zmq_setsockopt (s, ZMQ_RCVTIMEO, &limit, sizeof limit));
    MUST (!zmq_setsockopt (s, ZMQ_SNDTIMEO, &limit, sizeof limit));
    MUST (!zmq_setsockopt (s, ZMQ_LINGER, &none, sizeof none));
    if (curve) {
        MUST (!zmq_setsockopt (s, ZMQ_CURVE_SECRETKEY, secret_key, 41));
        if (server)
            MUST (!zmq_setsockopt (s, ZMQ_CURVE_SERVER, &server, sizeof server));
        else {
            MUST (!zmq_setsockopt (s, ZMQ_CURVE_PUBLICKEY, public_key, 41));
            MUST (!zmq_setsockopt (s, ZMQ_CURVE_SERVERKEY, public_key, 41));
        }
    }
    return s;
}

static void pass (void *from, void *to, const char *text)
{
    char received[64] = "";
    int length = (int) strlen (text);
    MUST (zmq_send (from, text, length, 0) == length);
    MUST (zmq_recv (to, received, sizeof received - 1, 0) == length);
    MUST (!strcmp (received, text));
}

/* A message from `left` to `right`, and back if these are REQ and REP. */
static void trip (int left, int right, const char *endpoint, int curve)
{
    void *bound = socket_of (right, curve), *connected = socket_of (left, curve);
    char address[256];
    size_t size = sizeof address;
    MUST (!zmq_bind (bound, endpoint));
    MUST (!zmq_getsockopt (bound, ZMQ_LAST_ENDPOINT, address, &size));
    MUST (size == strlen (address) + 1 && !strchr (address, '*'));
    MUST (!zmq_connect (connected, address));
    pass (connected, bound, "there");
    if (left == ZMQ_REQ)
        pass (bound, connected, "and back");
    MUST (!zmq_close (connected) && !zmq_close (bound));
    printf ("%s%s: ok\n", endpoint, curve ? " with CURVE" : "");
    fflush (stdout);
}

int main (int argc, char **argv)
{
    int major, minor, patch, i;
    zmq_version (&major, &minor, &patch);
    printf ("libzmq %d.%d.%d, ipc %d, curve %d, WS %d\n", major, minor, patch,
            zmq_has ("ipc"), zmq_has ("curve"), zmq_has ("WS"));
    fflush (stdout);
    MUST (major == ZMQ_VERSION_MAJOR && minor == ZMQ_VERSION_MINOR
          && patch == ZMQ_VERSION_PATCH);
    for (i = 1; i < argc; i++)
        if (!zmq_has (argv[i])) {
            printf ("no %s\n", argv[i]);
            return 1;
        }
    MUST ((context = zmq_ctx_new ()));
    trip (ZMQ_REQ, ZMQ_REP, "inproc://smoke", 0);
    trip (ZMQ_REQ, ZMQ_REP, "tcp://127.0.0.1:*", 0);
    if (zmq_has ("WS"))
        trip (ZMQ_PUSH, ZMQ_PULL, "ws://127.0.0.1:*", 0);
    if (zmq_has ("curve")) {
        MUST (!zmq_curve_keypair (public_key, secret_key));
        trip (ZMQ_REQ, ZMQ_REP, "tcp://127.0.0.1:*", 1);
    }
    if (zmq_has ("ipc")) /* last, because wine has no Unix sockets */
        trip (ZMQ_PUSH, ZMQ_PULL, "ipc://*", 0);
    MUST (!zmq_ctx_term (context));
    return 0;
}
