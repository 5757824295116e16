"""Publish and subscribe: sends each line typed to all who subscribed to it.

pubsub_server.py [tcp://127.0.0.1:5000]
"""

import zmq

import common


def program(context):
    (endpoint,) = common.endpoints("tcp://127.0.0.1:5000")
    publisher = context.socket(zmq.PUB)
    common.bind(publisher, endpoint)
    for line in common.typed_lines():
        publisher.send(line)


common.run(program)
