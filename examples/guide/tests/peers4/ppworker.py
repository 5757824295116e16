"""A paranoid pirate that works."""

import sys
import time

import zmq

from common import EXPIRY, RECONNECT, WORK, Heartbeat, connect, receive, say

READY, HEARTBEAT = b"\x01", b"\x02"


def begin():
    worker = connect(zmq.DEALER, sys.argv[1])
    worker.send(READY)
    say("I: ready")
    return worker, time.monotonic() + EXPIRY


worker, expiry = begin()
beat = Heartbeat()
while True:
    message = receive(worker, beat.left())
    if message is not None:
        if len(message) == 3:
            time.sleep(WORK)
            worker.send_multipart(message)
        else:
            assert message == [HEARTBEAT], message
        expiry = time.monotonic() + EXPIRY
    elif time.monotonic() >= expiry:
        say("W: the queue is silent, reconnecting")
        time.sleep(RECONNECT)
        worker.close()
        worker, expiry = begin()
    if beat.is_due():
        worker.send(HEARTBEAT)
