"""The counterpart of examples/ironhouse.rs:

ironhouse.py server SECRET CLIENTS|client SECRET SERVER [ENDPOINT]
"""

import logging
import sys

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

import common


def serve(context, own, clients, endpoint):
    logging.basicConfig(format="%(message)s")
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    authenticator.configure_curve("*", clients)

    server = context.socket(zmq.REP)
    server.curve_publickey, server.curve_secretkey = zmq.auth.load_certificate(own)
    server.curve_server = True
    common.bind(server, endpoint)
    logging.getLogger("zmq.auth").setLevel(logging.DEBUG)
    while True:
        request = server.recv().decode()
        server.send_string(f'somebody said "{request}"')


def ask(context, own, server, endpoint):
    client = context.socket(zmq.REQ)
    client.curve_publickey, client.curve_secretkey = zmq.auth.load_certificate(own)
    client.curve_serverkey, _ = zmq.auth.load_certificate(server)
    client.rcvtimeo = 3000
    client.linger = 0
    common.connect(client, endpoint)
    client.send(b"hello")
    try:
        common.emit(client.recv())
    except zmq.Again:
        common.fail("no answer", 1)


role, *arguments = sys.argv[1:]
common.run(lambda context: {"server": serve, "client": ask}[role](context, *arguments))
