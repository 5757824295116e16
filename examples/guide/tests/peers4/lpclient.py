"""A lazy pirate."""

import itertools
import sys

import zmq

from common import RETRIES, TIMEOUT, connect, receive, say

client = connect(zmq.REQ, sys.argv[1])
for sequence in itertools.count(1):
    request = [b"%d" % sequence]
    for _ in range(RETRIES + 1):
        client.send_multipart(request)
        reply = receive(client, TIMEOUT)
        if reply is not None:
            break
        say("W: no reply in time")
        client.close()
        client = connect(zmq.REQ, sys.argv[1])
    assert reply == request, reply
    say(f"I: server replied ({sequence})")
