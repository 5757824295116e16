"""What the programs share: times from the environment, and sockets."""

import os
import time

import zmq

context = zmq.Context()


def seconds(name, milliseconds):
    """A time, of which the environment has the milliseconds."""
    return int(os.environ.get(name, milliseconds)) / 1000


HEARTBEAT = seconds("HEARTBEAT", 1000)
EXPIRY = HEARTBEAT * int(os.environ.get("LIVENESS", 3))
TIMEOUT = seconds("TIMEOUT", 2500)
RETRIES = int(os.environ.get("RETRIES", 3))
RECONNECT = seconds("RECONNECT", 1000)
WORK = seconds("WORK", 1000)


def connect(kind, endpoint):
    socket = context.socket(kind)
    socket.linger = 0
    socket.connect(endpoint)
    return socket


def receive(socket, timeout):
    """A message, or None if there is none in time."""
    if socket.poll(max(0, timeout) * 1000):
        return socket.recv_multipart()


def say(line):
    print(line, flush=True)


class Heartbeat:
    """When to send the next one."""

    def __init__(self):
        self.next = time.monotonic() + HEARTBEAT

    def left(self):
        return self.next - time.monotonic()

    def is_due(self):
        due = self.left() <= 0
        if due:
            self.next = time.monotonic() + HEARTBEAT
        return due
