"""Publish and subscribe: prints what publishers send that begins with a prefix.

pubsub_client.py [PREFIX] [tcp://127.0.0.1:5000 ...]
"""

import os
import sys

import zmq

import common


def program(context):
    arguments = sys.argv[1:]
    prefix = ""
    if arguments and "://" not in arguments[0]:
        prefix = arguments.pop(0)
    subscriber = context.socket(zmq.SUB)
    subscriber.subscribe(os.fsencode(prefix))
    for publisher in arguments or ["tcp://127.0.0.1:5000"]:
        common.connect(subscriber, publisher)
    while True:
        common.emit(subscriber.recv())


common.run(program)
