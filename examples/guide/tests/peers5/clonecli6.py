"""Clone, model six: a client. clonecli6.py SERVER OTHER MILLISECONDS

Reads KEY=VALUE, KEY=VALUE SECONDS and KEY, as the client in Rust does."""

import os
import sys
import time
import uuid

import zmq

from chp import Map, Message, endpoint, receive_snapshot, say

SUBTREE = "/client/"


def main(server, other, patience):
    servers, patience = [server, other], int(patience) / 1000
    context = zmq.Context()
    publisher = context.socket(zmq.PUB)
    publisher.immediate = True
    for each in servers:
        publisher.connect(endpoint(each, 2))
    values, unpublished, text = Map(), {}, b""
    subscriber = None
    again = time.monotonic()
    while True:
        if subscriber is None:
            subscriber, snapshot = context.socket(zmq.SUB), context.socket(zmq.DEALER)
            subscriber.linger = snapshot.linger = 0
            subscriber.subscribe(SUBTREE)
            subscriber.subscribe("HUGZ")
            subscriber.connect(endpoint(servers[0], 1))
            snapshot.connect(servers[0])
            asked = synced = False
            since = time.monotonic()
        poller = zmq.Poller()
        for what in [sys.stdin, snapshot if asked and not synced else subscriber]:
            poller.register(what, zmq.POLLIN)
        ready = [what for what, _ in poller.poll(100)]
        if subscriber in ready or snapshot in ready:
            since = time.monotonic()
        if not asked and (subscriber in ready or time.monotonic() > since + patience / 2):
            snapshot.send_multipart([b"ICANHAZ?", SUBTREE.encode()])
            asked = True
        elif snapshot in ready:
            values, synced = receive_snapshot(snapshot), True
            say(f"{servers[0]}: {values}", file=sys.stderr)
        elif subscriber in ready:
            update = Message.of(subscriber.recv_multipart())
            if values.apply(update):
                say(f"{servers[0]}: {update}", file=sys.stderr)
            unpublished.pop(update.uuid, None)
        if time.monotonic() > since + patience:
            servers.reverse()
            subscriber.close()
            snapshot.close()
            subscriber = None
        if sys.stdin.fileno() in ready:
            *lines, text = (text + os.read(sys.stdin.fileno(), 4096)).split(b"\n")
            for line in lines:
                key, is_value, value = line.decode().partition("=")
                if not is_value:
                    body, _ = values.values.get(key, (b"", None))
                    say(f"{key}={body.decode()}")
                    continue
                value, _, ttl = value.partition(" ")
                properties = {"ttl": ttl} if ttl else {}
                update = Message(key, 0, uuid.uuid4().bytes, properties, value.encode())
                unpublished[update.uuid] = update
                publisher.send_multipart(update.frames())
        if time.monotonic() > again + 1:
            again = time.monotonic()
            for update in unpublished.values():
                publisher.send_multipart(update.frames())


main(*sys.argv[1:])
