"""Passes whole messages on, as they are; the counterpart of mirror.c.

mirror.py TYPE bind|connect ENDPOINT [OPTION=VALUE ...] -- TYPE bind|connect ...

Two options are of its own: `allow_plain=NAME:PASSWORD` lets in only PLAIN clients
with these, `allow_curve=KEY` only the CURVE client with this public key.
"""

import sys

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

import common


def open_socket(context, kind, how, endpoint, *options):
    socket = context.socket(getattr(zmq, kind))
    for option in options:
        name, value = option.split("=", 1)
        if name == "allow_plain":
            user, password = value.split(":")
            authenticator(context).configure_plain("*", {user: password})
            socket.plain_server = True
        elif name == "allow_curve":
            authenticator(context).configure_curve_callback("*", Allowed(value.encode()))
            socket.curve_server = True
        else:
            value = int(value) if value.isdigit() else value.encode()
            socket.setsockopt(getattr(zmq, name.upper()), value)
    if how == "bind":
        common.bind(socket, endpoint)
    else:
        common.connect(socket, endpoint)
    return socket


def authenticator(context):
    started = ThreadAuthenticator(context)
    started.start()
    authenticators.append(started)
    return started


# They stop when nobody refers to them.
authenticators = []


class Allowed:
    """What a ThreadAuthenticator asks about keys."""

    def __init__(self, key):
        self.key = key

    def callback(self, domain, key):
        return key == self.key


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
