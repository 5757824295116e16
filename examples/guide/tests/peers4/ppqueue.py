"""The queue of paranoid pirates: `ppqueue.py FRONTEND BACKEND`"""

import sys
import time

import zmq

from common import EXPIRY, Heartbeat, context, say

READY, HEARTBEAT = b"\x01", b"\x02"

frontend, backend = context.socket(zmq.ROUTER), context.socket(zmq.ROUTER)
frontend.bind(sys.argv[1])
backend.bind(sys.argv[2])
workers = {}  # when each expires, the one that waits longest first
beat = Heartbeat()
while True:
    poller = zmq.Poller()
    for socket in [backend, frontend] if workers else [backend]:
        poller.register(socket, zmq.POLLIN)
    ready = dict(poller.poll(max(0, beat.left()) * 1000))
    if backend in ready:
        worker, *message = backend.recv_multipart()
        workers.pop(worker, None)
        workers[worker] = time.monotonic() + EXPIRY
        if len(message) > 1:
            frontend.send_multipart(message)
        else:
            assert message in ([READY], [HEARTBEAT]), message
    if frontend in ready:
        worker = next(iter(workers))
        del workers[worker]
        backend.send_multipart([worker, *frontend.recv_multipart()])
    if beat.is_due():
        for worker in workers:
            backend.send_multipart([worker, HEARTBEAT])
    for worker, expiry in list(workers.items()):
        if time.monotonic() >= expiry:
            say(f"W: worker {worker.hex()} is silent")
            del workers[worker]
