"""Clone, model five: a client. clonecli5.py SERVER MILLISECONDS SUBTREE SECONDS"""

import random
import sys
import time
import uuid

import zmq

from chp import Message, endpoint, receive_snapshot, say


def main(server, pause, subtree, longest):
    context = zmq.Context()
    subscriber, snapshot, publisher = map(context.socket, [zmq.SUB, zmq.DEALER, zmq.PUSH])
    subscriber.subscribe(subtree)
    subscriber.subscribe("HUGZ")
    subscriber.connect(endpoint(server, 1))
    snapshot.connect(server)
    publisher.connect(endpoint(server, 2))
    subscriber.poll(5000)  # whatever it is, it shows that the subscriptions have arrived
    snapshot.send_multipart([b"ICANHAZ?", subtree.encode()])
    values = receive_snapshot(snapshot)
    say(values)
    alarm = time.monotonic() + int(pause) / 1000
    while True:
        if subscriber.poll(max(0, 1000 * (alarm - time.monotonic()))):
            update = Message.of(subscriber.recv_multipart())
            if values.apply(update):
                say(update)
        if time.monotonic() >= alarm:
            key, ttl = f"{subtree}{random.randint(1, 100)}", random.randint(0, int(longest))
            say(f"set {key} for {ttl} s")
            properties = {"ttl": ttl} if ttl else {}
            body = str(random.randint(1, 10**6)).encode()
            update = Message(key, 0, uuid.uuid4().bytes, properties, body)
            publisher.send_multipart(update.frames())
            alarm += int(pause) / 1000


main(*sys.argv[1:])
