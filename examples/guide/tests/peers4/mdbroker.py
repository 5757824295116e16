"""A broker of Majordomo: `mdbroker.py ENDPOINT`"""

import collections
import sys
import time

import zmq

from common import EXPIRY, Heartbeat, context, say

CLIENT, WORKER = b"MDPC01", b"MDPW01"
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = (bytes([n]) for n in range(1, 6))

socket = context.socket(zmq.ROUTER)
socket.bind(sys.argv[1])
say(f"I: the broker is at {sys.argv[1]}")
requests = collections.defaultdict(collections.deque)  # by service
workers = {}  # by address: its service, and when it expires
idle = []  # those that wait, the longest first


def tell(worker, command, *rest):
    socket.send_multipart([worker, b"", WORKER, command, *rest])


def forget(worker):
    workers.pop(worker, None)
    if worker in idle:
        idle.remove(worker)


def hear_client(client, service, *body):
    assert body
    if service == b"mmi.service":
        known = any(service == body[0] for service, _ in workers.values())
        body = [b"200" if known else b"404"]
        socket.send_multipart([client, b"", CLIENT, service, *body])
    else:
        requests[service].append([client, b"", *body])


def hear_worker(worker, command, *rest):
    known = worker in workers
    if command == READY and not known:
        workers[worker] = rest[0], time.monotonic() + EXPIRY
        idle.append(worker)
    elif command == DISCONNECT:
        forget(worker)
    elif known and command in (REPLY, HEARTBEAT):
        service, _ = workers[worker]
        workers[worker] = service, time.monotonic() + EXPIRY
        if command == REPLY:
            client, empty, *body = rest
            assert empty == b""
            socket.send_multipart([client, b"", CLIENT, service, *body])
            idle.append(worker)
    else:
        forget(worker)
        tell(worker, DISCONNECT)


beat = Heartbeat()
while True:
    if socket.poll(max(0, beat.left()) * 1000):
        sender, empty, protocol, *rest = socket.recv_multipart()
        assert empty == b""
        {CLIENT: hear_client, WORKER: hear_worker}[protocol](sender, *rest)
    for worker in list(idle):
        service, expiry = workers[worker]
        if time.monotonic() >= expiry:
            forget(worker)
        elif requests[service]:
            idle.remove(worker)
            tell(worker, REQUEST, *requests[service].popleft())
    if beat.is_due():
        for worker in idle:
            tell(worker, HEARTBEAT)
