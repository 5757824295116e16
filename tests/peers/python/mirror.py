"""Passes whole messages on, as they are; the counterpart of mirror.c.

mirror.py TYPE bind|connect ENDPOINT [OPTION=VALUE ...] -- TYPE bind|connect ...
"""

import sys

import zmq

import common


def open_socket(context, kind, how, endpoint, *options):
    socket = common.make_socket(context, kind, *options)
    {"bind": common.bind, "connect": common.connect}[how](socket, endpoint)
    return socket


def program(context):
    words = sys.argv[1:]
    split = words.index("--")
    one = open_socket(context, *words[:split])
    other = open_socket(context, *words[split + 1 :])
    way = {one: other, other: one}
    poller = zmq.Poller()
    for socket in way:
        poller.register(socket, zmq.POLLIN)
    while True:
        for socket, _ in poller.poll():
            way[socket].send_multipart(socket.recv_multipart())


common.run(program)
