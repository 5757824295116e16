"""A worker of Majordomo that echoes: `mdworker.py BROKER`"""

import sys
import time

import zmq

from common import EXPIRY, RECONNECT, WORK, Heartbeat, connect, receive, say

PROTOCOL = b"MDPW01"
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = (bytes([n]) for n in range(1, 6))


def begin():
    worker = connect(zmq.DEALER, sys.argv[1])
    worker.send_multipart([b"", PROTOCOL, READY, b"echo"])
    say("I: ready for echo")
    return worker, time.monotonic() + EXPIRY


worker, expiry = begin()
beat = Heartbeat()
while True:
    message = receive(worker, beat.left())
    if message is not None:
        empty, protocol, command, *body = message
        assert (empty, protocol) == (b"", PROTOCOL), message
        expiry = time.monotonic() + EXPIRY
        if command == REQUEST:
            client, empty, *request = body
            assert empty == b"" and request, message
            say("I: working")
            time.sleep(WORK)
            worker.send_multipart([b"", PROTOCOL, REPLY, client, b"", *request])
        elif command == DISCONNECT:
            worker.close()
            worker, expiry = begin()
        else:
            assert (command, body) == (HEARTBEAT, []), message
    elif time.monotonic() >= expiry:
        say("W: the broker is silent")
        time.sleep(RECONNECT)
        worker.close()
        worker, expiry = begin()
    if beat.is_due():
        worker.send_multipart([b"", PROTOCOL, HEARTBEAT])
