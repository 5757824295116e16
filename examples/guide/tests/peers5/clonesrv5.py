"""Clone, model five: the server. clonesrv5.py SERVER"""

import sys

import zmq

from chp import Map, Message, endpoint, say


def main(server):
    context = zmq.Context()
    snapshots, publisher, collector = map(context.socket, [zmq.ROUTER, zmq.PUB, zmq.PULL])
    for n, socket in enumerate([snapshots, publisher, collector]):
        socket.sndhwm = 0
        socket.bind(endpoint(server, n))
    poller = zmq.Poller()
    poller.register(snapshots, zmq.POLLIN)
    poller.register(collector, zmq.POLLIN)
    values = Map()

    def publish(update):
        say(update)
        publisher.send_multipart(update.frames())

    while True:
        ready = dict(poller.poll(100))
        if collector in ready:
            publish(values.commit(Message.of(collector.recv_multipart())))
        if snapshots in ready:
            client, question, subtree = snapshots.recv_multipart()
            assert question == b"ICANHAZ?"
            for message in values.snapshot(subtree.decode()):
                snapshots.send_multipart([client, *message.frames()])
        for key in values.expired():
            publish(values.commit(Message(key)))
        if not ready:
            publisher.send_multipart(Message("HUGZ").frames())


main(*sys.argv[1:])
