"""What the programs share: arguments, typed lines, printed messages, their end."""

import os
import queue
import sys
import threading

import zmq

# Seconds that what was typed may wait for somebody to take it.
PATIENCE = 10
PATIENCE_AFTER_CTRL_C = 2


def run(program):
    """Runs `program(context)`; returns once what it sent is delivered."""
    context = zmq.Context()
    try:
        program(context)
    except KeyboardInterrupt:
        give_up_after(PATIENCE_AFTER_CTRL_C, 0)
    context.destroy()


def endpoints(*defaults):
    """The arguments; the defaults for those that are missing."""
    given = sys.argv[1:]
    if len(given) > len(defaults):
        fail(f"{len(given)} arguments given, at most {len(defaults)} taken", 2)
    return given + list(defaults[len(given):])


def make_socket(context, kind, *options):
    """A socket with options as arguments have them: OPTION=VALUE"""
    socket = context.socket(getattr(zmq, kind))
    for option in options:
        name, value = option.split("=", 1)
        value = int(value) if value.isdigit() else value.encode()
        socket.setsockopt(getattr(zmq, name.upper()), value)
    return socket


def bind(socket, endpoint):
    attach(socket.bind, endpoint)
    print("listening on", socket.last_endpoint.decode(), file=sys.stderr, flush=True)


def connect(socket, endpoint):
    attach(socket.connect, endpoint)


def attach(how, endpoint):
    try:
        how(endpoint)
    except zmq.ZMQError as e:
        fail(f"{endpoint!r}: {e.strerror}", 2)


def emit(line):
    """Prints a line of bytes."""
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def typed_lines():
    """Standard input's lines up to `q`, read ahead to know when they end."""
    lines = queue.SimpleQueue()

    def read():
        for line in sys.stdin.buffer:
            line = line.removesuffix(b"\n")
            if line == b"q":
                break
            lines.put(line)
        lines.put(None)
        give_up_after(PATIENCE, 1)

    threading.Thread(target=read, daemon=True).start()
    while True:
        if sys.stdin.isatty():
            print("input your data:", end="", flush=True)
        line = lines.get()
        if line is None:
            return
        yield line


def give_up_after(seconds, status):
    def give_up():
        fail(f"nobody took all there was within {seconds} s", status)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()


def fail(reason, status):
    """Ends the process, whatever its threads wait for."""
    print(f"{os.path.basename(sys.argv[0])}: {reason}", file=sys.stderr, flush=True)
    os._exit(status)
