"""A client of Majordomo: `mdclient.py BROKER REQUESTS`"""

import sys

import zmq

from common import RETRIES, TIMEOUT, connect, receive, say

client = connect(zmq.REQ, sys.argv[1])
requests = int(sys.argv[2])
for n in range(requests):
    request = [b"MDPC01", b"echo", b"Hello", b"%d" % n]
    for _ in range(RETRIES + 1):
        client.send_multipart(request)
        reply = receive(client, TIMEOUT)
        if reply is not None:
            break
        say("W: no reply in time")
        client.close()
        client = connect(zmq.REQ, sys.argv[1])
    assert reply == request, reply
say(f"{requests} requests and replies")
