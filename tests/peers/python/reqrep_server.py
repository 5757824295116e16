"""Request and reply: prints each request and answers it.

reqrep_server.py [tcp://*:5555]
"""

import zmq

import common


def program(context):
    (endpoint,) = common.endpoints("tcp://*:5555")
    server = context.socket(zmq.REP)
    common.bind(server, endpoint)
    while True:
        request = server.recv()
        server.send(b"server response!")
        common.emit(request)


common.run(program)
